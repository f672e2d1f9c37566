"""
Dead letters: messages that failed for good, kept with the reason until a person replays or drops them.

They are deleted after :data:`shared.events.base.DEAD_LETTER_KEPT`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event
from shared.events.base import DEAD_LETTER_KEPT
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.retry import reason_of

log = get_logger(__name__)


class Replayable(Protocol):
    """A consumer, as far as a replay needs it."""

    @property
    def durable(self) -> str: ...
    def read(self, subject: str, payload: bytes) -> Event: ...
    async def handle(self, session: AsyncSession, inbox: Inbox, event: Any) -> None: ...


class DeadLetters:
    """The dead-letter table on a service's own MetaData."""

    def __init__(self, metadata: MetaData) -> None:
        self.table = Table(
            "dead_letters",
            metadata,
            Column("id", BigInteger, Identity(), primary_key=True),
            Column("consumer", String(63), nullable=False),
            Column("stream", String(32), nullable=False),
            Column("stream_sequence", BigInteger, nullable=False),
            Column("subject", String(128), nullable=False),
            Column("payload", LargeBinary, nullable=False),
            Column("reason", String(200), nullable=False),
            Column("attempts", Integer, nullable=False),
            Column("buried_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Column("replay_asked_at", DateTime(timezone=True)),
            UniqueConstraint("consumer", "stream", "stream_sequence"),
        )

    async def store(
        self,
        session: AsyncSession,
        *,
        consumer: str,
        stream: str,
        stream_sequence: int,
        subject: str,
        payload: bytes,
        reason: str,
        attempts: int,
    ) -> None:
        """Keep a message with the reason of its failure; the same message is kept once."""
        await session.execute(
            insert(self.table)
            .values(
                consumer=consumer,
                stream=stream,
                stream_sequence=stream_sequence,
                subject=subject[:128],
                payload=payload,
                reason=reason[:200],
                attempts=attempts,
            )
            .on_conflict_do_nothing()
        )

    async def all(self, session: AsyncSession) -> list[RowMapping]:
        """Return all dead letters, oldest first, without their payload."""
        columns = [column for column in self.table.c if column.name != "payload"]
        return list((await session.execute(select(*columns).order_by(self.table.c.id))).mappings())

    async def get(self, session: AsyncSession, id_: int) -> RowMapping | None:
        """Return one dead letter with its payload."""
        return (await session.execute(select(self.table).where(self.table.c.id == id_))).mappings().first()

    async def ask_replay(self, session: AsyncSession, id_: int, now: datetime) -> bool:
        """Have the service try once more; return True if the letter exists."""
        done = await session.execute(
            update(self.table).where(self.table.c.id == id_).values(replay_asked_at=now).returning(self.table.c.id)
        )
        return done.first() is not None

    async def drop(self, session: AsyncSession, id_: int) -> bool:
        """Delete a letter for good; return True if it existed."""
        done = await session.execute(delete(self.table).where(self.table.c.id == id_).returning(self.table.c.id))
        return done.first() is not None

    async def delete_old(self, session: AsyncSession) -> int:
        """Delete letters that nobody has decided about for so long that they can no longer be replayed; count them."""
        old = delete(self.table).where(self.table.c.buried_at < datetime.now(UTC) - DEAD_LETTER_KEPT)
        return len((await session.execute(old.returning(self.table.c.id))).all())

    async def to_replay(self, session: AsyncSession) -> list[RowMapping]:
        """Return the letters whose replay is requested, locked for this transaction."""
        query = (
            select(self.table)
            .where(self.table.c.replay_asked_at.is_not(None))
            .order_by(self.table.c.id)
            .limit(50)
            .with_for_update(skip_locked=True)
        )
        return list((await session.execute(query)).mappings())

    async def replay_failed(self, session: AsyncSession, id_: int, reason: str) -> None:
        """Keep a letter whose replay failed, with the new reason."""
        await session.execute(
            update(self.table)
            .where(self.table.c.id == id_)
            .values(replay_asked_at=None, reason=reason[:200], attempts=self.table.c.attempts + 1)
        )

    async def count(self, session: AsyncSession) -> int:
        """Return the number of dead letters."""
        return int((await session.execute(select(func.count()).select_from(self.table))).scalar_one())


async def replay(database: Database, inbox: Inbox, dead_letters: DeadLetters, consumers: Iterable[Replayable]) -> None:
    """Handle each requested letter once, as if from its stream; delete it, or keep it with its new reason."""
    async with database.transaction() as session:
        letters = await dead_letters.to_replay(session)
    by_name = {consumer.durable: consumer for consumer in consumers}
    for letter in letters:
        consumer = by_name.get(letter["consumer"])
        try:
            if consumer is None:
                raise LookupError(letter["consumer"])  # noqa: TRY301 - kept like any other failure
            event = consumer.read(letter["subject"], letter["payload"])
            async with database.transaction() as session:
                await consumer.handle(session, inbox, event)
                await dead_letters.drop(session, letter["id"])
            log.info("dead_letter_replayed", dead_letter_id=letter["id"])
        except Exception as error:
            async with database.transaction() as session:
                await dead_letters.replay_failed(session, letter["id"], reason_of(error))
            log.warning("dead_letter_replay_failed", dead_letter_id=letter["id"], exc_info=error)
