"""A form changes nothing until its owner presses: one statement for all, decided about later, bound at the press."""

import asyncio
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import jobs
from intake.domain.corrections import SeatEffect, seat_effect
from intake.domain.form import mailbox_of_normalized
from intake.domain.signups import ConfirmationStatus
from intake.domain.submissions import Decision, decide
from intake.store import Signup
from intake.submission_worker import GATHER_SECONDS, LONGEST_REST_SECONDS, REST, SubmissionWorker, rest_seconds
from intake.usecases import submissions
from intake.usecases.binding import Choice
from intake.usecases.register import register_by_phone
from shared.errors import NotFoundError
from shared.events import people, signups
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.shared.support.eventually import eventually
from tests.shared.support.plain import without_tokens
from tests.shared.support.statements import statements_of

PHONE: dict[str, Any] = {"email": None, "mobile": "+4791234567"}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
numbers = count(1)


async def person_row(world: World, person_id: UUID) -> tuple[str | None, str | None]:
    """Return first name and number of a person, opened."""
    rows = await world.rows(f"select first_name_sealed, mobile_sealed from people where person_id = '{person_id}'")
    key = await world.vault.key(person_id)
    return key.open("people", "first_name", rows[0][0]), key.open("people", "mobile", rows[0][1])


async def question_of(world: World, signup_id: UUID) -> UUID:
    rows = await world.rows(f"select confirmation_id from confirmations where signup_id = '{signup_id}'")
    return UUID(str(rows[0][0]))


async def link_of(browser: Browser, world: World, signup_id: UUID) -> str:
    question = await question_of(world, signup_id)
    return str(browser.app.state.deps.links.url("", "nb", "confirm", question))


posts = st.lists(
    st.tuples(st.sampled_from(["Kari", "Evil"]), st.sampled_from(DAYS), st.integers(0, 9)), min_size=1, max_size=6
)


@given(posts=posts, pressed=st.integers(0, 5), known=st.booleans(), as_new=st.booleans())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_press_gives_the_form_that_was_pressed(
    world: World, posts: list[tuple[str, str, int]], pressed: int, known: bool, as_new: bool
) -> None:
    """For every sequence of posts by two people for one address, and one press by one of them."""
    email = f"vera{next(numbers)}@example.org"
    owner_id = None
    if known:
        owner_id = await world.person_of(await world.confirmed(email=email, first_name="Vera", slots=["sun-day"]))
    before = await person_row(world, owner_id) if owner_id else None
    sent = {}
    for name, day, digit in posts:
        form = {"first_name": name, "mobile": f"+479123456{digit}", "slots": [f"{day}-evening"]}
        sent[await world.signed_up(email=email, **form)] = form
    if owner_id:
        assert before == await person_row(world, owner_id)
    signup_id = list(sent)[pressed % len(sent)]
    question = await question_of(world, signup_id)
    choice: Choice | None = "new" if as_new else owner_id
    assert await world.confirm(question, choice) is ConfirmationStatus.CONFIRMED
    ((bound_id, person_id),) = await world.rows(
        f"select signup_id, person_id from confirmations where confirmation_id = '{question}'"
    )
    form = sent[signup_id]
    assert await person_row(world, person_id) == (form["first_name"], form["mobile"])
    assert await world.rows(f"select slots from signups where signup_id = '{bound_id}'") == [(form["slots"],)]
    assert (person_id == owner_id) == (known and not as_new)
    if owner_id and as_new:
        assert before == await person_row(world, owner_id)
        assert await world.count("signups", f"person_id = '{owner_id}' and slots = '{{sun-day}}'") == 1
    others = [other for other in sent if other != signup_id]
    for other in others:
        assert await world.count("signups", f"signup_id = '{other}' and state = 'received'") == 1


async def test_submit_runs_the_same_statements_for_known_and_unknown(world: World) -> None:
    await world.confirmed()
    await world.vault.new_key()
    seen: list[list[str]] = []
    with statements_of(world.db) as statements:
        for email in (
            "kari@example.org",
            "ola@example.org",
            "KARI@example.org",
            "kari+x@example.org",
            "eva@example.org",
        ):
            await world.submit(email=email, slots=["sun-day"])
            seen.append(statements.copy())
            statements.clear()
    assert len(seen[0]) == 1
    assert all(statements == seen[0] for statements in seen)
    assert await world.count("submissions") == 5
    assert len(await world.events()) == 3


