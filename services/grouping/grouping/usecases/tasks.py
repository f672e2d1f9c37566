"""
The tasks of staff about groups, areas on hold and long waits.

They follow from the rows alone, so they are synced with every change of a group, and a job brings all others in step,
such as those that a passing hour has made due.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.decisions import LAST_NOTICE, SHORT_NOTICE
from grouping.domain.groups import LEAST_MEMBERS, GroupState, SeatState
from grouping.domain.meetings import SCHEDULED, MeetingState
from grouping.store import AreaHold, Group, Meeting, Room, Seat, Signup, task_book
from grouping.store.meetings import is_address
from grouping.usecases.context import GroupingContext
from shared.kit.messaging.causes import Cause
from shared.kit.tasks import Task
from shared.reference.centres import Centre
from shared.reference.policy import Policy

OFFER_SHOWN: Final = timedelta(hours=24)
"""Time before its deadline from which an unanswered offer is a task."""

FILLING_SHOWN: Final = timedelta(hours=48)
"""Time before a proposal gives up looking for members from which it is a task."""

DECISION_SHOWN: Final = timedelta(hours=24)
"""Time before the policy decides about a group that lacks members from which staff are asked to."""

OFFER_URGENT: Final = timedelta(hours=4)

MEETING_URGENT: Final = timedelta(days=3)
"""Time before a meeting from which whatever it lacks is urgent."""

LONG_WAIT: Final = timedelta(days=90)
"""A wait from which a person is a task; the sentence counts whole periods of :data:`LONG_WAIT_STEP`."""

LONG_WAIT_STEP: Final = timedelta(days=30)

GROUPS: Final = "group:"
AREAS: Final = "area:"
WAITS: Final = "wait:"

GROUPS_AT_ONCE: Final = 200


@dataclass(frozen=True)
class GroupFacts:
    """
    The rows of one group, as far as its tasks follow from them.

    Attributes:
        seats: Its seats, released ones too.
        starters: Number of its igangsettere.
        room: Its room; None at one of the installation's meeting places.
        number: Tells it apart from groups with the same name; 1 for the first.
    """

    group: Group
    meeting: Meeting | None
    seats: Sequence[Seat]
    centre: Centre | None
    room: Room | None
    starters: int = 0
    number: int = 1

    @property
    def place(self) -> str:
        """The place as staff call it."""
        if self.room is not None:
            return self.room.name
        places = (area.place(self.group.place) for area in self.centre.areas) if self.centre else ()
        return next((place.name for place in places if place is not None), self.group.area)

    @property
    def date(self) -> str:
        """The date in its name; empty while its start meeting has none."""
        dated = self.meeting is not None and self.meeting.state != MeetingState.POSTPONED
        return self.meeting.starts_at.isoformat() if self.meeting is not None and dated else ""

    @property
    def taken(self) -> int:
        """Number of members."""
        return sum(seat.state == SeatState.TAKEN for seat in self.seats)


def tasks_of_group(facts: GroupFacts, now: datetime) -> list[Task]:
    """Return what a group needs from staff now."""
    if facts.group.state not in {GroupState.PROPOSED, GroupState.CONFIRMED}:
        return []
    tasks = [*_expiring_offers(facts, now), *_filling(facts, now)]
    if facts.group.state == GroupState.CONFIRMED and facts.meeting is not None:
        tasks += _of_meeting(facts, facts.meeting, now)
    return tasks


def _expiring_offers(facts: GroupFacts, now: datetime) -> Iterator[Task]:
    for seat in facts.seats:
        if seat.state == SeatState.OFFERED and seat.deadline is not None and seat.deadline - OFFER_SHOWN <= now:
            yield _task(
                facts,
                "offer_expiring",
                now,
                key=str(seat.id),
                due_at=seat.deadline,
                urgent_from=seat.deadline - OFFER_URGENT,
                person_id=seat.person_id,
                deadline=seat.deadline,
            )


def _filling(facts: GroupFacts, now: datetime) -> Iterator[Task]:
    """Yield the task about a proposal that looks for members and soon gives up."""
    until = facts.group.filling_until
    live = sum(seat.state != SeatState.RELEASED for seat in facts.seats)
    if facts.group.state != GroupState.PROPOSED or until is None or live >= facts.group.size_min:
        return
    if until - FILLING_SHOWN <= now:
        yield _task(
            facts,
            "group_filling",
            now,
            due_at=until,
            taken=facts.taken,
            size_min=facts.group.size_min,
            until=until,
        )


def _of_meeting(facts: GroupFacts, meeting: Meeting, now: datetime) -> Iterator[Task]:
    if meeting.state == MeetingState.POSTPONED:
        yield _task(facts, "meeting_without_date", now, since=meeting.starts_at)
        return
    if meeting.state not in SCHEDULED or meeting.starts_at <= now:
        return
    starts_at, urgent_from = meeting.starts_at, meeting.starts_at - MEETING_URGENT
    if facts.taken < (facts.group.size_min if facts.group.start_reason is None else LEAST_MEMBERS):
        decided_at = starts_at - (LAST_NOTICE if facts.group.date_kept else SHORT_NOTICE)
        soon = decided_at - DECISION_SHOWN <= now
        decided = facts.group.date_kept or facts.group.waits_for_members
        if soon or not decided:  # staff who have decided are asked again at the last moment only
            yield _task(
                facts,
                "group_to_decide" if soon else "group_below_minimum",
                now,
                due_at=decided_at,
                urgent_from=min(urgent_from, decided_at - DECISION_SHOWN),
                taken=facts.taken,
                size_min=facts.group.size_min,
                starts_at=starts_at,
            )
    if not is_address(facts.centre, facts.group, facts.room, meeting.place_text):
        yield _task(facts, "meeting_lacks_address", now, due_at=starts_at, urgent_from=urgent_from, starts_at=starts_at)
    if not facts.group.self_start and facts.starters < Policy.model_validate(facts.group.policy).starters_min:
        yield _task(
            facts, "meeting_lacks_igangsetter", now, due_at=starts_at, urgent_from=urgent_from, starts_at=starts_at
        )


def _task(
    facts: GroupFacts,
    kind: str,
    now: datetime,
    *,
    key: str = "group",
    due_at: datetime | None = None,
    urgent_from: datetime | None = None,
    person_id: UUID | None = None,
    **words: str | int | datetime,
) -> Task:
    return Task(
        kind=kind,
        key=key,
        centre=facts.group.centre,
        path=f"/stab/grupper/{facts.group.id}",
        visible_from=now,
        due_at=due_at,
        urgent_from=urgent_from,
        person_id=person_id,
        group_id=facts.group.id,
        facts={
            "place": facts.place,
            "slot": facts.group.slot,
            "date": facts.date,
            "number": facts.number,
            **{name: word.isoformat() if isinstance(word, datetime) else word for name, word in words.items()},
        },
    )


def task_of_hold(hold: AreaHold, area_name: str, waiting: int) -> Task:
    """Return the task that reminds staff of an area on hold."""
    return Task(
        kind="area_on_hold",
        key="hold",
        centre=hold.centre,
        path=f"/stab/omrader/{hold.area}",
        visible_from=hold.held_at,
        facts={"area_name": area_name, "since": hold.held_at.isoformat(), "waiting": waiting},
    )


def task_of_wait(signup: Signup, area_name: str, now: datetime) -> Task:
    """Return the task about a person who has waited long."""
    assert signup.signed_up_at is not None
    steps = (now - signup.signed_up_at) // LONG_WAIT_STEP
    return Task(
        kind="long_wait",
        key="wait",
        centre=signup.centre,
        path=f"/stab/omrader/{signup.area}/personer/{signup.signup_id}",
        visible_from=signup.signed_up_at + LONG_WAIT,
        person_id=signup.person_id,
        facts={"area_name": area_name, "waited_days": steps * LONG_WAIT_STEP.days},
    )


async def sync_groups(session: AsyncSession, groups: Iterable[GroupFacts], *, now: datetime, cause: Cause) -> None:
    """Make the tasks of groups in locked areas equal to what they need; a draft has none, and is not looked up."""
    published = [facts for facts in groups if facts.group.state != GroupState.DRAFTED]
    need_starters = [facts.group.id for facts in published if facts.group.state == GroupState.CONFIRMED]
    starters = await store.tasks.starters_of(session, need_starters)
    counted = [replace(facts, starters=starters.get(facts.group.id, 0)) for facts in published]
    numbers = await store.group_numbers.numbers(
        session, [facts.group.id for facts in counted if tasks_of_group(facts, now)]
    )
    tasks = {
        f"{GROUPS}{facts.group.id}": tasks_of_group(replace(facts, number=numbers.get(facts.group.id, 1)), now)
        for facts in counted
    }
    await task_book.sync_scopes(session, tasks, now=now, cause=cause)


async def sync_area(
    session: AsyncSession, context: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """Bring the tasks of an area in step: its groups, its hold and the people who have waited long there."""
    await store.locks.lock_areas(session, [area_id])
    tasks = await _tasks_of_area(session, context, area_id, now)
    await task_book.sync_scopes(session, tasks, now=now, cause=cause)


async def sync_hold(
    session: AsyncSession, context: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """Open or close the task about the hold of an area, or of a part of one; the area must be locked."""
    tasks = await _tasks_of_holds(session, context, [area_id])
    await task_book.sync_scopes(session, tasks, now=now, cause=cause)


async def areas_out_of_step(session: AsyncSession, context: GroupingContext, now: datetime) -> list[str]:
    """Return the areas in which a task is missing, left over or changed."""
    known = {area.id for centre in context.centres.all for area in centre.areas}
    areas = {_whole_area(context, area_id) for area_id in known | await store.tasks.areas_with_tasks(session)}
    return [
        area_id
        for area_id in sorted(areas)
        if await task_book.differs(session, await _tasks_of_area(session, context, area_id, now), now=now)
    ]


async def _tasks_of_area(
    session: AsyncSession, context: GroupingContext, area_id: str, now: datetime
) -> dict[str, list[Task]]:
    tasks = await _tasks_of_holds(session, context, context.centres.ids_of(area_id))
    group_ids = await store.tasks.groups_to_look_at(session, area_id)
    for start in range(0, len(group_ids), GROUPS_AT_ONCE):
        tasks |= await _tasks_of_groups(session, context, group_ids[start : start + GROUPS_AT_ONCE], now)
    tasks |= {f"{WAITS}{signup_id}": [] for signup_id in await store.tasks.waits_with_tasks(session, area_id)}
    for signup in await store.tasks.long_waits(session, area_id, signed_up_until=now - LONG_WAIT, now=now):
        tasks[f"{WAITS}{signup.signup_id}"] = [task_of_wait(signup, _part_name(context, signup), now)]
    return tasks


async def _tasks_of_groups(
    session: AsyncSession, context: GroupingContext, group_ids: Collection[UUID], now: datetime
) -> dict[str, list[Task]]:
    tasks: dict[str, list[Task]] = {f"{GROUPS}{group_id}": [] for group_id in sorted(group_ids)}
    rows = await store.tasks.published_groups(session, group_ids)
    seats = await store.seats.of_groups(session, [group.id for group, _ in rows])
    rooms = await store.rooms.by_id(session, {group.place for group, _ in rows})
    starters = await store.tasks.starters_of(session, [group.id for group, _ in rows])
    numbers = await store.group_numbers.numbers(session, [group.id for group, _ in rows])
    for group, meeting in rows:
        facts = GroupFacts(
            group,
            meeting,
            seats[group.id],
            context.centres.get(group.centre),
            rooms.get(group.place),
            starters.get(group.id, 0),
            numbers.get(group.id, 1),
        )
        tasks[f"{GROUPS}{group.id}"] = tasks_of_group(facts, now)
    return tasks


async def _tasks_of_holds(
    session: AsyncSession, context: GroupingContext, area_ids: Collection[str]
) -> dict[str, list[Task]]:
    tasks: dict[str, list[Task]] = {f"{AREAS}{area_id}": [] for area_id in area_ids}
    for hold in await store.tasks.holds_of(session, area_ids):
        centre_and_part = context.centres.part(hold.area)
        name = centre_and_part[1].name if centre_and_part else hold.area
        waiting = await store.views.waiting_by_kommune(session, [_whole_area(context, hold.area)])
        count = sum(row.waiting for row in waiting if hold.area in {row.area, _part_id(context, row.area, row.kommune)})
        tasks[f"{AREAS}{hold.area}"] = [task_of_hold(hold, name, count)]
    return tasks


def _whole_area(context: GroupingContext, area_id: str) -> str:
    """Return the id of the area that an id stands for; an unknown one stands for itself."""
    centre_and_area = context.centres.area(area_id)
    return centre_and_area[1].id if centre_and_area else area_id


def _part_id(context: GroupingContext, area_id: str, kommune: str) -> str:
    centre_and_area = context.centres.area(area_id)
    return centre_and_area[1].part_in(kommune).id if centre_and_area else area_id


def _part_name(context: GroupingContext, signup: Signup) -> str:
    centre_and_area = context.centres.area(signup.area or "")
    if centre_and_area is None or signup.kommune is None:
        return signup.area or ""
    return centre_and_area[1].part_in(signup.kommune).name
