"""
Security events: sign-ins, refusals, and limits that were hit, kept apart from the acts that they prevent.

An event holds no personal data: the account of a member of staff or a keyed name for what was typed, a network under a
key of the day, a reason code and the template of the route. It is written in a transaction of its own, so that it is
kept when the request is refused.

Equal events of one minute are one row with a count. Rows are limited for each minute and each day; what is beyond goes
into one row of the hour for each kind, so that nobody can fill the disk or keep the database busy. What strangers can
cause has a limit of its own: with a flood of it they cannot hide what somebody does under an account.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, DateTime, Integer, MetaData, PrimaryKeyConstraint, String, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.i18n import N_
from shared.kit.keyed_names import KeyedNames
from shared.kit.logging import get_logger
from shared.kit.metrics import SECURITY_EVENTS
from shared.kit.networks import network_of

ROWS_PER_MINUTE: Final = 30
ROWS_PER_DAY: Final = 5_000
"""
Of one process for strangers, and as many for known accounts, apart from the rows of the hour. A row has some 200 bytes,
so a day of attack is about a megabyte.
"""

WRITE_AGAIN: Final = timedelta(seconds=1)
FLUSH_SECONDS: Final = 5.0

log = get_logger(__name__)


class SecurityKind(StrEnum):
    """
    The kind of a security event.

    Attributes:
        SIGNED_IN, SIGNED_OUT: The beginning and the end of a session by its owner.
        SIGN_IN_REFUSED: A wrong name, password or second factor; a disabled account.
        SESSION_ENDED: Ended by somebody or something else than its owner's sign-out.
        CREDENTIAL_CHANGED, CREDENTIAL_RESET: A password, passkey or code generator, by its owner or by an admin.
        ACCESS_DENIED: A page or act that the role may not open; answered 403.
        OBJECT_NOT_FOUND: An object of another centre, or of nobody, by a signed-in user; answered 404.
        FORM_REFUSED: A form from elsewhere or with a token that is not ours; answered 403.
        LINK_REFUSED: A mailed link that we did not make, or whose key is destroyed.
        LIMIT_HIT: More than a limit allows; answered 429.
        KEY_CHANGED: A key for a centre's server was made or revoked, or a service has taken up another key of its own.
    """

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SIGN_IN_REFUSED = "sign_in_refused"
    SESSION_ENDED = "session_ended"
    CREDENTIAL_CHANGED = "credential_changed"
    CREDENTIAL_RESET = "credential_reset"
    ACCESS_DENIED = "access_denied"
    OBJECT_NOT_FOUND = "object_not_found"
    FORM_REFUSED = "form_refused"
    LINK_REFUSED = "link_refused"
    LIMIT_HIT = "limit_hit"
    KEY_CHANGED = "key_changed"


SENTENCES: Final[Mapping[SecurityKind, str]] = {
    SecurityKind.SIGNED_IN: N_("Logget inn"),
    SecurityKind.SIGNED_OUT: N_("Logget ut"),
    SecurityKind.SIGN_IN_REFUSED: N_("Innlogging avvist"),
    SecurityKind.SESSION_ENDED: N_("Økt avsluttet"),
    SecurityKind.CREDENTIAL_CHANGED: N_("Passord eller nøkkel endret"),
    SecurityKind.CREDENTIAL_RESET: N_("Passord eller nøkkel nullstilt"),
    SecurityKind.ACCESS_DENIED: N_("Side uten tilgang"),
    SecurityKind.OBJECT_NOT_FOUND: N_("Noe som ikke finnes, eller er et annet senters"),
    SecurityKind.FORM_REFUSED: N_("Skjema fra et annet sted"),
    SecurityKind.LINK_REFUSED: N_("Lenke som ikke er vår"),
    SecurityKind.LIMIT_HIT: N_("For mange forsøk"),
    SecurityKind.KEY_CHANGED: N_("Nøkkel i systemet endret"),
}
"""The words of pages for each kind (msgid)."""


@dataclass(frozen=True, order=True)
class SecurityEvent:
    """
    Equal events of one minute, or of one hour once there are too many.

    Attributes:
        minute: When the minute or the hour began.
        kind: Of :class:`SecurityKind`.
        reason: A fixed word for why, empty if the kind says it.
        route: The template of the path, never the path itself; empty if none matched.
        account: The username, or ``~`` and a keyed name for what somebody typed; empty if nobody is known.
        network: The keyed name of the network for that day; empty if it is not known.
    """

    minute: datetime
    kind: str
    reason: str = ""
    route: str = ""
    account: str = ""
    network: str = ""

    @property
    def is_of_account(self) -> bool:
        """True for an event of a known account, False for what anybody on the network can cause."""
        return bool(self.account) and not self.account.startswith("~")

    @property
    def summary(self) -> "SecurityEvent":
        """The row of the hour, for everything of this kind beyond the limits."""
        hour = self.minute.replace(minute=0, second=0, microsecond=0)
        return SecurityEvent(hour, self.kind, reason="more")


@dataclass(frozen=True)
class CountedEvent:
    """An event as pages show it, with how many there were and the last one."""

    event: SecurityEvent
    count: int
    last_at: datetime


class SecurityEvents:
    """The table ``security_events`` on a service's own MetaData."""

    def __init__(self, metadata: MetaData) -> None:
        self.table = Table(
            "security_events",
            metadata,
            Column("minute", DateTime(timezone=True), nullable=False),
            Column("kind", String(32), nullable=False),
            Column("reason", String(63), nullable=False),
            Column("route", String(128), nullable=False),
            Column("account", String(100), nullable=False),
            Column("network", String(16), nullable=False),
            Column("count", Integer, nullable=False),
            Column("last_at", DateTime(timezone=True), nullable=False),
            PrimaryKeyConstraint("minute", "kind", "reason", "route", "account", "network"),
        )

    async def add(self, session: AsyncSession, counts: Mapping[SecurityEvent, int], now: datetime) -> None:
        """Add events to the rows of their minute or hour."""
        columns = self.table.c
        # In one order for all writers, so that two of them never wait for each other.
        for event, count in sorted(counts.items()):
            row = insert(self.table).values(**asdict(event), count=count, last_at=now)
            counted = {"count": columns.count + row.excluded.count, "last_at": row.excluded.last_at}
            await session.execute(row.on_conflict_do_update(index_elements=self.table.primary_key, set_=counted))

    async def newest(
        self, session: AsyncSession, *, kind: str | None = None, since: datetime, until: datetime, limit: int
    ) -> list[CountedEvent]:
        """Return the events of a time, newest first."""
        columns = self.table.c
        query = select(self.table).where(columns.minute >= since, columns.minute < until)
        if kind is not None:
            query = query.where(columns.kind == kind)
        newest = (columns.minute.desc(), columns.last_at.desc(), *self.table.primary_key.columns)
        rows = await session.execute(query.order_by(*newest).limit(limit))
        return [CountedEvent(SecurityEvent(*row[:6]), row[6], row[7]) for row in rows]

    async def count_by_kind(self, session: AsyncSession, *, since: datetime, until: datetime) -> dict[str, int]:
        """Return how many events of each kind there were in a time."""
        columns = self.table.c
        query = (
            select(columns.kind, func.sum(columns.count))
            .where(columns.minute >= since, columns.minute < until)
            .group_by(columns.kind)
        )
        return {kind: int(count) for kind, count in (await session.execute(query)).all()}

    async def delete_before(self, session: AsyncSession, moment: datetime) -> None:
        """Delete the events before a moment."""
        await session.execute(delete(self.table).where(self.table.c.minute < moment))


