"""Call tasks: who is called about what, how a call closes itself, and the rule after three unanswered calls."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from notify.domain.delivery import SmtpRejected
from notify.domain.refusals import About
from notify.mails.registry import mail_registry
from shared.events import Event, groups
from shared.reference.task_kinds import TASK_KINDS
from tests.notify.support.contents import KINDS, LANGUAGES, content, renderer
from tests.notify.support.desk import Desk, contact_changed
from tests.notify.support.events import NOON, Group, Person

WITHOUT_CALL = frozenset(
    {"on_the_list", "goodbye", "paused", "page_link", "seat_given_up", "member_left", "way_on", "talk_booked"}
    | {"weekly_reminder", "keep_alive", "account_link", "account_invited", "starter_names"}
    | {"kontaktmote_reminder", "kontaktmote_full", "kontaktmote_guest", "kontaktmote_given_up"}
)
"""
Receipts of what the person has just done or asked for, and a link that nobody can read aloud; reminders of meetings at
a time that people know; and a question that any other member can answer.
"""
REFUSED = SmtpRejected(550, About.MAILBOX)


def phone_only(desk: Desk, **fields: str) -> Person:
    return desk.intake.add(Person(**fields), email=None)  # type: ignore[arg-type]


async def offered(desk: Desk, person: Person) -> Group:
    """Offer a seat to a person who waits, and let the mailer turn the offer into a call."""
    group = Group([person])
    await desk.deliver(person.ready(), group.offered(person))
    await desk.mailer()
    return group


async def called(desk: Desk, person: Person) -> Group:
    """Call a person to a meeting."""
    group = await offered(desk, person)
    await desk.deliver(group.taken(person), group.called(person))
    await desk.mailer()
    return group


def test_every_mail_decides_whether_it_is_a_call() -> None:
    assert {spec.kind for spec in mail_registry() if spec.call is None} == WITHOUT_CALL


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WITHOUT_CALL])
def test_script_is_short_sentences_without_a_link(kind: str, language: str) -> None:
    script = renderer().call_script(content(kind, language), told=True)
    assert "LINK Bergen" in script
    assert all(part not in script for part in ("http", "/plass/", "/bekreft/", "example", "{{", "None"))
    longest = max(len(paragraph) for paragraph in script.split("\n\n"))
    assert longest <= (500 if kind == "texts_changed" else 240)  # that one is a text to read aloud


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("seat_offered", ("torsdag kveld", "fredag 12. mars 2027 kl. 13.00")),
        ("group_confirmed", ("torsdag 25. mars 2027 kl. 18.00", "Strømgaten")),
        ("plan_changed", ("Planen for møtet er endret", "torsdag 25. mars 2027 kl. 18.00", "Strømgaten")),
        ("meeting_tomorrow", ("torsdag 25. mars 2027 kl. 18.00", "Strømgaten")),
    ],
)
def test_script_states_day_place_and_deadline(kind: str, facts: tuple[str, ...]) -> None:
    script = renderer().call_script(content(kind, "nb"), told=True)
    for fact in facts:
        assert fact in script


async def test_receipts_make_no_call(desk: Desk) -> None:
    person = phone_only(desk)
    await desk.deliver(person.confirmed(), person.ready())
    await desk.mailer()
    await desk.deliver(person.withdrawn())
    await desk.mailer()
    assert {mail.status for mail in await desk.mails()} == {"cancelled"}
    assert await desk.tasks() == []


async def test_task_of_call_states_question_deadline_and_page(desk: Desk) -> None:
    person = phone_only(desk)
    await desk.deliver(person.received(by_mail=False))
    await desk.mailer()
    mail = await desk.call(person, "address_to_confirm")
    (task,) = await desk.tasks()
    assert (task.kind, task.person_id, task.centre) == ("call", person.id, "link-bergen")
    assert (task.path, task.due_at) == (f"/stab/ring/{mail.id}", NOON + timedelta(hours=72))
    assert task.facts == {"question": "address_to_confirm", "attempts": 0}
    assert set(task.facts) == TASK_KINDS["call"]


@pytest.mark.parametrize("order", ["call first", "answer first"])
async def test_confirmed_on_the_phone_closes_the_call_to_confirm(desk: Desk, order: str) -> None:
    person = phone_only(desk)
    received, confirmed = person.received(by_mail=False), person.confirmed()
    await desk.deliver(received if order == "call first" else confirmed)
    await desk.mailer()
    await desk.deliver(confirmed if order == "call first" else received)
    await desk.mailer()
    assert await desk.open_calls(person) == []
    assert await desk.tasks() == []


@pytest.mark.parametrize("end", ["taken", "declined", "lapsed", "cancelled", "withdrawn", "erased", "started"])
@pytest.mark.parametrize("order", ["call first", "end first"])
async def test_offer_that_is_over_closes_its_call(desk: Desk, end: str, order: str) -> None:
    person = phone_only(desk)
    group = Group([person])
    offer = group.offered(person)
    ends: dict[str, Callable[[], Event]] = {
        "taken": lambda: group.taken(person),
        "declined": lambda: group.released(person, "declined"),
        "lapsed": lambda: group.released(person, "lapsed"),
        "cancelled": lambda: group.cancelled(person),
        "withdrawn": person.withdrawn,
        "erased": person.erased,
        "started": lambda: group.started(person),
    }
    await desk.deliver(person.ready())
    events = [offer, ends[end]()]
    for event in events if order == "call first" else reversed(events):
        await desk.deliver(event)
        await desk.mailer()
    assert await desk.open_calls(person) == []
    assert await desk.tasks() == []


async def test_deadline_that_passes_closes_the_call(desk: Desk) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    assert await desk.open_calls(person) == ["seat_offered"]
    desk.clock.move(timedelta(hours=73))
    await desk.jobs()
    assert (await desk.call(person, "seat_offered")).reason == "expired"
    assert await desk.tasks() == []


async def test_call_never_made_is_not_news_to_be_taken_back(desk: Desk) -> None:
    """The person has not heard of the offer, so nobody calls to say that it came to nothing."""
    person = phone_only(desk)
    group = await offered(desk, person)
    await desk.deliver(group.cancelled(person))
    desk.clock.move(timedelta(hours=2))
    await desk.mailer()
    assert (await desk.call(person, "start_cancelled")).reason == "never_told"


async def test_cancelled_after_a_yes_on_the_phone_is_called_about(desk: Desk) -> None:
    person = phone_only(desk)
    group = await offered(desk, person)
    await desk.deliver(group.taken(person))
    assert (await desk.call(person, "seat_offered")).status == "called"
    await desk.deliver(group.cancelled(person))
    desk.clock.move(timedelta(hours=2))  # such news waits, in case an offer follows that says both
    await desk.mailer()
    assert await desk.open_calls(person) == ["start_cancelled"]


async def test_moved_meeting_replaces_the_call_about_it(desk: Desk) -> None:
    person = phone_only(desk)
    group = await called(desk, person)
    assert await desk.open_calls(person) == ["group_confirmed"]
    for sequence in (1, 2):
        moved = group.called(person, sequence=sequence, starts_at=NOON + timedelta(days=8 + sequence))
        await desk.deliver(moved)
        await desk.mailer()
        assert len(await desk.mails(person_id=person.id, status="call")) == 1
    (task,) = await desk.tasks()
    assert task.due_at == NOON + timedelta(days=10)
    await desk.press((await desk.mails(status="call"))[0], "sagt")
    assert await desk.tasks() == []
    await desk.deliver(moved)
    await desk.mailer()
    assert await desk.open_calls(person) == []


async def test_told_once_is_not_called_about_the_same_plan_again(desk: Desk) -> None:
    person = phone_only(desk)
    group = await called(desk, person)
    mail = await desk.call(person, "group_confirmed")
    assert (await desk.press(mail, "sagt")).status_code == 303
    told = await desk.call(person, "group_confirmed")
    assert (told.status, told.told_sequence) == ("called", 0)
    await desk.deliver(group.called(person, sequence=1, place="Rom 3"))
    await desk.mailer()
    assert len(await desk.mails(person_id=person.id, status="call")) == 1


async def test_three_unanswered_calls_close_an_offer_until_it_lapses(desk: Desk) -> None:
    person = phone_only(desk)
    group = await offered(desk, person)
    mail = await desk.call(person, "seat_offered")
    for attempts in (1, 2):
        assert (await desk.press(mail, "ikke-svar", igjen="snart")).status_code == 303
        (task,) = await desk.tasks()
        assert task.facts["attempts"] == attempts
        assert task.visible_from == desk.clock.now() + timedelta(hours=2)
        desk.clock.move(timedelta(hours=2))
    assert "Dette er den tredje samtalen." in await desk.page(mail.id)
    await desk.press(mail, "ikke-svar", igjen="snart")
    mail = await desk.call(person, "seat_offered")
    assert (mail.status, mail.reason) == ("not_reached", "not_reached")
    assert await desk.tasks() == []
    await desk.deliver(group.released(person, "lapsed"))
    await desk.mailer()
    assert await desk.open_calls(person) == []


async def test_three_unanswered_calls_about_a_meeting_tell_staff(desk: Desk) -> None:
    person = phone_only(desk)
    await called(desk, person)
    mail = await desk.call(person, "group_confirmed")
    for _ in range(3):
        await desk.press(mail, "ikke-svar", igjen="snart")
    (task,) = await desk.tasks()
    assert (task.facts["question"], task.facts["attempts"]) == ("not_reached", 3)
    assert task.due_at is not None
    assert "ikke fått tak i" in await desk.page(mail.id)
    await desk.press(mail, "notert")
    assert await desk.tasks() == []
    assert (await desk.press(mail, "sagt")).status_code == 303
    assert (await desk.call(person, "group_confirmed")).status == "called"


async def test_not_reached_ends_with_the_meeting(desk: Desk) -> None:
    person = phone_only(desk)
    await called(desk, person)
    mail = await desk.call(person, "group_confirmed")
    for _ in range(3):
        await desk.press(mail, "ikke-svar", igjen="snart")
    desk.clock.move(timedelta(days=9))
    await desk.jobs()
    assert "call" not in {task.kind for task in await desk.tasks()}


async def test_address_refused_twice_makes_the_second_mail_a_call(desk: Desk) -> None:
    person = desk.intake.add(Person())
    group = Group([person])
    await desk.deliver(person.ready())
    await desk.mailer(REFUSED)
    assert [task.kind for task in await desk.tasks()] == ["mail_failed"]
    await desk.deliver(group.offered(person))
    await desk.mailer(REFUSED)
    mail = await desk.call(person, "seat_offered")
    assert (mail.status, mail.reason) == ("call", "address_refused")
    assert sorted(task.kind for task in await desk.tasks()) == ["call", "mail_failed"]
    page = await desk.page(mail.id)
    assert desk.intake.address(person) in page
    assert f'href="/stab/personer/{person.id}/endre"' in page
    await desk.deliver(contact_changed(person, NOON + timedelta(hours=1)))
    await desk.mailer()
    assert {mail.status for mail in await desk.mails(person_id=person.id)} == {"sent"}
    assert await desk.tasks() == []


@pytest.mark.parametrize("reason", ["declined", "lapsed", "changed", "moved", "cancelled", "withdrawn"])
async def test_released_seat_closes_the_call_about_its_meeting(desk: Desk, reason: groups.ReleaseReason) -> None:
    person = phone_only(desk)
    group = await called(desk, person)
    await desk.deliver(group.released(person, reason))
    assert "group_confirmed" not in await desk.open_calls(person)


async def test_deleted_mail_closes_its_task(desk: Desk) -> None:
    person = phone_only(desk)
    await offered(desk, person)
    async with desk.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("DELETE FROM mails")
    await desk.jobs()
    assert await desk.tasks() == []


async def test_conversation_counts_an_unanswered_call_for_all_its_parts(desk: Desk) -> None:
    person = phone_only(desk)
    await called(desk, person)
    other = Group([person])
    await desk.deliver(other.offered(person))
    await desk.mailer()
    meeting, offer = await desk.call(person, "group_confirmed"), await desk.call(person, "seat_offered")
    page = await desk.page(meeting.id)
    assert f"/stab/ring/{meeting.id}/sagt" in page
    assert f"/stab/plasser/{offer.seat_id}/svar" in page
    assert f'name="neste" value="/stab/ring/{offer.id}"' in page
    await desk.press(meeting, "ikke-svar", igjen="snart")
    assert [task.facts["attempts"] for task in await desk.tasks()] == [1]


@pytest.mark.parametrize("offer_first", [False, True])
@pytest.mark.parametrize("kind", ["group_confirmed", "texts_changed", "renewal"])
async def test_open_call_and_a_new_offer_are_one_task(desk: Desk, kind: str, *, offer_first: bool) -> None:
    """The page of the task has both, and what is left over after an answer is the task."""
    person = phone_only(desk)
    group, other = Group([person]), Group([person])
    await desk.deliver(person.ready())
    old: dict[str, list[Event]] = {
        "group_confirmed": [group.offered(person), group.taken(person), group.called(person)],
        "texts_changed": [person.texts_asked("consent")],
        "renewal": [person.renewal_asked()],
    }
    steps: list[list[Event]] = [old[kind], [other.offered(person)]]
    for events in reversed(steps) if offer_first else steps:
        await desk.deliver(*events)
        await desk.mailer()
    (task,) = await desk.tasks()
    parts = {mail.id: mail for mail in await desk.mails() if mail.status == "call"}
    lead = parts.pop(UUID(task.path.removeprefix("/stab/ring/")))
    (rest,) = parts.values()
    page = await desk.page(lead.id)
    assert f"/stab/ring/{rest.id}" in page
    await desk.deliver(other.released(person, "declined"))
    (task,) = await desk.tasks()
    assert task.facts["question"] == kind