async def test_undecided_submission_holds_no_readable_personal_data(world: World) -> None:
    await world.submit(first_name="Hemmelignavn", email="hemmelig@example.org", mobile="+4791234567")
    ((text,),) = await world.rows("select s::text from submissions s")
    for part in ("emmelig", "91234567", b"emmelig".hex()):
        assert part not in text


async def test_decide_by_several_workers_at_once_keeps_limits(world: World) -> None:
    for day in DAYS:
        await world.submit(slots=[f"{day}-day"])
    await asyncio.gather(*(world.decide() for _ in range(8)))
    assert await world.subjects() == ["received", "received"]
    assert await world.count("signups") == 7
    assert await world.count("submissions") == 0


@pytest.mark.asvs("16.5.3")
async def test_decide_after_rollback_publishes_the_same_once(world: World) -> None:
    await world.submit()
    async with world.transaction() as session:
        assert await submissions.decide_batch(session, world.vault, world.centres, now=world.clock.now()) == 1
        await session.rollback()
    assert await world.events() == []
    for _ in range(2):
        await world.decide()
    assert await world.subjects() == ["received"]


async def test_worker_decides_about_each_form_as_it_comes(world: World) -> None:
    worker = SubmissionWorker(world.db, world.vault, world.directory, world.clock)
    running = asyncio.create_task(worker.run())
    try:
        for number, day in enumerate(DAYS[:3], 1):
            await world.submit(email=f"vera{number}@example.org", slots=[f"{day}-day"])
            await eventually(partial(signups_are, world, number))
    finally:
        running.cancel()


async def signups_are(world: World, number: int) -> bool:
    return await world.count("signups") == number and await world.count("submissions") == 0


@pytest.mark.parametrize(
    ("decided", "took_seconds", "busy", "expected"),
    [
        (1, 0.01, False, GATHER_SECONDS),
        (1, 0.001, True, GATHER_SECONDS),
        (7, 0.02, True, 0.02 * REST),
        (submissions.BATCH, 0.05, True, 0.05 * REST),
        (submissions.BATCH, 0.05, False, 0),
        (submissions.BATCH, 3, True, LONGEST_REST_SECONDS),
    ],
)
def test_rest_seconds_gives_way_while_forms_come(
    decided: int, took_seconds: float, *, busy: bool, expected: float
) -> None:
    assert rest_seconds(decided, took_seconds, busy=busy) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"repeated": True}, Decision.DROP),
        ({}, Decision.ASK),
        ({"in_budget": False}, Decision.POSTPONE),
        ({"by_mail": False, "in_budget": False}, Decision.ASK),
        ({"repeated": True, "in_budget": False}, Decision.DROP),
        ({"by_mail": False, "number_is_asked": True}, Decision.POSTPONE),
        ({"number_is_asked": True}, Decision.ASK),
    ],
)
def test_decide_depends_on_what_is_open_only(given_: dict[str, Any], expected: Decision) -> None:
    usual = {"repeated": False, "by_mail": True, "in_budget": True, "number_is_asked": False}
    assert expected is decide(**usual | given_)


@pytest.mark.parametrize("name", ["kari+1", "KARI", "kari+a+b", "Kari+", "kaRI+KARI"])
async def test_limit_of_mails_counts_the_mailbox(world: World, name: str) -> None:
    await world.signed_up(slots=["mon-day"])
    await world.signed_up(slots=["tue-day"])
    await world.signed_up(email=f"{name}@example.org", slots=["wed-day"])
    assert await world.subjects() == ["received", "received"]


def test_mailbox_of_address_that_begins_with_plus_is_itself() -> None:
    assert mailbox_of_normalized("+a@Example.org") == "+a@example.org"


async def test_confirm_page_shows_what_is_confirmed(browser: Browser, world: World) -> None:
    page = await browser.get(await link_of(browser, world, await world.signed_up(mobile="+4791234567")))
    for text in ("Kari", "LINK Bergen", "Bergen", "tirsdag kveld", "torsdag ", "20 km", "slutter på 567"):
        assert text in page.text
    assert "91234567" not in page.text
    assert "i bruk hos oss fra før" not in page.text


async def test_confirm_page_of_known_address_names_the_seat_lost(browser: Browser, world: World) -> None:
    first_id = await world.confirmed()
    async with world.transaction() as session:
        row = await session.get_one(Signup, first_id)
        row.state, row.group_id, row.group_version, row.placed_at = "seated", uuid4(), 1, world.clock.now()
        row.seat_slot = "tue-evening"
    second_id = await world.signed_up(slots=["sat-day"])
    page = await browser.get(await link_of(browser, world, second_id))
    assert "Kari har allerede plass tirsdag kveld. Er det deg, mister du den plassen" in page.text
    kept_id = await world.signed_up(slots=["tue-evening", "sat-day"], first_name="Kari A")
    page = await browser.get(await link_of(browser, world, kept_id))
    assert "Er det deg, beholder du den plassen" in page.text


