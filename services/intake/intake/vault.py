"""
One key for each person, in a database of its own; whoever loses the key is forgotten, in every backup too.

A value is sealed with AES-256-GCM (NIST SP 800-38D) under the person's own 256-bit key and a random 96-bit nonce,
bound to the person, table and column it belongs to. The keys are wrapped by a key from outside the databases.
"""

import base64
import hashlib
import hmac
import os
import time
from asyncio import Lock
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.ids import new_id

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
BATCH: Final = 100  # keys made ahead with one insert
LOW_WATER: Final = 25  # keys left when the next batch is made
SPARE_SECONDS: Final = 3600.0  # a key made ahead is used within this time or never
ORPHAN_HOURS: Final = 24  # a key without a person is removed after this; far more than SPARE_SECONDS

_URL_SAFE: Final = str.maketrans("-_", "+/")

metadata = sa.MetaData()

person_keys = sa.Table(
    "person_keys",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("kek_id", sa.String(32), nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), index=True),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    comment="Who has been forgotten, by opaque id; replayed after a restore of the other database",
)


class Forgotten(LookupError):  # noqa: N818 - what they are
    """There is no key: the person has been erased, or never was."""


class Tampered(ValueError):  # noqa: N818 - what it is
    """The bytes were not sealed for this person, table and column."""


