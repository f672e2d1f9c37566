"""Retention in grouping: the rows that are deleted, and the moment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from grouping import jobs
from grouping.store import ErasedId, MatcherChange, QuietPair, Seat, Signup, inbox
from shared.events import signups
from shared.kit.links import Links
from shared.reference import retention
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.staff_acts import hand_over
from tests.grouping.support.world import World, person_id

LEFT = retention.kept_for(retention.Data.LEFT_ID)
STAFF_ACTIONS = retention.kept_for(retention.Data.AUDIT_ENTRY)
WHO_SAT_WITH_WHOM = retention.kept_for(retention.Data.GROUP_LINKS)
SECOND = timedelta(seconds=1)


async def after(world: World, time: timedelta) -> None:
    """Sweep, twice, since the second time must change nothing."""
    world.clock.move(time)
    await delete_expired(world)
    once = await world.dump()
    await delete_expired(world)
    assert await world.dump() == once


async def delete_expired(world: World) -> None:
    for job in (jobs.DELETE_MEMBERSHIPS, jobs.ADVANCE_LIVES):
        assert await job.run(world.database, world.context, world.clock) == 0
    await jobs.delete_old_rows(world.database, world.clock)


async def run(world: World, statement: str) -> None:
    async with world.database.transaction() as session:
        await session.execute(text(statement))


async def started(world: World, people: int = 5) -> list[signups.Ready]:
    events = [world.ready(number) for number in range(1, people + 1)]
    await world.deliver(*events, times=1)
    await world.all_say_yes()
    await world.pass_time(days=20)
    await hand_over(world)
    return events


@pytest.mark.parametrize("erased", [1, 2])
async def test_pair_that_outlived_an_erasure_is_deleted(world: World, erased: int) -> None:
    one, other = sorted((person_id(1), person_id(2)))
    values = f"'{uuid4()}', '{one}', '{other}'"
    await run(world, f"INSERT INTO quiet_pairs (pair_id, one, other) VALUES ({values})")
    await delete_expired(world)
    assert len(await world.rows(QuietPair)) == 1
    await run(world, f"INSERT INTO forgotten (id, at) VALUES ('{person_id(erased)}', now())")
    await delete_expired(world)
    assert await world.rows(QuietPair) == []


async def test_delete_memberships_runs_two_weeks_after_the_start(world: World) -> None:
    events = await started(world)
    await world.deliver(world.ready(50, slots=("sun-day",)), times=1)
    await after(world, WHO_SAT_WITH_WHOM - SECOND)
    assert len(await world.seats()) == len(events)
    await after(world, SECOND)
    assert await world.seats() == []
    assert list((await world.statuses()).values()) == ["waiting"]
    group = await world.group()
    assert (group.state, group.live, group.size, group.centre, group.area) == ("started", 0, 5, "link-bergen", "bergen")
    await world.check()


async def test_delete_memberships_old_events_bring_no_member_back(world: World) -> None:
    events = await started(world)
    await after(world, WHO_SAT_WITH_WHOM)
    before = await world.dump()
    await world.deliver(*events)
    assert await world.dump() == before


async def test_delete_memberships_former_member_can_join_again(world: World) -> None:
    await started(world)
    again = world.ready(1, signup_id=world.ready(61).signup_id)
    await world.deliver(again, *(world.ready(number) for number in range(62, 66)), times=1)
    assert len(await world.groups()) == 1
    await after(world, WHO_SAT_WITH_WHOM)
    await jobs.REMATCH_AREAS.run(world.database, world.context, world.clock)
    assert [group.live for group in await world.groups()] == [0, 5]
    await world.check()


async def test_delete_memberships_of_cancelled_group_keeps_the_queue(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 6)), times=1)
    await world.answer(1, yes=False)
    await world.pass_time(days=15)
    (group,) = await world.groups(state="cancelled")
    await after(world, WHO_SAT_WITH_WHOM - SECOND)
    assert len(await world.seats(group_id=group.id)) == 5
    await after(world, SECOND)
    assert await world.seats() == []
    assert set((await world.statuses()).values()) == {"waiting"}
    assert (await world.group()).size is None
    await world.check()


async def test_delete_memberships_open_group_is_left_alone(world: World) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 6)), times=1)
    before = await world.dump()
    await after(world, 4 * LEFT)
    assert await world.dump() == before


async def test_delete_old_rows_ids_are_deleted_after_a_month(world: World) -> None:
    events = [world.ready(1), world.ready(2), world.withdrawn(1), world.withdrawn(3), world.erased(2), world.paused(4)]
    await world.deliver(*events)
    await after(world, LEFT - SECOND)
    assert (len(await world.rows(Signup, status="gone")), len(await world.rows(ErasedId))) == (2, 2)
    assert len(await world.rows(Signup, status="unready")) == 1
    await run(world, f"DELETE FROM {inbox.table.name}")
    await world.deliver(*events)
    assert "waiting" not in (await world.statuses()).values()
    await after(world, SECOND)
    assert (await world.rows(Signup), await world.rows(ErasedId)) == ([], [])


async def test_delete_old_rows_dead_letter_keeps_the_ids(world: World) -> None:
    events = world.ready(1), world.withdrawn(1), world.erased(2)
    await world.deliver(*events)
    await run(
        world,
        "INSERT INTO dead_letters (consumer, stream, stream_sequence, subject, payload, reason, attempts, buried_at) "
        "SELECT 'grouping-signups', 'SIGNUPS', 1, 'signups.ready.v1', '', 'unknown_area', 1, gone_at FROM waiting",
    )
    await after(world, 4 * LEFT)
    assert (len(await world.rows(Signup)), len(await world.rows(ErasedId))) == (1, 2)
    await run(world, "DELETE FROM dead_letters")
    await after(world, SECOND)
    assert (await world.rows(Signup), await world.rows(ErasedId)) == ([], [])


async def test_delete_old_rows_audit_log_is_kept_for_a_year(world: World, app: FastAPI) -> None:
    await Browser(app, KARI).press("/stab/omrader/bergen", "/stab/omrader/bergen/vent")
    await after(world, STAFF_ACTIONS)
    assert len(await world.audit_entries()) == 1
    await after(world, SECOND)
    assert await world.audit_entries() == []


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_pages_of_a_group_without_members_are_shown(world: World, app: FastAPI, prefix: str) -> None:
    await started(world)
    path = f"{prefix}/plass/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(1)).id)}"
    await after(world, WHO_SAT_WITH_WHOM)
    assert await world.rows(Seat) == []
    seat = await Browser(app).get(path)
    assert seat.status_code == 404
    group = words(await Browser(app, KARI).get(f"{prefix}/stab/grupper/{(await world.group()).id}"))
    listed = words(await Browser(app, KARI).get(f"{prefix}/stab/grupper?vis=startet"))
    if not prefix:
        assert "Denne plassen gjelder ikke lenger" in words(seat)
        assert "5 personer var med da gruppa startet." in group
        assert "Ingen vet lenger hvem som er i gruppa" in group
        assert "på egen hånd 5" in listed


async def test_delete_old_rows_changes_of_the_list_end_after_a_day(world: World) -> None:
    await world.deliver(world.ready(1), times=1)
    for hours, left in ((23, 1), (25, 0)):
        await run(world, f"UPDATE board_changes SET at = now() - interval '{hours} hours'")
        await delete_expired(world)
        assert min(1, len(await world.rows(MatcherChange))) == left
