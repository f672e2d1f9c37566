"""Dead letters: what a consumer could not handle, kept with its reason until a person replays or drops it."""

from datetime import datetime

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

    async def bury(
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
        """Keep a message with the reason it could not be handled; the same message is kept once."""
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
        """All dead letters, oldest first, without their payload."""
        columns = [column for column in self.table.c if column.name != "payload"]
        return list((await session.execute(select(*columns).order_by(self.table.c.id))).mappings())

    async def get(self, session: AsyncSession, id_: int) -> RowMapping | None:
        """One dead letter, whole."""
        return (await session.execute(select(self.table).where(self.table.c.id == id_))).mappings().first()

    async def ask_replay(self, session: AsyncSession, id_: int, now: datetime) -> bool:
        """Let the service try once more; whether there was such a letter."""
        done = await session.execute(
            update(self.table).where(self.table.c.id == id_).values(replay_asked_at=now).returning(self.table.c.id)
        )
        return done.first() is not None

    async def drop(self, session: AsyncSession, id_: int) -> bool:
        """Delete one for good; whether there was such a letter."""
        done = await session.execute(delete(self.table).where(self.table.c.id == id_).returning(self.table.c.id))
        return done.first() is not None

    async def to_replay(self, session: AsyncSession) -> list[RowMapping]:
        """Those that a person asked to be tried once more, locked for this transaction."""
        query = (
            select(self.table)
            .where(self.table.c.replay_asked_at.is_not(None))
            .order_by(self.table.c.id)
            .limit(50)
            .with_for_update(skip_locked=True)
        )
        return list((await session.execute(query)).mappings())

    async def still_dead(self, session: AsyncSession, id_: int, reason: str) -> None:
        """The replay failed too."""
        await session.execute(
            update(self.table)
            .where(self.table.c.id == id_)
            .values(replay_asked_at=None, reason=reason[:200], attempts=self.table.c.attempts + 1)
        )

    async def count(self, session: AsyncSession) -> int:
        """How many there are."""
        return int((await session.execute(select(func.count()).select_from(self.table))).scalar_one())
