"""A stranger signs up for a meeting that is open to all: an address for one meeting, asked before it counts."""

import html
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from intake import jobs
from intake.usecases import contacts, meeting_guests, sealed_addresses
from intake.web.signup_form import PROOF
from shared.events import people
from shared.events.base import Event
from shared.events.contacts import Question
from shared.events.kontaktmoter import Announced, GuestAnswered, KontaktmoteCancelled, KontaktmoteChanged
from shared.kit.messaging.causes import Cause
from shared.reference.limits import UNPROVEN_MAILS
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_bots import solved

MEETING = UUID(int=78)
PAGE = f"/orienteringsmote/{MEETING}"


def event(world: World, kind: Any, version: int, **fields: Any) -> Any:
    now = world.clock.now()
    of_meeting = {"kontaktmote_id": MEETING, "version": version, "centre": "link-oslo"}
    return kind(**Cause.fresh().stamp(kind, f"{MEETING}|{version}", now), **of_meeting, **fields)


async def announce(world: World, **changes: Any) -> None:
    starts_at = world.clock.now() + timedelta(days=20)
    fields: dict[str, Any] = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), "open_to_all": True}
    await tell(world, event(world, Announced, 1, **(fields | changes)))


async def tell(world: World, *events: Any) -> None:
    for told in events:
        for _ in range(2):
            async with world.transaction() as session:
                if isinstance(told, GuestAnswered):
                    await meeting_guests.on_answered(session, told)
                else:
                    await sealed_addresses.on_announced(session, told)


async def sign_up(browser: Browser, email: str = "eva@example.org", prefix: str = "") -> str:
    page = await browser.get(prefix + PAGE)
    assert page.status_code == 200
    done = await browser.send(page, 0, email=email)
    return (await browser.get(done.headers["location"])).text if done.status_code == 303 else done.text


async def asked(world: World) -> list[people.GuestAsked]:
    return [found for found in await world.events() if isinstance(found, people.GuestAsked)]


async def addresses(world: World, guests: list[people.GuestAsked]) -> list[str | None]:
    question = Question(person_ids=tuple(guest.person_id for guest in guests), purpose="mail")
    async with world.transaction() as session:
        answer = await contacts.resolve(session, world.vault, question, service="notify", now=world.clock.now())
    return [contact.email for contact in answer.contacts]


async def test_guest_gives_an_address_and_is_asked_by_mail(browser: Browser, world: World) -> None:
    await announce(world)
    text = await sign_up(browser, "Eva@Example.org", "/nn")
    assert "Du er ikkje påmeld før du har svart ja" in text
    (guest,) = await asked(world)
    assert (guest.kontaktmote_id, guest.language) == (MEETING, "nn")
    assert "example" not in guest.model_dump_json()
    assert await addresses(world, [guest]) == ["Eva@example.org"]
    assert await world.count("signups") == 0


async def test_mailbox_is_asked_once_for_each_meeting_and_nobody_is_told(browser: Browser, world: World) -> None:
    await announce(world)
    answers = {await sign_up(browser, email) for email in ("eva@example.org", "eva@example.org", "EVA@EXAMPLE.ORG")}
    assert len(answers) == 1
    assert len(await asked(world)) == 1


async def test_known_person_who_signs_up_is_a_guest_of_their_own(browser: Browser, world: World) -> None:
    await world.confirmed(email="kari@example.org")
    await announce(world)
    await sign_up(browser, "kari@example.org")
    (guest,) = await asked(world)
    assert await world.count("people") == 2
    assert await addresses(world, [guest]) == ["kari@example.org"]


@pytest.mark.parametrize("email", ["", "eva", "eva@", "@example.org", "eva@example", "e va@example.org"])
async def test_wrong_address_is_answered_and_nothing_is_stored(browser: Browser, world: World, email: str) -> None:
    await announce(world)
    assert 'id="error-summary"' in await sign_up(browser, email)
    assert (await world.count("people"), await world.count("meeting_guests")) == (0, 0)


