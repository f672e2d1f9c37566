"""Grouping's periodic jobs: a table of use cases, each run for every area or group that is due."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.decisions import SHORT_NOTICE
from grouping.usecases import (
    draft_repair,
    groups,
    lending,
    lives,
    matcher_check,
    matching,
    rehoming,
    retention,
    seats,
    starters,
    tasks,
    votes,
)
from grouping.usecases.context import GroupingContext
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob, for_each
from shared.kit.messaging.causes import Cause
from shared.timezone import OSLO_TZ

HOUR: Final = 3600
"""In seconds, as all intervals here."""

Item = TypeVar("Item", str, UUID)
Item_contra = TypeVar("Item_contra", str, UUID, contravariant=True)
Due = Callable[[AsyncSession, GroupingContext, datetime], Awaitable[Sequence[Item]]]
Command = Callable[[Database, GroupingContext, Item, datetime, Cause], Awaitable[None]]


class UseCase(Protocol[Item_contra]):
    """A command about one area or group in the caller's transaction."""

    async def __call__(
        self, session: AsyncSession, context: GroupingContext, item: Item_contra, /, *, now: datetime, cause: Cause
    ) -> object: ...


@dataclass(frozen=True)
class Job(Generic[Item]):
    """
    One row of the table.

    Attributes:
        name: For the log and the metrics.
        every_seconds: Pause between two runs, in the system's time.
        due: Reads the ids of the areas or groups.
        command: Handles one of them.
        cause: First part of the cause's id. The ids of events derive from it, so it never changes.
        once: True if it happens once to a group: its events have the same ids however often it is tried.
    """

    name: str
    every_seconds: float
    due: Due[Item]
    command: Command[Item]
    cause: str
    once: bool = False

    async def run(self, database: Database, context: GroupingContext, clock: Clock) -> int:
        """Handle all that is due, and return the number of failures; a failure stays with its area or group."""
        now = clock.now()
        async with database.transaction() as session:
            items = await self.due(session, context, now)
        return await for_each(self.name, items, partial(self._handle, database, context, now))

    async def _handle(self, database: Database, context: GroupingContext, now: datetime, item: Item) -> None:
        moment = () if self.once else (now.isoformat(),)
        await self.command(database, context, item, now, Cause.tick(self.cause, item, *moment))


AreaJob = Job[str]
GroupJob = Job[UUID]


def _in_transaction(use_case: UseCase[Item]) -> Command[Item]:
    async def command(database: Database, context: GroupingContext, item: Item, now: datetime, cause: Cause) -> None:
        async with database.transaction() as session:
            await use_case(session, context, item, now=now, cause=cause)

    return command


