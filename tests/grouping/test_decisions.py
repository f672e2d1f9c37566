"""A confirmed group that lacks members: what staff decide, on its page, and what the policy does without them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from grouping import jobs
from grouping.store import Group
from grouping.usecases import decisions
from grouping.usecases import groups as group_commands
from shared.events import groups
from tests.grouping.support import staff_acts
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import hand_over, refused, run_job, wait
from tests.grouping.support.world import World, person_id, signup_id

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


async def looking(world: World) -> Group:
    """A proposal of five: three said yes, one no, one is silent; it still looks for members."""
    await wait(world, 5)
    for number in (1, 2, 3):
        await world.answer(number)
    await world.answer(4, yes=False)
    return await world.group()


async def test_search_page_tells_who_is_asked_and_prolongs(world: World, app: FastAPI) -> None:
    group = await looking(world)
    browser, until = Browser(app, KARI), group.filling_until
    assert until is not None
    text = words(await browser.get(page(group)))
    assert "3 av minst 5 har sagt ja" in text
    assert "1 er spurt og har ikke svart ennå" in text

    await browser.press(page(group), f"{page(group)}/let-videre")

    assert (await world.group()).filling_until == until + timedelta(days=7)
    assert [entry.action for entry in await world.audit_entries()] == ["decision.prolonged"]


async def test_person_is_offered_a_seat_by_hand(world: World, app: FastAPI) -> None:
    """Who said no is not asked again by itself; from the next day on staff can offer the seat."""
    group = await looking(world)
    assert "Tilby plass" not in words(await Browser(app, KARI).get(page(group)))
    await world.pass_time(days=1)
    browser, offer = Browser(app, KARI), f"/stab/omrader/bergen/personer/{signup_id(4)}/flytt"
    shown = words(await browser.get(page(group)))
    assert "sa nei, eller svarte ikke, sist" in shown

    answer = await browser.press(page(group), offer, group_id=str(group.id), reason="practical", neste=page(group))

    assert answer.headers["location"] == page(group)
    assert await world.status(4) == "offered"
    assert "Leter etter flere" not in words(await browser.get(page(group))), "five are asked or have said yes"


async def test_proposal_starts_below_its_minimum_for_a_reason(world: World, app: FastAPI) -> None:
    group = await looking(world)

    await Browser(app, KARI).press(page(group), f"{page(group)}/start-likevel", reason="Tre er nok på en liten øy.")

    assert (await world.group()).state == "confirmed"
    (confirmed,) = await world.published_of(groups.Confirmed)
    assert confirmed.group_id == group.id
    await world.until((await world.start_meeting()).ends_at)
    assert (await world.group()).state == "started"


async def test_area_page_shows_who_could_have_a_free_place(world: World, app: FastAPI) -> None:
    group = await looking(world)
    await world.pass_time(days=1)
    person, link = f"/stab/omrader/bergen/personer/{signup_id(4)}", f"flytt?gruppe={group.id}"
    browser = Browser(app, KARI)
    area = await browser.get("/stab/omrader/bergen")
    assert f'data-move="{signup_id(4)}" href="{person}/{link}"' in area.text
    assert f"{person}/{link}" in (await browser.get(person)).text

    asked = words(await browser.get(f"{person}/{link}"))

    assert "Ingenting har skjedd ennå." in asked
    assert "4 blir 5 av 8." in asked
    assert "får plass etter" in asked
    assert await world.status(4) != "offered"
    answer = await browser.press(f"{person}/{link}", f"{person}/flytt", group_id=str(group.id), reason="asked")
    assert answer.status_code == 303
    assert await world.status(4) == "offered"
    assert [entry.action for entry in await world.audit_entries()] == ["person.moved"]
    assert (await browser.get(f"{person}/{link}")).headers["location"] == person, "no longer possible"


@pytest.mark.parametrize("query", ["", f"?gruppe={person_id(1)}", "?gruppe=x"])
async def test_preview_of_no_possible_move_leads_back(world: World, app: FastAPI, query: str) -> None:
    await looking(world)
    person = f"/stab/omrader/bergen/personer/{signup_id(4)}"
    answer = await Browser(app, KARI).get(f"{person}/flytt{query}")
    assert answer.status_code == (422 if query == "?gruppe=x" else 303)
    assert (await Browser(app, OLA).get(f"{person}/flytt{query}")).status_code in {404, 422}


@pytest.mark.parametrize("state", ["drafted", "enough", "confirmed", "cancelled", "started"])
async def test_search_of_a_group_that_does_not_look_is_refused(world: World, state: str) -> None:
    world = staff_acts.with_drafts(world) if state == "drafted" else world
    await wait(world, 5)
    if state in {"confirmed", "started"}:
        await world.all_say_yes()
    if state == "started":
        await world.until((await world.start_meeting()).ends_at)
    if state == "cancelled":
        await staff_acts.decide(world, group_commands.cancel_group, (await world.group()).id)
    slug = {"cancelled": "group_cancelled", "started": "group_closed"}.get(state, "enough_members")

    await refused(slug, world, decisions.prolong, (await world.group()).id)


async def test_reason_of_a_small_start_stays_in_its_row(world: World, app: FastAPI, group: Group) -> None:
    """It is free text, so it is in no event and no audit entry, and goes with the memberships."""
    reason = "Fordi ni kaniner og en gulrot venter."
    await Browser(app, KARI).press(page(group), f"{page(group)}/start-likevel", reason=reason)
    await world.until((await world.start_meeting()).ends_at)

    assert (await world.group()).start_reason == reason
    events = " ".join([event.model_dump_json() for event in await world.all_published()])
    entries = " ".join([str(entry) for entry in await world.audit_entries()])
    assert "kaniner" not in events + entries
    await hand_over(world)
    await run_job(world, jobs.ADVANCE_LIVES, days=30)
    assert (await world.group()).start_reason is None


@pytest.mark.parametrize(
    "reason",
    [
        "Ring Kari på 912 34 567",
        "kari@example.org vil",
        "x" * 301,
        "ja",
        "Født 01019012345",
        "Snakk med 55 55 55 55 først",
    ],
)
async def test_reason_that_names_a_person_is_refused(world: World, app: FastAPI, group: Group, reason: str) -> None:
    answer = await Browser(app, KARI).press(page(group), f"{page(group)}/start-likevel", reason=reason)

    assert answer.status_code == 422
    assert (await world.group()).start_reason is None


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


@pytest.mark.parametrize("act", ["behold-dato", "utsett", "start-likevel", "sla-sammen", "let-videre"])
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
