"""Mails to people who wait: signs of life, questions, pauses, receipts, and links that were asked for."""

import random
import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from notify.jobs import plan_signs_of_life
from notify.mails.registry import mail_registry
from notify.store import retention
from shared.events import Event
from shared.events.base import MailLanguage
from shared.events.signups import TextKind
from shared.reference import centres
from tests.notify.support.contents import PUBLIC_URL, content, renderer
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.office import Office
from tests.notify.support.world import Feed, World, has_status, inbox_of, status
from tests.shared.support.eventually import eventually

DAY = timedelta(days=1)


async def let_pass(office: Office, time: timedelta) -> None:
    """Let days pass, with the hourly job at noon of each."""
    end = office.now + time
    while office.now < end:
        office.now += DAY
        office.feed.clock.set(office.now)
        await plan_signs_of_life(office.feed.database, office.feed.clock, mail_registry())
        await plan_signs_of_life(office.feed.database, office.feed.clock, mail_registry())
        await office.send()


async def test_waiting_person_hears_something_every_thirty_days(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready())
    await office.send()
    await let_pass(office, 130 * DAY)
    assert office.kinds == ["on_the_list", *["sign_of_life"] * 4]
    times = [at for at, _ in office.sent]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 31 * DAY


async def test_person_who_renews_hears_thirty_days_after_that(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready())
    await office.send()
    await let_pass(office, 20 * DAY)
    await feed.deliver(person.renewed(office.now))
    await let_pass(office, 29 * DAY)
    assert office.kinds == ["on_the_list"]
    await let_pass(office, 3 * DAY)
    assert office.kinds == ["on_the_list", "sign_of_life"]


@pytest.mark.parametrize("state", ["paused", "withdrawn", "offered", "member", "unconfirmed"])
async def test_sign_of_life_is_only_for_those_who_wait(feed: Feed, state: str) -> None:
    person, office = Person(), Office(feed)
    group = Group([person])
    histories: dict[str, list[Event]] = {
        "paused": [person.ready(), person.paused()],
        "withdrawn": [person.ready(), person.withdrawn()],
        "offered": [person.ready(), group.offered(person)],
        "member": [person.ready(), group.offered(person), group.taken(person), group.started()],
        "unconfirmed": [person.received()],
    }
    await feed.deliver(*histories[state])
    await let_pass(office, 65 * DAY)
    assert "sign_of_life" not in office.kinds


