"""The forsamtale: times that a centre opens, one for each person, calls in vain, and the three outcomes."""

import asyncio
import json
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from intake.domain.talk_times import Span, row_of_times
from intake.domain.talks import OFFER_STANDS, Talk, TalkOutcome
from intake.jobs import COUNT_UNANSWERED_TALKS, MARK_TALKS_PAST, SYNC_TASKS
from intake.usecases import pauses, talk_times, talks
from intake.usecases.signup_rows import Source
from intake.usecases.talk_times import NewTimes
from shared.errors import DomainError
from shared.events.talks import TalkBooked, TalkCancelled, TalkEvent, TalkHeld, TalkOffered
from shared.events.tasks import Opened, TaskEvent
from shared.kit.messaging.causes import Cause
from shared.reference.link_purposes import TALK
from shared.reference.policy import Policy
from shared.timezone import OSLO_TZ
from tests.intake.support.browser import Browser, forms_of
from tests.intake.support.world import World
from tests.intake.test_centres import with_policy
from tests.intake.test_policy_pages import plain

MOBILE = "+4791234567"
PHONE_ONLY: dict[str, Any] = {"email": None, "mobile": MOBILE}
ORAL = Source("oral", "berit")
MEMBER = "state = 'member', placed_at = now(), group_id = gen_random_uuid(), group_version = 1"


def policy(world: World, value: str, browser: Browser | None = None) -> None:
    """Change what the centre in Bergen decided, also for the pages of a browser."""
    changed = with_policy(world.directory.current(), "link-bergen", forsamtale=value)
    world.directory.replace(changed)
    if browser is not None:
        browser.app.state.deps.directory.replace(changed)


async def opened(
    world: World,
    count: int = 2,
    *,
    centre: str = "link-bergen",
    way: Any = "phone",
    days: float = 2,
    held_by: str = "Berit",
) -> list[UUID]:
    """Open times in a row some days ahead; return their ids."""
    first = world.clock.now() + timedelta(days=days)
    half = timedelta(minutes=30)
    spans = tuple(Span(first + number * half, first + (number + 1) * half) for number in range(count))
    async with world.transaction() as session:
        await talk_times.open_times(session, NewTimes(centre, spans, way, held_by), actor=world.actor())
    rows = await world.rows("select time_id from talk_times order by opened_at, starts_at")
    return [row[0] for row in rows][-count:]


async def book(world: World, signup_id: UUID, time_id: UUID) -> None:
    async with world.transaction() as session:
        await talks.book(session, world.centres, signup_id, time_id, now=world.clock.now(), cause=Cause.fresh())


async def missed(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await talks.record_missed(session, world.centres, signup_id, actor=world.actor())


async def outcome(world: World, signup_id: UUID, result: TalkOutcome) -> None:
    async with world.transaction() as session:
        await talks.record_outcome(session, world.centres, signup_id, result, actor=world.actor())


async def talk_events(world: World) -> list[TalkEvent]:
    return [event for event in await world.events() if isinstance(event, TalkEvent)]


async def state_of(world: World, signup_id: UUID) -> str:
    ((state,),) = await world.rows(f"select state from signups where signup_id = '{signup_id}'")
    return str(state)


async def has_time(world: World) -> list[UUID]:
    return [row[0] for row in await world.rows("select time_id from talks where time_id is not null")]


async def open_tasks(world: World) -> list[Opened]:
    newest: dict[UUID, TaskEvent] = {}
    for event in await world.task_events():
        newest[event.task_id] = event
    return [event for event in newest.values() if isinstance(event, Opened)]


async def task_kinds(world: World) -> list[str]:
    return sorted(task.kind for task in await open_tasks(world))


def page_of(browser: Browser, signup_id: UUID, language: str = "nb") -> str:
    return str(browser.app.state.deps.links.url("", language, TALK, signup_id))


async def person_with_number(world: World, **changes: Any) -> UUID:
    return await world.confirmed(mobile=MOBILE, **changes)


async def by_phone(world: World, **changes: Any) -> UUID:
    """A person without an address signs up and is confirmed by phone."""
    from intake.usecases import confirm

    signup_id = await world.signed_up(source=ORAL, **PHONE_ONLY, **changes)
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.centres, signup_id, actor=world.actor())
    return signup_id


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


