"""The network of a caller, by which limits count."""

from ipaddress import ip_address, ip_network
from typing import Final

_LENGTHS: Final = {4: 24, 6: 56}
"""Bits of an address that name its network: those whom a limit takes for one caller."""

_NEAR: Final = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


def network_of(address: str | None) -> str:
    """Return the network of an address: a /24 of IPv4 or a /56 of IPv6; of no address, the text itself."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if parsed.version == 6 and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ip_network(f"{parsed}/{_LENGTHS[parsed.version]}", strict=False))


def is_loopback(address: str | None) -> bool:
    """Return True for this machine: a rehearsal, a test, or a gateway that forwards no address."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def is_near(address: str | None) -> bool:
    """Return True for an address that no visitor from the internet has: it can be that of a proxy in front."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return True
    return any(parsed in network for network in _NEAR)
