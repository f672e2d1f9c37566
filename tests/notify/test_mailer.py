"""Sending to a real mail server that misbehaves on request, with contacts resolved over a real broker."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from devtools.local.ports import free_port
from notify import mailer as mailers
from notify.app import build
from notify.domain.delivery import RETRY_DELAYS, Accepted, Outcome, SmtpRejected, Unreachable
from notify.domain.refusals import About
from notify.domain.throttling import BatchSize
from notify.preparing import MailerSettings
from notify.smtp import Security, SmtpConnection
from notify.store import Mail, projections
from notify.usecases import outcomes
from selvhjelp.mailbox.faults import NoReply, Reply
from selvhjelp.mailbox.smtp import mail_server
from shared.reference import centres
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.world import World, has_status, inbox_of, status
from tests.shared.support.eventually import eventually

SILENCE_SECONDS = 2.0  # long enough for a mail to a server that does answer


async def test_mailer_sends_complete_messages(world: World) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    await world.deliver(person.received(), group.called())
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    await eventually(has_status(world, person, "address_to_confirm", "sent"))
    by_subject = {mail["Subject"]: mail for mail in inbox_of(world, person)}
    assert set(by_subject) == {"Bekreft e-postadressen din", "Tid og sted for det første møtet"}
    mail = by_subject["Tid og sted for det første møtet"]
    assert mail["From"] == "LINK Bergen <hei@post.example>"
    assert mail["To"] == world.intake.address(person)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "nb"
    assert mail["Reply-To"] == "post@link-bergen.example"
    assert mail["Message-ID"].endswith("@post.example>")
    assert mail["List-Unsubscribe"].startswith("<https://senter.example/meld-av/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Hei, Kari." in text.get_content()
    assert "Biblioteket, rom 2" in text.get_content()
    (calendar,) = mail.iter_attachments()
    assert calendar.get_content_type() == "text/calendar"
    assert by_subject["Bekreft e-postadressen din"]["List-Unsubscribe"] is None


async def test_meeting_place_is_in_language_of_each_reader(world: World) -> None:
    bergen = centres.load().get("link-bergen")
    assert bergen is not None
    people = {language: world.intake.add(Person(language=language)) for language in ("nb", "nn", "en")}
    place = bergen.place_text("bergen-alver", "nb")
    await world.deliver(Group([*people.values()]).called(place=place))
    for language, person in people.items():
        await eventually(has_status(world, person, "group_confirmed", "sent"))
        (mail,) = inbox_of(world, person)
        text = mail.get_body(("plain",))
        assert text is not None
        assert bergen.place_text("bergen-alver", language) in " ".join(text.get_content().split())


async def test_mailer_asks_for_contacts_of_many_mails_at_once(world: World) -> None:
    people = [world.intake.add(Person()) for _ in range(30)]
    group = Group(people)
    await world.deliver(group.called(), times=1)

    async def all_sent() -> bool:
        return len(await world.mails(kind="group_confirmed", status="sent")) == len(people)

    await eventually(all_sent)
    assert len(world.store.newest_first()) == len(people)
    assert sorted(mail.recipients[0] for mail in world.store.newest_first()) == sorted(
        map(world.intake.address, people)
    )
    asked = [person_id for question in world.intake.questions for person_id in question.person_ids]
    assert sorted(asked) == sorted(person.id for person in people)
    assert len(world.intake.questions[0].person_ids) == BatchSize().mails


@pytest.mark.parametrize(
    ("kind", "reply_seconds"), [("drop_after", 600.0), ("silent_after", SILENCE_SECONDS), ("drop_before", 600.0)]
)
async def test_unknown_outcome_is_resent_once_with_same_message_id(world: World, kind: str) -> None:
    person = world.intake.add(Person())
    world.faults.add(NoReply.model_validate({"kind": kind, "count": 2}))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "unknown"))
    (mail,) = await world.mails()
    assert mail.next_at == world.clock.now() + timedelta(minutes=1)
    world.clock.move(timedelta(minutes=1))
    await eventually(lambda: _unknowns(world, 2))
    (mail,) = await world.mails()
    assert (mail.status, mail.next_at, mail.attempt) == ("unknown", None, 2)
    world.clock.move(timedelta(days=3))
    await _mailer_ran(world)
    copies = inbox_of(world, person)
    assert len(copies) == (0 if kind == "drop_before" else 2)
    assert len({copy["Message-ID"] for copy in copies}) == min(1, len(copies))


async def _unknowns(world: World, count: int) -> bool:
    (mail,) = await world.mails()
    return mail.unknowns == count and mail.status == "unknown"


async def _mailer_ran(world: World) -> None:
    """Wait until the mailer has run after the clock moved: a mail queued later has been sent."""
    marker = world.intake.add(Person())
    await world.deliver(marker.ready())
    await eventually(has_status(world, marker, "on_the_list", "sent"))


async def test_reminder_with_unknown_outcome_is_not_resent(world: World) -> None:
    person = world.intake.add(Person())
    starts_at = NOON + timedelta(days=8, hours=6)
    await world.deliver(Group([person]).called(starts_at=starts_at))
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    world.faults.add(NoReply(kind="drop_after"))
    world.clock.set(starts_at - timedelta(days=1))
    await eventually(has_status(world, person, "meeting_tomorrow", "unknown"))
    world.clock.move(timedelta(minutes=5))
    await _mailer_ran(world)
    assert await status(world, person, "meeting_tomorrow") == "unknown"
    assert len(inbox_of(world, person)) == 2


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
async def test_temporary_refusal_is_retried_on_schedule(world: World, stage: str) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply.model_validate({"kind": "reply", "code": 451, "stage": stage, "count": 3}))
    await world.deliver(person.ready())
    for attempt, delay in enumerate(RETRY_DELAYS[:3], 1):
        await eventually(lambda attempt=attempt: _tried(world, person, attempt))  # type: ignore[misc]
        (mail,) = await world.mails(person_id=person.id)
        assert (mail.status, mail.reason) == ("retry", "451")
        assert mail.next_at == world.clock.now() + delay
        world.clock.move(delay - timedelta(seconds=1))
        await _mailer_ran_without_sending(world)
        (mail,) = await world.mails(person_id=person.id)
        assert mail.attempt == attempt
        world.clock.move(timedelta(seconds=1))
    await eventually(has_status(world, person, "on_the_list", "sent"))
    assert len(inbox_of(world, person)) == 1


async def _tried(world: World, person: Person, attempt: int) -> bool:
    (mail,) = await world.mails(person_id=person.id)
    return mail.attempt == attempt and mail.status == "retry"


async def _mailer_ran_without_sending(world: World) -> None:
    """As :func:`_mailer_ran`, but without using up a fault: a person without an address gets no mail."""
    marker = world.intake.add(Person(), email=None)
    await world.deliver(marker.ready())
    await eventually(has_status(world, marker, "on_the_list", "cancelled"))


@pytest.mark.parametrize("stage", ["rcpt", "data", "end"])
async def test_final_refusal_fails_the_mail(world: World, stage: str) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply.model_validate({"kind": "reply", "code": 550, "stage": stage}))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "failed"))
    world.clock.move(timedelta(days=3))
    await _mailer_ran(world)
    (mail,) = await world.mails(person_id=person.id)
    assert (mail.attempt, mail.reason) == (1, "550")
    assert inbox_of(world, person) == []


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("rcpt", "5.4.5 Daily user sending limit exceeded"),
        ("rcpt", "5.7.1 Relay access denied"),
        ("mail", "5.7.1 Sender not allowed"),
        ("mail", "no sender of ours"),
        ("end", "5.7.1 Too many mails from you"),
        ("end", "5.3.0 Trouble with the queue"),
    ],
)
async def test_refusal_of_sender_waits_and_is_a_task_once(world: World, stage: str, text: str) -> None:
    person, other = world.intake.add(Person()), world.intake.add(Person())
    fault = {"kind": "reply", "code": 550, "stage": stage, "text": text, "count": 2}
    world.faults.add(Reply.model_validate(fault))
    await world.deliver(person.ready(), other.ready())
    for refused in (person, other):
        await eventually(has_status(world, refused, "on_the_list", "retry"))
    assert await world.open_tasks() == [("mail_server", {"reason": "550"})]
    world.clock.move(RETRY_DELAYS[0])
    for refused in (person, other):
        await eventually(has_status(world, refused, "on_the_list", "sent"))
    assert "mail_server" not in dict(await world.open_tasks())
    async with world.database.transaction() as session:
        assert await projections.hard_bounces(session, person.id) == 0


async def test_two_hard_bounces_turn_mails_into_call_tasks(world: World) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt", count=2))
    await world.deliver(person.received(), person.ready())
    await eventually(has_status(world, person, "address_to_confirm", "failed", "cancelled"))
    await eventually(has_status(world, person, "on_the_list", "failed"))
    group = Group([person])
    world.faults.clear()
    await world.deliver(group.called())
    await eventually(has_status(world, person, "group_confirmed", "call", "sent"))


async def test_person_without_address_gets_no_call_about_receipts(world: World) -> None:
    person = world.intake.add(Person(), email=None)
    await world.deliver(person.received(by_mail=False), person.ready())
    await eventually(has_status(world, person, "on_the_list", "cancelled"))
    await eventually(has_status(world, person, "address_to_confirm", "cancelled", "called"))
    assert world.store.newest_first() == []


async def test_mail_to_unknown_person_is_cancelled(world: World) -> None:
    person = Person()
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "cancelled"))
    assert world.store.newest_first() == []


async def test_mails_wait_while_intake_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailers, "CONTACTS_AWAY_SECONDS", 0.05)
    person = Person()
    away = asyncio.Event()

    async def no_answer(*_: object) -> bytes:
        away.set()
        raise TimeoutError

    answering, world.deps.contacts._ask = world.deps.contacts._ask, no_answer
    await world.deliver(person.ready())
    await asyncio.wait_for(away.wait(), 60)
    assert await status(world, person, "on_the_list") == "queued"
    world.intake.add(person)
    world.deps.contacts._ask = answering
    await eventually(has_status(world, person, "on_the_list", "sent"))
    (mail,) = await world.mails()
    assert mail.attempt == 1


async def test_mailer_at_rest_sees_what_its_process_writes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No notification tells of a row that another command has made due."""
    monkeypatch.setattr(mailers, "QUIET_SECONDS", 600)
    person = world.intake.add(Person())
    world.faults.add(Reply(kind="reply", code=451, stage="mail"))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "retry"))
    async with world.database.transaction() as session:
        await session.execute(sa.update(Mail).values(next_at=world.clock.now()))
    await eventually(has_status(world, person, "on_the_list", "sent"))


