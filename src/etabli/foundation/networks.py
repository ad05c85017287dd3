"""Addresses of the internet: which tell one visitor from another, and which may be reached."""

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PREFIXES = {4: 32, 6: 64}
"""Of IPv6, what one household has."""


def public_network(host: str) -> str | None:
    """The network that a client is in, if it is certain: `203.0.113.7/32`, `2001:db8::/64`.

    None for an address that is not the world's, which may be a proxy's and then everybody's, and
    for what is no address.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if not address.is_global:
        return None
    return str(ipaddress.ip_network((address, _PREFIXES[address.version]), strict=False))


_IPV4_REFUSED = [
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network: Linux connects to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # a provider's own, and some clouds' metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
"""Source: IANA IPv4 Special-Purpose Address Registry. Written out: what Python's `is_global` says
changes from one version to the next."""

_IPV6_GLOBAL = ipaddress.IPv6Network("2000::/3")
"""Source: IANA: the only part of IPv6 whose addresses are given to the public internet."""
_IPV6_REFUSED = [
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # special purposes: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address that a relay would reach
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""Source: RFC 6052: its last 32 bits are the IPv4 address that is reached."""


def parse_networks(text: str) -> list[Network]:
    """Networks or addresses with commas between them: `192.168.1.0/24, ::1`.

    Raises:
        ValueError: one of them is no network.
    """
    parts = (part.strip() for part in text.split(","))
    return [ipaddress.ip_network(part, strict=False) for part in parts if part]


def is_reachable(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether a connection may be made to this IP address for somebody else.

    Refused are all that are private, loopback, link-local, multicast, reserved or unspecified, also
    written as IPv6 (mapped, NAT64), and what is no address. `allowed`: networks excepted from that.
    """
    try:
        reached = _reached(ipaddress.ip_address(address))
    except ValueError:
        return False
    if any(reached in network for network in allowed):
        return True
    if isinstance(reached, ipaddress.IPv4Address):
        return not any(reached in block for block in _IPV4_REFUSED)
    return reached in _IPV6_GLOBAL and not any(reached in block for block in _IPV6_REFUSED)


def _reached(address: Address) -> Address:
    """The IPv4 address where IPv6 only carries one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
