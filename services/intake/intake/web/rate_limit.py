"""Rate limits by network address."""

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Final

WINDOW_SECONDS: Final = 600.0
ADDRESSES_MAX: Final = 50_000  # networks in memory; beyond that the oldest are evicted


class RateLimiter:
    """
    Counts requests by network address. No address is kept.

    A /24 (IPv4) or /56 (IPv6) counts as one network, known by a keyed hash only; the key lives as long as the process.

    Args:
        limit: Requests of one network in ten minutes; 0 for any number.
        monotonic: A clock in seconds that never goes back.
    """

    def __init__(self, limit: int, monotonic: Callable[[], float]) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._requests: dict[bytes, deque[float]] = {}

    def wait_seconds(self, address: str | None) -> int:
        """Return the seconds that this address must wait, or count the request and return 0."""
        if not self._limit:
            return 0
        now = self._monotonic()
        times = self._requests.setdefault(self._network_hash(address), deque())
        while times and times[0] <= now - WINDOW_SECONDS:
            times.popleft()
        if len(times) >= self._limit:
            return int(times[0] + WINDOW_SECONDS - now) + 1
        times.append(now)
        if len(self._requests) > ADDRESSES_MAX:
            del self._requests[next(iter(self._requests))]
        return 0

    def _network_hash(self, address: str | None) -> bytes:
        try:
            parsed = ip_address(address or "")
        except ValueError:
            network = address or ""
        else:
            network = str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 56}", strict=False))
        return hmac.digest(self._key, network.encode(), sha256)


def is_loopback(address: str | None) -> bool:
    """Return True for a request from this machine: a rehearsal, a test, or a gateway that forwards no address."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
