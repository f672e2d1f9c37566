"""
The life of one group in one unit of work: a rule of the domain, then the rows, then the events of what differs.

The rules are in :mod:`grouping.domain.life`. Every change of a life goes through :meth:`LifeAggregate.change`.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.life.memory import forget, is_to_forget, to_seal
from grouping.domain.life.model import GroupLife, LifeState, VisitState
from grouping.domain.life.steps import take_steps
from grouping.store import Life, Meeting, Seat, task_book
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.group_rows import new_meeting_row, write_meeting
from grouping.usecases.life_events import CancelledFor, LifeEvents
from grouping.usecases.life_rows import life_of, write_life
from grouping.usecases.life_tasks import SCOPE, tasks_of_life
from grouping.usecases.locking import begin_with_group
from grouping.usecases.matching import run_matching
from grouping.usecases.starter_events import settled_of
from grouping.usecases.tasks import GroupFacts
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause

Rule = Callable[[GroupLife], GroupLife]
"""A rule of the domain, from a life to the changed one."""


def return_hash(return_id: UUID) -> bytes:
    """Return what is stored of the secret in a group's return link."""
    return hashlib.sha256(return_id.bytes).digest()


class LifeAggregate:
    """
    The life of one group.

    Attributes:
        life: The domain object; every change is made here first and then written.
        events: Records the events of the life.
    """

    def __init__(self, uow: UnitOfWork, group: GroupAggregate, row: Life, meeting_rows: list[Meeting]) -> None:
        self.uow = uow
        self.group = group
        self.row = row
        self._meeting_rows = {meeting.id: meeting for meeting in meeting_rows}
        self._has_freed_room = False
        self.life: GroupLife = life_of(row, group.row, group.seats, meeting_rows)
        self.events = self.events_of(uow, group)

    @staticmethod
    def events_of(uow: UnitOfWork, group: GroupAggregate) -> LifeEvents:
        """Return the recorder of a group's events about its life."""
        return LifeEvents(uow, group.row, list(group.seats), group.knows_address)

    def seat(self, seat_id: UUID) -> Seat:
        """
        Return the seat of a member.

        Raises:
            DomainError: ``not_a_member``.
        """
        self.life.must_have(seat_id)
        return {seat.id: seat for seat in self.group.seats}[seat_id]

    def add_seat(self, seat: Seat) -> None:
        """Count a new member's seat among those that events name."""
        self.group.seats.append(seat)
        self.events.add_seat(seat)

    async def change(self, rule: Rule, why: CancelledFor = "skipped") -> bool:
        """
        Apply a rule and the steps that are due, write the rows and publish what differs; return True if something does.

        Raises:
            DomainError: Whatever the rule raises; nothing is changed then.
        """
        before, now = self.life, self.uow.now
        after = take_steps(rule(before), now)
        forgets = is_to_forget(after, now)
        if after == before and not forgets:
            self._write(after)
            return False
        return_id = uuid4()
        if after.visit is not None and after.visit != before.visit and after.visit.state is VisitState.ASKED:
            await self._ask_starters_first()
        self.events.differences(before, after, why=why, return_id=return_id, now=now)
        if after.handed_over_by is not None and before.handed_over_by is None:
            self.row.return_hash = return_hash(return_id)
        if after.state is LifeState.DISSOLVED:
            self.row.return_hash = None
            self._free_room()
        sealed = to_seal(after)
        after = forget(after) if forgets else after
        self._write(after)
        if forgets:
            self.events.members_forgotten(after.members, sealed)
            await self.uow.session.flush()
            await store.lives.delete_members(self.uow.session, self.row.group_id, after.members)
        return True

    async def _ask_starters_first(self) -> None:
        session = self.uow.session
        starters = await settled_of(session, self.row.group_id)
        accounts = (await store.starters.accounts(session, starters)).values()
        self.events.ask_first(starters, [account for account in accounts if account.active], self.group.place_name)

    def _free_room(self) -> None:
        """Give back the room of a group that has ended; matching then looks who can have it."""
        if self.group.room is not None and self.group.row.room_free_at is None:
            self.group.row.room_free_at, self._has_freed_room = self.uow.now, True

    def _write(self, life: GroupLife) -> None:
        self.life = life
        write_life(self.row, life)
        for meeting in life.meetings:
            row = self._meeting_rows.get(meeting.id)
            if row is None:
                self._meeting_rows[meeting.id] = row = new_meeting_row(self.row.group_id, meeting)
                self.uow.session.add(row)
            write_meeting(row, meeting)

    async def stage(self) -> None:
        """Write everything, put the events into the outbox, and bring the tasks of staff in step."""
        if self._has_freed_room:
            await self.uow.session.flush()
            await run_matching(self.uow, self.group.row.area)
        await self.uow.stage()
        group = self.group
        number = (await store.group_numbers.numbers(self.uow.session, [group.row.id])).get(group.row.id, 1)
        facts = GroupFacts(group.row, group.meeting_row, group.seats, group.centre, group.room, number=number)
        tasks = tasks_of_life(self.life, facts, self.uow.now)
        scope = f"{SCOPE}{self.row.group_id}"
        await task_book.sync(self.uow.session, scope, tasks, now=self.uow.now, cause=self.uow.cause)


async def begin_with_life(
    session: AsyncSession, context: GroupingContext, group_id: UUID, now: datetime, cause: Cause
) -> LifeAggregate:
    """
    Lock the area of a started group and return its life, with the steps that are due not taken yet.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``not_started`` before the group has started, and until the job has opened its life.
    """
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    row = await store.lives.get(session, group_id)
    if row is None or group.row.started_at is None:
        raise DomainError("not_started", group_id=group_id)
    return LifeAggregate(uow, group, row, await store.lives.meetings_after_start(session, group_id))
