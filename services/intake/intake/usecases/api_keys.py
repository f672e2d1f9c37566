"""Keys with which the centres' own servers send sign-ups; only their hashes are stored."""

import hashlib
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import ApiKey, api_keys, limits
from intake.usecases.network_limits import key_hash, key_hashes
from intake.vault.vault import Vault
from shared.kit.ids import new_id
from shared.reference.limits import API_KEY_SIGNUPS

PREFIX: Final = "shk_"
"""How a key begins, so that a search for secrets finds one that went astray."""


async def add(session: AsyncSession, centre: str, now: datetime) -> str:
    """Store a new key of a centre, and return it; it is never shown again."""
    key = PREFIX + secrets.token_urlsafe(32)
    session.add(ApiKey(key_id=new_id(), centre=centre, key_hash=_hash(key), created_at=now))
    await session.flush()
    return key


async def of_header(session: AsyncSession, header: str) -> ApiKey | None:
    """Return the key of an ``Authorization`` header; None if it names none that holds."""
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    return await api_keys.with_hash(session, _hash(key.strip()))


async def take(session: AsyncSession, vault: Vault, key: ApiKey, *, now: datetime) -> bool:
    """Count one sign-up of a key, and return True, unless its limit is reached."""
    limit, since = API_KEY_SIGNUPS, now - API_KEY_SIGNUPS.span
    hashes = key_hashes(vault, limit.name, str(key.key_id), since, now)
    if await limits.count(session, limit.name, hashes, since) >= limit.figure:
        return False
    await limits.add(session, [(limit.name, key_hash(vault, limit.name, str(key.key_id), now.date()), now)])
    return True


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
