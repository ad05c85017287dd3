import pytest

from etabli.foundation.networks import is_reachable, parse_networks, public_network


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("9.9.9.9", "9.9.9.9/32"),
        ("::ffff:9.9.9.9", "9.9.9.9/32"),
        ("2606:4700:1:2:3::4", "2606:4700:1:2::/64"),
        ("127.0.0.1", None),
        ("10.1.2.3", None),
        ("fe80::1", None),
        ("", None),
        ("testclient", None),
    ],
)
def test_only_the_worlds_addresses_tell_visitors_apart(host, expected):
    assert public_network(host) == expected


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.1.2.3",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::127.0.0.1",
        "::10.0.0.1",
        "::ffff:0.0.0.0",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b::",
        "64:ff9b:1::1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2002:808:808::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "fe80::1%eth0",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "localhost",
        "1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "example.org",
    ],
)
def test_what_is_not_public_is_not_reached(address):
    assert not is_reachable(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.9.9.9",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.1.1",
        "198.17.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "2001:4860:4860::8888",
        "::ffff:9.9.9.9",
        "64:ff9b::9.9.9.9",
    ],
)
def test_what_is_public_is_reached(address):
    assert is_reachable(address)


def test_a_network_may_be_excepted():
    allowed = parse_networks("192.168.1.0/24, ::1,")
    assert is_reachable("192.168.1.7", allowed)
    assert is_reachable("::ffff:192.168.1.7", allowed)
    assert is_reachable("::1", allowed)
    assert not is_reachable("192.168.2.7", allowed)
    with pytest.raises(ValueError, match="does not appear"):
        parse_networks("my network")
