"""All person keys, the erasure journal beside them, and the blind indexes."""

import time
from asyncio import Lock
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlalchemy.dialects import postgresql

from intake.vault.blind_index import BlindIndex, Kind
from intake.vault.group_keys import GroupKeys, Transaction
from intake.vault.kek import Kek
from intake.vault.person_key import PersonKey, PersonKeyMissing
from intake.vault.tables import erasures, person_keys
from shared.kit.ids import new_id
from shared.kit.keys import Ring

BATCH: Final = 100  # spare keys made with one insert
LOW_WATER: Final = 25  # number of spare keys at which the next batch is made
SPARE_SECONDS: Final = 3600.0  # an older spare key is never used
ORPHAN_HOURS: Final = 24  # age at which a key without a person is deleted; far more than SPARE_SECONDS


class Vault:
    """
    The keys of all people, and of the groups with sealed addresses (``groups``).

    Args:
        transaction: Opens a transaction on the key database.
        kek: The key-encryption keys.
        index_key: The key of the blind indexes.
        monotonic: A clock in seconds that never goes back; measures the age of spare keys.

    Attributes:
        blind: The blind index under the version of its key that the rows have.
        kek: The key-encryption keys, which also encrypt the secrets of staff's apps.
    """

    def __init__(
        self,
        transaction: Transaction,
        kek: Kek,
        index_key: SecretStr | Ring,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transaction = transaction
        self.kek = kek
        if isinstance(index_key, SecretStr):
            index_key = Ring("blind_index_key", index_key.get_secret_value())
        self._index_ring = index_key
        self.blind = self.newest_blind()
        self._monotonic = monotonic
        self.groups = GroupKeys(transaction, kek)
        self._spare_keys: deque[PersonKey] = deque()
        self._fill_lock = Lock()

    def newest_blind(self) -> BlindIndex:
        """Return the blind index under the newest version of its key."""
        return BlindIndex(self._index_ring, self._index_ring.value[0])

    def all_blind(self) -> list[BlindIndex]:
        """Return the blind index under each version of its key, for what another process may have stored."""
        return [BlindIndex(self._index_ring, version) for version in self._index_ring.value]

    def index(self, kind: Kind, text: str) -> bytes:
        """Return the blind index of ``text``, see :meth:`BlindIndex.index`."""
        return self.blind.index(kind, text)

    def bucket(self, number: str) -> int:
        """Return the bucket of a phone number, see :meth:`BlindIndex.bucket`."""
        return self.blind.bucket(number)

    async def new_key(self) -> PersonKey:
        """Return a key for a new person; its row is committed before any value is sealed with it, so none is lost."""
        while True:
            while self._spare_keys:
                key = self._spare_keys.popleft()
                if self._monotonic() - key.made_at < SPARE_SECONDS:
                    return key
            await self.fill()

    async def key_for(self, person_id: UUID) -> PersonKey:
        """
        Return a new key under an id that was given elsewhere; the caller makes sure that nobody has or had it.

        A key that an interrupted attempt has left under the id is used.
        """
        wrapped = self.kek.wrap(person_id, AESGCM.generate_key(256))
        row = postgresql.insert(person_keys).values(person_id=person_id, kek_id=self.kek.current, wrapped=wrapped)
        async with self._transaction() as session:
            await session.execute(row.on_conflict_do_nothing())
        return await self.key(person_id)

    def return_unused(self, key: PersonKey) -> None:
        """Put back a key from :meth:`new_key` under which nothing was stored."""
        self._spare_keys.appendleft(key)

    @property
    def spare(self) -> int:
        """Number of spare keys."""
        return len(self._spare_keys)

    async def fill(self) -> None:
        """Make a batch of spare keys unless there are enough."""
        async with self._fill_lock:
            if len(self._spare_keys) > LOW_WATER:
                return
            batch = [(new_id(), AESGCM.generate_key(256)) for _ in range(BATCH)]
            rows = [
                {"person_id": person_id, "kek_id": self.kek.current, "wrapped": self.kek.wrap(person_id, key)}
                for person_id, key in batch
            ]
            made_at = self._monotonic()
            async with self._transaction() as session:
                await session.execute(sa.insert(person_keys), rows)
            self._spare_keys.extend(PersonKey(person_id, AESGCM(key), made_at) for person_id, key in batch)

    async def keys(self, person_ids: Iterable[UUID]) -> dict[UUID, PersonKey]:
        """Return the keys of these people by id; erased people are left out."""
        query = sa.select(person_keys).where(person_keys.c.person_id.in_(list(person_ids)))
        async with self._transaction() as session:
            rows = await session.execute(query)
            return {
                row.person_id: PersonKey(row.person_id, AESGCM(self.kek.unwrap(row.person_id, row.kek_id, row.wrapped)))
                for row in rows
            }

    async def key(self, person_id: UUID) -> PersonKey:
        """
        Return the key of one person.

        Raises:
            PersonKeyMissing: The person has been erased or is unknown.
        """
        key = (await self.keys([person_id])).get(person_id)
        if key is None:
            msg = "no key"
            raise PersonKeyMissing(msg)
        return key

    async def destroy(self, person_id: UUID, now: datetime) -> None:
        """Delete the key and journal the erasure, in a transaction of its own; idempotent."""
        journal_entry = postgresql.insert(erasures).values(person_id=person_id, erased_at=now)
        async with self._transaction() as session:
            await session.execute(sa.delete(person_keys).where(person_keys.c.person_id == person_id))
            await session.execute(journal_entry.on_conflict_do_nothing())

    async def journal(self) -> set[UUID]:
        """Return the ids of all erased people."""
        async with self._transaction() as session:
            return set((await session.scalars(sa.select(erasures.c.person_id))).all())

    async def old_keys(self, after: UUID | None, limit: int) -> list[UUID]:
        """Return the next ids after ``after``, in order, of keys older than ORPHAN_HOURS."""
        query = (
            sa.select(person_keys.c.person_id)
            .where(person_keys.c.created_at < sa.func.now() - sa.text(f"interval '{ORPHAN_HOURS} hours'"))
            .order_by(person_keys.c.person_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(person_keys.c.person_id > after)
        async with self._transaction() as session:
            return list((await session.scalars(query)).all())

    async def delete_unused(self, person_id: UUID) -> None:
        """Delete a spare key that was never used; no person is erased, so nothing is journaled."""
        async with self._transaction() as session:
            await session.execute(sa.delete(person_keys).where(person_keys.c.person_id == person_id))

    async def stale_keys(self) -> list[UUID]:
        """Return the ids of keys that are wrapped by an older key-encryption key."""
        query = sa.select(person_keys.c.person_id).where(person_keys.c.kek_id != self.kek.current)
        async with self._transaction() as session:
            return list((await session.scalars(query)).all())

    async def rewrap(self, person_id: UUID) -> None:
        """
        Wrap a person's key with the current key-encryption key. Idempotent.

        Raises:
            Tampered: None of the configured key-encryption keys unwraps it.
        """
        query = sa.select(person_keys).where(person_keys.c.person_id == person_id).with_for_update()
        async with self._transaction() as session:
            row = (await session.execute(query)).first()
            if row is None or row.kek_id == self.kek.current:
                return
            wrapped = self.kek.wrap(person_id, self.kek.unwrap(person_id, row.kek_id, row.wrapped))
            await session.execute(
                sa.update(person_keys)
                .where(person_keys.c.person_id == person_id)
                .values(kek_id=self.kek.current, wrapped=wrapped)
            )