async def test_second_person_with_same_address_both_stay(browser: Browser, world: World) -> None:
    first_id = await world.confirmed()
    kari = await world.person_of(first_id)
    second_id = await world.signed_up(first_name="Ola", slots=["sun-day"])
    page = await browser.get(await link_of(browser, world, second_id))
    assert "Jeg er en annen person" in page.text
    done = await browser.send(page, 1, person="new")
    assert "påmeldingen er bekreftet" in done.text
    ola = await world.person_of(second_id)
    contacts = await world.contacts_of(kari, ola)
    assert contacts == {kari: ("Kari", "kari@example.org"), ola: ("Ola", "kari@example.org")}
    assert await world.count("signups", "state = 'ready'") == 2
    assert "erased" not in await world.subjects()
    third_id = await world.signed_up(email="kari@example.org", first_name="Ola", slots=["mon-day"])
    world.later(hours=25)
    await jobs.SEND_POSTPONED.run(world.jobs)
    page = await browser.get(await link_of(browser, world, third_id))
    assert str(kari) in page.text
    assert str(ola) in page.text
    await browser.send(page, 1, person=str(ola))
    assert await world.count("signups", f"person_id = '{ola}' and slots = '{{mon-day}}' and state = 'ready'") == 1
    assert await world.count("signups", f"person_id = '{kari}' and slots = '{{tue-evening,thu-day}}'") == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("kari@example.org", "KARI@EXAMPLE.ORG"),
        ("Kari@Example.org", "  kari@example.org  "),
        ("kari@blåbær.no", "kari@xn--blbr-roah.no"),
        ("kari@xn--blbr-roah.no", "Kari@BLÅBÆR.no"),
        ("kari@bla\u030abær.no", "kari@blåbær.no"),
        ("kari@example.org", "\u200bkari@example.org"),
        ("kari@example.org", "kari@example.org"),
        ("kari.o'hara@example.org", "Kari.O'Hara@example.org"),
    ],
)
async def test_second_person_with_address_spelled_otherwise_both_stay(
    browser: Browser, world: World, first: str, second: str
) -> None:
    kari = await world.person_of(await world.confirmed(email=first))
    second_id = await world.signed_up(email=second, first_name="Ola", slots=["sun-day"])
    page = await browser.get(await link_of(browser, world, second_id))
    assert "Jeg er en annen person" in page.text

    await browser.send(page, 1, person="new")

    ola = await world.person_of(second_id)
    assert ola != kari
    assert {name for name, _ in (await world.contacts_of(kari, ola)).values()} == {"Kari", "Ola"}
    assert await world.count("signups", "state = 'ready'") == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("kari@example.org", "kari@example.com"),
        ("kari@example.org", "ka.ri@example.org"),
        ("kari@faß.de", "kari@fass.de"),
        ("kari@example.org", "kari+gruppe@example.org"),
        ("kari@example.org", "karı@example.org".replace("ı", "i1")),
    ],
)
async def test_address_of_somebody_else_is_not_taken_for_the_same(
    browser: Browser, world: World, first: str, second: str
) -> None:
    await world.confirmed(email=first)
    second_id = await world.signed_up(email=second, first_name="Ola", slots=["sun-day"])

    page = await browser.get(await link_of(browser, world, second_id))

    assert "Jeg er en annen person" not in page.text
    assert "Kari" not in without_tokens(page.text)


async def test_same_person_with_new_form_moves_consent_and_deletes_the_opened(browser: Browser, world: World) -> None:
    kari = await world.person_of(await world.confirmed())
    second_id = await world.signed_up(first_name="Kari Anne", mobile="+4798765432", slots=["sun-day"])
    opened = await world.person_of(second_id)
    assert await world.count("consents", f"person_id = '{kari}'") == 1
    page = await browser.get(await link_of(browser, world, second_id))
    for _ in range(2):
        await browser.send(page, 0, person=str(kari))
    assert await world.count("consents", f"person_id = '{kari}'") == 2
    assert await world.rows("select person_id from people") == [(kari,)]
    assert await person_row(world, kari) == ("Kari Anne", "+4798765432")
    erased = [event for event in await world.events() if isinstance(event, people.Erased)]
    assert [event.person_id for event in erased] == [opened]
    assert (await world.subjects()).count("changed") == 1
    async with world.keys.transaction() as session:
        await session.execute(sa.text("update person_keys set created_at = now() - interval '25 hours'"))
    await jobs.DELETE_UNUSED_KEYS.run(world.jobs)
    assert list(await world.vault.keys([kari, opened])) == [kari]