async def test_plan_changed_before_first_mail_is_mailed_once(world: World) -> None:
    person = world.intake.add(Person())
    world.faults.add(Reply(kind="reply", code=451, stage="mail"))
    group = Group([person])
    await world.deliver(group.called())
    await eventually(has_status(world, person, "group_confirmed", "retry"))
    await world.deliver(group.called(sequence=1, place="Nytt sted"))
    await _mailer_ran(world)
    assert await status(world, person, "plan_changed") == "queued"
    world.clock.move(timedelta(minutes=1))
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    await eventually(has_status(world, person, "plan_changed", "cancelled"))
    (mail,) = inbox_of(world, person)
    assert "Nytt sted" in str(mail.get_body(("plain",)))


async def test_calendar_sequence_follows_plan_change_and_cancellation(world: World) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    await world.deliver(group.called())
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    await world.deliver(group.called(sequence=1, place="Nytt sted"))
    await eventually(has_status(world, person, "plan_changed", "sent"))
    await world.deliver(group.cancelled())
    await eventually(has_status(world, person, "start_cancelled", "sent"))
    parts = [part.get_content() for mail in inbox_of(world, person) for part in mail.iter_attachments()]
    files = [part.decode() if isinstance(part, bytes) else part for part in parts]
    assert [_line(file, "METHOD") for file in files] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [_line(file, "SEQUENCE") for file in files] == ["0", "1", "2"]
    assert len({_line(file, "UID") for file in files}) == 1