class Kek:
    """
    The outer keys, by id.

    Two are valid while one replaces the other: the first wraps what is new, all of them unwrap.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            msg = "at least one key-encryption key is needed"
            raise ValueError(msg)
        if any(len(key) != KEY_BYTES for key in keys.values()):
            msg = f"a key-encryption key has {KEY_BYTES} bytes"
            raise ValueError(msg)
        self.current = next(iter(keys))
        self._ciphers = {kek_id: AESGCM(key) for kek_id, key in keys.items()}

    @classmethod
    def parse(cls, text: str) -> "Kek":
        """
        Reads ``id:base64`` pairs separated by commas or white space, the current one first; a bare key has the id "1".

        Raises:
            ValueError: where a key is not 32 bytes in base64. Never repeats the key.
        """
        keys = {}
        for part in text.replace(",", " ").split():
            kek_id, _, encoded = part.rpartition(":")
            try:
                keys[kek_id or "1"] = base64.b64decode(encoded.translate(_URL_SAFE), validate=True)
            except ValueError:
                msg = "a key-encryption key is not base64"
                raise ValueError(msg) from None
        return cls(keys)

    def wrap(self, person_id: UUID, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self.current].encrypt(nonce, key, b"key|" + person_id.bytes)

    def unwrap(self, person_id: UUID, kek_id: str, wrapped: bytes) -> bytes:
        """
        The person's key.

        Raises:
            Tampered: when it was wrapped for somebody else, by another key, or by one that is no longer configured.
        """
        cipher = self._ciphers.get(kek_id)
        if cipher is None:
            msg = "wrapped by a key-encryption key that is not configured"
            raise Tampered(msg)
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], b"key|" + person_id.bytes)
        except InvalidTag as error:
            msg = "not a key of this person"
            raise Tampered(msg) from error


@dataclass(frozen=True, slots=True)
class PersonKey:
    """
    The opened key of one person. Lives as long as one request and is never stored.

    Attributes:
        made_at: When a key made ahead was made, in monotonic seconds; a key that was looked up has none.
    """

    person_id: UUID
    _cipher: AESGCM
    made_at: float = 0.0

    def seal(self, table: str, column: str, value: str | None) -> bytes | None:
        """Encrypts ``value`` for one column; None stays None."""
        if value is None:
            return None
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value.encode(), self._bound_to(table, column))

    def open(self, table: str, column: str, sealed: bytes | None) -> str | None:
        """
        Decrypts what :meth:`seal` made.

        Raises:
            Tampered: when it was sealed for another person, table or column.
        """
        if sealed is None:
            return None
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound_to(table, column))
        except InvalidTag as error:
            msg = "sealed for another person or column"
            raise Tampered(msg) from error
        return plain.decode()

    def _bound_to(self, table: str, column: str) -> bytes:
        return f"{self.person_id}|{table}|{column}|v1".encode()


Transaction = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class Vault:
    """
    The keys of all people.

    Args:
        transaction: Opens a transaction on the database of the keys.
        kek: The outer keys.
        index_key: The key of the blind indexes.
        monotonic: Seconds that only grow; how old a key made ahead is has nothing to do with the time of day.
    """

    def __init__(
        self, transaction: Transaction, kek: Kek, index_key: SecretStr, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._transaction = transaction
        self._kek = kek
        self._index_key = index_key.get_secret_value().encode()
        self._monotonic = monotonic
        self._spare: deque[PersonKey] = deque()
        self._filling = Lock()

    def index(self, kind: Literal["email", "form", "key"], text: str) -> bytes:
        """
        The blind index of ``text``: HMAC-SHA256 under a key from outside, 32 bytes.

        It recognises what was seen before without storing it. Of a phone number alone there is none: there are too few.
        """
        return hmac.digest(self._index_key, f"{kind}|{text}".encode(), hashlib.sha256)

    async def new_key(self) -> PersonKey:
        """A key for somebody new; its row is already there, so that nothing is ever sealed with a key that was lost."""
        while True:
            while self._spare:
                key = self._spare.popleft()
                if self._monotonic() - key.made_at < SPARE_SECONDS:
                    return key
            await self.fill()

    def give_back(self, key: PersonKey) -> None:
        """Takes back a key that nothing was sealed with and stored."""
        self._spare.appendleft(key)

    @property
    def spare(self) -> int:
        """How many keys are made ahead."""
        return len(self._spare)

    async def fill(self) -> None:
        """Makes a batch ahead unless there are enough."""
        async with self._filling:
            if len(self._spare) > LOW_WATER:
                return
            batch = [(new_id(), AESGCM.generate_key(256)) for _ in range(BATCH)]
            rows = [
                {"person_id": person_id, "kek_id": self._kek.current, "wrapped": self._kek.wrap(person_id, key)}
                for person_id, key in batch
            ]
            made_at = self._monotonic()
            async with self._transaction() as session:
                await session.execute(sa.insert(person_keys).values(rows))
            self._spare.extend(PersonKey(person_id, AESGCM(key), made_at) for person_id, key in batch)

    async def keys(self, person_ids: Iterable[UUID]) -> dict[UUID, PersonKey]:
        """The keys of those who have one; somebody erased is simply not there."""
        wanted = list(person_ids)
        async with self._transaction() as session:
            rows = await session.execute(sa.select(person_keys).where(person_keys.c.person_id.in_(wanted)))
            return {
                row.person_id: PersonKey(
                    row.person_id, AESGCM(self._kek.unwrap(row.person_id, row.kek_id, row.wrapped))
                )
                for row in rows
            }

    async def key(self, person_id: UUID) -> PersonKey:
        """
        The key of one person.

        Raises:
            Forgotten: when there is none.
        """
        found = (await self.keys([person_id])).get(person_id)
        if found is None:
            msg = "no key"
            raise Forgotten(msg)
        return found

    async def destroy(self, person_id: UUID, now: datetime) -> None:
        """Destroys the key and writes the line in the journal, at once and for ever; may be repeated."""
        insert = postgresql.insert(erasures).values(person_id=person_id, erased_at=now)
        async with self._transaction() as session:
            await session.execute(sa.delete(person_keys).where(person_keys.c.person_id == person_id))
            await session.execute(insert.on_conflict_do_nothing())

    async def journal(self) -> set[UUID]:
        """Everybody who has been forgotten."""
        async with self._transaction() as session:
            return set((await session.scalars(sa.select(erasures.c.person_id))).all())

    async def old_keys(self, after: UUID | None, limit: int) -> list[UUID]:
        """The next ids, in order, whose keys are old enough to belong to somebody."""
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

    async def drop_orphans(self, person_ids: Iterable[UUID]) -> None:
        """Removes keys that were made ahead and never used; there is nobody to write in the journal."""
        async with self._transaction() as session:
            await session.execute(sa.delete(person_keys).where(person_keys.c.person_id.in_(list(person_ids))))

    async def rewrap(self, limit: int = 500) -> int:
        """Wraps up to ``limit`` keys anew with the current outer key; zero when all are."""
        stale = sa.select(person_keys).where(person_keys.c.kek_id != self._kek.current).limit(limit).with_for_update()
        async with self._transaction() as session:
            rows = (await session.execute(stale)).all()
            for row in rows:
                key = self._kek.unwrap(row.person_id, row.kek_id, row.wrapped)
                await session.execute(
                    sa.update(person_keys)
                    .where(person_keys.c.person_id == row.person_id)
                    .values(kek_id=self._kek.current, wrapped=self._kek.wrap(row.person_id, key))
                )
        return len(rows)
