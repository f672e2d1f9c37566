"""Draft repair: better drafts for more people; pinned members and published groups stay."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from grouping import jobs
from grouping.domain.optimise.improve_drafts import Improvement
from grouping.usecases import draft_repair, groups, people
from grouping.usecases.draft_repair import Snapshot
from tests.grouping.support import resources
from tests.grouping.support.staff_acts import decide, kinds, log_of, run_job, wait, with_drafts
from tests.grouping.support.world import World, signup_id
from tests.grouping.test_quiet_pairs import kept_apart, together

BOTH: dict[str, Any] = {"slots": ("tue-evening", "wed-evening")}
WEDNESDAYS: dict[str, Any] = {"slots": ("wed-evening",)}


async def full_tuesday(world: World) -> None:
    """Eight in a draft who could also meet on Wednesdays, and three who only can then and have no group."""
    await wait(world, 8, **BOTH)
    await wait(world, 3, first=9, **WEDNESDAYS)
    assert [(group.slot, group.live) for group in await world.groups()] == [("tue-evening", 8)]


async def drafts(world: World) -> dict[str, set[int]]:
    """Return the numbers of the members of each draft, by its slot."""
    number_of = {signup_id(number): number for number in range(100)}
    results = {}
    for group in await world.groups(state="drafted"):
        seats = await world.seats(group_id=group.id)
        results[group.slot] = {number_of[seat.signup_id] for seat in seats if seat.state != "released"}
    return results


async def repair(world: World) -> None:
    await run_job(world, jobs.REPAIR_DRAFTS)


async def test_repair_full_draft_gives_members_to_a_new_group_and_is_audited(world: World) -> None:
    world = with_drafts(world)
    await full_tuesday(world)

    await repair(world)

    after = await drafts(world)
    assert {slot: len(who) for slot, who in after.items()} == {"tue-evening": 6, "wed-evening": 5}
    moved = set(range(1, 9)) - after["tue-evening"]
    entries = await world.audit_entries()
    new = next(group.id for group in await world.groups(slot="wed-evening"))
    assert {(entry.actor, entry.action, UUID(entry.object_id)) for entry in entries} == {
        *(("selvhjelp", "draft.member_moved", signup_id(number)) for number in moved),
        *(("selvhjelp", "draft.member_placed", signup_id(number)) for number in (9, 10, 11)),
    }
    assert {entry.details.get("group_id") for entry in entries} <= {str(new), None}
    assert await kinds(world) == []
    await world.check()


async def test_repair_pinned_members_are_not_moved(world: World) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    for number in range(1, 7):
        await decide(world, people.pin_person, signup_id(number), area_id="bergen", pinned=True)

    await repair(world)
    assert await drafts(world) == {"tue-evening": {1, 2, 3, 4, 5, 6}, "wed-evening": {7, 8, 9, 10, 11}}

    steps = len(await log_of(world))
    await repair(world)
    assert len(await log_of(world)) == steps
    await world.check()


async def test_repair_draft_with_one_unpinned_member_stays(world: World) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    for number in range(1, 8):
        await decide(world, people.pin_person, signup_id(number), area_id="bergen", pinned=True)
    before = await world.dump()

    await repair(world)

    assert await world.dump() == before


async def test_repair_published_group_stays(world: World) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    await decide(world, groups.publish_draft_now, (await world.group()).id)
    before = await world.dump()

    await repair(world)

    assert await world.dump() == before


async def test_repair_declined_cell_is_not_offered_again(world: World) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    everywhere = "(SELECT array_agg(p || '|wed-evening|nb') FROM unnest(CAST(:places AS text[])) p)"
    places = [place.id for place in world.context.area("bergen")[1].places]
    for number in range(1, 8):
        await resources.run(
            world, f"UPDATE waiting SET declined_cells = {everywhere} WHERE signup_id = :who", places=places,
            who=signup_id(number),
        )  # fmt: skip
    before = await world.dump()

    await repair(world)

    assert await world.dump() == before


async def test_repair_draft_outside_wishes_is_left_to_staff(world: World) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    await wait(world, 5, first=20, slots=("thu-evening",))
    await resources.run(
        world, "UPDATE waiting SET declined_cells = ARRAY['bergen-sentrum|thu-evening|nb'] WHERE signup_id = :who",
        who=signup_id(20),
    )  # fmt: skip

    await repair(world)

    after = await drafts(world)
    assert after["thu-evening"] == {20, 21, 22, 23, 24}
    assert len(after["wed-evening"]) == 5
    await world.check()


async def test_repair_relocated_draft_has_the_capacity_of_its_room(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 6, **BOTH)
    room = await resources.add_room(world, seats=7, slots=("wed-evening",))
    await wait(world, 1, first=7, **WEDNESDAYS)

    await repair(world)
    await wait(world, 1, first=8, **WEDNESDAYS)

    group = await world.group()
    assert (group.place, group.slot, group.live, group.capacity) == (room, "wed-evening", 7, 7)
    repaired = [action for who, action, _ in await log_of(world) if who == "selvhjelp"]
    assert sorted(repaired) == ["draft.member_placed", *["draft.relocated"] * 6]
    await world.check()


class Gate:
    """Holds the search in its worker thread until the test lets it go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._search = draft_repair._improve
        self._searching = threading.Event()
        self._go_on = threading.Event()
        monkeypatch.setattr(draft_repair, "_improve", self._held_search)

    def _held_search(self, snapshot: Snapshot, now: datetime, stop: Callable[[], bool]) -> Improvement | None:
        self._searching.set()
        assert self._go_on.wait(timeout=60), "the event loop is blocked"
        return self._search(snapshot, now, stop)

    @asynccontextmanager
    async def searching(self, world: World) -> AsyncIterator[None]:
        """Run the job; the block runs while it searches."""
        job = asyncio.create_task(jobs.REPAIR_DRAFTS.run(world.database, world.context, world.clock))
        while not self._searching.is_set():
            await asyncio.sleep(0.01)
        yield
        self._go_on.set()
        assert await job == 0


