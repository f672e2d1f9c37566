"""Mails to igangsettere: the invitation, the link that signs in, and the questions about groups."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from notify.domain.delivery import Status
from shared.events import Event, people
from shared.events.group_life import AskedBack, IgangsetterAnswered, IgangsetterAsked, VisitAsked
from shared.reference.policy import Policy
from tests.notify.support.contents import LANGUAGES, content, renderer
from tests.notify.support.desk import Desk
from tests.notify.support.events import CENTRE, NOON, Person, stamp
from tests.notify.support.office import Office
from tests.notify.support.world import Feed, World, has_status, inbox_of
from tests.shared.support.eventually import eventually


def invited(person: Person) -> people.AccountInvited:
    return people.AccountInvited(
        **stamp(people.AccountInvited, uuid4(), NOON),
        account_id=person.id,
        invitation_id=uuid4(),
        expires_at=NOON + timedelta(days=14),
        language=person.language,
        centre=CENTRE,
    )


def link_asked(person: Person) -> people.AccountLinkAsked:
    return people.AccountLinkAsked(
        **stamp(people.AccountLinkAsked, uuid4(), NOON),
        account_id=person.id,
        link_id=uuid4(),
        expires_at=NOON + timedelta(minutes=10),
        language=person.language,
        centre=CENTRE,
    )


async def test_invitation_and_link_are_mailed_once_each(world: World) -> None:
    person = world.intake.add(Person())
    await world.deliver(invited(person), link_asked(person))
    for kind, path in (("account_invited", "/igangsetter/invitasjon/"), ("account_link", "/igangsetter/apne/")):
        await eventually(has_status(world, person, kind, "sent"))
        texts = [mail.get_body(("plain",)).get_content() for mail in inbox_of(world, person)]  # type: ignore[union-attr]
        assert sum(f"https://senter.example{path}" in text for text in texts) == 1
    assert len(inbox_of(world, person)) == 2
    assert all(mail["List-Unsubscribe"] is None for mail in inbox_of(world, person))


async def test_link_that_came_too_late_is_not_sent(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(link_asked(person))
    office.now = NOON + timedelta(minutes=11)
    await office.send()
    (mail,) = await feed.mails(kind="account_link")
    assert (mail.status, mail.reason) == (Status.CANCELLED, "expired")


async def test_erased_igangsetter_gets_no_mail_whatever_comes_later(feed: Feed) -> None:
    person = Person()
    events = [invited(person), link_asked(person)]
    await feed.deliver(*events, person.erased(), *events)
    assert await feed.mails(person_id=person.id) == []


STARTS_AT = NOON + timedelta(days=20)
DEADLINE = NOON + timedelta(days=2)


class Question:
    """A question to an igangsetter about one group, with the events that grouping publishes about it."""

    def __init__(self, person: Person) -> None:
        self.person, self.id, self.group_id, self.version = person, uuid4(), uuid4(), 0

    def _fields(self) -> dict[str, object]:
        self.version += 1
        return {
            "group_id": self.group_id,
            "version": self.version,
            "centre": CENTRE,
            "area": "bergen",
            "igangsetter_id": self.person.id,
            "question_id": self.id,
            "deadline": DEADLINE,
            "language": self.person.language,
            "starts_at": STARTS_AT,
            "ends_at": STARTS_AT + timedelta(hours=2),
            "slot": "sun-evening",
            "spoken_language": "nb",
            "place_text": "Årstad",
        }

    def asked(self, *, again: bool = False) -> IgangsetterAsked:
        return IgangsetterAsked.model_validate(
            {**stamp(IgangsetterAsked, uuid4(), NOON), **self._fields(), "again": again}
        )

    def answered(
        self, answer: str, reason: str | None = None, *, had_said_yes: bool = False, place: str = "Årstad"
    ) -> IgangsetterAnswered:
        about = {"answer": answer, "reason": reason, "had_said_yes": had_said_yes}
        fields = {**stamp(IgangsetterAnswered, uuid4(), NOON), **self._fields(), **about, "place_text": place}
        return IgangsetterAnswered.model_validate(fields)


async def test_question_and_thanks_are_mailed_with_what_each_may_say(world: World) -> None:
    person = world.intake.add(Person())
    question = Question(person)
    await world.deliver(question.asked())
    await eventually(has_status(world, person, "starter_asked", "sent"))
    await world.deliver(question.answered("accepted", place="Storstua, Strandgaten 6"))
    await eventually(has_status(world, person, "starter_agreed", "sent"))
    asked, agreed = (mail.get_body(("plain",)).get_content() for mail in inbox_of(world, person))  # type: ignore[union-attr]
    assert "https://senter.example/igangsettersvar/" in asked
    assert "Årstad" in asked
    assert "Strandgaten" not in asked
    assert "Strandgaten 6" in agreed
    assert "igangsettersvar" not in agreed


@pytest.mark.parametrize(
    ("meetings", "said"),
    [
        ({"min": 1, "max": 1}, "det første møtet"),
        ({"min": 0, "max": 1}, "det første møtet"),
        ({"min": 1, "max": 2}, "de første møtene"),
        ({"min": 2, "max": 5}, "de første møtene"),
        ("agreed_with_group", "de første møtene"),
    ],
)
def test_igangsetter_is_asked_for_as_many_meetings_as_they_attend(meetings: Any, said: str) -> None:
    asked = content("starter_asked", "nb")
    policy = Policy.model_validate(asked.centre.policy.as_data() | {"starter_meetings": meetings})
    asked = replace(asked, centre=asked.centre.model_copy(update={"policy": policy}))
    assert f"Vi trenger noen som er med på {said}." in renderer().render(asked).text


@pytest.mark.parametrize("answer", ["accepted", "declined", "lapsed", "withdrawn"])
async def test_answered_question_is_not_asked_in_any_order(feed: Feed, answer: str) -> None:
    for turned in (False, True):
        person, office = Person(), Office(feed)
        question = Question(person)
        events: list[Event] = [question.asked(), question.answered(answer)]
        await feed.deliver(*(reversed(events) if turned else events))
        await office.send()
        assert "starter_asked" not in office.kinds
        kinds = {mail.kind for mail in await feed.mails(person_id=person.id) if mail.status == "sent"}
        assert kinds == ({"starter_agreed"} if answer == "accepted" else set())


@pytest.mark.parametrize(
    ("reason", "had_said_yes", "told"),
    [
        ("cancelled", True, True),
        ("cancelled", False, False),
        ("other_chosen", True, True),
        ("moved", True, False),
        ("account_closed", True, False),
    ],
)
async def test_yes_taken_back_is_told_if_nothing_else_tells(
    feed: Feed, reason: str, had_said_yes: bool, told: bool
) -> None:
    person, office = Person(), Office(feed)
    question = Question(person)
    await feed.deliver(question.asked(), question.answered("accepted"))
    await feed.deliver(question.answered("withdrawn", reason, had_said_yes=had_said_yes))
    await office.send()
    assert ("starter_released" in office.kinds) == told
    assert "starter_agreed" not in office.kinds


async def test_names_are_told_seven_days_before_and_not_if_taken_back(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    question = Question(person)
    await feed.deliver(question.answered("accepted"))
    await office.send()
    (mail,) = await feed.mails(kind="starter_names", person_id=person.id)
    assert mail.next_at == STARTS_AT - timedelta(days=7)
    await feed.deliver(question.answered("withdrawn", "cancelled", had_said_yes=True))
    (mail,) = await feed.mails(kind="starter_names", person_id=person.id)
    assert mail.status == Status.CANCELLED


async def test_question_to_phone_only_igangsetter_is_a_call_with_both_answers(desk: Desk) -> None:
    person = desk.intake.add(Person(), email=None)
    first, second = Question(person), Question(person)
    await desk.deliver(first.asked(), second.asked())
    await desk.mailer()
    calls = await desk.mails(kind="starter_asked", person_id=person.id)
    assert [mail.status for mail in calls] == ["call", "call"]  # each is about one group
    page = await desk.page(calls[0].id)
    for question in (first, second):
        assert f"/stab/igangsettere/sporsmal/{question.id}/svar" in page
    assert f"/stab/kontoer/{person.id}" in page
    assert f"/stab/personer/{person.id}" not in page
    await desk.deliver(first.answered("accepted"), second.answered("lapsed"))
    statuses = {mail.status for mail in await desk.mails(kind="starter_asked", person_id=person.id)}
    assert statuses == {"cancelled"}


def asked_back(*people_asked: Person, kind: str = "visit") -> VisitAsked:
    return VisitAsked(
        **stamp(VisitAsked, uuid4(), NOON),
        group_id=uuid4(),
        centre=CENTRE,
        area="bergen",
        version=9,
        visit_id=uuid4(),
        kind=kind,
        igangsetter_ids=tuple(person.id for person in people_asked),
        asked_first=tuple(AskedBack(igangsetter_id=person.id, language=person.language) for person in people_asked),
        slot="tue-evening",
        spoken_language="nb",
        place_text="Bergen sentrum",
    )


@pytest.mark.parametrize("kind", ["visit", "return_visit"])
async def test_igangsettere_are_asked_back_once_each_and_at_once(feed: Feed, kind: str) -> None:
    first, second, office = Person(), Person(language="en"), Office(feed)
    event = asked_back(first, second, kind=kind)
    await feed.deliver(event, event)
    office.now = NOON + timedelta(minutes=1)
    await office.send()
    mails = await feed.mails(kind="starter_asked_back")
    assert sorted((mail.person_id, mail.language, mail.status) for mail in mails) == sorted(
        [(first.id, "nb", "sent"), (second.id, "en", "sent")]
    )
    assert await feed.mails(kind="starter_asked") == []


async def test_question_back_that_came_too_late_is_not_sent(feed: Feed) -> None:
    person, office = Person(), Office(feed)
    await feed.deliver(asked_back(person))
    office.now = NOON + timedelta(days=3)
    await office.send()
    (mail,) = await feed.mails(kind="starter_asked_back")
    assert mail.status != "sent"


@pytest.mark.parametrize("language", LANGUAGES)
def test_question_back_says_whom_to_answer_and_names_nobody(language: str) -> None:
    text = " ".join(renderer().render(content("starter_asked_back", language)).text.split())
    for said in ("00 00 00 00", "LINK Bergen", "Årstad", "/igangsetter"):
        assert said in text