def _line(file: str, name: str) -> str:
    return next(line.partition(":")[2] for line in file.splitlines() if line.startswith(f"{name}:"))


async def test_cancellation_is_dropped_for_person_never_told(world: World) -> None:
    person = world.intake.add(Person())
    group = Group([person])
    await world.deliver(group.cancelled())
    await eventually(has_status(world, person, "start_cancelled", "cancelled"))
    assert world.store.newest_first() == []


async def test_mail_left_by_dead_mailer_is_unknown_and_resent_once(world: World) -> None:
    person = world.intake.add(Person())
    await world.deliver(Group([person]).called())
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    async with world.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "UPDATE mails SET status = 'sending', worker = 77, settled_at = NULL, sending_since = created_at"
            " WHERE kind = 'group_confirmed'"
        )
    async with world.database.transaction() as session:
        await outcomes.recover(session, world.deps.registry, now=world.clock.now())
    (mail,) = await world.mails(kind="group_confirmed")
    assert (mail.status, mail.unknowns) == ("unknown", 1)
    world.clock.move(timedelta(minutes=1))
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    copies = inbox_of(world, person)
    assert len(copies) == 2
    assert len({copy["Message-ID"] for copy in copies}) == 1


@pytest.mark.parametrize("reply_seconds", [SILENCE_SECONDS])
async def test_recover_skips_mail_of_living_mailer(world: World) -> None:
    person = world.intake.add(Person())
    world.faults.add(NoReply(kind="silent_after"))
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "sending", "unknown"))
    async with world.database.transaction() as session:
        assert await outcomes.recover(session, world.deps.registry, now=world.clock.now()) == 0


