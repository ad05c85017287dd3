"""Addresses of the internet, as far as they tell one visitor from another."""

import ipaddress

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
