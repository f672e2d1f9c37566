"""
The journal of erasures at the broker, which each service applies before it serves.

The stream :data:`JOURNAL` keeps a copy of every ``people.erased`` for :data:`shared.events.base.ERASURE_KEPT`; the
broker copies them itself, so nobody publishes to it. A service whose database was restored from a backup finds in it
who was erased since, also if its consumer has read those events long ago.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from sqlalchemy import Column, DateTime, MetaData, SmallInteger, String, Table, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events.base import JOURNAL, STREAM_MAX_AGE
from shared.events.people import Erased
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.nats_connection import NatsConnection

AT_ONCE: Final = 500
"""Entries of one answer."""

ANSWER_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 3.0
OVERLAP: Final = timedelta(hours=1)
"""How far before its last look a service begins to read: clocks differ, and an event waits for its turn."""

_IDENTITY: Final = text(
    "SELECT concat_ws('/', (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id,"
    " (SELECT oid FROM pg_database WHERE datname = current_database()),"
    " 'inbox'::regclass::oid, pg_relation_filenode('inbox'))"
)

log = get_logger(__name__)


class JournalUnavailable(ConnectionError):  # noqa: N818 - a state, like its siblings
    """The broker is away, or has no journal yet."""


async def entries(client: Client, since: datetime | None) -> AsyncIterator[Erased]:
    """
    Yield the entries that came since a moment, all without one, oldest first.

    Raises:
        JournalUnavailable: There is no journal at the broker.
        nats.errors.Error: The broker does not answer.
    """
    start: dict[str, int | str] = {"seq": 1} if since is None else {"start_time": since.astimezone(UTC).isoformat()}
    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox)
    try:
        while True:
            question = {"batch": AT_ONCE, "next_by_subj": ">", **start}
            await client.publish(f"$JS.API.DIRECT.GET.{JOURNAL}", json.dumps(question).encode(), reply=inbox)
            while (status := _status(message := await subscription.next_msg(ANSWER_SECONDS))) is None:
                start = {"seq": int((message.headers or {})["Nats-Sequence"]) + 1}
                try:
                    yield Erased.model_validate_json(message.data)
                except ValidationError as error:
                    log.error("journal_entry_unreadable", exc_info=error)  # noqa: TRY400 - the class is enough
            if status == "404" or (status == "204" and (message.headers or {}).get("Nats-Num-Pending") == "0"):
                return
            if status != "204":
                raise JournalUnavailable(status)
    finally:
        await subscription.unsubscribe()


def _status(message: Msg) -> str | None:
    return (message.headers or {}).get("Status")


class Journal:
    """
    Applies the journal to a service's database, and keeps there how far it has.

    The table ``journal_checks`` has one row, with which a database knows whether it is the one that looked last.
    """

    def __init__(self, metadata: MetaData) -> None:
        self.table = Table(
            "journal_checks",
            metadata,
            Column("id", SmallInteger, primary_key=True, autoincrement=False),
            Column("checked_at", DateTime(timezone=True), nullable=False),
            Column("identity", String(200), nullable=False),
        )

    async def is_restored(self, session: AsyncSession, inbox: Inbox) -> bool:
        """Return True if these are not the tables of the last check, as after a restore; False for new ones."""
        identity = await session.scalar(select(self.table.c.identity))
        if identity is None:
            return await session.scalar(select(inbox.table.c.event_id).limit(1)) is not None
        return bool(identity != await session.scalar(_IDENTITY))

    async def apply(self, database: Database, inbox: Inbox, consumer: Consumer, connection: NatsConnection) -> int:
        """
        Handle every erasure that this database has not seen; return their number.

        Each is handled as if its consumer had just read it. A receipt that nobody can still ask for is not reported to.
        """
        async with database.transaction() as session:
            checked_at = await session.scalar(select(self.table.c.checked_at))
            now = await session.scalar(select(func.now()))
        since = checked_at and checked_at - OVERLAP
        events = [event async for event in entries(connection.client, since)]
        async with database.transaction() as session:
            handled = await inbox.handled(session, consumer.durable, [event.event_id for event in events])
        unseen = [event for event in events if event.event_id not in handled]
        for event in unseen:
            old = event.occurred_at < datetime.now(UTC) - STREAM_MAX_AGE
            async with database.transaction() as session:
                await consumer.handle(
                    session, inbox, event.model_copy(update={"wants_receipt": False}) if old else event
                )
        async with database.transaction() as session:
            row = {"checked_at": now, "identity": await session.scalar(_IDENTITY)}
            statement = insert(self.table).values(id=1, **row)
            await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
        return len(unseen)

    async def apply_before_serving(
        self, database: Database, inbox: Inbox, consumer: Consumer, connection: NatsConnection
    ) -> None:
        """
        Apply the journal; a restored database waits for it for as long as the broker is away.

        A database that was not restored has handled, or will handle, every erasure by its consumer, and need not wait.
        """
        async with database.transaction() as session:
            restored = await self.is_restored(session, inbox)
        while True:
            try:
                if not await connection.starts_within(CONNECT_SECONDS):
                    raise JournalUnavailable("no broker yet")
                applied = await self.apply(database, inbox, consumer, connection)
            except (OSError, TimeoutError, NatsError) as error:
                if not restored:
                    log.warning("started_without_journal", exc_info=error)
                    return
                log.warning("restored_database_waits_for_journal", exc_info=error)
                await asyncio.sleep(1)
            else:
                log.info("journal_applied", count=applied)
                return
