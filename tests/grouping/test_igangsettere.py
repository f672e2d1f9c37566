"""Igangsettere: which groups need them, who is assigned, and acts of staff."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from grouping.store import GroupStarter, Igangsetter
from grouping.usecases import capacity, igangsettere
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause
from tests.grouping.support import resources
from tests.grouping.support.resources import AROUND, EVENINGS, cancel, loaded_capacity, run, start, wait
from tests.grouping.support.world import World, patient
from tests.grouping.test_policies import with_policy


async def test_matching_centre_without_igangsettere_needs_none(world: World) -> None:
    await wait(world, 5)

    assert (await world.group()).state == "proposed"
    assert (await loaded_capacity(world)).starters_min == 0


async def test_save_igangsetter_is_given_to_the_group_that_lacks_one(world: World) -> None:
    await resources.add_igangsetter(world, label="BUSY", slots=("mon-morning",))
    await wait(world, 6)
    assert await resources.starters(world) == set()

    who = await resources.add_igangsetter(world)

    assert (await world.group()).live == 6
    assert await resources.starters(world) == {who}
    await world.check()


@pytest.mark.parametrize(
    "unfit",
    [
        {"slots": ("wed-evening",)},
        {"slots": ("tue-morning", "tue-day")},
        {"place": resources.place("0150")},
        {"place": resources.place("5200"), "reach_km": 10},
        {"place": resources.place("5200"), "reach_km": 10, "slots": ("wed-evening",), "languages": ("nb", "es")},
    ],
)
async def test_matching_igangsetter_elsewhere_lets_the_group_form(world: World, unfit: dict[str, Any]) -> None:
    await resources.add_igangsetter(world, **unfit)

    await wait(world, 5)

    assert (await world.group()).live == 5
    assert await resources.starters(world) == set()
    await world.all_say_yes()
    assert "meeting_lacks_igangsetter" in {task.kind for task in await world.open_tasks()}


async def test_matching_paused_igangsetter_lets_the_group_form(world: World) -> None:
    who = await resources.add_igangsetter(world)
    await resources.pause(world, who)

    await wait(world, 5)

    assert await resources.starters(world) == set()
    await resources.pause(world, who, active=True)
    assert await resources.starters(world) == {who}


@pytest.mark.parametrize("others", [(), ("paused",), ("busy",), ("far",), ("monday",)])
async def test_matching_language_that_nobody_speaks_waits(world: World, others: tuple[str, ...]) -> None:
    for kind in ("plain", *others):
        all_changes: dict[str, dict[str, Any]] = {
            "far": {"place": resources.place("0150")},
            "monday": {"slots": ("mon-evening",)},
        }
        changes = all_changes.get(kind, {})
        who = await resources.add_igangsetter(world, label=kind, **changes)
        if kind == "paused":
            await resources.pause(world, who)
        if kind == "busy":
            await wait(world, 8, first=50)

    await wait(world, 5, languages=("es",))

    assert await world.groups(spoken_language="es") == []
    speaks = await resources.add_igangsetter(world, label="ES", languages=("es",))
    (group,) = await world.groups(spoken_language="es")
    assert await resources.starters(world, group.id) == {speaks}


async def test_matching_time_with_an_igangsetter_is_preferred(world: World) -> None:
    who = await resources.add_igangsetter(world, slots=("wed-evening",))

    await wait(world, 5, slots=("mon-evening", "tue-evening", "wed-evening"))

    assert (await world.group()).slot == "wed-evening"
    assert await resources.starters(world) == {who}


async def test_matching_igangsetter_speaks_the_language_of_the_group(world: World) -> None:
    await resources.add_igangsetter(world)
    speaks = await resources.add_igangsetter(
        world, label="ES", languages=("es", "nb"), place=resources.place("5200"), reach_km=40
    )

    await wait(world, 5, languages=("es",))

    assert (await world.group()).spoken_language == "es"
    assert await resources.starters(world) == {speaks}


async def test_matching_nearest_igangsetter_is_assigned(world: World) -> None:
    await resources.add_igangsetter(world, label="FAR", place=resources.place("5200"), reach_km=60)
    near = await resources.add_igangsetter(world, label="NEAR")

    await wait(world, 5)

    assert await resources.starters(world) == {near}


async def test_matching_policy_with_two_starters_assigns_two(world: World) -> None:
    world = World(world.database, world.clock, with_policy(starters_min=2))
    one = await resources.add_igangsetter(world)
    await wait(world, 5)
    assert await resources.starters(world) == {one}

    other = await resources.add_igangsetter(world, label="OTHER")

    assert await resources.starters(world) == {one, other}


async def test_matching_policy_without_starters_needs_none(world: World) -> None:
    world = World(world.database, world.clock, with_policy(starters_min=0))
    await resources.add_igangsetter(world, slots=("mon-morning",))

    await wait(world, 5)

    assert (await world.group()).live == 5
    assert await resources.starters(world) == set()


async def test_matching_igangsetter_gets_at_most_groups_at_once(world: World) -> None:
    who = await resources.add_igangsetter(world, slots=EVENINGS, groups_at_once=2)

    for turn, slot in enumerate(EVENINGS):
        await wait(world, 5, first=1 + 5 * turn, slots=(slot,))

    slots = {group.id: group.slot for group in await world.groups()}
    assert set(slots.values()) == set(EVENINGS)
    started = [(row.igangsetter_id, slots[row.group_id]) for row in await world.rows(GroupStarter)]
    assert sorted(started) == [(who, slot) for slot in EVENINGS[:2]]


async def test_matching_igangsetter_has_one_group_per_slot(world: World) -> None:
    await resources.add_igangsetter(world, slots=("mon-morning",))
    await wait(world, 16)

    many = await resources.add_igangsetter(world, label="MANY", groups_at_once=5)

    assert [group.live for group in await world.groups()] == [8, 8]
    assert [row.igangsetter_id for row in await world.rows(GroupStarter)] == [many]
    other = await resources.add_igangsetter(world, label="OTHER", groups_at_once=5)
    assert {row.igangsetter_id for row in await world.rows(GroupStarter)} == {many, other}
    assert len({row.group_id for row in await world.rows(GroupStarter)}) == 2


async def test_save_igangsetter_with_many_slots_is_given_to_many_groups(world: World) -> None:
    await resources.add_igangsetter(world, slots=("mon-morning",))
    for turn, slot in enumerate(EVENINGS):
        await wait(world, 5, first=1 + 5 * turn, slots=(slot,))

    await resources.add_igangsetter(world, label="MANY", slots=EVENINGS, groups_at_once=3)

    assert {group.slot for group in await world.groups()} == set(EVENINGS)
    assert {row.group_id for row in await world.rows(GroupStarter)} == {group.id for group in await world.groups()}


async def test_matching_igangsetter_is_busy_for_the_weeks_of_the_policy(world: World) -> None:
    who = await resources.add_igangsetter(world)
    await wait(world, 8)
    await start(world)
    (first,) = await world.groups()
    assert first.state == "started"

    await world.until(
        (await world.start_meeting()).starts_at + timedelta(weeks=capacity.DEFAULT_STARTER_WEEKS, seconds=-1)
    )
    await wait(world, 8, first=20)
    await world.pass_time(seconds=1)
    await wait(world, 5, first=30)

    without, new = await world.groups(state="proposed")
    assert await resources.starters(world, without.id) == set()
    assert await resources.starters(world, new.id) == {who}


def test_starter_weeks_are_the_most_of_the_policy() -> None:
    policies = {centre.id: centre.policy for centre in with_policy().centres.all}
    assert {id_: capacity.starter_weeks(policy) for id_, policy in policies.items()} == {
        "link-oslo": 1,
        "link-bergen": 5,
        "link": 5,
        "selvhjelp-norge": 5,
    }


async def test_cancel_group_releases_its_igangsetter(world: World) -> None:
    who = await resources.add_igangsetter(world)
    await wait(world, 5)
    await cancel(world)

    (free,) = (await loaded_capacity(world)).starters

    assert (free.id, free.remaining_groups, free.slots) == (who, 1, frozenset({"tue-evening"}))


async def test_pause_igangsetter_keeps_groups_and_gets_no_new_one(world: World) -> None:
    who = await resources.add_igangsetter(world, slots=EVENINGS, groups_at_once=2)
    await wait(world, 5)
    await resources.pause(world, who)
    await resources.pause(world, who)
    await wait(world, 5, first=10, slots=("mon-evening",))
    first, second = [(await world.groups(slot=slot))[0] for slot in ("tue-evening", "mon-evening")]
    assert await resources.starters(world, first.id) == {who}
    assert await resources.starters(world, second.id) == set()

    await resources.pause(world, who, active=True)

    assert await resources.starters(world, second.id) == {who}
    actions = [entry.action for entry in await world.audit_entries()]
    assert actions == ["igangsetter.saved", "igangsetter.paused", "igangsetter.resumed"]


async def test_save_igangsetter_wider_reach_reaches_the_group(world: World) -> None:
    who = await resources.add_igangsetter(world, place=resources.place("5200"), reach_km=5)
    await wait(world, 5)
    about = resources.igangsetter(place=resources.place("5200"), reach_km=60)

    async with world.database.transaction() as session:
        await igangsettere.save_igangsetter(
            session, world.context, "link-bergen", about, igangsetter_id=who, actor=resources.kari(world)
        )

    assert await resources.starters(world) == {who}


async def test_remove_igangsetter_leaves_no_trace(world: World) -> None:
    who = await resources.add_igangsetter(world)
    await wait(world, 5)
    with pytest.raises(DomainError, match="igangsetter_busy"):
        await resources.remove(world, who)
    await cancel(world)

    await resources.remove(world, who)

    assert await world.rows(Igangsetter) == []
    assert await world.rows(GroupStarter) == []
    assert (await loaded_capacity(world)).starters_min == 0


async def test_remove_igangsetter_last_one_lifts_the_condition_of_language(world: World) -> None:
    who = await resources.add_igangsetter(world)
    await wait(world, 5, languages=("es",))
    assert await world.groups() == []

    await resources.remove(world, who)

    assert (await world.group()).live == 5


async def test_save_igangsetter_rounds_coordinates(world: World) -> None:
    await resources.add_igangsetter(world, place=resources.place("5003"))

    (row,) = await world.rows(Igangsetter)

    assert (row.latitude, row.longitude) == (round(row.latitude, 2), round(row.longitude, 2))
    assert row.place == "5003 Bergen"


async def test_save_igangsetter_label_is_unique_in_a_centre(world: World) -> None:
    await resources.add_igangsetter(world, label="KN")

    with pytest.raises(DomainError, match="label_taken"):
        await resources.add_igangsetter(world, label="kn")
    with pytest.raises(DomainError, match="unknown_igangsetter"):
        await save_unknown(world)
    await resources.add_igangsetter(world, centre="link-oslo", label="KN")


async def save_unknown(world: World) -> None:
    async with world.database.transaction() as session:
        await igangsettere.save_igangsetter(
            session,
            world.context,
            "link-bergen",
            resources.igangsetter(),
            igangsetter_id=uuid4(),
            actor=resources.kari(world),
        )


async def test_set_starters_assigns_just_the_chosen(world: World) -> None:
    first = await resources.add_igangsetter(world)
    other = await resources.add_igangsetter(
        world, label="OTHER", languages=("es",), place=resources.place("5200"), reach_km=1
    )
    await wait(world, 5)
    group = await world.group()
    assert await resources.starters(world) == {first}

    await resources.set_starters(world, group.id, other)
    await resources.set_starters(world, group.id, other)

    assert await resources.starters(world) == {other}
    assert [entry.action for entry in await world.audit_entries()].count("group.starters_set") == 1
    await start(world)
    with pytest.raises(DomainError, match="group_closed"):
        await resources.set_starters(world, group.id, first)


async def test_set_starters_released_igangsetter_starts_the_next_group(world: World) -> None:
    who = await resources.add_igangsetter(world)
    await wait(world, 8)
    group = await world.group()

    await resources.set_starters(world, group.id)

    assert await resources.starters(world, group.id) == set()
    await wait(world, 5, first=10)
    (new,) = [one for one in await world.groups() if one.id != group.id]
    assert await resources.starters(world, new.id) == {who}


async def test_set_starters_busy_paused_or_foreign_is_refused(world: World) -> None:
    busy = await resources.add_igangsetter(world)
    await wait(world, 5)
    paused = await resources.add_igangsetter(world, label="PAUSED")
    await resources.pause(world, paused)
    twice = await resources.add_igangsetter(world, label="TWICE", slots=("mon-evening",), groups_at_once=2)
    await wait(world, 5, first=10, slots=("mon-evening",))
    oslo = await resources.add_igangsetter(world, centre="link-oslo")
    (first,) = await world.groups(slot="tue-evening")
    (second,) = await world.groups(slot="mon-evening")
    await resources.set_starters(world, first.id, busy, twice)

    for group, chosen, slug in (
        (second, busy, "igangsetter_not_free"),
        (first, paused, "igangsetter_not_free"),
        (first, oslo, "unknown_igangsetter"),
        (first, uuid4(), "unknown_igangsetter"),
    ):
        with pytest.raises(DomainError, match=slug):
            await resources.set_starters(world, group.id, chosen)
    assert await resources.starters(world, first.id) == {busy, twice}


async def test_matching_areas_of_one_centre_share_igangsettere(world: World) -> None:
    world = World(world.database, world.clock, resources.two_areas())
    who = await resources.add_igangsetter(world, slots=("mon-morning",))
    await wait(world, 5)
    await wait(world, 5, first=10, **AROUND)
    about = resources.igangsetter(reach_km=100, groups_at_once=2)

    async with world.database.transaction() as session:
        await igangsettere.save_igangsetter(
            session, world.context, "link-bergen", about, igangsetter_id=who, actor=resources.kari(world)
        )

    assert {group.area for group in await world.groups()} == {"bergen", "bergen-rundt"}
    (row,) = await world.rows(GroupStarter)
    assert row.igangsetter_id == who


@pytest.mark.asvs("2.3.4")
async def test_run_matching_areas_together_do_not_take_one_starter_twice(world: World) -> None:
    world = World(world.database, world.clock, resources.two_areas())
    who = await resources.add_igangsetter(world, reach_km=100, slots=("tue-evening", "mon-evening"))
    # Held back by the language until both areas are decided together.
    await run(world, "UPDATE igangsettere SET languages = array['es']")
    await wait(world, 5)
    await wait(world, 5, first=10, slots=("mon-evening",), **AROUND)
    assert await world.groups() == []
    await run(world, "UPDATE igangsettere SET languages = array['nb']")

    async with world.database.transaction() as session:
        work = UnitOfWork(session, world.context, world.clock.now(), Cause.fresh())
        await run_matching(work, "bergen", "bergen-rundt")
        await work.stage()

    (first,) = await world.groups(area="bergen")
    (row,) = await world.rows(GroupStarter)
    assert (row.igangsetter_id, row.group_id) == (who, first.id)


async def test_matching_many_workers_never_overbook_an_igangsetter(world: World) -> None:
    world = World(world.database, world.clock, resources.two_areas())
    await resources.add_igangsetter(world, reach_km=100)
    events = [world.ready(number, **(AROUND if number % 2 else {})) for number in range(1, 11)]

    work: list[Callable[[], Awaitable[None]]] = [partial(world.deliver_once, event) for event in events]
    await asyncio.gather(*(patient(one) for one in work))

    assert {(group.area, group.live) for group in await world.groups()} == {("bergen", 5), ("bergen-rundt", 5)}
    assert len(await world.rows(GroupStarter)) == 1
    await world.check()
