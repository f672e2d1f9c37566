"""The network of a caller: what limits and security events take for one."""

from ipaddress import ip_address, ip_network
from typing import Final

_PREFIX_BITS: Final = {4: 24, 6: 56}
"""Bits of an address that name its network, by version: one household or company has all addresses behind them."""


def network_of(address: str | None) -> str:
    """Return the network of an address: a /24 of IPv4 or a /56 of IPv6; of no address, the text itself."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{_PREFIX_BITS[parsed.version]}", strict=False))
