"""Addresses that no visitor from the internet has: this machine, and the networks in front of it."""

from ipaddress import ip_address, ip_network
from typing import Final

_PRIVATE: Final = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


def is_loopback(address: str | None) -> bool:
    """Return True for this machine: a rehearsal, a test, or a gateway that forwards no address."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


def is_private(address: str | None) -> bool:
    """Return True for an address of a private network: it can only be that of a proxy in front."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return True
    return any(parsed in network for network in _PRIVATE)