async def test_paused_person_gets_only_the_receipt(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    group = Group([person])
    await feed.deliver(person.ready(), person.paused(), person.renewal_asked(), group.offered(person))
    await feed.deliver(group.offers_paused(person))
    await let_pass(office, 40 * DAY)
    assert office.kinds == ["paused"]
    await feed.deliver(person.withdrawn())
    await office.send()
    assert office.kinds == ["paused", "goodbye"]


async def test_pause_after_pause_has_a_receipt_each(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready())
    await office.send()
    for _ in range(2):
        await feed.deliver(person.paused())
        await office.send()
        await feed.deliver(person.resumed())
    assert office.kinds == ["on_the_list", "paused", "paused"]


async def test_questions_are_withdrawn_when_they_are_answered(feed: Feed) -> None:
    person = Person()
    group = Group([person])
    await feed.deliver(person.ready(), group.offered(person), group.released(person, "lapsed"))
    await feed.deliver(group.offers_paused(person, NOON + DAY), person.renewal_asked(NOON + DAY))
    assert await feed.queued(person) == ["on_the_list", "renewal", "still_wanted"]
    await feed.deliver(person.renewed(NOON + 2 * DAY))
    assert await feed.queued(person) == ["on_the_list"]


async def test_person_taken_off_the_list_is_told_why(world: World) -> None:
    person = world.intake.add(Person())
    await world.deliver(person.ready(), person.renewal_asked(), person.withdrawn(reason="no_answer"))
    await eventually(has_status(world, person, "goodbye", "sent"))
    text = inbox_of(world, person)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "fikk ikke svar" in text
    assert "Takk for at du sa fra" not in text


@pytest.mark.parametrize(
    ("state", "sentence", "missing"),
    [
        ("waiting", "", "plassen"),
        ("seated", "Plassen din går nå videre til en som venter", "fortsetter som før"),
        ("started", "De andre fortsetter som før", "en som venter"),
        ("declined", "", "en som venter"),
        ("revoked", "Plassen din går nå videre til en som venter", "fortsetter som før"),
    ],
)
async def test_goodbye_is_true_for_open_and_closed_groups(
    world: World, state: str, sentence: str, missing: str
) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    seated: list[Event] = [group.offered(person), group.taken(person)]
    histories: dict[str, list[Event]] = {
        "waiting": [],
        "seated": seated,
        "started": [*seated, group.started()],
        "declined": [group.offered(person), group.released(person, "declined")],
        "revoked": [*seated, group.started(), group.revoked()],
    }
    await world.deliver(person.ready(), *histories[state], person.withdrawn())
    await eventually(has_status(world, person, "goodbye", "sent"))
    text = " ".join(inbox_of(world, person)[-1].get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert sentence in text
    assert missing not in text


async def test_page_link_works_ten_minutes_and_names_the_centre(world: World) -> None:
    person, link_id = world.intake.add(Person()), uuid4()
    await world.deliver(person.ready(), person.page_link_asked(link_id=link_id))
    await eventually(has_status(world, person, "page_link", "sent"))
    mail = next(mail for mail in inbox_of(world, person) if mail["Subject"] == "Lenken du ba om")
    assert mail["From"].startswith("LINK Bergen")
    assert mail["List-Unsubscribe"] is None
    assert "https://senter.example/min-side/" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


async def test_page_link_that_came_too_late_is_not_sent(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready(), person.page_link_asked())
    office.now = NOON + timedelta(minutes=11)
    await office.send()
    assert "page_link" not in office.kinds
    (mail,) = await feed.mails(kind="page_link")
    assert (mail.status, mail.reason) == ("cancelled", "expired")


@pytest.mark.parametrize("how", ["refused", "call", "refused_and_moot", "still_no_mail", "other_failure"])
async def test_failed_mail_is_sent_to_a_new_address_if_it_still_holds(feed: Feed, how: str) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready())
    values = {
        "refused": "status = 'failed', address_refused = true, reason = '550'",
        "refused_and_moot": "status = 'failed', address_refused = true, reason = '550'",
        "call": "status = 'call', reason = 'no_email'",
        "still_no_mail": "status = 'call', reason = 'no_email'",
        "other_failure": "status = 'failed', reason = 'not_made'",
    }[how]
    async with feed.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"UPDATE mails SET next_at = NULL, settled_at = created_at, {values}")
    if how == "refused_and_moot":
        await feed.deliver(person.withdrawn())
    await feed.deliver(person.contact_changed(NOON + DAY, language="en", by_mail=how != "still_no_mail"))
    await office.send()
    sent = [kind for kind in office.kinds if kind != "goodbye"]
    assert sent == (["on_the_list"] if how in {"refused", "call"} else [])
    if sent:
        (mail,) = await feed.mails(kind="on_the_list")
        assert mail.language == "en"


async def test_new_address_forgets_refusals_of_the_old_one(world: World) -> None:
    person = world.intake.add(Person())
    async with world.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO bounces (person_id, hard, last_at) VALUES ($1, 2, $2)", (person.id, NOON)
        )
    await world.deliver(person.contact_changed(), person.ready())
    await eventually(has_status(world, person, "on_the_list", "sent"))
    assert await status(world, person, "on_the_list") == "sent"


TEXTS: list[tuple[MailLanguage, tuple[TextKind, ...], str]] = [
    ("nb", ("consent",), "Vi har endret samtykket siden du meldte deg på."),
    ("nb", ("information",), "Vi har endret informasjonen siden du meldte deg på."),
    ("nb", ("consent", "information"), "Vi har endret både samtykket og informasjonen"),
    ("nn", ("consent",), "Vi har endra samtykket sidan du melde deg på."),
    ("en", ("information",), "We have changed the information since you signed up."),
]


