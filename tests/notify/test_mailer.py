"""Sending: to a real mail server that misbehaves when told to, with contacts asked for over a real broker."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from devtools.local.ports import free_port
from notify import mailer as mailers
from notify.app import assemble
from notify.domain.delivery import RETRY_DELAYS, Accepted, SmtpRejected, Unreachable
from notify.settings import Settings
from notify.smtp import Security, SmtpConnection
from notify.usecases import sending
from selvhjelp.mailbox.faults import Break, Reply
from shared.reference import centres
from tests.notify.conftest import World, mail_server
from tests.notify.events import NOON, GroupLife, Person
from tests.shared.eventually import eventually


async def status(world: World, person: Person, kind: str) -> str:
    (mail,) = await world.mails(person_id=person.id, kind=kind)
    return mail.status


def is_now(world: World, person: Person, kind: str, *wanted: str) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return await status(world, person, kind) in wanted

    return ask


def inbox_of(world: World, person: Person) -> list[EmailMessage]:
    address = world.intake.address(person)
    mine = [mail.id for mail in reversed(world.store.newest_first()) if mail.recipients == (address,)]
    return [mail.message for id_ in mine if (mail := world.store.get(id_))]


async def test_a_mail_arrives_whole(world: World) -> None:
    person = world.intake.knows(Person())
    group = GroupLife([person])
    await world.hear(person.received(), group.called())
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    await eventually(is_now(world, person, "address_to_confirm", "sent"))
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


async def test_where_to_come_is_told_in_each_readers_language(world: World) -> None:
    bergen = centres.load().get("link-bergen")
    assert bergen is not None
    people = {language: world.intake.knows(Person(language=language)) for language in ("nb", "nn", "en")}
    place = bergen.place_text("bergen-alver", "nb")
    await world.hear(GroupLife([*people.values()]).called(place=place))
    for language, person in people.items():
        await eventually(is_now(world, person, "group_confirmed", "sent"))
        (mail,) = inbox_of(world, person)
        text = mail.get_body(("plain",))
        assert text is not None
        assert bergen.place_text("bergen-alver", language) in " ".join(text.get_content().split())


async def test_one_line_and_one_question_for_many_mails(world: World) -> None:
    people = [world.intake.knows(Person()) for _ in range(30)]
    group = GroupLife(people)
    await world.hear(group.called(), times=1)

    async def all_sent() -> bool:
        return len(await world.mails(kind="group_confirmed", status="sent")) == len(people)

    await eventually(all_sent)
    assert len(world.store.newest_first()) == len(people)
    assert sorted(mail.recipients[0] for mail in world.store.newest_first()) == sorted(
        map(world.intake.address, people)
    )
    assert len(world.intake.questions) == 1


@pytest.mark.parametrize("kind", ["drop_after", "silent_after", "drop_before"])
async def test_an_unknown_outcome_is_sent_once_more_under_the_same_id(world: World, kind: str) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Break.model_validate({"kind": kind, "count": 2}))
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "unknown"))
    (mail,) = await world.mails()
    assert mail.next_at == world.clock.now() + timedelta(minutes=1)
    world.clock.move(timedelta(minutes=1))
    await eventually(lambda: _unknowns(world, 2))
    (mail,) = await world.mails()
    assert (mail.status, mail.next_at, mail.attempt) == ("unknown", None, 2)
    world.clock.move(timedelta(days=3))
    await _settled(world)
    copies = inbox_of(world, person)
    assert len(copies) == (0 if kind == "drop_before" else 2)
    assert len({copy["Message-ID"] for copy in copies}) == min(1, len(copies))


async def _unknowns(world: World, count: int) -> bool:
    (mail,) = await world.mails()
    return mail.unknowns == count and mail.status == "unknown"


async def _settled(world: World) -> None:
    """The mailer has looked since the clock moved: a mail queued later has gone out."""
    marker = world.intake.knows(Person())
    await world.hear(marker.ready())
    await eventually(is_now(world, marker, "on_the_list", "sent"))


async def test_a_reminder_is_never_sent_twice(world: World) -> None:
    person = world.intake.knows(Person())
    starts_at = NOON + timedelta(days=8, hours=6)
    await world.hear(GroupLife([person]).called(starts_at=starts_at))
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    world.faults.add(Break(kind="drop_after"))
    world.clock.set(starts_at - timedelta(days=1))
    await eventually(is_now(world, person, "meeting_tomorrow", "unknown"))
    world.clock.move(timedelta(minutes=5))
    await _settled(world)
    assert await status(world, person, "meeting_tomorrow") == "unknown"
    assert len(inbox_of(world, person)) == 2


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
async def test_a_passing_refusal_is_tried_again_on_schedule(world: World, stage: str) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Reply.model_validate({"kind": "reply", "code": 451, "stage": stage, "count": 3}))
    await world.hear(person.ready())
    for attempt, delay in enumerate(RETRY_DELAYS[:3], 1):
        await eventually(lambda attempt=attempt: _tried(world, person, attempt))  # type: ignore[misc]
        (mail,) = await world.mails(person_id=person.id)
        assert (mail.status, mail.reason) == ("retry", "451")
        assert mail.next_at == world.clock.now() + delay
        world.clock.move(delay - timedelta(seconds=1))
        await _settled_by_call(world)
        (mail,) = await world.mails(person_id=person.id)
        assert mail.attempt == attempt
        world.clock.move(timedelta(seconds=1))
    await eventually(is_now(world, person, "on_the_list", "sent"))
    assert len(inbox_of(world, person)) == 1


async def _tried(world: World, person: Person, attempt: int) -> bool:
    (mail,) = await world.mails(person_id=person.id)
    return mail.attempt == attempt and mail.status == "retry"


async def _settled_by_call(world: World) -> None:
    """As :func:`_settled`, but without using up a fault: a person without an address becomes a call."""
    marker = world.intake.knows(Person(), email=None)
    await world.hear(marker.ready())
    await eventually(is_now(world, marker, "on_the_list", "call"))


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "end"])
async def test_a_final_refusal_is_final(world: World, stage: str) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Reply.model_validate({"kind": "reply", "code": 550, "stage": stage}))
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "failed"))
    world.clock.move(timedelta(days=3))
    await _settled(world)
    (mail,) = await world.mails(person_id=person.id)
    assert (mail.attempt, mail.reason) == (1, "550")
    assert inbox_of(world, person) == []


async def test_after_two_hard_bounces_the_centre_calls(world: World) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Reply(kind="reply", code=550, stage="rcpt", count=2))
    await world.hear(person.received(), person.ready())
    await eventually(is_now(world, person, "address_to_confirm", "failed", "cancelled"))
    await eventually(is_now(world, person, "on_the_list", "failed"))
    group = GroupLife([person])
    world.faults.clear()
    await world.hear(group.called())
    await eventually(is_now(world, person, "group_confirmed", "call", "sent"))


async def test_whoever_has_no_address_is_called(world: World) -> None:
    person = world.intake.knows(Person(), email=None)
    await world.hear(person.received(by_mail=False), person.ready())
    await eventually(is_now(world, person, "on_the_list", "call"))
    assert world.store.newest_first() == []


async def test_whoever_is_gone_gets_no_mail(world: World) -> None:
    person = Person()
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "cancelled"))
    assert world.store.newest_first() == []


async def test_mails_wait_while_intake_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailers, "CONTACTS_AWAY_SECONDS", 0.05)
    person = Person()
    away = asyncio.Event()

    async def nobody(*_: object) -> bytes:
        away.set()
        raise TimeoutError

    asked, world.notify.mailer._contacts._ask = world.notify.mailer._contacts._ask, nobody
    await world.hear(person.ready())
    await asyncio.wait_for(away.wait(), 5)
    assert await status(world, person, "on_the_list") == "queued"
    world.intake.knows(person)
    world.notify.mailer._contacts._ask = asked
    await eventually(is_now(world, person, "on_the_list", "sent"))
    (mail,) = await world.mails()
    assert mail.attempt == 1


async def test_a_plan_that_changed_before_anybody_was_told_is_told_once(world: World) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Reply(kind="reply", code=451, stage="mail"))
    group = GroupLife([person])
    await world.hear(group.called())
    await eventually(is_now(world, person, "group_confirmed", "retry"))
    await world.hear(group.called(sequence=1, place="Nytt sted"))
    await _settled(world)
    assert await status(world, person, "plan_changed") == "queued"
    world.clock.move(timedelta(minutes=1))
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    await eventually(is_now(world, person, "plan_changed", "cancelled"))
    (mail,) = inbox_of(world, person)
    assert "Nytt sted" in str(mail.get_body(("plain",)))


async def test_the_new_plan_is_told_and_the_calendar_follows(world: World) -> None:
    person = world.intake.knows(Person())
    group = GroupLife([person])
    await world.hear(group.called())
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    await world.hear(group.called(sequence=1, place="Nytt sted"))
    await eventually(is_now(world, person, "plan_changed", "sent"))
    await world.hear(group.cancelled())
    await eventually(is_now(world, person, "start_cancelled", "sent"))
    files = [part.get_content() for mail in inbox_of(world, person) for part in mail.iter_attachments()]
    told = [file.decode() if isinstance(file, bytes) else file for file in files]
    assert [_line(file, "METHOD") for file in told] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [_line(file, "SEQUENCE") for file in told] == ["0", "1", "2"]
    assert len({_line(file, "UID") for file in told}) == 1


def _line(file: str, name: str) -> str:
    return next(line.partition(":")[2] for line in file.splitlines() if line.startswith(f"{name}:"))


async def test_nothing_is_taken_back_that_was_never_told(world: World) -> None:
    person = world.intake.knows(Person())
    group = GroupLife([person])
    await world.hear(group.cancelled())
    await eventually(is_now(world, person, "start_cancelled", "cancelled"))
    assert world.store.newest_first() == []


async def test_what_a_dead_mailer_left_is_unknown_and_sent_once_more(world: World) -> None:
    person = world.intake.knows(Person())
    dead = 77
    mailer = world.notify.mailer
    await world.hear(GroupLife([person]).called())
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    async with world.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "UPDATE mails SET status = 'sending', worker = 77, settled_at = NULL WHERE kind = 'group_confirmed'"
        )
    assert dead != mailer._worker
    await mailer._recover()
    (mail,) = await world.mails(kind="group_confirmed")
    assert (mail.status, mail.unknowns) == ("unknown", 1)
    world.clock.move(timedelta(minutes=1))
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    copies = inbox_of(world, person)
    assert len(copies) == 2
    assert len({copy["Message-ID"] for copy in copies}) == 1


async def test_a_living_mailer_is_left_alone(world: World) -> None:
    person = world.intake.knows(Person())
    world.faults.add(Break(kind="silent_after"))
    await world.hear(person.ready())
    await eventually(is_now(world, person, "on_the_list", "sending", "unknown"))
    async with world.database.transaction() as session:
        assert await sending.recover(session, now=world.clock.now()) == 0


async def test_a_reminder_that_is_due_at_night_waits_for_the_morning(world: World) -> None:
    person = world.intake.knows(Person())
    starts_at = NOON + timedelta(days=8, hours=6)
    await world.hear(GroupLife([person]).called(starts_at=starts_at))
    await eventually(is_now(world, person, "group_confirmed", "sent"))
    night = (starts_at - timedelta(days=1)).replace(hour=22)
    world.clock.set(night)
    await eventually(lambda: _postponed(world))
    assert len(inbox_of(world, person)) == 1
    world.clock.set(night + timedelta(hours=9))
    await eventually(is_now(world, person, "meeting_tomorrow", "sent"))


async def _postponed(world: World) -> bool:
    (mail,) = await world.mails(kind="meeting_tomorrow")
    return mail.status == "queued" and mail.next_at is not None and mail.next_at > world.clock.now()


async def test_two_mailers_share_the_work(world: World) -> None:
    people = [world.intake.knows(Person()) for _ in range(40)]
    settings = world.notify.service.settings
    assert isinstance(settings, Settings)
    other = assemble(settings, world.clock)
    async with other.service.lifespan(other.app):
        await world.hear(*(person.ready() for person in people), times=1)

        async def all_sent() -> bool:
            return len(await world.mails(status="sent")) == len(people)

        await eventually(all_sent, within_seconds=30)
    assert sorted(mail.recipients[0] for mail in world.store.newest_first()) == sorted(
        map(world.intake.address, people)
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_nothing_is_sent_in_clear_where_that_is_forbidden(tmp_path: Path, security: Security) -> None:
    async with mail_server(tmp_path) as (port, store, _):
        line = SmtpConnection("127.0.0.1", port, security=security)
        assert await line.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == Unreachable()
        await line.hang_up()
        assert store.newest_first() == []


async def test_a_server_that_is_away_leaves_the_mail_as_it_was() -> None:
    line = SmtpConnection("127.0.0.1", free_port(), security="none")
    assert await line.send("a@example.org", "b@example.org", b"x") == Unreachable()


async def test_an_address_is_one_address_and_a_connection_is_kept(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as (port, store, faults):
        line = SmtpConnection("127.0.0.1", port, security="none")
        mail = b"Subject: x\r\n\r\nx\r\n"
        assert await line.send("a@example.org", "b@example.org", mail) == Accepted()
        first = line._smtp
        assert await line.send("a@example.org", "b@example.org, evil@example.org", mail) == SmtpRejected(553, hard=True)
        assert await line.send("a@example.org", "b@example.org\r\nRCPT TO:<evil@example.org>", mail) == SmtpRejected(
            553, hard=True
        )
        faults.add(Reply(kind="reply", code=550, stage="rcpt"))
        assert await line.send("a@example.org", "b@example.org", mail) == SmtpRejected(550, hard=True)
        assert await line.send("a@example.org", "kåre@example.org", mail) == Accepted()
        assert line._smtp is first
        assert {address for summary in store.newest_first() for address in summary.recipients} == {
            "b@example.org",
            "kåre@example.org",
        }
        await line.hang_up()
