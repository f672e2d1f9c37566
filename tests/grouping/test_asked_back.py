"""The igangsetter who started a group is the first to hear that it asks for a visit."""

from grouping.usecases import members
from shared.events import group_life
from tests.grouping.support.world import World
from tests.grouping.test_igangsetter_accounts import changed
from tests.grouping.test_igangsetter_group import started
from tests.grouping.test_lives import as_member, hand_over, start_group


async def asked(world: World) -> group_life.VisitAsked:
    (event,) = await world.published_of(group_life.VisitAsked)
    return event


async def test_group_that_asks_for_a_visit_asks_its_igangsetter_first(world: World) -> None:
    anna, _ = await started(world)
    await world.live(days=22)
    return_id = await hand_over(world)

    await as_member(world, members.act_by_return_link, return_id, "visit")

    event = await asked(world)
    assert event.igangsetter_ids == (anna,)
    assert [(first.igangsetter_id, first.language) for first in event.asked_first] == [(anna, "nb")]
    assert event.place_text
    assert [task.kind for task in await world.open_tasks()] == ["visit_asked"]


async def test_igangsetter_whose_account_is_closed_is_not_asked(world: World) -> None:
    anna, _ = await started(world)
    await world.live(days=22)
    return_id = await hand_over(world)
    await world.deliver(changed(anna, version=9, active=False))

    await as_member(world, members.act_by_return_link, return_id, "visit")

    assert (await asked(world)).asked_first == ()


async def test_group_without_an_igangsetter_asks_the_centre_alone(world: World) -> None:
    await start_group(world)
    await world.live(days=22)
    await as_member(world, members.act_by_return_link, await hand_over(world), "visit")
    assert ((await asked(world)).igangsetter_ids, (await asked(world)).asked_first) == ((), ())
