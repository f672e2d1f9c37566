"""Short messages to people without an e-mail address, through a gateway on this machine."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.discretion import is_discreet
from notify.domain.sms import MOST_A_DAY, MOST_PARTS, longest_that_fits, parts
from notify.mails.registry import mail_registry
from notify.settings import Settings
from notify.sms_gateway import HttpGateway
from notify.sms_sender import SmsSender
from notify.store import Sms, projections
from notify.usecases import sms
from shared.reference import centres
from shared.reference.centres import version_content
from tests.notify.support.contents import EXAMPLES, LANGUAGES, content, renderer
from tests.notify.support.desk import Desk, contact_changed, words
from tests.notify.support.events import CENTRE, STARTS_AT, Group, Person
from tests.notify.support.sms_server import TOKEN, Fault, SmsServer, sms_server
from tests.notify.support.world import MOBILE, settings_of

SMS_KINDS = [spec.kind for spec in mail_registry() if spec.sms is not None]
DAY_BEFORE = STARTS_AT - timedelta(days=1)


@pytest.fixture
async def gateway() -> AsyncIterator[SmsServer]:
    async with sms_server() as server:
        yield server


def decide(desk: Desk, centre_id: str, *, short_messages: bool) -> None:
    """Let a centre send short messages, or not, as an event of its policy does."""
    directory = desk.deps.directory
    centre = directory.current().get(centre_id)
    assert centre is not None
    number = int(centre.policy.version.rpartition("-")[2]) + 1
    policy = centre.policy.model_copy(update={"version": f"2027-1-{number}", "short_messages": short_messages})
    directory.apply(centre_id, number, version_content(policy, centre.texts))


def sender(desk: Desk, gateway: SmsServer, *allowed: str, token: str = TOKEN) -> SmsSender:
    for centre in centres.load().all:
        decide(desk, centre.id, short_messages=centre.id in (allowed or (CENTRE,)))
    return SmsSender(desk.deps, HttpGateway(gateway.url, token, "Senteret"))


async def called(desk: Desk, people: int = 1) -> tuple[Group, list[Person]]:
    """A group whose members have no e-mail address and know of their first meeting, on the day before it."""
    members = [desk.intake.add(Person(), email=None) for _ in range(people)]
    group = Group(members)
    await desk.deliver(*(person.ready() for person in members))
    await desk.deliver(*(group.taken(person) for person in members), group.called())
    await desk.mailer()
    for person in members:
        await desk.press(await desk.call(person, "group_confirmed"), "sagt")
    return group, members


async def reminded(desk: Desk, people: int = 1) -> list[Person]:
    """People whose reminder of the first meeting has just become a call."""
    _, members = await called(desk, people)
    desk.clock.set(DAY_BEFORE)
    await desk.mailer()
    return members


async def state(desk: Desk, person: Person, kind: str = "meeting_tomorrow") -> tuple[str | None, str]:
    """The states of a message and of the mail that it stands for."""
    (mail,) = await desk.mails(person_id=person.id, kind=kind)
    query = sa.select(Sms.status).where(Sms.mail_id == mail.id)  # type: ignore[call-overload]
    async with desk.database.transaction() as session:
        return (await session.execute(query)).scalar(), mail.status


async def test_reminder_by_sms_takes_the_place_of_the_call(desk: Desk, gateway: SmsServer) -> None:
    (person,) = await reminded(desk)
    assert await desk.open_calls(person) == ["meeting_tomorrow"]
    await sender(desk, gateway).run()
    (message,) = gateway.taken
    assert (message["to"], message["from"]) == (MOBILE, "Senteret")
    assert message["text"].startswith("Vi minner om møtet ")
    assert await state(desk, person) == ("sent", "called")
    assert await desk.tasks() == []
    (mail,) = await desk.mails(person_id=person.id, kind="meeting_tomorrow")
    assert message["reference"] == str(mail.id)
    async with desk.client() as client:
        assert "Personen fikk påminnelsen på SMS" in words((await client.get(f"/stab/post/{mail.id}")).text)
    await sender(desk, gateway).run()
    assert len(gateway.taken) == 1


async def test_change_by_sms_leaves_the_call_that_needs_an_answer(desk: Desk, gateway: SmsServer) -> None:
    group, (person,) = await called(desk)
    await desk.deliver(group.called(sequence=1, starts_at=STARTS_AT + timedelta(days=1)))
    await desk.mailer()
    await sender(desk, gateway).run()
    (message,) = gateway.taken
    assert message["text"].startswith("Møtet er flyttet. Ny tid er ")
    assert await state(desk, person, "plan_changed") == ("sent", "call")
    assert await desk.open_calls(person) == ["plan_changed"]


async def test_number_is_asked_at_the_moment_of_sending_and_stored_nowhere(desk: Desk, gateway: SmsServer) -> None:
    await reminded(desk)
    asked = len(desk.intake.questions)
    await sender(desk, gateway).run()
    assert [question.purpose for question in desk.intake.questions[asked:]] == ["sms"]
    async with desk.database.transaction() as session:
        rows = [str(tuple(row)) for row in await session.execute(sa.select(Sms.__table__))]  # type: ignore[attr-defined]
    assert len(rows) == 1
    assert MOBILE.removeprefix("+47") not in rows[0]


@pytest.mark.parametrize("why", ["other_centre", "has_mail", "no_number"])
async def test_nobody_else_gets_an_sms(desk: Desk, gateway: SmsServer, why: str) -> None:
    (person,) = await reminded(desk)
    if why == "no_number":
        contact = desk.intake.by_person[person.id]
        desk.intake.by_person[person.id] = contact.model_copy(update={"mobile": None})
    if why == "has_mail":
        contact = desk.intake.by_person[person.id]
        desk.intake.by_person[person.id] = contact.model_copy(update={"email": "kari@example.org"})
    await sender(desk, gateway, "link-oslo" if why == "other_centre" else CENTRE).run()
    assert gateway.taken == []
    assert await desk.open_calls(person) == ["meeting_tomorrow"]


@pytest.mark.parametrize(
    ("fault", "after", "copies"),
    [
        (400, "failed", 0),
        (404, "failed", 0),
        (422, "failed", 0),
        (401, "retry", 0),
        (403, "retry", 0),
        (429, "retry", 0),
        (500, "retry", 0),
        (503, "retry", 0),
        (502, "unknown", 0),
        (504, "unknown", 0),
        ("drop", "unknown", 1),
        ("drop_before", "unknown", 0),
        ("garbage", "sent", 1),
    ],
)
async def test_fault_of_gateway_ends_in_a_state_that_is_true(
    desk: Desk, gateway: SmsServer, fault: Fault, after: str, copies: int
) -> None:
    """A reminder that may have arrived is never sent again; the call stays unless the message has left."""
    (person,) = await reminded(desk)
    gateway.faults.append(fault)
    sending = sender(desk, gateway)
    await sending.run()
    assert await state(desk, person) == (after, "called" if after == "sent" else "call")
    desk.clock.move(timedelta(minutes=2))
    await sending.run()
    again = int(after == "retry")
    assert (len(gateway.taken), gateway.tried) == (copies + again, 1 + again)


async def test_change_that_may_have_arrived_is_sent_twice_at_most(desk: Desk, gateway: SmsServer) -> None:
    group, (person,) = await called(desk)
    await desk.deliver(group.called(sequence=1, starts_at=STARTS_AT + timedelta(days=1)))
    await desk.mailer()
    gateway.faults.extend(["drop", "drop", "drop"])
    for _ in range(4):
        await sender(desk, gateway).run()
        desk.clock.move(timedelta(minutes=2))
    assert len({message["reference"] for message in gateway.taken}) == 1
    assert len(gateway.taken) == 2
    assert await state(desk, person, "plan_changed") == ("unknown", "call")


async def test_gateway_that_is_away_uses_up_no_attempt(desk: Desk) -> None:
    async with sms_server() as gateway:
        pass
    (person,) = await reminded(desk)
    sending = sender(desk, gateway)
    for _ in range(3):
        await sending.run()
        desk.clock.move(timedelta(minutes=2))
    async with desk.database.transaction() as session:
        (row,) = (await session.execute(sa.select(Sms))).scalars()
    assert (row.status, row.attempt) == ("queued", 0)
    assert await desk.open_calls(person) == ["meeting_tomorrow"]


async def test_attempt_of_a_dead_sender_waits_for_an_erasure_of_its_person(desk: Desk, gateway: SmsServer) -> None:
    """An erasure holds the person, then takes the messages; who recovers must not hold those meanwhile."""
    (person,) = await reminded(desk)
    (mail,) = await desk.mails(person_id=person.id, kind="meeting_tomorrow")
    now, registry = desk.clock.now(), desk.deps.registry
    async with desk.database.transaction() as session:
        await sms.queue_missing(session, registry, [CENTRE], now=now)
        sender(desk, gateway)
        assert await sms.begin(session, registry, mail.id, desk.deps.directory.current(), now=now) is not None
    async with desk.database.transaction() as erasure:
        await projections.lock(erasure, person_ids=[person.id])
        recovery = asyncio.create_task(sender(desk, gateway).run())
        await _lock_wanted(desk)
        rows = sa.select(Sms).with_for_update(nowait=True)
        assert len((await erasure.execute(rows)).all()) == 1
    await recovery
    assert await state(desk, person) == ("unknown", "call")


async def _lock_wanted(desk: Desk) -> None:
    wanted = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30):
        while True:
            async with desk.database.transaction() as session:
                if (await session.execute(wanted)).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_wrong_token_is_a_fault_of_ours_and_not_of_the_number(desk: Desk, gateway: SmsServer) -> None:
    (person,) = await reminded(desk)
    await sender(desk, gateway, token="wrong").run()
    assert await state(desk, person) == ("retry", "call")


async def test_refused_number_gets_no_sms_until_the_contact_changes(desk: Desk, gateway: SmsServer) -> None:
    group, (person,) = await called(desk)
    gateway.faults.append(400)

    async def move(sequence: int) -> None:
        desk.clock.move(timedelta(hours=1))
        starts_at = STARTS_AT + timedelta(days=sequence)
        await desk.deliver(group.called(sequence=sequence, starts_at=starts_at, now=desk.clock.now()))
        await desk.mailer()
        await sender(desk, gateway).run()

    await move(1)
    await move(2)
    assert (gateway.tried, gateway.taken) == (1, [])
    await desk.deliver(contact_changed(person, desk.clock.now(), by_mail=False))
    await move(3)
    assert len(gateway.taken) == 1


async def test_night_and_a_full_day_hold_messages_back(desk: Desk, gateway: SmsServer) -> None:
    group, (person,) = await called(desk)
    for sequence in range(1, MOST_A_DAY + 3):
        desk.clock.move(timedelta(minutes=10))
        starts_at = STARTS_AT + timedelta(hours=sequence)
        await desk.deliver(group.called(sequence=sequence, starts_at=starts_at, now=desk.clock.now()))
        await desk.mailer()
        await sender(desk, gateway).run()
    assert len(gateway.taken) == MOST_A_DAY
    desk.clock.set(desk.clock.now().replace(hour=22) + timedelta(days=1))
    later = STARTS_AT + timedelta(days=2)
    await desk.deliver(group.called(sequence=20, starts_at=later, now=desk.clock.now()))
    await desk.mailer()
    await sender(desk, gateway).run()
    assert len(gateway.taken) == MOST_A_DAY
    desk.clock.move(timedelta(hours=10))
    await desk.mailer()
    await sender(desk, gateway).run()
    assert len(gateway.taken) == MOST_A_DAY + 1
    assert await desk.open_calls(person) == ["plan_changed"]


async def test_two_senders_send_each_message_once(desk: Desk, gateway: SmsServer) -> None:
    await reminded(desk, people=3)
    await asyncio.gather(*(sender(desk, gateway).run() for _ in range(4)))
    await sender(desk, gateway).run()
    assert len({message["reference"] for message in gateway.taken}) == len(gateway.taken) == 3


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_sms_is_short_discreet_and_without_a_link(kind: str) -> None:
    texts = set()
    for language in LANGUAGES:
        for name in EXAMPLES[kind]:
            text = renderer().sms(content(kind, language, name=name))
            assert text is not None
            assert 1 <= parts(text) <= MOST_PARTS
            assert is_discreet(text), text
            assert "http" not in text
            assert "None" not in text
            texts.add(text)
    assert len(texts) >= len(LANGUAGES)


def test_long_place_is_left_out_of_an_sms() -> None:
    mail = content("meeting_tomorrow", "nb", place_text="Den lange gata ved elva " * 12)
    text = renderer().sms(mail)
    assert text is not None
    assert "Den lange gata" not in text
    assert parts(text) <= MOST_PARTS


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("æøåÆØÅé" * 22 + "abcdef", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("č" * 70, 1),
        ("a" * 70 + "č", 2),
        ("š" * 134, 2),
        ("š" * 135, 3),
        ("\U0001f600" * 35, 1),
        ("\U0001f600" * 36, 2),
    ],
)
def test_parts_counts_places_of_each_character_set(text: str, count: int) -> None:
    assert parts(text) == count


@given(st.text(alphabet="aå€{š\U0001f600", max_size=400), st.text(alphabet="aå€š", max_size=5))
def test_parts_never_shrink_when_a_text_grows(text: str, more: str) -> None:
    assert parts(text) <= parts(text + more)
    assert longest_that_fits([text]) in {text, None}


@pytest.mark.parametrize(
    "changes",
    [
        {"sms_url": "http://gateway.example/send", "sms_token": "t", "sms_from": "Senteret"},
        {"sms_url": "https://kari:pass@gateway.example/", "sms_token": "t", "sms_from": "Senteret"},
        {"sms_url": "gateway.example", "sms_token": "t", "sms_from": "Senteret"},
        {"sms_url": "https://gateway.example/", "sms_from": "Senteret"},
        {"sms_url": "https://gateway.example/", "sms_token": "t"},
        {"sms_token": "t", "sms_from": "Senteret"},
        {"sms_url": "https://gateway.example/", "sms_token": "t", "sms_from": "Selvhjelp"},
        {"sms_url": "https://gateway.example/", "sms_token": "t", "sms_from": "Et for langt navn"},
    ],
)
def test_settings_of_a_gateway_are_whole_or_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"SMS|https|letters"):
        settings_of("postgresql+asyncpg://x/x", "nats://x", 25, **changes)


async def test_erasure_deletes_the_message_with_its_mail(desk: Desk, gateway: SmsServer) -> None:
    (person,) = await reminded(desk)
    await sender(desk, gateway).run()
    async with desk.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM mails WHERE person_id = :id"), {"id": person.id})
        assert (await session.execute(sa.select(sa.func.count()).select_from(Sms))).scalar_one() == 0


async def test_policy_says_which_centres_send_short_messages(desk: Desk, gateway: SmsServer) -> None:
    (person,) = await reminded(desk)
    sending = sender(desk, gateway, "link-oslo")
    await sending.run()
    assert await state(desk, person) == (None, "call")
    decide(desk, CENTRE, short_messages=True)
    await sending.run()
    assert len(gateway.taken) == 1


async def test_message_that_waits_when_the_centre_ends_them_is_not_sent(desk: Desk, gateway: SmsServer) -> None:
    (person,) = await reminded(desk)
    gateway.faults.append(503)
    sending = sender(desk, gateway)
    await sending.run()
    decide(desk, CENTRE, short_messages=False)
    desk.clock.move(timedelta(minutes=2))
    await sending.run()
    assert gateway.taken == []
    assert await state(desk, person) == ("cancelled", "call")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (None, "2026 kl. 12.00. Vi får ikke vite om den kom fram."),
        (503, "Tjenesten tok ikke imot. Vi prøver igjen "),
        (404, "Tjenesten avviste nummeret."),
        (502, "Forbindelsen ble brutt, så vi vet ikke om den gikk ut."),
    ],
)
async def test_page_of_a_call_says_how_the_message_stands(
    desk: Desk, gateway: SmsServer, fault: Fault | None, said: str
) -> None:
    if fault is None:
        group, (person,) = await called(desk)
        await desk.deliver(group.called(sequence=1, starts_at=STARTS_AT + timedelta(days=1)))
        await desk.mailer()
        kind = "plan_changed"
    else:
        (person,), kind = await reminded(desk), "meeting_tomorrow"
        gateway.faults.append(fault)
    assert "SMS" not in words(await page_of_call(desk, person, kind))
    await sender(desk, gateway).run()
    assert said in words(await page_of_call(desk, person, kind))


async def page_of_call(desk: Desk, person: Person, kind: str) -> str:
    (mail,) = await desk.mails(person_id=person.id, kind=kind)
    async with desk.client() as client:
        return (await client.get(f"/stab/ring/{mail.id}")).text


def test_sms_is_off_where_nothing_is_said_of_it() -> None:
    settings: Settings = settings_of("postgresql+asyncpg://x/x", "nats://x", 25)
    assert (settings.sms_url, settings.sms_token) == (None, None)
    assert not any(centre.policy.short_messages for centre in centres.load().all)
