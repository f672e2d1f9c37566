"""
The newest version of each tenant's settings, in a table of the service's own, shown by every process without a restart.

A writer keeps the highest number, so that order and doubles do not matter. A commit notifies all processes of the
service; :class:`Follower` reads the table then, and now and then in case a notification was lost.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Column, Integer, MetaData, String, Table, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.database.engine import Database, on_commit
from shared.kit.database.pg_listen import Listener, listen_forever
from shared.kit.logging import get_logger
from shared.kit.messaging.retry import is_infrastructure
from shared.kit.metrics import UNREADABLE_VERSIONS

POLL_SECONDS: Final = 30.0

log = get_logger(__name__)

_unreadable: Final[set[str]] = set()
"""Tenants of this process whose newest version cannot be read."""

Apply = Callable[[str, int, Mapping[str, Any]], None]
"""Lets a version hold in this process: tenant, number, content. Ignores an older one; ValueError if unreadable."""


class VersionBook:
    """
    A table on a service's own MetaData with one row for each tenant.

    Args:
        metadata: The service's.
        name: Of the table, and of the channel on which its processes hear of a new version.
    """

    def __init__(self, metadata: MetaData, name: str) -> None:
        self.channel: Final = name
        self.table = Table(
            name,
            metadata,
            Column("tenant", String(63), primary_key=True),
            Column("number", Integer, nullable=False),
            Column("content", JSONB, nullable=False),
        )

    async def write(
        self, session: AsyncSession, tenant: str, number: int, content: Mapping[str, Any], then: Apply
    ) -> bool:
        """
        Store a version unless a newer one is known; return True if it is the newest. Idempotent.

        Args:
            session: The transaction.
            tenant: The owner of the settings.
            number: Grows with each version.
            content: The version.
            then: Called when the transaction commits, so that this process need not wait for the notification.
        """
        columns = self.table.c
        values = {"number": number, "content": dict(content)}
        statement = (
            insert(self.table)
            .values(tenant=tenant, **values)
            .on_conflict_do_update(index_elements=["tenant"], set_=values, where=columns.number < number)
            .returning(columns.number)
        )
        if (await session.execute(statement)).scalar_one_or_none() is None:
            return False
        await session.execute(select(func.pg_notify(self.channel, tenant)))
        on_commit(session, lambda: _apply(then, tenant, number, content))
        return True

    async def read_all(self, session: AsyncSession) -> list[tuple[str, int, Mapping[str, Any]]]:
        """Return the newest version of each tenant: tenant, number, content."""
        columns = self.table.c
        query = select(columns.tenant, columns.number, columns.content).order_by(columns.tenant)
        return [(row.tenant, row.number, row.content) for row in await session.execute(query)]


class Follower:
    """
    Keeps a process in step with its service's book.

    Args:
        database: The service's.
        book: Its book.
        apply: Lets a version hold.
    """

    def __init__(self, database: Database, book: VersionBook, apply: Apply) -> None:
        self._database = database
        self._book = book
        self._apply = apply

    async def load(self) -> None:
        """Read all newest versions once."""
        async with self._database.transaction() as session:
            versions = await self._book.read_all(session)
        for version in versions:
            _apply(self._apply, *version)

    async def load_if_possible(self) -> None:
        """Read them before the first request; without a database the service opens all the same and follows later."""
        try:
            await self.load()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("started_without_database", exc_info=error)

    async def run(self) -> None:
        """Follow until cancelled, through every failure of the database."""
        await listen_forever(
            self._database.connect, self._book.channel, self._serve, interrupted="settings_listener_interrupted"
        )

    async def _serve(self, listener: Listener) -> None:
        while listener.connected:
            listener.clear()
            await self.load()
            await listener.wait(POLL_SECONDS)


def _apply(apply: Apply, tenant: str, number: int, content: Mapping[str, Any]) -> None:
    """Let a version hold; one that this code cannot read, as during an upgrade, is logged and changes nothing."""
    try:
        apply(tenant, number, content)
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # what a form that is not ours can raise
        log.warning("version_unreadable", version=number, reason=type(error).__name__)
        _unreadable.add(tenant)
    else:
        _unreadable.discard(tenant)
    UNREADABLE_VERSIONS.set(len(_unreadable))
