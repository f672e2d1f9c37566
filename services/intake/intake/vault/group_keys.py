"""One key for each group whose addresses are sealed; without it they are unreadable, even in backups."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from intake.vault.kek import Kek
from intake.vault.person_key import PersonKey as SealingKey
from intake.vault.tables import group_keys

Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Opens a transaction on the database of the keys."""

FRESH_HOURS: Final = 1
"""Age below which a key without addresses is not deleted: somebody may be sealing the first one."""


class GroupKeys:
    """
    The keys of groups, in the database of the person keys.

    Args:
        transaction: Opens a transaction on that database.
        kek: The key-encryption keys.
    """

    def __init__(self, transaction: Transaction, kek: Kek) -> None:
        self._transaction = transaction
        self._kek = kek

    async def ensure(self, group_id: UUID) -> SealingKey:
        """Return the key of a group, made now if there is none; it is committed before anything is sealed with it."""
        wrapped = self._kek.wrap(group_id, AESGCM.generate_key(256))
        row = postgresql.insert(group_keys).values(group_id=group_id, kek_id=self._kek.current, wrapped=wrapped)
        async with self._transaction() as session:
            await session.execute(row.on_conflict_do_nothing())
        return (await self.keys([group_id]))[group_id]

    async def keys(self, group_ids: Collection[UUID]) -> dict[UUID, SealingKey]:
        """Return the keys of these groups by id; a group without one is left out."""
        query = sa.select(group_keys).where(group_keys.c.group_id.in_(list(group_ids)))
        async with self._transaction() as session:
            return {
                row.group_id: SealingKey(row.group_id, AESGCM(self._kek.unwrap(row.group_id, row.kek_id, row.wrapped)))
                for row in await session.execute(query)
            }

    async def old(self) -> set[UUID]:
        """Return the groups whose key is not fresh."""
        old = group_keys.c.created_at < sa.func.now() - sa.text(f"interval '{FRESH_HOURS} hours'")
        async with self._transaction() as session:
            return set(await session.scalars(sa.select(group_keys.c.group_id).where(old)))

    async def destroy(self, group_id: UUID) -> None:
        """Delete the key of a group."""
        async with self._transaction() as session:
            await session.execute(sa.delete(group_keys).where(group_keys.c.group_id == group_id))

    async def stale(self) -> list[UUID]:
        """Return the groups whose key is wrapped by an older key-encryption key."""
        query = sa.select(group_keys.c.group_id).where(group_keys.c.kek_id != self._kek.current)
        async with self._transaction() as session:
            return list(await session.scalars(query))

    async def rewrap(self, group_id: UUID) -> None:
        """Wrap a group's key with the current key-encryption key. Idempotent."""
        query = sa.select(group_keys).where(group_keys.c.group_id == group_id).with_for_update()
        async with self._transaction() as session:
            row = (await session.execute(query)).first()
            if row is None or row.kek_id == self._kek.current:
                return
            wrapped = self._kek.wrap(group_id, self._kek.unwrap(group_id, row.kek_id, row.wrapped))
            change = {"kek_id": self._kek.current, "wrapped": wrapped}
            await session.execute(sa.update(group_keys).where(group_keys.c.group_id == group_id).values(change))