# Outcomes


async def test_not_now_is_a_pause_after_which_one_can_talk_again(browser: Browser, world: World) -> None:
    policy(world, "required")
    (first, second) = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await outcome(world, signup_id, TalkOutcome.NOT_NOW)
    await outcome(world, signup_id, TalkOutcome.NOT_NOW)  # pressed twice
    assert await world.count("signups", "paused_at is not null and state = 'confirmed'") == 1
    assert await task_kinds(world) == []
    assert (await world.subjects()).count("paused") == 1
    centre = world.centres.get("link-bergen")
    assert centre is not None
    consent = centre.policy.consent_version
    async with world.transaction() as session:
        given = pauses.NewConsent(consent, "nb")
        await pauses.resume(session, world.centres, signup_id, given, now=world.clock.now(), cause=Cause.fresh())
    assert await task_kinds(world) == ["talk"]
    await book(world, signup_id, second)
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    assert await state_of(world, signup_id) == "ready"


async def test_referred_person_is_withdrawn_and_forgotten(world: World) -> None:
    signup_id = await person_with_number(world)
    await outcome(world, signup_id, TalkOutcome.REFERRED)
    assert await state_of(world, signup_id) == "withdrawn"
    held = (await talk_events(world))[-1]
    assert isinstance(held, TalkHeld)
    assert held.outcome == "referred"
    assert (await world.subjects())[-2:] == ["talk_held", "withdrawn"]


async def test_no_word_of_a_talk_can_be_kept(browser: Browser, world: World) -> None:
    columns = {row[0] for row in await world.rows(
        "select column_name from information_schema.columns where table_name = 'talks' and data_type like '%char%'"
    )}  # fmt: skip
    assert columns == {"outcome"}
    signup_id = await person_with_number(world)
    with pytest.raises(IntegrityError, match="talks_outcome"):
        async with world.transaction() as session:
            await session.execute(
                sa.text(
                    "insert into talks (signup_id, sequence, past, unanswered, outcome)"
                    f" values ('{signup_id}', 0, false, 0, 'sad')"
                )
            )
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    assert not re.search(r'<textarea|type="text"', page.text)


