"""The forsamtale of a person: times to pick from, one for each, and what the policy says about them."""

import asyncio
import json
import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from intake.domain.talks import TalkOutcome
from intake.usecases import pauses
from shared.errors import DomainError
from shared.events.talks import TalkBooked, TalkCancelled
from shared.kit.messaging.causes import Cause
from shared.reference.policy import Policy
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.talks import (
    MEMBER,
    MOBILE,
    book,
    has_time,
    missed,
    opened,
    outcome,
    page_of,
    person_with_number,
    policy,
    state_of,
    talk_events,
    task_kinds,
)
from tests.intake.support.world import World
from tests.intake.test_policy_pages import plain
from tests.shared.support.plain import without_tokens


async def test_person_picks_a_time_in_three_presses(browser: Browser, world: World) -> None:
    first, _ = await opened(world)
    await world.signed_up(mobile=MOBILE)
    links = browser.app.state.deps.links
    page = await browser.get(links.url("", "nb", "confirm", await world.newest_confirmation()))
    page = await browser.send(page)  # 1
    (path,) = re.findall(r'href="(/prat/[^"]+)"', page.text)
    page = await browser.get(path)  # 2
    assert "Klokkeslettene er norsk tid" in page.text
    page = await browser.follow(page, tid=str(first))  # 3
    assert "Tiden er din." in page.text
    assert "Onsdag 7. januar 2026 kl. 12.00" in page.text
    assert await has_time(world) == [first]
    (event,) = await talk_events(world)
    assert isinstance(event, TalkBooked)
    assert (event.sequence, event.way, event.starts_at) == (0, "phone", datetime(2026, 1, 7, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("language", "said"),
    [("nb", "Onsdag 7. januar 2026 kl. 12.00"), ("nn", "kl. 12.00"), ("en", "Wednesday 7 January 2026")],
)
async def test_time_is_shown_in_the_readers_language(browser: Browser, world: World, language: str, said: str) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    assert said in plain(await browser.get(page_of(browser, signup_id, language)))


async def test_looking_at_the_page_changes_nothing(browser: Browser, world: World) -> None:
    await opened(world)
    signup_id = await person_with_number(world)
    before = len(await world.all_events())
    for _ in range(3):
        assert (await browser.get(page_of(browser, signup_id))).status_code == 200
    assert len(await world.all_events()) == before
    assert await world.count("talks") == 0


async def test_two_people_at_once_never_get_the_same_time(world: World) -> None:
    people = [await person_with_number(world, email=f"nr{number}@example.org") for number in range(6)]
    times = await opened(world, 3)

    async def pick(signup_id: UUID, time_id: UUID) -> str:
        try:
            await book(world, signup_id, time_id)
        except DomainError as error:
            return error.slug
        return "booked"

    answers = await asyncio.gather(*(pick(person, time_id) for time_id in times for person in people))
    assert set(answers) == {"booked", "talk_time_taken"}
    held = await has_time(world)
    assert len(held) == len(set(held))
    assert len(held) >= 1


async def test_database_refuses_a_second_person_at_one_time(world: World) -> None:
    one, other = [await person_with_number(world, email=f"{name}@example.org") for name in ("a", "b")]
    (time_id,) = await opened(world, 1)
    await book(world, one, time_id)
    with pytest.raises(IntegrityError, match="talks_one_for_each_time"):
        async with world.transaction() as session:
            await session.execute(
                sa.text(
                    "insert into talks (signup_id, sequence, time_id, past, unanswered)"
                    f" values ('{other}', 0, '{time_id}', false, 0)"
                )
            )


async def test_time_taken_meanwhile_shows_the_others(browser: Browser, world: World) -> None:
    first, second = await opened(world)
    one, other = [await person_with_number(world, email=f"{name}@example.org") for name in ("a", "b")]
    page = await browser.get(page_of(browser, other))
    await book(world, one, first)
    answer = await browser.send(page, tid=str(first))
    assert answer.status_code == 409
    assert "Noen andre tok den tiden akkurat nå" in answer.text
    assert str(second) in answer.text
    assert str(first) not in answer.text


async def test_change_keeps_the_booking_and_frees_the_old_time(world: World) -> None:
    first, second = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await book(world, signup_id, second)
    await book(world, signup_id, second)  # pressed twice
    assert await has_time(world) == [second]
    old, new = await talk_events(world)
    assert isinstance(old, TalkBooked)
    assert isinstance(new, TalkBooked)
    assert old.talk_id == new.talk_id
    assert (old.sequence, new.sequence) == (0, 1)


async def test_given_up_time_is_free_and_the_next_booking_is_new(browser: Browser, world: World) -> None:
    first, _ = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    page = await browser.get(page_of(browser, signup_id))
    number = next(n for n, form in enumerate(forms_of(page)) if n and form.action.endswith(page.url.path))
    page = await browser.follow(page, number, svar="gi-opp")
    assert "Tiden er gitt fri." in page.text
    assert await has_time(world) == []
    await book(world, signup_id, first)
    booked, cancelled, again = await talk_events(world)
    assert isinstance(cancelled, TalkCancelled)
    assert (cancelled.talk_id, cancelled.sequence, cancelled.reason) == (booked.talk_id, 1, "given_up")
    assert again.talk_id != booked.talk_id


async def test_person_without_number_gives_it_with_the_time(browser: Browser, world: World) -> None:
    first, _ = await opened(world)
    signup_id = await world.confirmed()
    page = await browser.get(page_of(browser, signup_id))
    assert "Uten det kan vi ikke ringe" in page.text
    for wrong, said in (("", "Skriv mobilnummeret ditt"), ("12", "Se over mobilnummeret")):
        answer = await browser.send(page, tid=str(first), mobile=wrong)
        assert answer.status_code == 422
        assert said in answer.text
        assert await has_time(world) == []
    page = await browser.follow(page, tid=str(first), mobile="912 34 567")
    assert "Tiden er din." in page.text
    assert "Uten det kan vi ikke ringe" not in (await browser.get(page_of(browser, signup_id))).text


async def test_office_needs_no_number(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1, way="office")
    signup_id = await world.confirmed()
    page = await browser.follow(await browser.get(page_of(browser, signup_id)), tid=str(first))
    assert "på kontoret til LINK Bergen" in page.text


async def test_person_asks_for_a_call_and_changes_their_mind(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    page = await browser.follow(await browser.get(page_of(browser, signup_id)), svar="ring")
    assert "Vi ringer deg" in page.text
    assert await task_kinds(world) == ["talk_asked"]
    await book(world, signup_id, first)
    assert await task_kinds(world) == ["talk_phone"]
    page = await browser.get(page_of(browser, signup_id))
    await browser.send(page, svar="ring")
    assert await has_time(world) == []
    assert await task_kinds(world) == ["talk_asked"]
    cancelled = (await talk_events(world))[-1]
    assert isinstance(cancelled, TalkCancelled)


@pytest.mark.parametrize("end", ["pause", "withdraw", "erase"])
async def test_end_of_waiting_frees_the_time_and_cancels(world: World, end: str) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    match end:
        case "pause":
            async with world.transaction() as session:
                await pauses.pause(session, signup_id, now=world.clock.now(), cause=Cause.fresh())
        case "withdraw":
            await world.withdraw(signup_id)
        case _:
            await world.erase(await world.person_of(signup_id))
    assert await has_time(world) == []
    assert await task_kinds(world) == []
    reasons = [event.reason for event in await talk_events(world) if isinstance(event, TalkCancelled)]
    assert reasons == {"pause": ["paused"], "withdraw": ["over"], "erase": []}[end]
    other = await person_with_number(world, email="ny@example.org")
    await book(world, other, first)


@pytest.mark.parametrize(
    ("change", "page"),
    [("paused_at = now()", "Du har pause"), (MEMBER, "Gruppa har startet"), ("talked_at = now()", "Takk for praten")],
)
async def test_page_of_a_person_who_cannot_pick_says_why(
    browser: Browser, world: World, change: str, page: str
) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    async with world.transaction() as session:
        await session.execute(sa.text(f"update signups set {change}"))
    shown = await browser.get(page_of(browser, signup_id))
    assert page in shown.text
    assert str(first) not in shown.text
    with pytest.raises(DomainError, match="talk_closed"):
        await book(world, signup_id, first)


async def test_page_of_somebody_unknown_or_gone(browser: Browser, world: World) -> None:
    signup_id = await person_with_number(world)
    assert (await browser.get("/prat/forfalsket")).status_code == 404
    await world.withdraw(signup_id)
    answer = await browser.get(page_of(browser, signup_id))
    assert answer.status_code == 410
    assert "/passer-det" in answer.text
    assert (await browser.get(page_of(browser, uuid4()))).status_code == 410


async def test_unconfirmed_person_cannot_hold_a_time(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await world.signed_up(mobile=MOBILE)
    assert "ikke bekreftet ennå" in (await browser.get(page_of(browser, signup_id))).text
    with pytest.raises(DomainError, match="talk_closed"):
        await book(world, signup_id, first)


async def test_past_and_imminent_times_cannot_be_picked(browser: Browser, world: World) -> None:
    (soon,) = await opened(world, 1, days=1 / 24)
    (later,) = await opened(world, 1, days=1)
    signup_id = await person_with_number(world)
    text = (await browser.get(page_of(browser, signup_id))).text
    assert str(later) in text
    assert str(soon) not in text
    with pytest.raises(DomainError, match="talk_time_taken"):
        await book(world, signup_id, soon)


# What the policy says


async def test_presets_offer_the_talk_as_their_texts_say(browser: Browser, world: World) -> None:
    places = {"link-bergen": "5003", "link-oslo": "0150", "link": "7010", "selvhjelp-norge": "1383"}
    for number, (centre, place) in enumerate(places.items()):
        await opened(world, 1, centre=centre)
        signup_id = await world.confirmed(place=place, email=f"{number}@example.org", mobile=MOBILE)
        text = (await browser.get(page_of(browser, signup_id))).text
        preset = world.centres.get(centre)
        assert preset is not None
        assert ("Det er frivillig" in text) is (preset.policy.forsamtale == "offered"), centre
        assert ("Ingen tider å velge" in text) is (preset.policy.forsamtale == "off"), centre
        assert await state_of(world, signup_id) == "ready"  # no preset makes it a condition
    assert {centre.id: centre.policy.forsamtale for centre in world.centres.all} == {
        "link-bergen": "offered",
        "link-oslo": "off",
        "link": "off",
        "selvhjelp-norge": "off",
    }


@pytest.mark.parametrize("value", ["offered", "required"])
async def test_required_talk_gates_and_an_offered_one_does_not(browser: Browser, world: World, value: str) -> None:
    policy(world, value, browser)
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    required = value == "required"
    assert await state_of(world, signup_id) == ("confirmed" if required else "ready")
    assert ("Vi tar en prat med alle" in (await browser.get(page_of(browser, signup_id))).text) is required
    await book(world, signup_id, first)
    assert await state_of(world, signup_id) == ("confirmed" if required else "ready")
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    assert await state_of(world, signup_id) == "ready"
    subjects = await world.subjects()
    assert subjects.count("ready") == 1
    assert (subjects.index("ready") > subjects.index("talk_held")) is required


async def test_policy_without_talk_shows_nothing(browser: Browser, world: World) -> None:
    policy(world, "off", browser)
    (first,) = await opened(world, 1)
    await world.signed_up(mobile=MOBILE)
    links = browser.app.state.deps.links
    page = await browser.send(await browser.get(links.url("", "nb", "confirm", await world.newest_confirmation())))
    assert "/prat/" not in page.text
    (row,) = await world.rows("select signup_id from signups")
    assert str(first) not in (await browser.get(page_of(browser, row[0]))).text
    with pytest.raises(DomainError, match="talk_closed"):
        await book(world, row[0], first)
    assert await task_kinds(world) == []


async def test_booked_time_stands_when_the_policy_changes(browser: Browser, world: World) -> None:
    first, _ = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    policy(world, "off", browser)
    assert "Tiden din" in (await browser.get(page_of(browser, signup_id))).text


@pytest.mark.parametrize("centre", ["link-bergen", "link-oslo", "link", "selvhjelp-norge"])
@pytest.mark.parametrize("value", ["off", "offered", "required"])
def test_every_preset_takes_every_value(centre: str, value: str) -> None:
    from shared.reference import centres

    preset = centres.load().get(centre)
    assert preset is not None
    assert Policy.model_validate({**preset.policy.as_data(), "forsamtale": value}).forsamtale == value


async def test_events_have_neither_names_nor_words(world: World) -> None:
    (first,) = await opened(world, 1, held_by="Berit Lund")
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await missed(world, signup_id)
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    text = json.dumps([event.model_dump(mode="json") for event in await world.all_events()])
    for word in ("Berit", "Lund", "Kari", "91234567", "kari@"):
        assert word not in without_tokens(text)
