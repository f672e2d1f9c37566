"""
Dead letters: messages that failed for good, known by their ids and the reason until a person replays or drops them.

Nothing of what a message contained is kept here. To replay one is to have its publisher send it again from the outbox,
which keeps it for :data:`shared.events.base.SENT_EVENT_KEPT` and without people who are erased; the inboxes of all
other consumers know it. A message that is no event of ours cannot be replayed.

They are deleted after :data:`shared.events.base.DEAD_LETTER_KEPT`.
"""

import json
import re
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

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
    Uuid,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import EVENTS
from shared.events.base import DEAD_LETTER_KEPT
from shared.kit.messaging.inbox import Inbox

UNKNOWN: Final = "unknown"
_HAPPENINGS: Final = frozenset(subject.rpartition(".")[0] for subject in EVENTS)
_VERSION: Final = re.compile(r"v\d{1,3}")


class DeadLetters:
    """
    The dead-letter table on a service's own MetaData.

    The column ``payload`` is no longer written; it is there for the code of the version before.
    """

    def __init__(self, metadata: MetaData, inbox: Inbox) -> None:
        self._inbox = inbox
        self.table = Table(
            "dead_letters",
            metadata,
            Column("id", BigInteger, Identity(), primary_key=True),
            Column("consumer", String(63), nullable=False),
            Column("stream", String(32), nullable=False),
            Column("stream_sequence", BigInteger, nullable=False),
            Column("subject", String(128), nullable=False),
            Column("payload", LargeBinary),
            Column("reason", String(200), nullable=False),
            Column("attempts", Integer, nullable=False),
            Column("buried_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
            Column("replay_asked_at", DateTime(timezone=True)),
            Column("event_id", Uuid),
            # A stream that is made anew counts from one again.
            UniqueConstraint(
                *("consumer", "stream", "stream_sequence", "event_id"),
                name="dead_letters_message",
                postgresql_nulls_not_distinct=True,
            ),
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
        """Keep the ids of a message and the reason of its failure; the same message is kept once, also if replayed."""
        columns = self.table.c
        event_id = event_id_of(payload)
        failed_again = (
            update(self.table)
            .where(columns.consumer == consumer, columns.event_id == event_id, columns.replay_asked_at.is_not(None))
            .values(
                replay_asked_at=None,
                stream_sequence=stream_sequence,
                reason=reason[:200],
                attempts=columns.attempts + attempts,
            )
        )
        if event_id and (await session.execute(failed_again.returning(columns.id))).first() is not None:
            return
        await session.execute(
            insert(self.table)
            .values(
                consumer=consumer,
                stream=stream,
                stream_sequence=stream_sequence,
                subject=subject_of(stream, subject),
                event_id=event_id,
                reason=reason[:200],
                attempts=attempts,
            )
            .on_conflict_do_nothing()
        )

    async def all(self, session: AsyncSession) -> list[RowMapping]:
        """Return all dead letters, oldest first."""
        columns = [column for column in self.table.c if column.name != "payload"]
        return list((await session.execute(select(*columns).order_by(self.table.c.id))).mappings())

    async def get(self, session: AsyncSession, id_: int) -> RowMapping | None:
        """Return one dead letter."""
        return (await session.execute(select(self.table).where(self.table.c.id == id_))).mappings().first()

    async def ask_replay(self, session: AsyncSession, id_: int, now: datetime) -> bool:
        """Note that the message comes once more; return True if the letter exists."""
        done = await session.execute(
            update(self.table).where(self.table.c.id == id_).values(replay_asked_at=now).returning(self.table.c.id)
        )
        return done.first() is not None

    async def withdraw_replay(self, session: AsyncSession, id_: int) -> None:
        """Note that the message does not come once more, since no publisher keeps it."""
        await session.execute(update(self.table).where(self.table.c.id == id_).values(replay_asked_at=None))

    async def drop(self, session: AsyncSession, id_: int) -> bool:
        """Delete a letter for good; return True if it existed."""
        done = await session.execute(delete(self.table).where(self.table.c.id == id_).returning(self.table.c.id))
        return done.first() is not None

    async def delete_handled(self, session: AsyncSession) -> list[int]:
        """Delete the replayed letters whose event is handled now; return their ids."""
        columns, handled = self.table.c, self._inbox.table.c
        is_asked = columns.replay_asked_at.is_not(None)
        if await session.scalar(select(columns.id).where(is_asked).limit(1)) is None:
            return []
        is_handled = select(handled.event_id).where(
            handled.consumer == columns.consumer, handled.event_id == columns.event_id
        )
        gone = delete(self.table).where(is_asked, is_handled.exists())
        return list(await session.scalars(gone.returning(columns.id)))

    async def delete_old(self, session: AsyncSession) -> int:
        """Delete letters that nobody has decided about for so long that they can no longer be replayed; count them."""
        old = delete(self.table).where(self.table.c.buried_at < datetime.now(UTC) - DEAD_LETTER_KEPT)
        return len((await session.execute(old.returning(self.table.c.id))).all())

    async def count(self, session: AsyncSession) -> int:
        """Return the number of dead letters."""
        return int((await session.execute(select(func.count()).select_from(self.table))).scalar_one())


def subject_of(stream: str, subject: str) -> str:
    """Return a subject if it is that of an event, in any version; else only the stream's, since it may say anything."""
    happening, _, version = subject.rpartition(".")
    known = happening in _HAPPENINGS and _VERSION.fullmatch(version)
    return subject if known else f"{stream.lower()}.{UNKNOWN}"


def event_id_of(payload: bytes) -> UUID | None:
    """Return the id of the event in a message; None if it has none."""
    try:
        return UUID(json.loads(payload)["event_id"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