async def test_member_of_a_group_is_neither_paused_nor_withdrawn(world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    async with world.transaction() as session:
        await session.execute(sa.text(f"update signups set {MEMBER}"))
    for result in (TalkOutcome.NOT_NOW, TalkOutcome.REFERRED):
        with pytest.raises(DomainError, match="talk_outcome_impossible"):
            await outcome(world, signup_id, result)
    await missed(world, signup_id)
    assert not [event for event in await talk_events(world) if isinstance(event, TalkOffered)]
    assert await task_kinds(world) == []


# Calls in vain


async def test_missed_talks_are_offered_again_and_then_there_is_silence(browser: Browser, world: World) -> None:
    signup_id = await person_with_number(world)
    for number in range(1, 4):
        (time_id,) = await opened(world, 1, days=number)
        await book(world, signup_id, time_id)
        world.later(days=number, hours=1)
        await MARK_TALKS_PAST.run(world.jobs)
        assert await task_kinds(world) == ["talk_outcome"]
        await missed(world, signup_id)
        assert await task_kinds(world) == []
    offers = [event for event in await talk_events(world) if isinstance(event, TalkOffered)]
    assert [offer.number for offer in offers] == [1, 2]  # one mail each; the third time nothing is sent
    events = len(await world.all_events())
    world.later(days=60)
    for job in (MARK_TALKS_PAST, COUNT_UNANSWERED_TALKS, SYNC_TASKS):
        await job.run(world.jobs)
    assert len(await world.all_events()) == events
    text = (await browser.get(page_of(browser, signup_id))).text
    assert "Nå sender vi ikke mer om dette" in text
    with pytest.raises(DomainError, match="talk_outcome_impossible"):
        await missed(world, signup_id)
    (time_id,) = await opened(world, 1, days=1)
    await book(world, signup_id, time_id)  # the person can always come back
    assert await task_kinds(world) == ["talk_phone"]


async def test_required_offer_without_answer_is_repeated_once(world: World) -> None:
    policy(world, "required")
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await missed(world, signup_id)
    for _ in range(4):
        world.later(days=OFFER_STANDS.days, minutes=1)
        for _ in range(2):
            await COUNT_UNANSWERED_TALKS.run(world.jobs)
            await SYNC_TASKS.run(world.jobs)
    offers = [event.number for event in await talk_events(world) if isinstance(event, TalkOffered)]
    assert offers == [1, 2]
    assert await task_kinds(world) == []
    assert await state_of(world, signup_id) == "confirmed"


async def test_phone_only_person_is_called_three_mornings_at_most(world: World) -> None:
    policy(world, "required")
    signup_id = await by_phone(world)
    assert await task_kinds(world) == ["talk"]
    calls = []
    for _ in range(2):
        await missed(world, signup_id)
        (task,) = await open_tasks(world)
        assert task.kind == "talk_asked"
        calls.append(task.visible_from.astimezone(OSLO_TZ))
        world.clock.set(task.visible_from)
    await missed(world, signup_id)
    assert await task_kinds(world) == []
    assert [(at.hour, at.weekday() < 5) for at in calls] == [(9, True)] * 2
    assert calls[0] < calls[1]
    assert all(event.by_mail is False for event in await talk_events(world) if isinstance(event, TalkOffered))


# The list of today


async def test_booked_time_is_a_task_of_its_day_and_then_a_question(world: World) -> None:
    (first,) = await opened(world, 1, way="office")
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    (task,) = await open_tasks(world)
    assert task.kind == "talk_office"
    assert task.due_at == datetime(2026, 1, 7, 11, tzinfo=UTC)
    assert task.visible_from == datetime(2026, 1, 6, 23, tzinfo=UTC)  # midnight in Norway
    assert task.path == f"/stab/forsamtaler/{signup_id}"
    world.later(days=2, minutes=31)
    for _ in range(2):
        await MARK_TALKS_PAST.run(world.jobs)
    assert await task_kinds(world) == ["talk_outcome"]
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    assert await task_kinds(world) == []


async def test_staff_call_later_where_people_can_pick_themselves(world: World) -> None:
    policy(world, "required")
    await person_with_number(world, email="a@example.org")
    (at_once,) = await open_tasks(world)
    await opened(world, 1)
    await person_with_number(world, email="b@example.org")
    (later,) = [task for task in await open_tasks(world) if task != at_once]
    assert at_once.visible_from == world.clock.now()
    assert later.visible_from == world.clock.now() + timedelta(days=3)


async def test_page_of_a_talk_has_four_buttons_and_leads_back(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    (task,) = await open_tasks(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"{task.path}?oppgave={task.task_id}")
    for label in ("Klar", "Ikke nå", "Henvist videre", "Fikk ikke tak i"):
        assert f">{label}</button>" in page.text
    assert "912 34 567" in page.text
    answer = await browser.press(page, "/utfall", utfall="klar")
    assert answer.headers["location"] == f"/stab/?ferdig={task.task_id}"
    assert await world.count("talks", "outcome = 'clear'") == 1
    shown = [entry[1] for entry in await world.audit_entries()]
    assert shown == ["talks.opened", "signup.talk_viewed", "signup.talk_held"]
    rows = await world.rows("select reader, purpose from contact_readings")
    assert ("berit", "call") in [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("press", "action"),
    [
        (("/utfall", "ikke-na"), "signup.talk_not_now"),
        (("/utfall", "henvist"), "signup.talk_referred"),
        (("/ikke-svar", ""), "signup.talk_missed"),
        (("/gi-opp", ""), "signup.talk_given_up"),
    ],
)
async def test_every_act_of_staff_leaves_one_row(
    browser: Browser, world: World, press: tuple[str, str], action: str
) -> None:
    (first,) = await opened(world, 1)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    answer = await browser.press(page, press[0], **({"utfall": press[1]} if press[1] else {}))
    assert answer.status_code == 303
    assert [entry[1] for entry in await world.audit_entries()].count(action) == 1


async def test_staff_book_for_a_person_on_the_phone(browser: Browser, world: World) -> None:
    first, second = await opened(world)
    signup_id = await by_phone(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    page = await browser.press(page, "/tid", tid=str(first))
    assert page.status_code == 303
    assert await has_time(world) == [first]
    other = await person_with_number(world, email="b@example.org")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    await book(world, other, second)
    answer = await browser.press(page, "/tid", tid=str(second))
    answer = await browser.get(answer.headers["location"])
    assert answer.status_code == 409
    assert "Noen andre tok den tiden" in answer.text


@pytest.mark.parametrize("word", ["", "frisk", "../x", "klar ", "KLAR"])
async def test_unknown_outcome_is_refused(browser: Browser, world: World, word: str) -> None:
    signup_id = await person_with_number(world)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/forsamtaler/{signup_id}")
    assert (await browser.press(page, "/utfall", utfall=word)).status_code == 409
    assert await world.count("talks") == 0


# The centre's times

FORM: dict[str, str] = {
    "dag": "2026-01-08",
    "klokken": "10:00",
    "minutter": "30",
    "antall": "3",
    "uker": "2",
    "hvordan": "phone",
    "hos": "  Berit  Lund ",
}


async def opening(browser: Browser, **changes: str) -> httpx.Response:
    page = await browser.get("/stab/forsamtaler")
    return await browser.press(page, "/stab/forsamtaler", **(FORM | changes))


async def test_centre_opens_a_row_of_times_at_norwegian_hours(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    answer = await opening(browser)
    assert "6 tider er åpnet." in (await browser.get(answer.headers["location"])).text
    rows = await world.rows("select starts_at, held_by, centre, way from talk_times order by starts_at")
    local = [row[0].astimezone(OSLO_TZ).strftime("%d.%m %H:%M") for row in rows]
    assert local == ["08.01 10:00", "08.01 10:30", "08.01 11:00", "15.01 10:00", "15.01 10:30", "15.01 11:00"]
    assert {tuple(row[1:]) for row in rows} == {("Berit Lund", "link-bergen", "phone")}
    assert [entry[1] for entry in await world.audit_entries()] == ["talks.opened"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dag": ""}, "Velg en dag"),
        ({"dag": "2026-13-40"}, "Dag"),
        ({"klokken": "25:99"}, "Klokkeslett"),
        ({"klokken": ""}, "Skriv når den første samtalen begynner"),
        ({"antall": "99"}, "Hvor mange etter hverandre"),
        ({"minutter": "1"}, "Hvor lang"),
        ({"hvordan": "telepati"}, "Hvordan"),
        ({"hos": "x" * 61}, "Hvem snakker"),
        ({"dag": "2026-01-05", "klokken": "09:00"}, "Den første tiden er alt begynt"),
    ],
)
async def test_times_with_a_fault_are_shown_again_and_lose_nothing(
    browser: Browser, world: World, changes: dict[str, str], said: str
) -> None:
    browser.sign_in_as_member("link-bergen")
    page = await opening(browser, **changes)
    assert page.status_code in (200, 422)
    assert said in page.text
    kept = {**FORM, **changes}
    assert f'value="{kept["dag"]}"' in page.text
    assert await world.count("talk_times") == 0


async def test_times_of_one_helper_never_overlap(browser: Browser, world: World) -> None:
    browser.sign_in_as_member("link-bergen")
    await opening(browser, antall="1", uker="1")
    page = await opening(browser, antall="1", uker="1", klokken="10:15", hos="berit lund")
    assert "har alt en tid da" in page.text
    await opening(browser, antall="1", uker="1", klokken="10:15", hos="Ola")
    await opening(browser, antall="1", uker="1", klokken="10:30")
    assert await world.count("talk_times") == 3


async def test_names_on_the_page_of_times_are_recorded(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    browser.sign_in_as_member("link-bergen")
    await browser.get("/stab/forsamtaler")
    assert [entry[1] for entry in await world.audit_entries()] == ["talks.opened"]
    await book(world, await person_with_number(world), first)
    text = (await browser.get("/stab/forsamtaler")).text
    assert "Kari" in text
    assert [entry[1] for entry in await world.audit_entries()] == ["talks.opened", "talks.viewed"]
    rows = [tuple(row) for row in await world.rows("select reader, purpose from contact_readings")]
    assert ("berit", "list") in rows


@pytest.mark.parametrize("value", ["offered", "required"])
async def test_closing_a_booked_time_cancels_and_offers_others(browser: Browser, world: World, value: str) -> None:
    policy(world, value, browser)
    first, second = await opened(world)
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get("/stab/forsamtaler")
    answer = await browser.press(page, f"/tider/{first}/lukk")
    assert "Tiden er lukket" in (await browser.get(answer.headers["location"])).text
    cancelled = (await talk_events(world))[-1]
    assert isinstance(cancelled, TalkCancelled)
    assert (cancelled.reason, cancelled.sequence, cancelled.by_mail) == ("closed", 1, True)
    text = (await browser.get(page_of(browser, signup_id))).text
    assert str(second) in text
    assert str(first) not in text
    assert await task_kinds(world) == []  # the mail has the link to the other times
    await browser.press(page, f"/tider/{first}/lukk")  # pressed twice
    assert [entry[1] for entry in await world.audit_entries()].count("talks.closed") == 1


async def test_closing_the_time_of_a_phone_only_person_is_a_call(world: World) -> None:
    (first,) = await opened(world, 1)
    signup_id = await by_phone(world)
    async with world.transaction() as session:
        await talks.book_by_staff(session, world.centres, signup_id, first, actor=world.actor())
    async with world.transaction() as session:
        await talk_times.close_time(session, world.centres, first, actor=world.actor())
    (task,) = await open_tasks(world)
    assert (task.kind, task.visible_from) == ("talk_asked", world.clock.now())


async def test_closing_and_booking_at_once_leave_one_of_them(world: World) -> None:
    for _ in range(4):
        (time_id,) = await opened(world, 1, held_by=str(uuid4()))
        signup_id = await person_with_number(world, email=f"{uuid4()}@example.org")

        async def close(time_id: UUID = time_id) -> None:
            async with world.transaction() as session:
                await talk_times.close_time(session, world.centres, time_id, actor=world.actor())

        await asyncio.gather(book(world, signup_id, time_id), close(), return_exceptions=True)
        both = await world.count(
            "talks join talk_times using (time_id)", f"time_id = '{time_id}' and closed_at is not null"
        )
        assert both == 0


async def test_other_centres_talks_and_times_are_404(browser: Browser, world: World) -> None:
    (first,) = await opened(world, 1)
    (oslo,) = await opened(world, 1, centre="link-oslo")
    signup_id = await person_with_number(world)
    with pytest.raises(DomainError, match="unknown_talk_time"):
        await book(world, signup_id, oslo)
    browser.sign_in_as_member("link-oslo")
    assert (await browser.get(f"/stab/forsamtaler/{signup_id}")).status_code == 404
    page = await browser.get("/stab/forsamtaler")
    assert str(first) not in page.text
    for path in (
        f"/stab/forsamtaler/tider/{first}/lukk",
        f"/stab/forsamtaler/{signup_id}/tid",
        f"/stab/forsamtaler/{signup_id}/utfall",
        f"/stab/forsamtaler/{signup_id}/ikke-svar",
        f"/stab/forsamtaler/{signup_id}/gi-opp",
    ):
        answer = await browser.send(page, 0, path, tid=str(oslo), utfall="klar")
        assert answer.status_code in (403, 404), path
    assert await world.count("talk_times", "closed_at is not null") == 0
    assert (await opening(browser, senter="link-bergen")).status_code == 404


@pytest.mark.parametrize("roles", [["igangsetter"], ["admin"]])
async def test_only_coordinators_see_times(browser: Browser, roles: list[str]) -> None:
    browser.sign_in_as_member("link-bergen", roles=roles)
    assert (await browser.get("/stab/forsamtaler")).status_code == 403


async def test_events_have_neither_names_nor_words(world: World) -> None:
    (first,) = await opened(world, 1, held_by="Berit Lund")
    signup_id = await person_with_number(world)
    await book(world, signup_id, first)
    await missed(world, signup_id)
    await outcome(world, signup_id, TalkOutcome.CLEAR)
    text = json.dumps([event.model_dump(mode="json") for event in await world.all_events()])
    for word in ("Berit", "Lund", "Kari", "91234567", "kari@"):
        assert word not in text


# Rules


@pytest.mark.parametrize("day", [date(2026, 3, 26), date(2026, 10, 22), date(2026, 12, 17), date(2027, 4, 29)])
def test_rows_keep_the_hour_through_summer_time_and_skip_days_off(day: date) -> None:
    spans = row_of_times(day, time(10), minutes=20, in_a_row=3, weeks=3)
    assert {span.starts_at.astimezone(OSLO_TZ).strftime("%H:%M") for span in spans} == {"10:00", "10:20", "10:40"}
    days = {span.starts_at.astimezone(OSLO_TZ).date() for span in spans}
    off = {date(2026, 12, 24), date(2026, 12, 31), date(2027, 5, 6), date(2027, 5, 13)}
    assert not days & {date(2026, 12, 24), date(2026, 12, 31)}
    assert all((later - earlier).days % 7 == 0 for earlier, later in pairwise(sorted(days)))
    assert day in days
    assert len(days) in (1, 2, 3)
    assert off


STEPS = st.lists(
    st.sampled_from(["book", "ask", "give_up", "miss", "end", "offer", "clear", "not_now", "reopen"]), max_size=30
)


@given(STEPS)
def test_talk_is_always_in_one_stage_and_never_chases_more_than_twice(steps: list[str]) -> None:
    talk, now, offers = Talk(), datetime(2026, 1, 5, tzinfo=UTC), 0
    for step in steps:
        if talk.stage == "held" and step != "reopen":
            continue
        before = talk
        match step:
            case "book":
                talk = talk.book(uuid4(), uuid4())
            case "ask":
                talk = talk.give_up().ask(now, uuid4())
            case "give_up":
                talk = talk.give_up()
            case "miss":
                talk = talk.miss(uuid4(), now + OFFER_STANDS, None)
                offers += talk.offered_until is not None
            case "offer":
                talk = talk.offer(uuid4(), None, None)
            case "end":
                talk = talk.end()
            case "reopen":
                talk = talk.reopen()
            case _:
                talk = talk.hold(TalkOutcome(step))
        arranged = [talk.time_id, talk.call_from, talk.outcome]
        assert sum(value is not None for value in arranged) <= 1
        assert talk.past <= (talk.time_id is not None)
        assert talk.time_id is None or talk.talk_id is not None
        assert talk.unanswered >= before.unanswered
        if before.time_id is not None and talk.time_id not in (None, before.time_id):
            assert (talk.talk_id, talk.sequence) == (before.talk_id, before.sequence + 1)
    assert offers <= 2