async def _with_something_over(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[str]:
    lapsed = await store.seats.areas_with_lapsed_offers(session, now)
    given_up = await store.groups.areas_to_give_up_in(session, now)
    rested = await store.answers.areas_with_rested(session, now, now.astimezone(OSLO_TZ).date())
    return sorted({*lapsed, *given_up, *rested})


async def _drafts_due(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[UUID]:
    return await store.groups.drafts_due(session, now)


async def _short_of_members(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[UUID]:
    return await store.groups.short_of_members(session, now + SHORT_NOTICE)


async def _meetings_over(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[UUID]:
    return await store.groups.with_meeting_over(session, now)


async def _with_waiting_people(session: AsyncSession, _context: GroupingContext, _now: datetime) -> list[str]:
    return await store.signups.areas_with_waiting(session)


async def _with_changed_policy(session: AsyncSession, context: GroupingContext, _now: datetime) -> list[str]:
    """Return the areas with waiting people of the centres whose policy has changed, and forget the change."""
    changed = [centre for centre in map(context.centres.get, set(context.changed_centres)) if centre is not None]
    context.changed_centres.clear()
    areas = {area.id for centre in changed for area in centre.areas}
    return [area_id for area_id in await store.signups.areas_with_waiting(session) if area_id in areas] if areas else []


async def _lives_to_open(session: AsyncSession, _context: GroupingContext, _now: datetime) -> list[UUID]:
    return await store.lives.to_open(session)


async def _lives_revoked(session: AsyncSession, _context: GroupingContext, _now: datetime) -> list[UUID]:
    return await store.lives.revoked(session)


async def _lives_due(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[UUID]:
    return await store.lives.due(session, now)


async def _votes_over(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[UUID]:
    return await store.votes.over(session, now)


async def _to_rehome(session: AsyncSession, context: GroupingContext, _now: datetime) -> list[str]:
    return await rehoming.areas_to_rehome(session, context)


async def _with_drafts(session: AsyncSession, _context: GroupingContext, _now: datetime) -> list[str]:
    return await store.groups.areas_with_drafts(session)


async def _with_cached_matchers(_session: AsyncSession, context: GroupingContext, _now: datetime) -> tuple[str, ...]:
    return context.matchers.areas()


async def _with_expired_memberships(session: AsyncSession, _context: GroupingContext, now: datetime) -> list[UUID]:
    return await store.retention.with_expired_memberships(session, now)


async def _delete_memberships(
    database: Database, _context: GroupingContext, group_id: UUID, now: datetime, _cause: Cause
) -> None:
    async with database.transaction() as session:
        await retention.delete_memberships(session, group_id, now=now)


REHOME_AREAS: Final = AreaJob("rehome_areas", HOUR, _to_rehome, rehoming.rehome_area, cause="rehome_area")
EXPIRE_OFFERS: Final = AreaJob(
    "expire_offers", 60, _with_something_over, _in_transaction(seats.expire_offers), cause="lapse_offers"
)
PUBLISH_DRAFTS: Final = GroupJob(
    "publish_drafts", 30, _drafts_due, _in_transaction(groups.publish_draft), cause="tell_draft", once=True
)
EXTEND_MEETINGS: Final = GroupJob(
    "extend_meetings", 60, _short_of_members, _in_transaction(groups.extend_meeting), cause="extend_meeting"
)
COMPLETE_START_MEETINGS: Final = GroupJob(
    "complete_start_meetings",
    60,
    _meetings_over,
    _in_transaction(groups.complete_start_meeting),
    cause="hold_meeting",
    once=True,
)
REMATCH_AREAS: Final = AreaJob(
    "rematch_areas", 600, _with_waiting_people, _in_transaction(matching.rematch_area), cause="plan_area"
)
APPLY_POLICIES: Final = AreaJob(
    "apply_policies", 10, _with_changed_policy, _in_transaction(matching.rematch_area), cause="apply_policy"
)
REPAIR_DRAFTS: Final = AreaJob("repair_drafts", 600, _with_drafts, draft_repair.repair_area, cause="repair_area")
CHECK_MATCHERS: Final = AreaJob(
    "check_matchers", HOUR, _with_cached_matchers, _in_transaction(matcher_check.check_matcher), cause="check_board"
)
DELETE_MEMBERSHIPS: Final = GroupJob(
    "delete_memberships",
    HOUR,
    _with_expired_memberships,
    _delete_memberships,
    cause="forget_group",
    once=True,
)
OPEN_LIVES: Final = GroupJob("open_lives", 60, _lives_to_open, _in_transaction(lives.start_life), cause="open_life")
END_REVOKED_LIVES: Final = GroupJob(
    "end_revoked_lives", 60, _lives_revoked, _in_transaction(lives.end_revoked_life), cause="end_revoked_life"
)
ADVANCE_LIVES: Final = GroupJob(
    "advance_lives", 60, _lives_due, _in_transaction(lives.advance_life), cause="advance_life"
)
CLOSE_VOTES: Final = GroupJob("close_votes", 20, _votes_over, _in_transaction(votes.close_vote), cause="close_vote")
SETTLE_STARTERS: Final = GroupJob(
    "settle_starters", 60, starters.due, _in_transaction(starters.settle_group), cause="settle_starters"
)
SYNC_TASKS: Final = AreaJob(
    "sync_tasks", 600, tasks.areas_out_of_step, _in_transaction(tasks.sync_area), cause="sync_tasks"
)
WARN_OF_DEADLINES: Final = AreaJob(
    "warn_of_deadlines",
    HOUR,
    lending.centres_out_of_step,
    _in_transaction(lending.sync_centre),
    cause="warn_of_deadline",
)
JOBS: Final[tuple[AreaJob | GroupJob, ...]] = (
    REHOME_AREAS,
    EXPIRE_OFFERS,
    PUBLISH_DRAFTS,
    EXTEND_MEETINGS,
    COMPLETE_START_MEETINGS,
    REMATCH_AREAS,
    APPLY_POLICIES,
    REPAIR_DRAFTS,
    CHECK_MATCHERS,
    DELETE_MEMBERSHIPS,
    END_REVOKED_LIVES,
    OPEN_LIVES,
    ADVANCE_LIVES,
    CLOSE_VOTES,
    SETTLE_STARTERS,
    SYNC_TASKS,
    WARN_OF_DEADLINES,
)


async def delete_old_rows(database: Database, clock: Clock) -> None:
    """Delete ids of people who left, the audit log and other rows at the end of their retention."""
    async with database.transaction() as session:
        await store.retention.delete_old_rows(session, clock.now())


def periodic_jobs(database: Database, clock: Clock, context: GroupingContext) -> tuple[PeriodicJob, ...]:
    """Return all jobs of grouping."""

    def periodic(job: AreaJob | GroupJob) -> PeriodicJob:
        async def run() -> None:
            await job.run(database, context, clock)

        return PeriodicJob(job.name, job.every_seconds, run)

    return (
        *map(periodic, JOBS),
        PeriodicJob("delete_old_rows", HOUR, partial(delete_old_rows, database, clock)),
    )
