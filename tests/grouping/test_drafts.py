"""Drafts: published once when due, or undone without publishing anything."""

from datetime import timedelta

from fastapi import FastAPI

from grouping import jobs
from grouping.domain.matching.cells import Cell
from grouping.store import AreaHold
from grouping.usecases import areas
from grouping.usecases import groups as groups_commands
from shared.events import groups
from tests.grouping.support import staff_acts
from tests.grouping.support.browser import KARI, OLA, Browser, form_token, words
from tests.grouping.support.staff_acts import decide, log_of, publish_drafts, refused, wait, with_drafts
from tests.grouping.support.world import World, person_id

CELL = Cell("bergen-sentrum", "tue-evening", "nb")


async def test_publish_drafts_due_draft_is_published_once(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 6)
    drafted = await world.group()
    assert (drafted.state, drafted.live, drafted.publish_at) == ("drafted", 6, world.clock.now() + timedelta(hours=1))

    await publish_drafts(world, minutes=59)
    assert await world.published() == []
    assert set((await world.statuses()).values()) == {"waiting"}
    await world.check()

    await publish_drafts(world, minutes=1)
    assert await staff_acts.kinds(world) == ["Proposed", *["SeatOffered"] * 6]
    deadlines = {event.deadline for event in await world.published_of(groups.SeatOffered)}
    assert deadlines == {world.clock.now() + timedelta(hours=72)}
    assert set((await world.statuses()).values()) == {"offered"}
    await world.check()


async def test_publish_drafts_without_seat_confirmation_confirms_at_once(world: World) -> None:
    world = with_drafts(world, seat_confirmation=False)
    await wait(world, 5)
    assert (await world.group()).state == "drafted"

    await publish_drafts(world, hours=1)

    assert (await world.group()).state == "confirmed"
    assert await staff_acts.kinds(world) == ["Proposed", *["SeatTaken"] * 5, "Confirmed", "MeetingCalled"]
    await world.check()


async def test_publish_draft_now_publishes_once(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 5)
    group = await world.group()

    await decide(world, groups_commands.publish_draft_now, group.id)

    assert len(await world.published_of(groups.SeatOffered)) == 5
    assert await log_of(world) == [("kari", "draft.published", None)]
    await refused("told_already", world, groups_commands.publish_draft_now, group.id)
    await refused("told_already", world, groups_commands.undo_draft, group.id)
    await publish_drafts(world, hours=2)
    assert len(await world.published()) == 6
    await world.check()


async def test_undo_draft_publishes_nothing_and_holds_the_area(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 5)
    group = await world.group()

    await decide(world, groups_commands.undo_draft, group.id)
    await publish_drafts(world, days=2)
    await staff_acts.run_job(world, jobs.REMATCH_AREAS)

    assert await world.published() == []
    assert (await world.group()).state == "cancelled"
    assert set((await world.statuses()).values()) == {"waiting"}
    assert [hold.area for hold in await world.rows(AreaHold)] == ["bergen"]
    assert await log_of(world) == [("kari", "draft.undone", None)]
    await refused("told_already", world, groups_commands.undo_draft, group.id)
    await decide(world, areas.resume_area, "bergen")
    assert [(group.state, group.live) for group in await world.groups()] == [("cancelled", 0), ("drafted", 5)]
    await world.check()


async def test_draft_withdrawn_member_is_replaced_by_longest_waiting(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 10, first=20)

    await world.deliver(world.withdrawn(25))

    group = await world.group()
    assert (group.state, group.live) == ("drafted", 8)
    assert {(await world.seat_of(number)).state for number in (*range(20, 25), 26, 27, 29)} == {"offered"}
    assert await world.seats(person_id=person_id(28)) == []
    assert await world.published() == []
    await world.check()


async def test_draft_below_minimum_is_cancelled_silently(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 5)

    await world.deliver(world.withdrawn(3))
    assert (await world.group()).state == "cancelled"
    await publish_drafts(world, hours=2)
    await wait(world, 1, first=6)

    assert [(group.state, group.live) for group in await world.groups()] == [("cancelled", 0), ("drafted", 5)]
    assert await world.published() == []
    await world.check()


async def test_form_group_stays_a_draft_for_ten_minutes(world: World) -> None:
    await decide(world, areas.hold_area, "bergen")
    await wait(world, 9)

    for size in (5, 6):
        group_id = await decide(world, areas.form_group, "bergen", cell=CELL, size=size)
        if size == 5:
            await decide(world, groups_commands.undo_draft, group_id)
    await publish_drafts(world, minutes=9, seconds=59)
    assert await world.published() == []
    await publish_drafts(world, seconds=1)

    assert [(group.state, group.live, group.capacity) for group in await world.groups(id=group_id)] == [
        ("proposed", 6, 6)
    ]
    assert len(await world.published_of(groups.SeatOffered)) == 6
    assert list((await world.statuses()).values()).count("waiting") == 3
    await world.check()


async def test_draft_page_buttons_publish_and_undo(world: World, app: FastAPI) -> None:
    world = with_drafts(world)
    await wait(world, 5)
    first = f"/stab/grupper/{(await world.group()).id}"
    kari, ola = Browser(app, KARI), Browser(app, OLA)
    page = (await kari.get(first)).text
    assert "Ingen har fått beskjed ennå" in page

    token = form_token((await ola.get("/stab/omrader/oslo")).text, "/stab/omrader/oslo/vent")
    for action in ("si-fra", "angre"):
        assert (await kari.post(f"{first}/{action}")).status_code == 403
        assert (await ola.post(f"{first}/{action}", _csrf=token)).status_code == 404
    undone = await kari.press(first, f"{first}/angre")
    assert (undone.status_code, undone.headers["location"]) == (303, staff_acts.BERGEN_PAGE)
    assert "angret gruppa før noen fikk vite om den" in words(await kari.get(first))
    await decide(world, areas.resume_area, "bergen")
    (again,) = await world.groups(state="drafted")
    second = f"/stab/grupper/{again.id}"
    response = await kari.press(second, f"{second}/si-fra")
    assert (response.status_code, response.headers["location"]) == (303, second)
    late = await kari.post(f"{first}/angre", _csrf=form_token(page, f"{first}/angre"))
    assert late.status_code == 409
    assert "Alle har fått beskjed" in late.text
