"""What the clock brings about: each area and each group in its own transaction, so that one cannot hold up others."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import groups
from grouping.store import queries, retention
from grouping.usecases import draft_repair, matcher_check, matching, seats
from grouping.usecases import groups as groups_commands
from grouping.usecases import retention as commands
from grouping.usecases.context import GroupingContext
from shared.errors import DomainError
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.jobs import PeriodicJob
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

DRAFTS_EVERY_SECONDS = 30
OFFERS_EVERY_SECONDS = 60
MEETINGS_EVERY_SECONDS = 60
PLANS_EVERY_SECONDS = 600
REPAIR_EVERY_SECONDS = 600
CHECK_EVERY_SECONDS = 3600
FORGETTING_EVERY_SECONDS = 3600

log = get_logger(__name__)


def all_sweeps(database: Database, office: GroupingContext, clock: Clock) -> tuple[PeriodicJob, ...]:
    """What runs for as long as grouping does."""
    return (
        PeriodicJob("lapse_offers", OFFERS_EVERY_SECONDS, lambda: lapse_offers(database, office, clock)),
        PeriodicJob("tell_drafts", DRAFTS_EVERY_SECONDS, lambda: tell_drafts(database, office, clock)),
        PeriodicJob("extend_meetings", MEETINGS_EVERY_SECONDS, lambda: extend_meetings(database, office, clock)),
        PeriodicJob("hold_meetings", MEETINGS_EVERY_SECONDS, lambda: hold_meetings(database, office, clock)),
        PeriodicJob("plan_areas", PLANS_EVERY_SECONDS, lambda: plan_areas(database, office, clock)),
        PeriodicJob("repair_areas", REPAIR_EVERY_SECONDS, lambda: repair_areas(database, office, clock)),
        PeriodicJob("check_boards", CHECK_EVERY_SECONDS, lambda: check_boards(database, office, clock)),
        PeriodicJob("forget", FORGETTING_EVERY_SECONDS, lambda: forget(database, clock)),
    )


async def lapse_offers(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Offers that were not answered in time are free for others."""
    now = clock.now()
    async with database.transaction() as session:
        areas = await queries.areas_with_lapsed_offers(session, now)
    for area in areas:
        cause = Cause.tick("lapse_offers", area, now.isoformat())
        await _alone(database, area, partial(seats.expire_offers, office=office, area_id=area, now=now, cause=cause))


async def tell_drafts(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Drafts that nobody has taken back in time are told of."""
    now = clock.now()
    async with database.transaction() as session:
        due = await queries.drafts_due(session, now)
    for group_id, area in due:
        cause = Cause.tick("tell_draft", group_id)
        work = partial(groups_commands.publish_draft, office=office, group_id=group_id, now=now, cause=cause)
        await _alone(database, area, work)


async def extend_meetings(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Start meetings that are near and have too few people are put off once, then given up."""
    now = clock.now()
    async with database.transaction() as session:
        short = await queries.meetings_short(session, now + groups.SHORT_NOTICE)
    for group_id, area in short:
        cause = Cause.tick("extend_meeting", group_id, now.isoformat())
        work = partial(groups_commands.extend_meeting, office=office, group_id=group_id, now=now, cause=cause)
        await _alone(database, area, work)


async def hold_meetings(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Start meetings whose time has passed count as held."""
    now = clock.now()
    async with database.transaction() as session:
        over = await queries.meetings_over(session, now)
    for group_id, area in over:
        cause = Cause.tick("hold_meeting", group_id)
        work = partial(groups_commands.complete_start_meeting, office=office, group_id=group_id, now=now, cause=cause)
        await _alone(database, area, work)


async def plan_areas(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Look at every area where somebody waits; a changed policy or a new meeting place takes effect here."""
    now = clock.now()
    async with database.transaction() as session:
        areas = await queries.areas_with_waiting(session)
    for area in areas:
        cause = Cause.tick("plan_area", area, now.isoformat())
        await _alone(database, area, partial(matching.rematch_area, office=office, area_id=area, now=now, cause=cause))


async def repair_areas(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Make drafts better while nobody has been told of them."""
    now = clock.now()
    async with database.transaction() as session:
        areas = await queries.areas_with_drafts(session)
    for area in areas:
        cause = Cause.tick("repair_area", area, now.isoformat())
        await _alone(
            database, area, partial(draft_repair.repair_area, office=office, area_id=area, now=now, cause=cause)
        )


async def check_boards(database: Database, office: GroupingContext, clock: Clock) -> None:
    """Count again what the boards say; a board that is wrong is replaced and told of."""
    now = clock.now()
    for area in office.boards.areas():
        cause = Cause.tick("check_board", area, now.isoformat())
        await _alone(database, area, partial(_check, office=office, area=area, now=now, cause=cause))


async def _check(session: AsyncSession, office: GroupingContext, area: str, now: datetime, cause: Cause) -> None:
    office.boards.differed += await matcher_check.check_matcher(session, office, area, now=now, cause=cause)


async def forget(database: Database, clock: Clock) -> None:
    """Who was in which group, who has left, and what staff did long ago."""
    now = clock.now()
    async with database.transaction() as session:
        await retention.tidy(session, now)
        over = await retention.groups_to_forget(session, now)
    for group_id, area in over:
        await _alone(database, area, partial(commands.delete_group_members, group_id=group_id, area_id=area, now=now))


async def _alone(database: Database, area: str, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
    try:
        async with database.transaction() as session:
            await work(session)
    except DomainError as refusal:
        # An area that the centres' file no longer has; whoever waits there must be moved by staff.
        log.warning("sweep_refused", area=area, slug=refusal.slug)
