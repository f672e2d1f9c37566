"""Grouping on a real database, with the clock in the test's hand and events handed in as the consumer would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.exc import InterfaceError

from grouping import jobs
from grouping.handlers import consumers
from grouping.store import Group, Life, Meeting, Seat, Signup, audit_log, inbox, outbox
from grouping.usecases import seats as seats_commands
from grouping.usecases.context import GroupingContext
from shared.errors import NotYet
from shared.events import Event, event_class, people, signups
from shared.events.tasks import Opened, TaskEvent
from shared.kit.audit import AuditEntry
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.ids import derived_id, new_id
from shared.kit.messaging.causes import Cause
from shared.reference import centres
from shared.reference.centres import CentreDirectory
from tests.grouping.support.keys import VOTE_KEYS

E = TypeVar("E", bound=Event)

BERGEN: dict[str, Any] = {
    "centre": "link-bergen",
    "area": "bergen",
    "kommune": "4601",
    "latitude": 60.39,
    "longitude": 5.32,
}
OSLO: dict[str, Any] = {"centre": "link-oslo", "area": "oslo", "kommune": "0301", "latitude": 59.91, "longitude": 10.75}


def signup_id(number: int) -> UUID:
    return derived_id("signup", number)


def person_id(number: int) -> UUID:
    return derived_id("person", number)


def patient(work: Callable[[], Awaitable[None]]) -> Awaitable[None]:
    """Retry work on a busy area until it succeeds, as the stream does."""

    async def trying() -> None:
        while True:
            try:
                return await work()
            except NotYet:
                await asyncio.sleep(0)
            except InterfaceError:
                await asyncio.sleep(0)

    return trying()


class World:
    """One database, one clock, one context."""

    def __init__(self, database: Database, clock: ManualClock, context: GroupingContext | None = None) -> None:
        self.database = database
        self.clock = clock
        self.context = context or GroupingContext(CentreDirectory(centres.load()), vote_keys=VOTE_KEYS)
        self.consumers = consumers(clock, self.context)

    # Events of intake

    def ready(self, number: int, version: int = 3, **changes: Any) -> signups.Ready:
        return signups.Ready(**self._wishes(number, version, changes))

    def changed(self, number: int, version: int = 4, **changes: Any) -> signups.Changed:
        return signups.Changed(**self._wishes(number, version, changes))

    def withdrawn(self, number: int, version: int = 9) -> signups.Withdrawn:
        return signups.Withdrawn(**self._ids(number), version=version, language="nb")

    def paused(self, number: int, version: int = 5) -> signups.Paused:
        return signups.Paused(**self._ids(number), version=version)

    def resumed(self, number: int, version: int = 6) -> signups.Resumed:
        return signups.Resumed(**self._ids(number), version=version, language="nb")

    def renewed(self, number: int, version: int = 7) -> signups.Renewed:
        return signups.Renewed(**self._ids(number), version=version)

    def texts_asked(self, number: int, version: int = 7) -> signups.TextsAsked:
        return signups.TextsAsked(**self._ids(number), version=version, language="nb", texts=("consent",))

    def texts_accepted(self, number: int, version: int = 8) -> signups.TextsAccepted:
        return signups.TextsAccepted(**self._ids(number), version=version)

    def erased(self, number: int) -> people.Erased:
        ids = self._ids(number)
        ids["signup_ids"] = (ids.pop("signup_id"),)
        return people.Erased(**ids)

    def _ids(self, number: int) -> dict[str, Any]:
        return {
            "event_id": new_id(),
            "occurred_at": self.clock.now(),
            "correlation_id": new_id(),
            "signup_id": signup_id(number),
            "person_id": person_id(number),
        }

    def _wishes(self, number: int, version: int, changes: dict[str, Any]) -> dict[str, Any]:
        plain = {
            "slots": ("tue-evening",),
            "languages": ("nb",),
            "max_travel_km": 5,
            "language": "nb",
            "signed_up_at": self.clock.now() - timedelta(days=number % 100),
        }
        return self._ids(number) | {"version": version} | BERGEN | plain | changes

    async def deliver(self, *events: Event, times: int = 2) -> None:
        """Each event as the stream delivers it, twice unless said otherwise, each delivery in its own transaction."""
        for event in events:
            for _ in range(times):
                await self.deliver_once(event)

    async def deliver_once(self, event: Event) -> None:
        consumer = next(consumer for consumer in self.consumers if consumer.stream is event.stream)
        async with self.database.transaction() as session:
            await consumer.handle(session, inbox, event)

    # Acts of people, and time

    async def answer(self, number: int, *, yes: bool = True, seat_id: UUID | None = None) -> None:
        seat = seat_id or (await self.seat_of(number)).id
        async with self.database.transaction() as session:
            await seats_commands.answer_seat(
                session, self.context, seat, yes=yes, now=self.clock.now(), cause=Cause.fresh()
            )

    async def all_say_yes(self) -> None:
        for seat in await self.seats(state="offered"):
            async with self.database.transaction() as session:
                await seats_commands.answer_seat(
                    session, self.context, seat.id, yes=True, now=self.clock.now(), cause=Cause.fresh()
                )

    async def pass_time(self, **by: float) -> None:
        """The clock moves, and the jobs do what is due; twice, since that must be harmless."""
        self.clock.move(timedelta(**by))
        for _ in range(2):
            await jobs.EXPIRE_OFFERS.run(self.database, self.context, self.clock)
            await jobs.COMPLETE_START_MEETINGS.run(self.database, self.context, self.clock)

    async def live(self, **by: float) -> None:
        """The clock moves from one due step of a life to the next, as in a service that runs; each job runs twice."""
        end = self.clock.now() + timedelta(**by)
        for _ in range(1000):
            lives: list[Life] = await self.rows(Life)
            due = min((life.next_at for life in lives if life.next_at is not None), default=end)
            self.clock.move(max(min(due, end) - self.clock.now(), timedelta()))
            for job in 2 * (jobs.END_REVOKED_LIVES, jobs.OPEN_LIVES, jobs.ADVANCE_LIVES, jobs.CLOSE_VOTES):
                assert await job.run(self.database, self.context, self.clock) == 0
            if self.clock.now() >= end:
                return
        raise AssertionError("a life stands still")

    async def until(self, moment: datetime) -> None:
        await self.pass_time(seconds=(moment - self.clock.now()).total_seconds())

    # State

    async def rows(self, kind: type[Any], **where: Any) -> list[Any]:
        async with self.database.transaction() as session:
            return list((await session.scalars(select(kind).filter_by(**where))).all())

    async def seats(self, **where: Any) -> list[Seat]:
        return await self.rows(Seat, **where)

    async def seat_of(self, number: int) -> Seat:
        """The newest seat of a person."""
        return max(
            await self.seats(person_id=person_id(number)), key=lambda seat: (seat.state != "released", seat.offered_at)
        )

    async def groups(self, **where: Any) -> list[Group]:
        return sorted(await self.rows(Group, **where), key=lambda group: (group.created_at, str(group.id)))

    async def group(self) -> Group:
        (only,) = await self.groups()
        return only

    async def start_meeting(self, group: Group | None = None) -> Meeting:
        """The start meeting of a group, or of the only one."""
        meetings: list[Meeting] = await self.rows(Meeting, group_id=(group or await self.group()).id)
        (start_meeting,) = [meeting for meeting in meetings if meeting.kind == "start"]
        return start_meeting

    async def statuses(self) -> dict[UUID, str]:
        return {row.signup_id: row.status for row in await self.rows(Signup)}

    async def status(self, number: int) -> str:
        return (await self.statuses())[signup_id(number)]

    async def published(self) -> list[Event]:
        """Every event in the outbox except those about tasks, in order."""
        return [event for event in await self.all_published() if not isinstance(event, TaskEvent)]

    async def open_tasks(self) -> list[Opened]:
        """The tasks that the events leave open, by kind."""
        newest: dict[UUID, TaskEvent] = {}
        for event in await self.all_published():
            if isinstance(event, TaskEvent):
                newest[event.task_id] = event
        return sorted((event for event in newest.values() if isinstance(event, Opened)), key=lambda task: task.kind)

    async def all_published(self) -> list[Event]:
        """Every event in the outbox, in order."""
        async with self.database.transaction() as session:
            rows = (await session.execute(select(outbox.table).order_by(outbox.table.c.id))).mappings().all()
        kinds = [(event_class(row["subject"]), row["payload"]) for row in rows]
        return [kind.model_validate_json(payload) for kind, payload in kinds if kind is not None]

    async def published_of(self, kind: type[E]) -> list[E]:
        return [event for event in await self.published() if isinstance(event, kind)]

    async def audit_entries(self) -> list[AuditEntry]:
        """All acts of staff, oldest first."""
        async with self.database.transaction() as session:
            rows = (await session.execute(select(*audit_log.entries).order_by(audit_log.table.c.id))).mappings().all()
        return [AuditEntry(**row) for row in rows]

    async def dump(self) -> dict[str, list[str]]:
        """All decisions, to compare; without the inbox and outbox."""
        async with self.database.transaction() as session:
            return {
                table: sorted(await session.scalars(text(f"SELECT t::text FROM {table} t")))
                for table in ("waiting", "groups", "meetings", "seats", "forgotten", "area_holds")
            }

    async def check(self) -> None:
        """Assert the invariants of groups, seats and sign-ups."""
        groups = {group.id: group for group in await self.groups()}
        live: dict[UUID, list[Seat]] = {id_: [] for id_ in groups}
        holders: list[UUID] = []
        for seat in await self.seats():
            if seat.state != "released":
                live[seat.group_id].append(seat)
                if groups[seat.group_id].state != "started":
                    holders.append(seat.person_id)
        assert len(holders) == len(set(holders))
        statuses = await self.statuses()
        for id_, seats in live.items():
            group = groups[id_]
            assert group.live == len(seats) <= group.capacity <= 8
            if group.state == "drafted":
                assert len(seats) >= group.size_min
            if group.state == "proposed" and len(seats) < group.size_min:
                assert group.filling_until is not None
                assert group.filling_until > self.clock.now()
            if group.state == "cancelled":
                assert not seats
            for seat in seats:
                if group.state == "drafted":
                    assert (seat.state, statuses[seat.signup_id]) == ("offered", "waiting")
                    continue
                expected = {"offered": "offered", "taken": "member" if group.state == "started" else "seated"}
                assert statuses[seat.signup_id] == expected[seat.state]
        published = {id_ for id_, group in groups.items() if group.state != "drafted"}
        seated = {seat.signup_id for id_, seats in live.items() for seat in seats if id_ in published}
        assert {id_ for id_, status in statuses.items() if status in {"offered", "seated", "member"}} == seated


@asynccontextmanager
async def world_on(url: str, clock: ManualClock, context: GroupingContext | None = None) -> AsyncIterator[World]:
    database = Database(SecretStr(url))
    try:
        yield World(database, clock, context)
    finally:
        await database.dispose()
