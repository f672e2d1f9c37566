"""A confirmed group that lacks members: what staff decide, on its page, and what the policy does without them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from grouping import jobs
from grouping.store import Group
from grouping.usecases import decisions
from shared.events import groups
from tests.grouping.support import staff_acts
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import refused, run_job, wait
from tests.grouping.support.world import World, person_id

LEFT = (1, 2, 3)


@pytest.fixture
async def group(world: World) -> Group:
    """A confirmed group of eight with six yes, of which three have left: three of five."""
    await wait(world, 6)
    await world.all_say_yes()
    await world.deliver(*(world.withdrawn(number) for number in LEFT))
    return await world.group()


def page(group: Group) -> str:
    return f"/stab/grupper/{group.id}"


async def at_48_hours(world: World) -> None:
    starts_at = (await world.start_meeting()).starts_at
    await run_job(
        world, jobs.EXTEND_MEETINGS, seconds=(starts_at - timedelta(days=2) - world.clock.now()).total_seconds()
    )


async def test_group_page_shows_the_choice_at_once(world: World, app: FastAPI, group: Group) -> None:
    text = words(await Browser(app, KARI).get(page(group)))

    assert "For få: 3 av 5" in text
    assert "Velger dere ingenting, utsettes møtet 14 dager av seg selv." in text
    assert "Start med 3" in text


async def test_without_a_choice_the_policy_decides(world: World, group: Group) -> None:
    starts_at = (await world.start_meeting()).starts_at

    await at_48_hours(world)

    assert (await world.start_meeting()).starts_at == starts_at + timedelta(days=14)
    assert await world.published_of(groups.Cancelled) == []


async def test_keep_date_looks_on_until_twelve_hours_before(world: World, app: FastAPI, group: Group) -> None:
    starts_at = (await world.start_meeting()).starts_at
    await Browser(app, KARI).press(page(group), f"{page(group)}/behold-dato")

    await at_48_hours(world)
    assert (await world.start_meeting()).starts_at == starts_at
    await run_job(world, jobs.EXTEND_MEETINGS, hours=36)

    assert (await world.start_meeting()).starts_at == starts_at + timedelta(days=14)
    assert [entry.action for entry in await world.audit_entries()] == ["decision.date_kept"]


async def test_put_off_tells_the_members(world: World, app: FastAPI, group: Group) -> None:
    starts_at = (await world.start_meeting()).starts_at

    await Browser(app, KARI).press(page(group), f"{page(group)}/utsett")

    called = (await world.published_of(groups.MeetingCalled))[-1]
    assert called.starts_at == starts_at + timedelta(days=14)
    assert {seat.person_id for seat in called.seats} == {person_id(number) for number in (4, 5, 6)}


async def test_small_start_needs_a_reason_and_starts(world: World, app: FastAPI, group: Group) -> None:
    browser = Browser(app, KARI)
    refused = await browser.press(page(group), f"{page(group)}/start-likevel", reason=" ")
    assert refused.status_code == 422
    assert (await world.group()).start_reason is None

    await browser.press(page(group), f"{page(group)}/start-likevel", reason="Tre er nok på en liten øy.")
    await at_48_hours(world)
    await world.until((await world.start_meeting()).ends_at)

    assert (await world.group()).state == "started"
    (entry,) = await world.audit_entries()
    assert entry.action == "decision.small_start_allowed"
    assert "liten øy" not in str(entry.details)
    assert "Tre er nok på en liten øy." in words(await browser.get(page(group)))


async def test_merge_asks_each_member_once_about_the_other_group(world: World, app: FastAPI) -> None:
    await wait(world, 6, slots=("mon-evening", "tue-evening"))
    await world.all_say_yes()
    first = await world.group()
    other = next(slot for slot in ("mon-evening", "tue-evening") if slot != first.slot)
    await wait(world, 5, first=20, slots=(other,))
    (second,) = await world.groups(state="proposed")
    await world.deliver(*(world.withdrawn(number) for number in LEFT))
    browser = Browser(app, KARI)

    await browser.press(page(first), f"{page(first)}/sla-sammen", target=str(second.id))

    (cancelled,) = await world.published_of(groups.Cancelled)
    assert cancelled.seats == ()
    moved = [event for event in await world.published_of(groups.SeatReleased) if event.reason == "moved"]
    offers = {event.seat.seat_id: event for event in await world.published_of(groups.SeatOffered)}
    assert {event.seat.person_id for event in moved} == {person_id(number) for number in (4, 5, 6)}
    assert {offers[event.replaced_by].instead_of for event in moved if event.replaced_by} == {
        event.seat.seat_id for event in moved
    }
    assert (await world.groups(id=second.id))[0].live == 8
    await world.check()


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (decisions.keep_date, {}),
        (decisions.put_off, {}),
        (decisions.allow_small_start, {"reason": "Derfor"}),
        (decisions.merge, {"target_id": UUID(int=1)}),
    ],
)
async def test_decision_about_a_full_group_is_refused(
    world: World, app: FastAPI, command: Any, fields: dict[str, Any]
) -> None:
    await wait(world, 5)
    await world.all_say_yes()
    group = await world.group()

    assert "For få" not in words(await Browser(app, KARI).get(page(group)))
    await refused("enough_members", world, command, group.id, **fields)


@pytest.mark.parametrize("act", ["behold-dato", "utsett", "start-likevel", "sla-sammen"])
async def test_decision_about_another_centres_group_is_404(world: World, app: FastAPI, group: Group, act: str) -> None:
    answer = await Browser(app, OLA).post(f"{page(group)}/{act}", reason="Derfor", target=str(group.id))

    assert answer.status_code == 404


@pytest.mark.parametrize("minutes", [1, 10, 30, 59])
async def test_cancellation_waits_for_an_offer_that_is_news(world: World, group: Group, minutes: int) -> None:
    """A person who has just been offered a seat does not read in the same hour that the group is cancelled."""
    world = staff_acts.with_policy(world, extension_days=0)
    starts_at = (await world.start_meeting()).starts_at
    await at_48_hours(world)
    await world.until(starts_at + timedelta(days=12, minutes=-minutes))
    await world.deliver(world.ready(30))
    assert await world.status(30) == "offered"

    await run_job(world, jobs.EXTEND_MEETINGS, minutes=minutes)
    assert await world.published_of(groups.Cancelled) == []
    await run_job(world, jobs.EXTEND_MEETINGS, minutes=60 - minutes)

    assert len(await world.published_of(groups.Cancelled)) == 1
