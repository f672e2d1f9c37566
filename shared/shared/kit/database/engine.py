"""PostgreSQL: one engine for each service, and the only code that commits."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.engine import Result, Row
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql import Executable

from shared.kit.database.connect import connect, new_engine
from shared.kit.database.passwords import Passwords
from shared.kit.tracing import step

STATEMENT_TIMEOUT_SECONDS = 5
LOCK_TIMEOUT_SECONDS = 3
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 10
CONNECTIONS = 20
"""The most of one pool; half of them are kept open."""

CONNECT_TIMEOUT_SECONDS = 5
TRANSIENT_SQLSTATES = ("08", "40", "53", "55P03", "57")
"""Connection, rollback, resources, lock not available, shutdown (PostgreSQL manual, appendix A)."""
QUERY_CANCELED = "57014"
_POSTGRESQL = {"db.system.name": "postgresql"}
_ON_COMMIT = "on_commit"
_WROTE = "wrote"
"""The keys of the callbacks in a session's ``info``, and of whether it has written."""


def on_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """
    Call back once, right after the commit of this session's transaction; never after a rollback.

    Callbacks run in the order in which they were given. They must not fail and cannot use the session.
    """
    session.sync_session.info.setdefault(_ON_COMMIT, []).append(callback)


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> Result[Any] | None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return None
    result = state.invoke_statement()
    if getattr(result, "rowcount", -1) != 0:  # -1 where the driver does not tell
        state.session.info[_WROTE] = True
    return result


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: object) -> None:
    session.info[_WROTE] = True


@event.listens_for(Session, "after_commit")
def _call_back(session: Session) -> None:
    if _ON_COMMIT not in session.info or session.in_nested_transaction():
        return  # nothing to call, or only a savepoint was released
    callbacks: list[Callable[[], None]] = session.info.pop(_ON_COMMIT)
    for callback in callbacks:
        callback()


@event.listens_for(Session, "after_soft_rollback")
def _drop_callbacks(session: Session, transaction: SessionTransaction) -> None:
    if not transaction.nested:
        session.info.pop(_ON_COMMIT, None)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """
    Let the pool replace a connection that the server has ended.

    The driver knows its state without a query; ``pool_pre_ping`` would cost three round trips for each transaction.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _is_transient(error: DBAPIError) -> bool:
    """
    Return True if a repetition may succeed: the connection ended, or the server refused for now.

    A server that goes away between two commands can leave the driver in the midst of the first, of which it tells as an
    error of its own.
    """
    state = getattr(error.orig, "sqlstate", None) or ""
    out_of_step = error.orig is not None and isinstance(error.driver_exception, asyncpg.InternalClientError)
    refused = state.startswith(TRANSIENT_SQLSTATES) and state != QUERY_CANCELED
    return error.connection_invalidated or out_of_step or refused


@contextmanager
def _transient_as_interface_error() -> Iterator[None]:
    """Raise what a repetition may mend as the error that every caller knows."""
    try:
        yield
    except DBAPIError as error:
        if _is_transient(error) and not isinstance(error, InterfaceError | OperationalError):
            raise InterfaceError(None, None, error, connection_invalidated=True) from error
        raise


class Database:
    """
    A service's own database.

    Args:
        url: ``postgresql+asyncpg://…``
        connections: The most that it opens.
        passwords: Instead of the one in the address, where that is replaced while the service goes on.
    """

    def __init__(self, url: SecretStr, connections: int = CONNECTIONS, passwords: Passwords | None = None) -> None:
        self.url = url
        self._passwords = passwords
        self.engine = new_engine(
            url,
            passwords=passwords,
            pool_size=connections // 2,
            max_overflow=connections - connections // 2,
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "server_settings": {
                    "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
                    "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
                    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_TIMEOUT_SECONDS}s",
                    # Our tables stay in memory, where a random read costs no more than a sequential one.
                    "random_page_cost": "1.1",
                },
            },
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        self._autocommitting = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._written = 0
        self._watchers: list[Callable[[], object]] = []

    @property
    def engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        """The engine of transactions and that of single statements; a listener to statements needs both."""
        return self.engine, self._autocommitting

    def written(self) -> int:
        """Return how many transactions of this process have changed a row and were committed; text is not seen."""
        return self._written

    @contextmanager
    def watched(self, watcher: Callable[[], object]) -> Iterator[None]:
        """Call the watcher after each transaction that :meth:`written` counts, until the block ends."""
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """
        Open a session; its work is committed as a whole at the end, or rolled back after an exception.

        Raises:
            sqlalchemy.exc.InterfaceError: The server ended the connection or refused for now; the transaction may be
                committed or not.
        """
        with _transient_as_interface_error(), step("transaction", _POSTGRESQL):
            async with AsyncSession(self.engine, expire_on_commit=False) as session:
                async with session.begin():
                    yield session
                if session.sync_session.info.get(_WROTE):
                    self._written += 1
                    for watcher in self._watchers:
                        watcher()

    async def row_of(self, statement: Executable, values: Mapping[str, object]) -> Row[Any]:
        """
        Run one statement, as a transaction of its own, and return the one row that it returns.

        PostgreSQL commits a single statement by itself: one round trip instead of three. :meth:`written` does not
        count it.

        Raises:
            sqlalchemy.exc.InterfaceError: As for :meth:`transaction`.
        """
        with _transient_as_interface_error(), step("transaction", _POSTGRESQL):
            async with self._autocommitting.connect() as connection:
                return (await connection.execute(statement, values)).one()

    @property
    def dsn(self) -> str:
        """The same address in the form of asyncpg."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def connect(self, **options: Any) -> "asyncpg.Connection[Any]":
        """Open a connection outside the pool; it belongs to the caller."""
        return await connect(self.dsn, passwords=self._passwords, **options)

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()
