import pytest

from etabli.foundation.networks import public_network


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
