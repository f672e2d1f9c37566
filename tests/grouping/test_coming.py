"""The question on the page of a seat whether its owner still comes to the start meeting, and the answers to staff."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from grouping.usecases import meetings
from shared.events import groups
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.pages import group_page
from tests.grouping.support.staff_acts import decide, with_policy
from tests.grouping.support.world import World, signup_id
from tests.grouping.test_seat_page import link

ASKS = "Kommer du fortsatt?"
THANKS = "Takk, vi har notert at du kommer."


async def called(world: World, policy: str = "asked") -> tuple[World, str]:
    """Call five people to a start meeting, six days ahead; return the page of the first one's seat."""
    world = with_policy(world, coming_question=policy)
    await world.deliver(*(world.ready(number) for number in range(1, 6)), times=1)
    await world.all_say_yes()
    world.clock.set((await world.start_meeting()).starts_at - timedelta(days=6))
    return world, await link(world, 1)


async def test_yes_is_kept_and_published_once(world: World, app: FastAPI) -> None:
    world, page = await called(world)
    reader = Browser(app)
    assert ASKS in words(await reader.get(page))
    assert (await reader.press(page, page, answer="coming")).status_code == 303
    text = words(await reader.get(page))
    assert THANKS in text
    assert ASKS not in text
    meeting = await world.start_meeting()
    (event,) = await world.published_of(groups.ComingConfirmed)
    assert (event.seat.signup_id, event.meeting_id, event.starts_at) == (signup_id(1), meeting.id, meeting.starts_at)
    assert (await world.seat_of(1)).comes_to == meeting.starts_at


async def test_no_frees_the_seat_and_keeps_the_place_in_the_queue(world: World, app: FastAPI) -> None:
    world, page = await called(world)
    await Browser(app).press(page, page, answer="no")
    assert (await world.seat_of(1)).reason == "declined"
    assert await world.status(1) == "waiting"


@pytest.mark.parametrize("seen", ["early", "off", "begun", "postponed", "given_up"])
async def test_question_is_asked_only_while_it_can_be_answered(world: World, app: FastAPI, seen: str) -> None:
    world, page = await called(world, "off" if seen == "off" else "asked")
    starts_at = (await world.start_meeting()).starts_at
    group = await world.group()
    if seen == "early":
        world.clock.set(starts_at - timedelta(days=7, minutes=1))
    elif seen == "begun":
        world.clock.set(starts_at)
    elif seen == "postponed":
        await decide(world, meetings.meeting_not_held, group.id)
    elif seen == "given_up":
        await world.answer(1, yes=False)
    assert ASKS not in words(await Browser(app).get(page))
    before = await world.dump()
    if seen not in {"early", "off"}:  # a yes that nobody asked for is as good as one that was asked for
        await Browser(app).post(page, _csrf="", answer="coming")
        assert await world.dump() == before


async def test_meeting_at_another_time_asks_again_and_another_place_does_not(world: World, app: FastAPI) -> None:
    world, page = await called(world)
    reader = Browser(app)
    await reader.press(page, page, answer="coming")
    group, meeting = await world.group(), await world.start_meeting()
    await decide(world, meetings.set_meeting, group.id, meets_at=meeting.starts_at, place_text="Kulturhuset, rom 2")
    assert THANKS in words(await reader.get(page))
    later = meeting.starts_at + timedelta(hours=1)
    await decide(world, meetings.set_meeting, group.id, meets_at=later, place_text="Kulturhuset, rom 2")
    assert ASKS in words(await reader.get(page))


async def test_yes_by_phone_is_recorded_once_for_the_member_of_staff(world: World, app: FastAPI) -> None:
    world, _ = await called(world)
    seat = await world.seat_of(2)
    action, page = f"/stab/plasser/{seat.id}/svar", await group_page(world)
    reader = Browser(app, KARI)
    assert "0 av 5 har svart at de fortsatt kommer" in words(await reader.get(page))
    answer = await reader.press(page, action, svar="kommer")
    assert answer.status_code == 303
    text = words(await reader.get(page))
    assert "1 av 5 har svart at de fortsatt kommer" in text
    assert "kari skrev at personen kommer til møtet" in text
    before = await world.dump()
    await reader.press(page, action, svar="kommer")
    assert await world.dump() == before
    assert [entry.action for entry in await world.audit_entries()] == ["seat.coming_by_phone"]
    assert len(await world.published_of(groups.ComingConfirmed)) == 1


async def test_yes_by_phone_for_another_centre_is_not_found(world: World, app: FastAPI) -> None:
    world, _ = await called(world)
    action = f"/stab/plasser/{(await world.seat_of(1)).id}/svar"
    assert (await Browser(app, OLA).post(action, svar="kommer")).status_code == 404
    assert await world.published_of(groups.ComingConfirmed) == []


async def test_meeting_event_carries_the_policy_that_the_group_keeps(world: World) -> None:
    world, _ = await called(world, "asked_then_called")
    (event,) = await world.published_of(groups.MeetingCalled)
    assert event.coming_question == "asked_then_called"
