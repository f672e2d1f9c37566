"""Mails to one person that are due within an hour leave as one e-mail, once, until it has arrived."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notify.domain.content import MailContent
from notify.domain.delivery import Accepted, Outcome, OutcomeUnknown, SmtpRejected
from notify.domain.joint_mails import MOST
from notify.domain.refusals import About
from notify.domain.reports import Undelivered
from notify.mails.registry import mail_registry
from notify.rendering import Renderer
from notify.store import Mail, attempts
from notify.usecases import mails as acts
from notify.usecases import outcomes, reports, sending
from notify.usecases.claims import Claimed
from shared.events import Event
from shared.events.contacts import Contact
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference import centres
from tests.notify.support.events import NOON, Person
from tests.notify.support.mailing import Server, mailing
from tests.notify.support.world import Feed, Intake, World, inbox_of
from tests.notify.test_helper_mails import Question
from tests.shared.support.eventually import eventually

NIGHT, MORNING = NOON - timedelta(hours=11), NOON - timedelta(hours=3)
MINUTE = timedelta(minutes=1)
RETRY = 2 * MINUTE
MAILBOX_GONE = SmtpRejected(550, About.MAILBOX)


@dataclass
class Mailer:
    """A mailer without a socket, with each copy that left: its id, and the mails in it."""

    feed: Feed
    worker: int = 1
    copies: list[tuple[UUID, tuple[UUID, ...], Outcome]] = field(default_factory=list)

    async def claim(self, *, together: bool = True) -> list[Claimed]:
        """Claim one due mail to each person, with what leaves with it, and begin the attempts."""
        now, registry = self.feed.clock.now(), mail_registry()
        async with self.feed.database.transaction() as session:
            due = await sending.due(session, registry, now=now, limit=100)
        first: dict[UUID, UUID] = {}
        for mail_id, person_id in due:
            first.setdefault(person_id, mail_id)
        contacts = {
            mail_id: Contact(person_id=person_id, first_name="Kari", email="kari@example.org", language="nb")
            for person_id, mail_id in first.items()
        }
        told = {"worker": self.worker, "centres": centres.load(), "now": now}
        claimed: list[Claimed] = []
        alone: Sequence[UUID] = list(contacts)
        if together:
            async with self.feed.database.transaction() as session:
                claimed, alone = await sending.claim_many(session, registry, contacts, **told)  # type: ignore[arg-type]
        for mail_id in alone:
            async with self.feed.database.transaction() as session:
                mail = await sending.claim(session, registry, mail_id, contacts[mail_id], **told)  # type: ignore[arg-type]
            claimed += [mail] if mail else []
        ids = [part.mail_id for mail in claimed if not mail.begun for part in mail.parts]
        async with self.feed.database.transaction() as session:
            await sending.begin(session, ids, worker=self.worker, now=now)
        return claimed

    async def send(self, outcome: Outcome | None = None, *, together: bool = True) -> list[Claimed]:
        """Send what is due with this outcome; return it."""
        outcome = outcome or Accepted()
        claimed = await self.claim(together=together)
        for mail in claimed:
            await self.record(mail, outcome)
        return claimed

    async def record(self, mail: Claimed, outcome: Outcome) -> None:
        ids = tuple(part.mail_id for part in mail.parts)
        self.copies.append((mail.joint_id or mail.mail_id, ids, outcome))
        async with self.feed.database.transaction() as session:
            now = self.feed.clock.now()
            await outcomes.record(session, mail_registry(), *ids, outcome=outcome, worker=self.worker, now=now)


def questions(person: Person, count: int) -> list[Event]:
    return [Question(person).asked() for _ in range(count)]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("events", "sections"),
    [
        (lambda person: questions(person, 2), [["starter_asked"] * 2]),
        (lambda person: questions(person, 5), [["starter_asked"] * 5]),
        (lambda person: questions(person, MOST + 2), [["starter_asked"] * MOST, ["starter_asked"] * 2]),
        (
            lambda person: [person.ready(), person.texts_asked("consent"), person.renewal_asked()],
            [["on_the_list"], ["renewal", "texts_changed"]],
        ),
        (
            lambda person: [person.ready(), person.renewal_asked(), *questions(person, 1)],
            [["on_the_list"], ["renewal", "starter_asked"]],
        ),
        (lambda person: [person.received(), *questions(person, 1)], [["address_to_confirm"], ["starter_asked"]]),
    ],
    ids=["two", "five", "too-many", "one-sign-up", "two-roles", "receipt"],
)
async def test_due_mails_of_one_person_leave_as_one(
    feed: Feed, together: bool, events: object, sections: list[list[str]]
) -> None:
    feed.clock.set(MORNING)
    assert callable(events)
    await feed.deliver(*events(Person()))
    mailer = Mailer(feed)
    left = [await mailer.send(together=together) for _ in range(len(sections) + 1)]
    assert [sorted(part.content.kind for mail in sent for part in mail.parts) for sent in left] == [*sections, []]
    rows = await feed.mails()
    assert {row.status for row in rows} == {"sent"}
    assert sum(row.joint_id is not None for row in rows) == sum(len(kinds) for kinds in sections if len(kinds) > 1)


async def test_mails_of_two_people_stay_apart(feed: Feed) -> None:
    people = [Person(), Person()]
    await feed.deliver(*(event for person in people for event in questions(person, 2)))
    left = await Mailer(feed).send()
    assert sorted(len(mail.parts) for mail in left) == [2, 2]
    for mail in left:
        rows = await feed.mails(joint_id=mail.joint_id)
        assert len({row.person_id for row in rows}) == 1


async def test_mail_of_another_language_stays_apart(feed: Feed) -> None:
    person = Person()
    await feed.deliver(*questions(person, 1))
    person.language = "en"
    await feed.deliver(*questions(person, 1))
    assert [len(mail.parts) for mail in await Mailer(feed).send()] == [1]


async def test_mail_due_within_the_hour_leaves_with_the_first(feed: Feed) -> None:
    person = Person()
    await feed.deliver(*questions(person, 4))
    await _set(feed, (await feed.mails())[1:], *(minutes * MINUTE for minutes in (30, 60, 61)))
    assert [len(mail.parts) for mail in await Mailer(feed).send()] == [3]
    (late,) = await feed.mails(status="queued")
    assert late.next_at == NOON + 61 * MINUTE


@pytest.mark.parametrize("outcome", [SmtpRejected(451), OutcomeUnknown()], ids=["refused", "unknown"])
async def test_joint_mail_is_sent_again_as_it_was(feed: Feed, outcome: Outcome) -> None:
    """A mail that comes later does not join one that was tried; a mail of it that is no longer wanted is left out."""
    person, mailer = Person(), Mailer(feed)
    asked = [Question(person) for _ in range(3)]
    await feed.deliver(*(question.asked() for question in asked))
    (first,) = await mailer.send(outcome)
    await feed.deliver(*questions(person, 1), asked[1].answered("withdrawn"))
    feed.clock.move(RETRY)
    (_,) = await mailer.send()  # what came later is due first or last, and leaves alone
    (_,) = await mailer.send()
    by_size = sorted(mailer.copies[1:], key=lambda copy: len(copy[1]))
    assert [len(ids) for _, ids, _ in by_size] == [1, 2]
    assert by_size[1][0] == first.joint_id
    assert {row.status for row in await feed.mails(kind="starter_asked", reason=None)} == {"sent"}


async def test_refused_joint_mail_counts_once_against_the_address(feed: Feed) -> None:
    person = Person()
    await feed.deliver(*questions(person, 3))
    await Mailer(feed).send(MAILBOX_GONE)
    assert [row.status for row in await feed.mails()] == ["failed"] * 3
    assert len(await feed.open_tasks()) == 1
    await feed.deliver(*questions(person, 1))
    assert len(await Mailer(feed).send()) == 1, "one refusal does not suppress the address"


async def test_bounce_of_joint_mail_is_recorded_on_all(feed: Feed) -> None:
    await feed.deliver(*questions(Person(), 3))
    (mail,) = await Mailer(feed).send()
    report = Undelivered(About.MAILBOX)
    async with feed.database.transaction() as session:
        registry, now = mail_registry(), feed.clock.now()
        assert await reports.record(session, registry, mail.mail_id, report, report_id=new_id(), now=now)
    assert {row.status for row in await feed.mails()} == {"failed"}
    assert len(await feed.open_tasks()) == 1


@pytest.mark.parametrize("act", ["hold", "cancel"])
async def test_act_of_staff_on_joint_mail_is_about_all_of_it(feed: Feed, act: str) -> None:
    await feed.deliver(*questions(Person(), 3))
    await Mailer(feed).send(SmtpRejected(451))
    chosen = (await feed.mails())[1]
    actor = Actor("kari", feed.clock.now(), Cause.fresh())
    async with feed.database.transaction() as session:
        await getattr(acts, act)(session, chosen.id, actor=actor)
    feed.clock.move(timedelta(hours=3))
    assert await Mailer(feed).send() == []
    if act == "hold":
        async with feed.database.transaction() as session:
            await acts.release(session, chosen.id, actor=actor)
        assert [len(mail.parts) for mail in await Mailer(feed).send()] == [3]


async def test_joint_mail_is_one_of_the_mails_of_a_day(feed: Feed) -> None:
    person = Person()
    await feed.deliver(*questions(person, 5))
    await Mailer(feed).send()

    async with feed.database.transaction() as session:
        assert await attempts.left_since(session, [person.id], NOON - timedelta(days=1)) == {person.id: 1}


async def test_mailer_sends_one_message_for_all(world: World) -> None:
    world.clock.set(NIGHT)
    person = world.intake.add(Person())
    await world.deliver(*questions(person, 3))
    world.clock.set(MORNING)

    async def all_sent() -> bool:
        return {mail.status for mail in await world.mails(person_id=person.id)} == {"sent"}

    await eventually(all_sent)
    (message,) = inbox_of(world, person)
    assert message["Subject"].endswith("(og 2 til)")
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    links = {word for word in plain.get_content().split() if "/igangsettersvar/" in word}
    assert len(links) == 3
    assert all(link in html.get_content() for link in links)
    assert html.get_content().count('<h2 class="section"') == 3
    assert plain.get_content().count("Hei, Kari.") == html.get_content().count("Hei, Kari.") == 1


ALONE = {
    *("account_invited", "account_link", "address", "address_to_confirm", "centre_message", "coming_unanswered"),
    *("dissolved", "goodbye", "group_confirmed", "group_started", "handed_over", "kontaktmote_cancelled"),
    *(
        "kontaktmote_changed",
        "kontaktmote_full",
        "kontaktmote_given_up",
        "kontaktmote_invited",
        "talk_offered",
        "kontaktmote_guest",
        "kontaktmote_place",
        "kontaktmote_reminder",
    ),
    *("meeting_postponed", "meeting_tomorrow", "meetings_changed", "member_admitted", "member_left", "on_the_list"),
    *("page_link", "paused", "plan_changed", "question_moved", "rhythm_set", "seat_given_up", "seat_gone"),
    *("seat_offered", "sign_of_life", "start_cancelled", "starter_names", "still_coming", "still_coming_again"),
    *("talk_booked", "talk_cancelled", "talk_to_come", "talk_tomorrow", "visit_agreed", "visit_declined"),
    *("vote_closed", "vote_opened", "way_on", "weekly_reminder"),
}


def test_mails_that_stay_apart_are_listed() -> None:
    assert {spec.kind for spec in mail_registry() if not spec.joins} == ALONE


async def test_section_that_cannot_be_made_fails_alone(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    intake, server = Intake(), Server()
    await feed.deliver(*questions(intake.add(Person()), 3))
    bad = (await feed.mails())[1]
    checked = Renderer.checked

    def refuses_one(renderer: Renderer, content: MailContent) -> MailContent:
        if content.cause_id == bad.cause_id:
            raise ValueError(content.kind)
        return checked(renderer, content)

    monkeypatch.setattr(Renderer, "checked", refuses_one)

    async def all_settled() -> bool:
        return not any(row.delivery.open for row in await feed.mails())

    async with mailing(feed, intake, server):
        await eventually(all_settled)
    assert sorted(row.status for row in await feed.mails()) == ["failed", "sent", "sent"]
    assert len(server.sent) == 1


OUTCOMES: list[Outcome | None] = [
    Accepted(),
    SmtpRejected(451),
    SmtpRejected(554),
    MAILBOX_GONE,
    OutcomeUnknown(),
    None,
]
STEPS = st.one_of(
    st.tuples(st.just("due"), st.integers(0, 1), st.integers(1, 3)),
    st.tuples(st.just("run"), st.sampled_from(range(len(OUTCOMES))), st.booleans()),
    st.tuples(st.just("time"), st.sampled_from([1, 5, 40, 90]), st.just(0)),
    st.tuples(st.just("answer"), st.integers(0, 8), st.just(0)),
    st.tuples(st.sampled_from(["hold", "cancel", "retry"]), st.integers(0, 8), st.just(0)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=12))
async def test_every_mail_has_one_outcome_and_no_section_comes_twice(
    feed: Feed, steps: list[tuple[str, int, int]]
) -> None:
    """Outcome None is the death of the mailer: the next one finds that it may have sent the mail."""
    feed.clock.set(NOON)
    people, asked, mailer = [Person(), Person()], list[Question](), Mailer(feed)
    by_hand = set[UUID]()
    for name, number, more in steps:
        if name == "due":
            asked += [Question(people[number]) for _ in range(more)]
            await feed.deliver(*(question.asked() for question in asked[-more:]), times=1)
        elif name == "run":
            await _run(mailer, OUTCOMES[number], together=bool(more))
        elif name == "time":
            feed.clock.move(number * MINUTE)
        elif name == "answer" and number < len(asked):
            await feed.deliver(asked[number].answered("withdrawn"), times=1)
        else:
            by_hand |= await _act(feed, people, name, number)
    for _ in range(4):
        await mailer.send()
        await mailer.send()
        feed.clock.move(timedelta(days=7))
    rows = [row for person in people for row in await feed.mails(person_id=person.id)]
    for row in rows:
        _check(row, [copy for copy in mailer.copies if row.id in copy[1]], by_hand)
    assert all(len(set(ids)) == len(ids) for _, ids, _ in mailer.copies)


async def _run(mailer: Mailer, outcome: Outcome | None, *, together: bool) -> None:
    if outcome is not None:
        await mailer.send(outcome, together=together)
        return
    for mail in await mailer.claim(together=together):
        mailer.copies.append(
            (mail.joint_id or mail.mail_id, tuple(part.mail_id for part in mail.parts), OutcomeUnknown())
        )
    async with mailer.feed.database.transaction() as session:
        await outcomes.recover(session, mail_registry(), now=mailer.feed.clock.now())


async def _act(feed: Feed, people: list[Person], name: str, number: int) -> set[UUID]:
    """Let staff act on a mail, if they can; return the mails that they sent again."""
    rows = [row for person in people for row in await feed.mails(person_id=person.id)]
    if number >= len(rows):
        return set()
    row, actor = rows[number], Actor("kari", feed.clock.now(), Cause.fresh())
    possible = {"hold": row.next_at is not None and not row.delivery.held, "cancel": row.delivery.open}
    async with feed.database.transaction() as session:
        if name == "retry" and row.status in {"failed", "unknown"} and row.next_at is None:
            await acts.retry(session, mail_registry(), row.id, actor=actor)
            return {
                other.id for other in rows if other.id == row.id or (row.joint_id and other.joint_id == row.joint_id)
            }
        if possible.get(name):
            await getattr(acts, name)(session, row.id, actor=actor)
    return set()


def _check(row: Mail, copies: list[tuple[UUID, tuple[UUID, ...], Outcome]], by_hand: set[UUID]) -> None:
    arrived = sum(outcome == Accepted() for _, _, outcome in copies)
    maybe = sum(outcome == OutcomeUnknown() for _, _, outcome in copies)
    fact = f"{row.kind} is {row.status} ({row.reason}) after {copies}"
    assert not row.delivery.open, fact
    assert arrived == (row.status == "sent"), fact
    if row.id not in by_hand:
        assert arrived + maybe <= 2, fact
        assert len({id_ for id_, _, _ in copies}) <= 1, fact


async def _set(feed: Feed, rows: Sequence[Mail], *delays: timedelta) -> None:
    async with feed.database.transaction() as session:
        for row, delay in zip(rows, delays, strict=True):
            row.next_at = NOON + delay
            await session.merge(row)