@dataclass
class _Rows:
    """The rows that were begun in this minute, and the number of those of this day."""

    of_minute: set[SecurityEvent] = field(default_factory=set)
    of_day: int = 0


class SecurityRecorder:
    """
    Writes the security events of a process.

    The first of equal events is written at once; those of the next second are counted and written with the one after
    it, or by :meth:`flush`, which a periodic job calls.

    Args:
        database: The service's own.
        events: Its table.
        clock: The time in the system.
        rows_per_minute, rows_per_day: Limits of rows, of known accounts and of strangers each, beyond which events only
            count in the row of their hour.
    """

    def __init__(
        self,
        database: Database,
        events: SecurityEvents,
        clock: Clock,
        *,
        rows_per_minute: int = ROWS_PER_MINUTE,
        rows_per_day: int = ROWS_PER_DAY,
    ) -> None:
        self.events = events
        self._database = database
        self._clock = clock
        self._names = KeyedNames(lambda: clock.now().date())
        self._rows_allowed = (rows_per_minute, rows_per_day)
        self._minute: datetime | None = None
        self._day: date | None = None
        self._rows = {True: _Rows(), False: _Rows()}  # of known accounts, and of strangers
        self._written_at: dict[SecurityEvent, datetime] = {}
        self._waiting: Counter[SecurityEvent] = Counter()

    async def record(
        self,
        kind: SecurityKind,
        *,
        reason: str = "",
        route: str = "",
        account: str | None = None,
        typed: str | None = None,
        address: str | None = None,
    ) -> None:
        """
        Record an event in a transaction of its own; a database that is away delays it and never fails the caller.

        Args:
            kind: The kind.
            reason: A fixed word for why; never text that somebody typed.
            route: The template of the path.
            account: The username of a known account.
            typed: What somebody typed as a name, which is kept under a keyed name only.
            address: The network address of the caller, of which the network is kept under a keyed name.
        """
        SECURITY_EVENTS.labels(kind.value).inc()
        log.info("security_event", kind=kind.value, reason=reason, route=route)
        now = self._clock.now()
        event = SecurityEvent(
            now.replace(second=0, microsecond=0),
            kind.value,
            reason[:63],
            route[:128],
            (account or (self._names.of(typed) if typed else ""))[:100],
            self._names.of(network_of(address)) if address else "",
        )
        event = self._within_limits(event)
        self._waiting[event] += 1
        written_at = self._written_at.get(event)
        if written_at is None or now - written_at >= WRITE_AGAIN:
            await self.flush()

    async def flush(self) -> None:
        """Write the events that are only counted so far."""
        if not self._waiting:
            return
        counts, self._waiting = self._waiting, Counter()
        now = self._clock.now()
        self._written_at.update(dict.fromkeys(counts, now))
        try:
            async with self._database.transaction() as session:
                await self.events.add(session, counts, now)
        except Exception as error:
            log.warning("security_events_delayed", count=counts.total(), exc_info=error)
            self._waiting.update(counts)  # bounded: as many keys as rows are allowed

    def _within_limits(self, event: SecurityEvent) -> SecurityEvent:
        """Return the event itself while there is room for its row, else that of its hour."""
        if event.minute != self._minute:
            self._minute = event.minute
            for rows in self._rows.values():
                rows.of_minute.clear()
            self._written_at = {event: at for event, at in self._written_at.items() if event in self._waiting}
        if event.minute.date() != self._day:
            self._day = event.minute.date()
            for rows in self._rows.values():
                rows.of_day = 0
        rows = self._rows[event.is_of_account]
        if event in rows.of_minute:
            return event
        per_minute, per_day = self._rows_allowed
        if len(rows.of_minute) >= per_minute or rows.of_day >= per_day:
            return event.summary
        rows.of_minute.add(event)
        rows.of_day += 1
        return event
