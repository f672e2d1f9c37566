"""How many mails leave: for the mail server in an hour, and for one person in a day."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify import mailer
from notify.domain import throttling
from notify.domain.delivery import Accepted, Unreachable
from notify.domain.hours import is_night
from notify.domain.return_path import ReturnPaths
from notify.domain.throttling import LARGEST_BATCH, MAY_WAIT_AFTER, MOST_A_DAY, budget_waits_until
from notify.signing import Signer
from notify.store import allowance
from tests.notify.support.events import NOON, Person
from tests.notify.support.mailing import Server, mailing
from tests.notify.support.world import Feed, Intake
from tests.notify.test_signing import holds, keys
from tests.shared.support.eventually import eventually

PER_HOUR = 10


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(throttling, "UNREACHABLE_PAUSE_SECONDS", (0.01,) * 5)


async def queue(feed: Feed, intake: Intake, count: int) -> list[str]:
    """Queue one mail to each of so many people, a second apart; return their addresses."""
    people = [intake.add(Person()) for _ in range(count)]
    for person in people:
        feed.clock.move(timedelta(seconds=1))
        await feed.deliver(person.ready(feed.clock.now()), times=1)
    return [intake.address(person) for person in people]


async def test_two_mailers_keep_the_hourly_allowance_and_the_order(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[datetime] = []
    take = allowance.take

    async def counting(session: object, per_hour: int, most: int, now: datetime) -> int:
        taken = await take(session, per_hour, most, now)  # type: ignore[arg-type]
        if not taken:
            refused.append(now)
        return taken

    monkeypatch.setattr(allowance, "take", counting)
    intake, server = Intake(), Server()
    addresses = await queue(feed, intake, 25)
    began_at = feed.clock.now()
    async with (
        mailing(feed, intake, server, per_hour=PER_HOUR),
        mailing(feed, intake, server, per_hour=PER_HOUR),
    ):
        for minutes, sent in ((0, 10), (30, 10), (59, 10), (62, 20), (119, 20), (125, 25)):
            now = began_at + timedelta(minutes=minutes)
            feed.clock.set(now)
            await eventually(lambda sent=sent: _has_sent(server, sent))  # type: ignore[misc]
            if sent < 25:
                await eventually(lambda now=now: _refused_at(refused, now))  # type: ignore[misc]
            assert len(server.sent) == sent
            assert set(server.recipients) == set(addresses[:sent])


async def _has_sent(server: Server, count: int) -> bool:
    return len(server.sent) >= count


async def _refused_at(refused: list[datetime], now: datetime) -> bool:
    return now in refused


async def test_allowance_in_any_hour_is_at_most_the_limit(feed: Feed) -> None:
    taken: list[tuple[datetime, int]] = []
    for minutes, most, back in ((0, 4, 0), (20, 9, 2), (40, 5, 0), (61, 9, 0), (80, 9, 9), (85, 9, 0), (200, 99, 0)):
        now = NOON + timedelta(minutes=minutes, seconds=minutes)
        async with feed.database.transaction() as session:
            granted = await allowance.take(session, PER_HOUR, most, now)
            await allowance.give_back(session, min(back, granted), now)
        taken.append((now, granted - min(back, granted)))
    for at, _ in taken:
        assert sum(count for moment, count in taken if at <= moment < at + timedelta(hours=1)) <= PER_HOUR
    assert [count for _, count in taken] == [4, 4, 2, 4, 0, 4, 10]


async def test_queue_after_an_outage_drains_oldest_first_and_drops_what_expired(feed: Feed) -> None:
    """The server is away for twelve hours; whom nobody can answer any more hears nothing of it."""
    intake, server = Intake(), Server(answer=lambda _recipient: Unreachable())
    late = [intake.add(Person()) for _ in range(5)]
    for person in late:
        await feed.deliver(person.received(NOON - timedelta(hours=61)), times=1)  # to be confirmed within 72 hours
    addresses = await queue(feed, intake, 2 * LARGEST_BATCH + 30)
    async with mailing(feed, intake, server):
        await eventually(lambda: _has_tried(server, 20))
        assert {mail.status for mail in await feed.mails()} <= {"queued", "sending"}
        feed.clock.set(NOON + timedelta(hours=12))
        in_flight = server.tried
        await eventually(lambda: _has_tried(server, in_flight + 2 * LARGEST_BATCH))  # none from before noon is left
        server.answer = lambda _recipient: Accepted()
        await eventually(lambda: _has_sent(server, len(addresses)))
    assert server.recipients == addresses
    rows = await feed.mails()
    assert {mail.attempt for mail in rows if mail.status == "sent"} == {1}
    dropped = [mail for mail in rows if mail.status == "cancelled"]
    assert {(mail.person_id, mail.reason) for mail in dropped} == {(person.id, "expired") for person in late}


async def _has_tried(server: Server, count: int) -> bool:
    return server.tried >= count


async def test_each_mail_has_its_own_return_path_and_a_signature(feed: Feed) -> None:
    paths = ReturnPaths("retur.example.org", lambda: [b"k" * 32])
    intake, server = Intake(), Server()
    addresses = await queue(feed, intake, 3)
    signer = Signer("example.org", "s2026", keys()[0])
    async with mailing(feed, intake, server, return_paths=paths, signer=signer):
        await eventually(lambda: _has_sent(server, 3))
    by_person = {mail.person_id: mail.id for mail in await feed.mails()}
    for sender, recipient, raw in server.sent:
        (person_id,) = (id_ for id_, contact in intake.by_person.items() if contact.email == recipient)
        assert paths.mail_of(sender) == by_person[person_id]
        assert holds(raw)
    assert len({sender for sender, _, _ in server.sent}) == len(addresses)


@given(
    sent=st.integers(0, 100),
    may_wait=st.booleans(),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=NOON.tzinfo)),  # noqa: DTZ001
)
def test_mailbox_that_got_enough_waits(sent: int, may_wait: bool, now: datetime) -> None:
    until = budget_waits_until(sent, now, may_wait=may_wait)
    assert (until is None) == (sent < (MAY_WAIT_AFTER if may_wait else MOST_A_DAY))
    if until is not None:
        assert now < until <= now + timedelta(hours=24)
        if sent < MOST_A_DAY:
            assert not is_night(until)


async def test_person_who_got_enough_mails_today_gets_the_rest_tomorrow(feed: Feed) -> None:
    intake, server = Intake(), Server()
    person = intake.add(Person())
    signups = [Person(id=person.id) for _ in range(MOST_A_DAY + 2)]
    for signup in signups:
        await feed.deliver(signup.ready(feed.clock.now()), times=1)
    async with mailing(feed, intake, server):
        await eventually(lambda: _postponed(feed, 2))
        assert len(server.sent) == MOST_A_DAY
        feed.clock.move(timedelta(hours=25))
        await eventually(lambda: _has_sent(server, MOST_A_DAY + 2))


async def _postponed(feed: Feed, count: int) -> bool:
    rows = await feed.mails(status="queued")
    return len([mail for mail in rows if mail.next_at and mail.next_at > feed.clock.now()]) == count