@pytest.mark.parametrize("choice", ["", "nobody", str(UUID(int=3))])
async def test_confirm_known_address_without_choice_asks_again(browser: Browser, world: World, choice: str) -> None:
    await world.confirmed()
    second_id = await world.signed_up(slots=["sun-day"])
    page = await browser.get(await link_of(browser, world, second_id))
    answer = await browser.send(page, 0, person=choice)
    assert "Jeg er en annen person" in answer.text
    assert await world.count("signups", "state = 'received'") == 1


async def test_two_presses_at_once_for_one_address_are_one_owner(world: World) -> None:
    first_id = await world.signed_up(slots=["mon-day"])
    second_id = await world.signed_up(slots=["tue-day"])
    questions = [await question_of(world, signup_id) for signup_id in (first_id, second_id)]
    answers = await asyncio.gather(*(world.confirm(question) for question in questions))
    assert sorted(answers) == [ConfirmationStatus.CONFIRMED, ConfirmationStatus.OPEN]


async def by_phone(world: World, **changes: Any) -> UUID:
    form = world.form(**changes)
    location = world.location(form.place)
    return await register_by_phone(world.transaction, world.vault, world.centres, form, location, actor=world.actor())


@pytest.mark.asvs("8.4.1")
async def test_oral_signup_with_address_of_other_centre_touches_nothing(world: World) -> None:
    """Staff of one centre type the address of a person of another."""
    vera = await world.person_of(await world.confirmed(first_name="Vera", mobile="+4791111111", place="5003"))
    before = await person_row(world, vera)
    typed = await by_phone(world, first_name="Taken", mobile="+4798765432", place="0150")
    assert typed != vera
    assert before == await person_row(world, vera)
    assert await world.count("signups", f"person_id = '{vera}' and state = 'ready'") == 1
    # For the centre it looks as with an unknown address.
    unknown = await by_phone(world, first_name="Taken", email="ny@example.org", place="0150")
    states = "select state, signed_up_at, by_mail from signups where person_id = '{}'"
    assert await world.rows(states.format(typed)) == await world.rows(states.format(unknown))
    await world.erase(typed)
    assert await world.count("people", f"person_id = '{vera}'") == 1


async def test_oral_signup_with_address_of_same_centre_asks_the_owner(browser: Browser, world: World) -> None:
    vera = await world.person_of(await world.confirmed(first_name="Vera"))
    typed = await by_phone(world, first_name="Noen", slots=["sun-day"])
    received = (await world.events())[-1]
    assert isinstance(received, signups.Received)
    assert (received.person_id, received.by_mail) == (typed, True)
    assert await world.count("signups", f"person_id = '{typed}' and state = 'received'") == 1
    browser.sign_in_as_member("link-bergen")
    assert "bekrefter der" in (await browser.get(f"/stab/personer/{typed}")).text
    page = await browser.get(await link_of(browser, world, received.signup_id))
    await browser.send(page, 0, person=str(vera))
    assert await world.count("signups", f"person_id = '{vera}' and slots = '{{sun-day}}'") == 1
    assert await world.count("consents", f"person_id = '{vera}' and how = 'oral'") == 1


async def test_oral_signup_known_here_confirmed_on_phone_is_another(browser: Browser, world: World) -> None:
    vera = await world.person_of(await world.confirmed(first_name="Vera"))
    typed = await by_phone(world, first_name="Ola", slots=["sun-day"])
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{typed}")
    assert (await browser.press(page, "/bekreftet")).status_code == 303
    assert await world.count("signups", "state = 'ready'") == 2
    assert await person_row(world, vera) == ("Vera", None)