@pytest.mark.parametrize("why", ["unknown", "closed", "changed", "cancelled", "cancelled first", "begun"])
async def test_meeting_that_is_not_open_has_no_page(browser: Browser, world: World, why: str) -> None:
    starts_at = world.clock.now() + timedelta(days=20)
    cancelled = event(world, KontaktmoteCancelled, 2, starts_at=starts_at)
    ends_at = starts_at + timedelta(hours=2)
    if why == "cancelled first":
        await tell(world, cancelled)
    if why != "unknown":
        await announce(world, open_to_all=why != "closed")
    if why == "changed":
        await tell(world, event(world, KontaktmoteChanged, 2, sequence=1, starts_at=starts_at, ends_at=ends_at))
    elif why == "cancelled":
        await tell(world, cancelled)
    elif why == "begun":
        world.later(days=20)
    assert (await browser.get(PAGE)).status_code == 404


async def test_guest_is_erased_when_the_address_is_not_needed(browser: Browser, world: World) -> None:
    await announce(world)
    for name in ("silent", "declines", "comes"):
        await sign_up(browser, f"{name}@example.org")
    silent, declines, comes = await asked(world)
    world.later(hours=1)
    for guest, coming in ((declines, True), (declines, False), (comes, True)):
        world.later(minutes=1)
        await tell(world, event(world, GuestAnswered, 2, person_id=guest.person_id, coming=coming))
    left = []
    for hours in (70, 1.5, 1, 18 * 24, 6 * 24, 24):
        world.later(hours=hours)
        await jobs.ERASE_GUESTS.run(world.jobs)
        left.append(await world.count("people"))
    assert left == [3, 2, 1, 1, 1, 0]
    erased: list[Event] = [found for found in await world.events() if isinstance(found, people.Erased)]
    assert len(erased) == 3
    assert await addresses(world, [silent, declines, comes]) == []


@pytest.mark.parametrize("number", [1, 5, UNPROVEN_MAILS.figure, UNPROVEN_MAILS.figure + 1, 30])
async def test_guests_without_proof_share_a_stated_budget_and_none_is_lost(world: World, number: int) -> None:
    await announce(world)
    for each in range(number):
        async with world.transaction() as session:
            now = world.clock.now()
            email = f"guest{each}@example.org"
            await meeting_guests.ask(session, world.vault, MEETING, email, "nb", proven=False, now=now)
    await world.decide()
    assert len(await asked(world)) == min(number, UNPROVEN_MAILS.figure)
    world.later(minutes=61)
    await jobs.ASK_GUESTS.run(world.jobs)
    assert len(await asked(world)) == number


async def test_guest_whose_browser_has_computed_is_proven(browser: Browser, world: World) -> None:
    await announce(world)
    page = await browser.get(PAGE)
    challenge = json.loads(html.unescape(page.text.split('data-challenge="')[1].split('"')[0]))
    browser.client.event_hooks["response"].clear()
    for email, proof in (
        ("a@example.org", solved(challenge)),
        ("b@example.org", solved(challenge)),
        ("c@example.org", ""),
    ):
        await browser.send(page, 0, email=email, **{PROOF: proof})
    proven = await world.rows("select proven from guest_requests order by asked_at, person_id")
    assert sorted(row[0] for row in proven) == [False, False, True]


async def test_guest_over_the_budget_is_forgotten_when_the_time_is_over(world: World) -> None:
    await announce(world)
    async with world.transaction() as session:
        await meeting_guests.ask(session, world.vault, MEETING, "eva@example.org", "nb", now=world.clock.now())
    await world.rows("update guest_requests set postponed = true returning 1")
    world.later(days=4)
    await jobs.ERASE_GUESTS.run(world.jobs)
    assert (await world.count("people"), await world.count("guest_requests")) == (0, 0)
