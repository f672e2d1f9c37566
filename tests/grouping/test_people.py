"""Acts of staff on one person, and each rule that refuses them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from grouping.store import Exclusion, Signup
from grouping.usecases import groups as groups_commands
from grouping.usecases import people
from shared.events import groups
from shared.kit.ids import new_id
from tests.grouping.support.staff_acts import decide, kinds, log_of, refused, wait, with_drafts
from tests.grouping.support.world import OSLO, World, person_id, signup_id

HERE: dict[str, Any] = {"area_id": "bergen"}
ASKED: dict[str, Any] = {"area_id": "bergen", "reason": "asked"}


async def members(world: World, group_id: UUID) -> set[UUID]:
    return {seat.signup_id for seat in await world.seats(group_id=group_id) if seat.state != "released"}


async def test_exclude_person_keeps_queue_place_and_gets_no_seat(world: World) -> None:
    await wait(world, 4)
    await decide(world, people.exclude_from_matching, signup_id(4), **ASKED)
    await wait(world, 1, first=5)
    assert await world.groups() == []

    await decide(world, people.include_in_matching, signup_id(4), **HERE)

    assert (await world.group()).live == 5
    assert (await world.seat_of(4)).waited_days == 4
    assert await log_of(world) == [("kari", "person.excluded", "asked"), ("kari", "person.included", None)]
    await world.check()


async def test_exclude_draft_member_is_replaced(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 9)
    await decide(world, people.exclude_from_matching, signup_id(3), area_id="bergen", reason="talk_first")

    group = await world.group()
    assert await members(world, group.id) == {signup_id(number) for number in (1, 2, 4, 5, 6, 7, 8, 9)}
    (held,) = await world.rows(Signup, signup_id=signup_id(3))
    assert (held.status, held.excluded_reason) == ("waiting", "talk_first")
    await decide(world, groups_commands.publish_draft_now, group.id)
    await refused("told_already", world, people.exclude_from_matching, signup_id(1), **ASKED)
    await refused("told_already", world, people.include_in_matching, signup_id(1), **HERE)
    await refused("unknown_reason", world, people.exclude_from_matching, signup_id(3), area_id="bergen", reason="x")
    await refused("unknown_signup", world, people.exclude_from_matching, signup_id(77), **ASKED)
    await world.check()


async def test_move_person_is_pinned_in_the_new_group(world: World) -> None:
    world = with_drafts(world)
    both = {"slots": ("mon-evening", "tue-evening")}
    await wait(world, 6, slots=("mon-evening",))
    world.clock.move(timedelta(minutes=1))
    await wait(world, 5, first=10)
    monday, tuesday = sorted(await world.groups(), key=lambda group: group.slot)
    await wait(world, 1, first=20, **both)
    assert (await world.seat_of(20)).group_id == monday.id

    await decide(world, people.move_person, signup_id(20), group_id=tuesday.id, **ASKED)

    seat = await world.seat_of(20)
    assert (seat.group_id, seat.state, seat.pinned, seat.waited_days) == (tuesday.id, "offered", True, 20)
    assert await kinds(world) == []
    before = await world.dump()
    await decide(world, people.move_person, signup_id(20), group_id=tuesday.id, **ASKED)
    assert (await world.dump(), len(await log_of(world))) == (before, 1)

    await decide(world, groups_commands.publish_draft_now, monday.id)
    await decide(world, people.exclude_from_matching, signup_id(20), **ASKED)
    await decide(world, people.move_person, signup_id(20), group_id=monday.id, **ASKED)
    assert [row.excluded_reason for row in await world.rows(Signup, signup_id=signup_id(20))] == [None]
    assert (await world.published_of(groups.SeatOffered))[-1].seat.signup_id == signup_id(20)
    assert [action for _, action, _ in await log_of(world)] == [
        "person.moved", "draft.published", "person.excluded", "person.moved",
    ]  # fmt: skip
    await world.check()


async def test_move_person_to_impossible_group_is_refused(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 8)
    await wait(world, 5, first=10, slots=("mon-evening",))
    full, monday = sorted(await world.groups(), key=lambda group: -group.live)
    await wait(world, 1, first=20, slots=("tue-evening", "wed-evening"))
    await world.deliver(*(world.ready(number, **OSLO) for number in range(30, 35)), times=1)
    (oslo,) = await world.groups(area="oslo")
    move = people.move_person

    await refused("group_full", world, move, signup_id(20), group_id=full.id, **ASKED)
    await refused("does_not_fit", world, move, signup_id(20), group_id=monday.id, **ASKED)
    await refused("unknown_group", world, move, signup_id(20), group_id=oslo.id, **ASKED)
    await refused("unknown_group", world, move, signup_id(20), group_id=new_id(), **ASKED)
    await refused("unknown_signup", world, move, signup_id(30), group_id=monday.id, **ASKED)
    await refused("unknown_reason", world, move, signup_id(20), group_id=full.id, area_id="bergen", reason="because")
    await decide(world, people.add_exclusion, signup_id(20), other_id=signup_id(1), **ASKED)
    await world.deliver(world.withdrawn(8))
    await refused("does_not_fit", world, move, signup_id(20), group_id=full.id, **ASKED)
    await decide(world, groups_commands.publish_draft_now, full.id)
    await refused("told_already", world, move, signup_id(1), group_id=monday.id, **ASKED)
    await decide(world, groups_commands.undo_draft, monday.id)
    await refused("group_cancelled", world, move, signup_id(10), group_id=monday.id, **ASKED)
    await world.all_say_yes()
    await world.pass_time(days=20)
    await decide(world, people.remove_exclusion, signup_id(20), person_id=person_id(1), **HERE)
    await refused("group_closed", world, move, signup_id(20), group_id=full.id, **ASKED)
    await refused("unknown_signup", world, move, signup_id(1), group_id=monday.id, **ASKED)
    await world.check()


async def test_pin_person_works_only_in_a_draft(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 9)

    await decide(world, people.pin_person, signup_id(2), pinned=True, **HERE)
    assert [seat.signup_id for seat in await world.seats(pinned=True)] == [signup_id(2)]
    await decide(world, people.pin_person, signup_id(2), pinned=False, **HERE)
    assert await world.seats(pinned=True) == []

    assert [action for _, action, _ in await log_of(world)] == ["person.pinned", "person.unpinned"]
    await refused("no_seat", world, people.pin_person, signup_id(9), pinned=True, **HERE)
    await decide(world, groups_commands.publish_draft_now, (await world.group()).id)
    await refused("told_already", world, people.pin_person, signup_id(2), pinned=True, **HERE)


async def test_add_exclusion_keeps_two_apart_until_removed(world: World) -> None:
    await wait(world, 4)
    await decide(world, people.add_exclusion, signup_id(1), other_id=signup_id(2), **ASKED)
    await wait(world, 1, first=5)
    assert await world.groups() == []

    await wait(world, 1, first=6)
    group = await world.group()
    assert await members(world, group.id) == {signup_id(number) for number in (2, 3, 4, 5, 6)}
    assert await world.status(1) == "waiting"
    await refused("together_already", world, people.add_exclusion, signup_id(2), other_id=signup_id(3), **ASKED)
    await decide(world, people.remove_exclusion, signup_id(1), person_id=person_id(2), **HERE)

    assert signup_id(1) in await members(world, group.id)
    assert await log_of(world) == [
        ("kari", "person.exclusion_added", "asked"),
        ("kari", "person.exclusion_removed", None),
    ]
    await world.check()


async def test_add_exclusion_in_one_draft_returns_the_first_to_the_queue(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 9)
    await world.deliver(world.ready(30, **OSLO), times=1)

    await decide(world, people.add_exclusion, signup_id(3), other_id=signup_id(4), **ASKED)

    group = await world.group()
    assert await members(world, group.id) == {signup_id(number) for number in (1, 2, 4, 5, 6, 7, 8, 9)}
    assert await kinds(world) == []
    for other in (signup_id(3), signup_id(30), signup_id(77)):
        await refused("unknown_signup", world, people.add_exclusion, signup_id(3), other_id=other, **ASKED)
    await decide(world, people.add_exclusion, signup_id(4), other_id=signup_id(3), **ASKED)
    assert len(await world.rows(Exclusion)) == 1
    await world.deliver(world.erased(3))
    assert await world.rows(Exclusion) == []
    await world.check()


async def test_exclude_person_with_two_signups_works_for_either(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 6)
    other = world.ready(50).model_copy(update={"person_id": person_id(1), "signed_up_at": world.clock.now()})
    await world.deliver(other)

    await decide(world, people.pin_person, signup_id(50), pinned=True, **HERE)
    await decide(world, people.exclude_from_matching, signup_id(1), **ASKED)

    assert {row.signup_id for row in await world.rows(Signup, excluded_reason="asked")} == {signup_id(1)}
    await world.check()
