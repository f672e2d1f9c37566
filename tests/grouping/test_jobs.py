"""Periodic jobs of grouping: what each handles, and that one failing area or group stops no other."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from grouping import jobs
from grouping.store import LendingDeadline, Vote, VoteBox, VoteTurnout, task_book
from grouping.usecases import groups, meetings
from grouping.usecases.context import GroupingContext
from shared.kit.audit import Actor
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.reference.areas import Area
from shared.reference.centres import Centres
from tests.grouping.support.resources import add_igangsetter, place, two_areas
from tests.grouping.support.staff_acts import wait, with_drafts
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_igangsetter_accounts import changed
from tests.grouping.test_starters import with_account

MONDAYS: Final[dict[str, Any]] = {"slots": ("mon-evening",)}


class SabotageError(Exception):
    pass


async def two_areas_wait(world: World) -> None:
    await wait(world, 3)
    await wait(world, 3, first=20, **OSLO)


async def two_groups_are_asked(world: World) -> None:
    await wait(world, 5)
    await wait(world, 5, first=20, **OSLO)


async def offers_lapse(world: World) -> None:
    await two_groups_are_asked(world)
    world.clock.move(timedelta(days=4))


async def drafts_are_due(world: World) -> None:
    await wait(world, 5)
    await wait(world, 5, first=20, **MONDAYS)
    world.clock.move(timedelta(hours=2))


async def two_areas_have_drafts(world: World) -> None:
    await wait(world, 5)
    await wait(world, 5, first=20, **OSLO)
    assert [group.state for group in await world.groups()] == ["drafted", "drafted"]


async def meetings_are_called(world: World) -> list[datetime]:
    await two_groups_are_asked(world)
    await world.all_say_yes()
    return [(await world.start_meeting(group)).starts_at for group in await world.groups(state="confirmed")]


async def members_are_too_few(world: World) -> None:
    starts = await meetings_are_called(world)
    await world.deliver(world.withdrawn(1), world.withdrawn(20))
    world.clock.move(max(starts) - timedelta(days=1) - world.clock.now())


async def meetings_are_over(world: World) -> None:
    starts = await meetings_are_called(world)
    world.clock.move(max(starts) + timedelta(hours=6) - world.clock.now())


async def groups_ended_long_ago(world: World) -> None:
    await two_groups_are_asked(world)
    for group in await world.groups():
        async with world.database.transaction() as session:
            await groups.cancel_group(session, world.context, group.id, actor=actor(world))
    world.clock.move(timedelta(days=30))


async def groups_have_started(world: World) -> None:
    starts = await meetings_are_called(world)
    await world.until(max(starts) + timedelta(hours=6))


async def lives_are_open(world: World) -> None:
    await groups_have_started(world)
    assert await jobs.OPEN_LIVES.run(world.database, world.context, world.clock) == 0


async def lives_are_due(world: World) -> None:
    await lives_are_open(world)
    world.clock.move(timedelta(days=8))


async def starts_are_revoked(world: World) -> None:
    await lives_are_open(world)
    for group in await world.groups():
        async with world.database.transaction() as session:
            await meetings.meeting_not_held(session, world.context, group.id, actor=actor(world))


async def votes_are_over(world: World) -> None:
    await lives_are_open(world)
    for number, group in enumerate(await world.groups()):
        vote_id, deadline = UUID(int=number), world.clock.now()
        async with world.database.transaction() as session:
            session.add(Vote(id=vote_id, group_id=group.id, subject="admission", deadline=deadline, ballots=[]))
            await session.flush()
            session.add(VoteTurnout(vote_id=vote_id, nonce=bytes(16), sealed=bytes(8)))
            session.add(VoteBox(vote_id=vote_id, sealed=bytes(32)))


async def policies_have_changed(world: World) -> None:
    await two_areas_wait(world)
    world.context.changed_centres.update({"link-bergen", "link-oslo"})


async def igangsettere_can_be_asked(world: World) -> None:
    await meetings_are_called(world)
    await with_account(world, "Den blå")
    anna = await add_igangsetter(world, "link-oslo", label="Den røde", place=place("0150"))
    await world.deliver(changed(anna, centre="link-oslo"))


async def deadlines_are_new(world: World) -> None:
    async with world.database.transaction() as session:
        for number, centre in enumerate(("link-bergen", "link-oslo")):
            session.add(
                LendingDeadline(
                    id=UUID(int=number),
                    centre=centre,
                    lender="Kommunen",
                    what="lån for høsten",
                    month=5,
                    day=1,
                    warn_days=30,
                    created_at=world.clock.now(),
                )
            )


def actor(world: World) -> Actor:
    return Actor("kari", world.clock.now(), Cause.fresh())


async def two_areas_are_joined(world: World) -> None:
    """An installation joins both areas of LINK Bergen, and rows of Selvhjelp Norge are of the time before."""
    await two_areas_wait(world)
    known = two_areas().centres.all
    joined = [
        centre.model_copy(update={"areas": (Area.of_parts("bergen-vid", "Bergen", centre.areas),)})
        if centre.id == "link-bergen"
        else centre
        for centre in known
    ]
    world.context.directory.replace(Centres(tuple(joined)))
    await world.deliver(world.ready(90, centre="selvhjelp-norge", area="kommune-3203", kommune="3203"), times=1)
    async with world.database.transaction() as session:
        await session.execute(text("UPDATE waiting SET area = 'kommune-3203' WHERE kommune = '3203'"))


async def tasks_are_missing(world: World) -> None:
    await meetings_are_called(world)
    async with world.database.transaction() as session:
        await session.execute(task_book.table.delete())


PREPARE: Final[dict[str, Callable[[World], Awaitable[object]]]] = {
    "sync_tasks": tasks_are_missing,
    "rehome_areas": two_areas_are_joined,
    "expire_offers": offers_lapse,
    "publish_drafts": drafts_are_due,
    "extend_meetings": members_are_too_few,
    "complete_start_meetings": meetings_are_over,
    "rematch_areas": two_areas_wait,
    "repair_drafts": two_areas_have_drafts,
    "check_matchers": two_areas_wait,
    "delete_memberships": groups_ended_long_ago,
    "open_lives": groups_have_started,
    "advance_lives": lives_are_due,
    "end_revoked_lives": starts_are_revoked,
    "close_votes": votes_are_over,
    "apply_policies": policies_have_changed,
    "settle_starters": igangsettere_can_be_asked,
    "warn_of_deadlines": deadlines_are_new,
}


@pytest.mark.parametrize("job", jobs.JOBS, ids=lambda job: job.name)
async def test_job_failing_item_does_not_stop_the_others(world: World, job: jobs.Job[Any]) -> None:
    if "drafts" in job.name:
        world = with_drafts(world, everywhere=True)
    await PREPARE[job.name](world)
    handled: list[str | UUID] = []
    failed: list[str | UUID] = []

    async def sabotaged(
        database: Database, context: GroupingContext, item: str | UUID, now: datetime, cause: Cause
    ) -> None:
        if not failed:
            failed.append(item)
            raise SabotageError
        await job.command(database, context, item, now, cause)
        handled.append(item)

    with capture_logs() as logs:
        failures = await replace(job, command=sabotaged).run(world.database, world.context, world.clock)

    assert (failures, len(failed), len(handled)) == (1, 1, 1)
    events = [(entry["job"], entry["item"]) for entry in logs if entry["event"] == "job_item_failed"]
    assert events == [(job.name, str(failed[0]))]
    assert await job.run(world.database, world.context, world.clock) == 0


def test_jobs_names_and_causes_are_unique() -> None:
    assert len({job.name for job in jobs.JOBS}) == len({job.cause for job in jobs.JOBS}) == len(jobs.JOBS)