@pytest.mark.parametrize(("language", "texts", "sentence"), TEXTS)
async def test_changed_text_is_asked_in_one_mail_until_answered(
    world: World, language: MailLanguage, texts: tuple[TextKind, ...], sentence: str
) -> None:
    person = world.intake.add(Person(language=language))
    await world.deliver(person.ready(), person.texts_asked(*texts))
    await eventually(has_status(world, person, "texts_changed", "sent"))
    mail = inbox_of(world, person)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert sentence in " ".join(mail.split())
    assert re.search(r"https://senter\.example(/\w\w)?/fortsatt/\S+/tekst\s", mail)


async def test_changed_text_is_asked_again_each_month_without_answer(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.ready())
    await office.send()
    await feed.deliver(person.texts_asked("consent"))
    await let_pass(office, 65 * DAY)
    assert office.kinds == ["on_the_list", "texts_changed", "texts_changed", "texts_changed"]
    await feed.deliver(person.texts_accepted(office.now))
    await let_pass(office, 35 * DAY)
    assert office.kinds[4:] == ["sign_of_life"]


@pytest.mark.parametrize("seed", range(5))
async def test_accepted_text_is_not_asked_in_any_order_of_events(feed: Feed, seed: int) -> None:
    person, office = Person(), Office(feed)
    events = [person.ready(), person.texts_asked("consent"), person.texts_accepted()]
    random.Random(seed).shuffle(events)
    await feed.deliver(*events)
    await office.send()
    assert office.kinds == ["on_the_list"]


@pytest.mark.parametrize("days", [0, 13, 15, 20, 50])
async def test_member_who_leaves_gets_a_goodbye_however_late(feed: Feed, days: int) -> None:
    """Two weeks after the start notify forgets the members; who leaves after that is told so too, and once."""
    person, office = Person(), Office(feed)
    group = Group([person])
    await feed.deliver(person.ready(), group.offered(person), group.taken(person), group.started())
    await office.send()
    office.now = NOON + days * DAY
    feed.clock.set(office.now)
    for rule in retention.RULES.values():
        async with feed.database.transaction() as session:
            await rule(session, centres.load(), office.now)
    await feed.deliver(person.left_late(now=office.now))
    await office.send()
    assert office.kinds.count("goodbye") == 1


async def test_stranger_gets_no_goodbye_for_a_form_nobody_confirmed(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(person.left_late(confirmed=False))
    await office.send()
    assert office.kinds == []


@pytest.mark.parametrize(
    ("policy", "path"),
    [
        ({"information_version": "2026-11-2", "reading_gate": "off"}, "/informasjon/link-bergen"),
        ({"information_version": "2026-11-2", "reading_gate": "required"}, ""),
        ({"information_version": None, "reading_gate": "off"}, ""),
    ],
)
@pytest.mark.parametrize(("language", "prefix"), [("nb", ""), ("nn", "/nn"), ("en", "/en")])
def test_mail_to_who_waits_links_to_what_they_have_not_read(
    policy: dict[str, object], path: str, language: MailLanguage, prefix: str
) -> None:
    fields = content("on_the_list", language)
    centre = fields.centre.model_copy(update={"policy": fields.centre.policy.model_copy(update=policy)})
    mail = renderer().render(replace(fields, centre=centre))
    for body in (mail.text, mail.html):
        assert ("/informasjon/" in body) is bool(path)
        assert f"{PUBLIC_URL}{prefix}{path}" in body


@pytest.mark.parametrize("offer_leaves_first", [True, False])
async def test_receipt_of_the_list_is_dropped_after_an_offer(feed: Feed, offer_leaves_first: bool) -> None:
    """Events of two services race: the offer may be handled before the sign-up that led to it."""
    person, office = Person(), Office(feed)
    group = Group([person])
    await feed.deliver(person.received(), person.confirmed())
    await office.send()
    if offer_leaves_first:
        await feed.deliver(group.offered(person))
        await office.send()
        await feed.deliver(person.ready())
    else:
        await feed.deliver(person.ready())
        await office.send()
        await feed.deliver(group.offered(person))
    await office.send()
    kinds = ["seat_offered"] if offer_leaves_first else ["on_the_list", "seat_offered"]
    assert office.kinds == kinds
    if offer_leaves_first:
        (mail,) = await feed.mails(kind="on_the_list")
        assert (mail.status, mail.reason) == ("cancelled", "has_seat")
