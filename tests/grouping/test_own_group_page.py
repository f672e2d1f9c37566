"""The page of a member whose group is on its own."""

from fastapi import FastAPI

from shared.events import group_life
from shared.kit.i18n import format_date
from tests.grouping.support.browser import OLA, Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.world import OSLO, World
from tests.grouping.test_lives import ALONE, ahead, hand_over, life_of, start_group
from tests.grouping.test_member_page import link, press_twice, return_link


async def test_return_visit_is_accepted_or_declined_by_a_press(world: World, app: FastAPI) -> None:
    await start_group(world, **OSLO)
    await hand_over(world)
    await world.live(days=30)
    reader, page = Browser(app), await link(world)
    assert "Senteret vil gjerne komme innom" in words(await reader.get(page))

    await press_twice(reader, page, "accept_visit")

    (asked,) = await world.published_of(group_life.VisitAsked)
    assert asked.kind == "return_visit"
    assert [task.kind for task in await world.open_tasks()] == ["visit_asked"]
    assert (await reader.press(page, page, act="decline_visit")).status_code == 303
    assert (await reader.get(page)).status_code == 404  # the visit is settled, so the members are forgotten
    (declined,) = await world.published_of(group_life.VisitDeclined)
    assert declined.by == "group"


async def test_offer_of_a_visit_says_its_end_and_lapses_with_a_last_word(world: World, app: FastAPI) -> None:
    await start_group(world, **OSLO)
    return_id = await hand_over(world)
    await world.live(days=30)
    (due,) = await world.published_of(group_life.FollowUpDue)
    assert due.deadline is not None
    until = f"Svarer ingen innen {format_date(due.deadline, 'nb')}"
    reader = Browser(app)
    for page in (await link(world), return_link(return_id)):
        assert f"{until}, kommer vi ikke." in words(await reader.get(page))
    staff = words(await Browser(app, OLA).get(await group_page(world)))
    assert f"{until}, faller spørsmålet bort." in staff

    await world.live(days=29)

    (lapsed,) = await world.published_of(group_life.VisitDeclined)
    assert (lapsed.by, lapsed.unanswered, len(lapsed.seats)) == ("group", True, 5)
    assert await world.open_tasks() == []
    assert await world.seats() == []
    assert "hørte ikke fra dere" in words(await reader.get(return_link(return_id)))
    assert "gruppa svarte ikke" in words(await Browser(app, OLA).get(await group_page(world)))
    await world.live(days=100)
    assert len(await world.published_of(group_life.VisitDeclined)) == 1


async def test_group_tells_that_it_has_met_and_pauses(world: World, app: FastAPI) -> None:
    await start_group(world, **ALONE)
    reader, page = Browser(app), await link(world)

    answer = await reader.press(f"{page}/pause", f"{page}/pause", day="2026-02-10")

    assert answer.status_code == 303
    assert "Dere har pause til og med" in words(await reader.get(page))
    await press_twice(reader, page, "met")
    assert (await life_of(world)).solo_meetings == 1


async def test_acts_of_the_first_meetings_are_refused_on_its_own(world: World, app: FastAPI) -> None:
    await start_group(world, **OSLO)
    reader, page, meeting = Browser(app), await link(world), (await ahead(world))[0]
    await hand_over(world)

    for act in ("absence", "skip", "ready", "conflict_visit"):
        answer = await reader.press(page, page, act=act, meeting=str(meeting.id))
        assert answer.status_code == 409, act
        assert "Gruppa di" in words(answer)
    assert (await reader.press(page, page, act="tull")).status_code == 422