async def test_reminder_due_at_night_is_postponed_to_morning(world: World) -> None:
    person = world.intake.add(Person())
    starts_at = NOON + timedelta(days=8, hours=6)
    await world.deliver(Group([person]).called(starts_at=starts_at))
    await eventually(has_status(world, person, "group_confirmed", "sent"))
    night = (starts_at - timedelta(days=1)).replace(hour=22)
    world.clock.set(night)
    await eventually(lambda: _postponed(world))
    assert len(inbox_of(world, person)) == 1
    world.clock.set(night + timedelta(hours=9))
    await eventually(has_status(world, person, "meeting_tomorrow", "sent"))


async def _postponed(world: World) -> bool:
    (mail,) = await world.mails(kind="meeting_tomorrow")
    return mail.status == "queued" and mail.next_at is not None and mail.next_at > world.clock.now()


async def test_two_mailers_send_each_mail_once(world: World) -> None:
    people = [world.intake.add(Person()) for _ in range(40)]
    other = build(world.settings, world.clock)
    async with other.router.lifespan_context(other):
        await world.deliver(*(person.ready() for person in people), times=1)

        async def all_sent() -> bool:
            return len(await world.mails(status="sent")) == len(people)

        await eventually(all_sent)
    assert sorted(mail.recipients[0] for mail in world.store.newest_first()) == sorted(
        map(world.intake.address, people)
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_connection_requiring_tls_refuses_plain_server(tmp_path: Path, security: Security) -> None:
    async with mail_server(tmp_path) as (port, store, _):
        connection = SmtpConnection("127.0.0.1", port, security=security)
        assert await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == Unreachable()
        await connection.close()
        assert store.newest_first() == []


@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ([Unreachable(535)], ["535"]),
        ([Unreachable(554)] * 3, ["554"]),
        ([Unreachable()] * 4, []),
        ([Unreachable()] * 9, ["unreachable"]),
        ([Unreachable(421)] * 9, ["unreachable"]),
        ([Unreachable(535), Accepted()], ["535", None]),
        ([Unreachable()] * 7 + [Accepted()] * 3, ["unreachable", None]),
        ([Unreachable(535)] * 9, ["535"]),
    ],
)
async def test_mail_server_that_takes_nothing_is_a_task_once(
    answers: list[Outcome], reasons: list[str | None], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password that is refused, a greeting that refuses us, and a server that does not answer."""
    told: list[str | None] = []

    async def report(_session: object, reason: str | None, **_: object) -> None:
        told.append(reason)

    monkeypatch.setattr("notify.usecases.mail_server.report", report)
    mailer = mailers.Mailer(
        world.deps, SmtpConnection("127.0.0.1", 1), MailerSettings("post@example.org", "example.org")
    )
    mailer._reported = None
    for outcome in answers:
        await mailer._report_server(outcome)
        mailer._pause_after(outcome)
    assert told == reasons


async def test_connection_to_absent_server_is_unreachable() -> None:
    connection = SmtpConnection("127.0.0.1", free_port(), security="none")
    assert await connection.send("a@example.org", "b@example.org", b"x") == Unreachable()


@pytest.mark.asvs("1.3.11")
async def test_connection_refuses_injected_addresses_and_is_reused(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as (port, store, faults):
        connection = SmtpConnection("127.0.0.1", port, security="none")
        mail = b"Subject: x\r\n\r\nx\r\n"
        assert await connection.send("a@example.org", "b@example.org", mail) == Accepted()
        first = connection._smtp
        assert await connection.send("a@example.org", "b@example.org, evil@example.org", mail) == SmtpRejected(
            553, About.MAILBOX
        )
        assert await connection.send(
            "a@example.org", "b@example.org\r\nRCPT TO:<evil@example.org>", mail
        ) == SmtpRejected(553, About.MAILBOX)
        faults.add(Reply(kind="reply", code=550, stage="rcpt"))
        assert await connection.send("a@example.org", "b@example.org", mail) == SmtpRejected(550, About.MAILBOX)
        assert await connection.send("a@example.org", "kåre@example.org", mail) == Accepted()
        assert connection._smtp is first
        assert {address for summary in store.newest_first() for address in summary.recipients} == {
            "b@example.org",
            "kåre@example.org",
        }
        await connection.close()