async def test_same_number_twice_is_one_call_and_one_question(browser: Browser, world: World) -> None:
    first = await world.person_of(await world.signed_up(**PHONE, slots=["mon-day"]))
    second_id = await world.signed_up(**PHONE, slots=["tue-day"])
    second = await world.person_of(second_id)
    await world.signed_up(email=None, mobile="+4798765432", slots=["mon-day"])
    assert await world.subjects() == ["received", "received"]  # one for each number
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{first}")
    assert "Er det samme person?" in page.text
    assert (await browser.press(page, "/bekreftet")).status_code == 303
    await jobs.SEND_POSTPONED.run(world.jobs)
    assert (await world.subjects()).count("received") == 3
    page = await browser.get(f"/stab/personer/{second}")
    assert "Samme person: Kari får de nye ønskene" in page.text
    done = await browser.send(page, 1)
    assert done.headers["location"] == f"/stab/personer/{first}"
    assert await world.rows(f"select slots from signups where person_id = '{first}'") == [(["tue-day"],)]
    assert await world.count("people", f"person_id = '{second}'") == 0
    assert (await world.subjects())[-2:] == ["erased", "changed"]


async def test_same_number_other_person_is_two_people(browser: Browser, world: World) -> None:
    first = await world.person_of(await world.signed_up(**PHONE, slots=["mon-day"]))
    browser.sign_in_as_member("link-bergen")
    await browser.press(await browser.get(f"/stab/personer/{first}"), "/bekreftet")
    second = await world.person_of(await world.signed_up(**PHONE, slots=["tue-day"], first_name="Ola"))
    page = await browser.get(f"/stab/personer/{second}")
    assert "En annen person: bekreft på telefon" in page.text
    await browser.send(page, 2)
    assert await world.count("signups", "state = 'ready'") == 2
    assert await person_row(world, first) == ("Kari", "+4791234567")


async def test_same_number_at_other_centre_is_not_shown(browser: Browser, world: World) -> None:
    oslo = await world.person_of(await world.confirmed(place="0150", mobile="+4791234567", first_name="Vera"))
    typed_id = await world.signed_up(**PHONE)
    typed = await world.person_of(typed_id)
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{typed}")
    assert "Vera" not in without_tokens(page.text)
    answer = await browser.press(page, "/bekreftet", samme_som=str(oslo))
    assert answer.status_code == 404
    assert await person_row(world, oslo) == ("Vera", "+4791234567")


@pytest.mark.parametrize(
    ("seat_slot", "changes", "expected"),
    [
        ("tue-evening", {}, SeatEffect.KEPT),
        ("tue-evening", {"slots": ["mon-day", "tue-evening"]}, SeatEffect.KEPT),
        ("tue-evening", {"slots": ["mon-day"]}, SeatEffect.LOST),
        ("tue-evening", {"slots": ["mon-day"], "slots_if_needed": ["tue-evening"]}, SeatEffect.KEPT),
        ("tue-evening", {"max_travel_km": 5}, SeatEffect.UNCERTAIN),
        ("tue-evening", {"languages": ["en"]}, SeatEffect.UNCERTAIN),
        ("tue-evening", {"latitude": 61.0}, SeatEffect.UNCERTAIN),
        ("tue-evening", {"max_travel_km": 50}, SeatEffect.KEPT),
        ("tue-evening", {"languages": ["en", "nb"]}, SeatEffect.KEPT),
        ("tue-evening", {"wheelchair": False}, SeatEffect.KEPT),
        ("tue-evening", {"digital": "also"}, SeatEffect.KEPT),
        ("tue-evening", {"groups_also": ["women", "young"]}, SeatEffect.KEPT),
        ("tue-evening", {"groups_only": []}, SeatEffect.KEPT),
        ("tue-evening", {"digital": "only"}, SeatEffect.UNCERTAIN),
        ("tue-evening", {"groups_also": []}, SeatEffect.UNCERTAIN),
        ("tue-evening", {"groups_only": ["women", "young"]}, SeatEffect.UNCERTAIN),
        (None, {"slots": ["mon-day"]}, SeatEffect.UNCERTAIN),
        (None, {}, SeatEffect.KEPT),
    ],
)
def test_seat_effect_of_new_wishes(seat_slot: str | None, changes: dict[str, Any], expected: SeatEffect) -> None:
    old = {"slots": ["tue-evening"], "languages": ["nb"], "max_travel_km": 20, "latitude": 60.4}
    old |= {"wheelchair": True, "digital": "no", "groups_also": ["women"], "groups_only": ["women"]}
    assert expected is seat_effect(seat_slot, old, old | changes)


async def test_bind_to_erased_person_is_refused(world: World) -> None:
    vera = await world.person_of(await world.confirmed())
    second_id = await world.signed_up(slots=["sun-day"])
    await world.vault.destroy(vera, world.clock.now())
    with pytest.raises(NotFoundError):
        await world.confirm(await question_of(world, second_id), vera)
    assert await world.count("signups", "state = 'received'") == 1
