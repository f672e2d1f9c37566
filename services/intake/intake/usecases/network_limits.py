"""
Limits by network, shared by all copies of the service and kept over restarts.

Behind something that ends TLS and is not named in TRUSTED_PROXIES, everybody has one address, and the limit of one
network would close the form for all. So a network that is alone, or that can only be a proxy, has a larger limit.
Alone is one beside which no other was seen today or yesterday: at night an attacker is often alone for ten minutes.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.networks import is_private
from intake.store import limits
from intake.vault.vault import Vault
from shared.kit.database.engine import Database
from shared.kit.networks import network_of
from shared.reference.limits import ALIKE_FACTOR, ALIKE_FORMS, LIMITS, Key, Limit
from shared.reference.retention import Data, kept_for


@dataclass(frozen=True, slots=True)
class Headroom:
    """
    The answer of a limit to one network.

    Attributes:
        wait_seconds: 0 if one more is allowed; otherwise the time until it is.
        alike: True if all callers look alike, so that the limit may hit those who have done nothing.
    """

    wait_seconds: int
    alike: bool


IN_REAL_TIME: Final = frozenset({Key.NETWORK, Key.CALLER})
"""Limits on requests count in real time, those on mails in the time of the system."""

_CALLER: Final = "caller"
"""The name under which the hash of a network is made that tells whether all callers look alike."""


def key_hash(vault: Vault, limit: str, key: str, day: date) -> bytes:
    """Return what is stored of a key: a hash that nobody can link to that of another day or limit."""
    return vault.index("limit", f"{day.isoformat()}|{limit}|{key}")


def key_hashes(vault: Vault, limit: str, key: str, since: datetime, now: datetime) -> list[bytes]:
    """Return the hashes of a key on all days from ``since``, the newest first."""
    days = (now.date() - since.date()).days
    return [key_hash(vault, limit, key, now.date() - timedelta(days=number)) for number in range(days + 1)]


async def take(
    database: Database, vault: Vault, limit: Limit, figure: int, address: str | None, *, now: datetime
) -> Headroom:
    """Count one event of the network of an address, unless its limit is reached."""
    return await _ask(database, vault, limit, figure, address, now, counts=True)


async def look(
    database: Database, vault: Vault, limit: Limit, figure: int, address: str | None, *, now: datetime
) -> Headroom:
    """Return the headroom of the network of an address, and count nothing."""
    return await _ask(database, vault, limit, figure, address, now, counts=False)


async def all_callers_alike(session: AsyncSession, now: datetime) -> bool:
    """Return True if all forms of the last two days came from one network, and so many that it is no accident."""
    days = await limits.networks(session, now.date() - timedelta(days=1))
    busy = [networks for networks, forms in days if forms >= ALIKE_FORMS]
    return bool(busy) and max(busy) == 1


async def delete_old(session: AsyncSession, *, now: datetime, wall: datetime) -> None:
    """Delete what counts under no limit any more, and the networks of the days before yesterday."""
    for limit in LIMITS:
        if limit.window is not None:
            moment = wall if limit.key in IN_REAL_TIME else now
            await limits.delete_until(session, limit.name, moment - limit.window)
    await limits.delete_networks_before(session, (wall - kept_for(Data.CALLER_NETWORK)).date())


async def _ask(
    database: Database, vault: Vault, limit: Limit, figure: int, address: str | None, now: datetime, *, counts: bool
) -> Headroom:
    network, since = network_of(address), now - limit.span
    hashes = key_hashes(vault, limit.name, network, since, now)
    yesterday = now - timedelta(days=1)
    caller_hashes = key_hashes(vault, _CALLER, network, yesterday, now)
    taken = await limits.take(
        database,
        {
            "name": limit.name,
            "hash": hashes[0],
            "hashes": hashes,
            "caller_hash": caller_hashes[0],
            "caller_hashes": caller_hashes,
            "day": now.date(),
            "since_day": yesterday.date(),
            "near": is_private(address),
            "since": since,
            "now": now,
            "figure": figure,
            "alike_figure": figure * ALIKE_FACTOR,
            "counts": counts,
        },
    )
    if taken.free:
        return Headroom(0, taken.alike)
    blocked_since = taken.blocking_at or now
    return Headroom(max(1, int((blocked_since + limit.span - now).total_seconds()) + 1), taken.alike)