async def open_transactions(world: World) -> int:
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL "
        "AND pid <> pg_backend_pid()"
    )
    async with world.database.transaction() as session:
        count: int = (await session.execute(text(statement))).scalar_one()
        return count


async def test_repair_search_leaves_loop_and_database_free(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_drafts(world)
    await full_tuesday(world)

    async with Gate(monkeypatch).searching(world):
        assert await open_transactions(world) == 0

    assert {slot: len(members) for slot, members in (await drafts(world)).items()} == {
        "tue-evening": 6,
        "wed-evening": 5,
    }
    await world.check()


async def test_repair_changed_area_drops_result_until_next_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    gate = Gate(monkeypatch)

    with capture_logs() as logs:
        async with gate.searching(world):
            await wait(world, 1, first=12, **WEDNESDAYS)
            before = await world.dump()

    assert [entry["area"] for entry in logs if entry["event"] == "draft_repair_dropped"] == ["bergen"]
    assert await world.dump() == before
    await repair(world)
    assert set().union(*(await drafts(world)).values()) == set(range(1, 13))
    await world.check()


async def staff_keep_apart(world: World, one: int, other: int) -> None:
    about = {"other_id": signup_id(other), "area_id": "bergen", "reason": "acquainted"}
    await decide(world, people.add_exclusion, signup_id(one), **about)


async def name_quietly(world: World, one: int, other: int) -> None:
    await world.deliver(kept_apart(world, one, other))


KEPT_APART = pytest.mark.parametrize("keep_apart", [staff_keep_apart, name_quietly])
KeepApart = Callable[[World, int, int], Awaitable[None]]


@KEPT_APART
async def test_repair_never_puts_a_pair_together(world: World, keep_apart: KeepApart) -> None:
    """All eleven get a seat, as without the pair, but in two groups that each have one of the two."""
    world = with_drafts(world)
    await full_tuesday(world)
    await keep_apart(world, 9, 10)

    await repair(world)

    assert sorted(group.live for group in await world.groups(state="drafted")) == [5, 6]
    assert not await together(world, 9, 10)
    await world.check()


@KEPT_APART
async def test_repair_during_which_a_pair_comes_is_dropped(
    world: World, monkeypatch: pytest.MonkeyPatch, keep_apart: KeepApart
) -> None:
    world = with_drafts(world)
    await full_tuesday(world)

    with capture_logs() as logs:
        async with Gate(monkeypatch).searching(world):
            await keep_apart(world, 9, 10)

    assert [entry["area"] for entry in logs if entry["event"] == "draft_repair_dropped"] == ["bergen"]
    assert set(await drafts(world)) == {"tue-evening"}
    await repair(world)
    assert not await together(world, 9, 10)
    await world.check()


async def test_repair_published_draft_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_drafts(world)
    await full_tuesday(world)

    async with Gate(monkeypatch).searching(world):
        await decide(world, groups.publish_draft_now, (await world.group()).id)
        before = await world.dump()

    assert await world.dump() == before


async def test_repair_cancelled_search_stops(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = with_drafts(world)
    await full_tuesday(world)
    searching, stopped = threading.Event(), threading.Event()

    def search(_snapshot: Snapshot, _now: datetime, stop: Callable[[], bool]) -> None:
        searching.set()
        while not stop():
            time.sleep(0.01)
        stopped.set()

    monkeypatch.setattr(draft_repair, "_improve", search)
    job = asyncio.create_task(jobs.REPAIR_DRAFTS.run(world.database, world.context, world.clock))
    while not searching.is_set():
        await asyncio.sleep(0.01)

    job.cancel()
    await asyncio.gather(job, return_exceptions=True)

    assert await asyncio.to_thread(stopped.wait, 10)
