"""A meeting for groups on their own: who is invited, by what memory, and who hears of what follows."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from notify.domain.kontaktmoter.meetings import Audience
from notify.jobs import delete_expired, invite_sealed_groups
from shared.errors import DomainError
from shared.events import Event
from shared.events.group_life import Dissolved
from shared.kit.clock import ManualClock
from tests.notify.support.desk import Desk
from tests.notify.support.events import Person
from tests.notify.support.kontaktmoter import Circle, Office, allow, on_its_own


@pytest.fixture
def office(desk: Desk) -> Office:
    allow(desk)
    return Office(desk)


def invited(emails: list[str]) -> list[tuple[str, str]]:
    return sorted(("kontaktmote_invited", email) for email in emails)


async def test_each_group_is_invited_once_by_what_is_kept_of_it(desk: Desk, office: Office) -> None:
    known = await on_its_own(desk, "opt_in")
    kept = await on_its_own(desk, "opt_in")
    await kept.forget(kept.people[0])
    sealed = await on_its_own(desk, "sealed_alias")
    await sealed.forget()
    nothing = await on_its_own(desk, "none")
    accompanied = await Circle(desk, "opt_in").start()
    dissolved = await on_its_own(desk, "opt_in")
    await desk.deliver(dissolved.life.dissolved())
    await desk.mailer()

    await office.announced()
    assert await office.settle() == invited([*known.emails, kept.emails[0], *sealed.emails])
    assert await office.settle() == []
    asked = {group for question in desk.intake.questions for group in question.group_ids}
    assert asked == {sealed.id}
    assert not {nothing.id, accompanied.id} & asked


async def test_meeting_is_announced_once_and_only_where_the_policy_has_them(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "opt_in")
    allow(desk, "off")
    with pytest.raises(DomainError, match="kontaktmoter_are_off"):
        await office.announced()
    allow(desk)
    id_ = await office.announced()
    with pytest.raises(DomainError, match="kontaktmote_is_announced"):
        await office.announce(id_)
    assert await office.events() == ["kontaktmoter.announced.v1"]


async def test_chosen_group_may_have_an_igangsetter(desk: Desk, office: Office) -> None:
    chosen, other = await Circle(desk, "none").start(), await on_its_own(desk, "opt_in")
    await office.announced(audience=Audience.CHOSEN_GROUPS, chosen_groups=frozenset({chosen.id}))
    assert await office.settle() == invited(chosen.emails)
    assert other.emails


async def test_nobody_to_invite_is_said_before_anything_is_sent(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "none")
    with pytest.raises(DomainError, match="nobody_to_invite"):
        await office.announced()


async def test_change_and_cancellation_reach_exactly_those_concerned(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in", size=3)
    id_ = await office.announced()
    await office.settle()
    coming, declined, silent = circle.emails
    by_email = {desk.intake.address(person): person.id for person in circle.people}
    rows = {row.recipient_id: row.id for row in await office.invitations(id_)}
    await office.answer(rows[by_email[coming]], 1)
    await office.answer(rows[by_email[declined]], 0)
    assert await office.settle() == [("kontaktmote_place", coming)]

    meeting = await office.meeting(id_)
    later = {"starts_at": meeting.starts_at + timedelta(days=1), "ends_at": meeting.ends_at + timedelta(days=1)}
    await office.change(id_, **later)
    await office.change(id_, capacity=9)
    told = await office.settle()
    assert told == sorted([("kontaktmote_changed", coming), ("kontaktmote_changed", silent)])
    calendars = {email: content.meeting_id for kind, email, content in desk.left if kind == "kontaktmote_changed"}
    assert calendars == {coming: id_, silent: None}

    await office.cancel(id_)
    told = await office.settle()
    assert told == sorted([("kontaktmote_cancelled", coming), ("kontaktmote_cancelled", silent)])
    sequences = [content.sequence for _, email, content in desk.left if email == coming and content.meeting_id == id_]
    assert sequences == sorted(set(sequences))
    assert len(sequences) == 3


@pytest.mark.parametrize(("capacity", "promoted"), [(2, 1), (3, 2), (None, 2), (1, 0)])
async def test_change_of_capacity_promotes_the_line_and_mails_it_alone(
    desk: Desk, office: Office, capacity: int | None, promoted: int
) -> None:
    circle = await on_its_own(desk, "opt_in")
    await desk.mailer()
    id_ = await office.announced(capacity=1)
    for row in await office.invitations(id_):
        await office.answer(row.id, 1)
    await office.settle()
    await office.change(id_, capacity=capacity)
    told = await office.settle()
    assert [kind for kind, _ in told] == ["kontaktmote_place"] * promoted
    assert (await office.meeting(id_)).coming == 1 + promoted
    assert len(circle.emails) == 3


async def test_change_before_the_invitation_has_left_is_told_in_it(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in")
    await desk.mailer()
    id_ = await office.announced()
    await office.change(id_, place_text="Biblioteket, andre etasje")
    assert await office.settle() == invited(circle.emails)
    contents = [content for kind, _, content in desk.left if kind == "kontaktmote_invited"]
    assert {content.place_text for content in contents} == {"Biblioteket, andre etasje"}


async def test_meeting_cancelled_before_its_invitations_left_tells_nobody(desk: Desk, office: Office) -> None:
    circle, sealed = await on_its_own(desk, "opt_in"), await on_its_own(desk, "sealed_alias")
    await sealed.forget()
    id_ = await office.announced()
    await office.cancel(id_)
    assert await office.settle() == []
    assert circle.emails


async def test_dissolving_takes_invitations_back_and_frees_places(desk: Desk, office: Office) -> None:
    leaving, staying = await on_its_own(desk, "opt_in"), await on_its_own(desk, "opt_in")
    await desk.mailer()
    id_ = await office.announced(capacity=2)
    (first, *_), (second, *_) = await office.invitations(id_, leaving.id), await office.invitations(id_, staying.id)
    await office.answer(first.id, 2)
    await office.answer(second.id, 1)
    assert (await office.meeting(id_)).waiting == 1
    await desk.deliver(leaving.life.dissolved())
    told = await office.settle()
    assert {email for _, email in told} == set(staying.emails)
    assert [kind for kind, _ in told].count("kontaktmote_place") == 1
    meeting = await office.meeting(id_)
    assert (meeting.coming, meeting.waiting) == (1, 0)


async def test_number_for_the_group_stands_for_all_and_anyone_may_change_it(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "sealed_alias")
    await circle.forget()
    id_ = await office.announced()
    await office.settle()
    first, second, _ = await office.invitations(id_)
    await office.answer(first.id, 1)
    await office.answer(second.id, 4, for_group=True)
    assert (await office.meeting(id_)).coming == 4
    await office.answer(first.id, 2, for_group=True)
    assert (await office.meeting(id_)).coming == 2
    assert {row.seats for row in await office.invitations(id_)} == {0, 2}


async def test_line_closes_a_day_before_and_says_so_once(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in")
    await desk.mailer()
    id_ = await office.announced(capacity=1)
    await office.settle()
    first, second, third = await office.invitations(id_)
    for row in (first, second, third):
        await office.answer(row.id, 1)
    await office.answer(third.id, 0)
    assert [kind for kind, _ in await office.settle()] == ["kontaktmote_place"]
    starts_at = (await office.meeting(id_)).starts_at
    told = await office.later(starts_at - timedelta(hours=24))
    assert [kind for kind, _ in told] == ["kontaktmote_full", "kontaktmote_reminder"]
    await office.answer(first.id, 0)
    told = await office.later(starts_at - timedelta(hours=2))
    assert [kind for kind, _ in told] == ["kontaktmote_given_up"]
    assert (await office.meeting(id_)).coming == 0
    assert circle.emails


async def test_place_that_is_given_up_leaves_the_calendar_and_comes_back(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in", size=2)
    await desk.mailer()
    id_ = await office.announced()
    await office.settle()
    row, never = await office.invitations(id_)
    await office.answer(never.id, 0)
    for people, kind in ((1, "place"), (0, "given_up"), (1, "place"), (0, "given_up")):
        for _ in range(2):
            await office.answer(row.id, people)
        assert [told for told, _ in await office.settle()] == [f"kontaktmote_{kind}"]
    sequences = [content.sequence for kind, _, content in desk.left if content.meeting_id == id_]
    assert sequences == sorted(set(sequences))
    assert len(sequences) == 4
    assert circle.emails


async def test_no_to_invitations_lasts_and_leaves_a_place_alone(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in")
    await desk.mailer()
    id_ = await office.announced()
    await office.settle()
    first, second, third = await office.invitations(id_)
    await office.answer(first.id, 1)
    await office.settle()
    await office.stop(first.id)
    await office.stop(second.id)
    await office.change(id_, place_text="Biblioteket, andre etasje")
    emails = {row.id: desk.intake.by_person[row.recipient_id].email for row in (first, third) if row.recipient_id}
    assert [email for _, email in await office.settle()] == sorted(str(email) for email in emails.values())
    await office.announced()
    assert await office.settle() == [("kontaktmote_invited", str(emails[third.id]))]
    assert circle.emails


@pytest.mark.parametrize("memory", ["opt_in", "sealed_alias"])
@pytest.mark.parametrize("pressed_on", ["first", "second"])
async def test_regretted_no_brings_back_what_has_not_left(
    desk: Desk, office: Office, memory: str, pressed_on: str
) -> None:
    circle = await on_its_own(desk, memory)
    if memory == "sealed_alias":
        await circle.forget()
    await desk.mailer()
    first = await office.announced()
    await office.settle()
    second = await office.announced()
    await invite_sealed_groups(desk.database, desk.clock, office.registry, desk.deps.contacts.addresses)
    own = (await office.invitations(first))[0]
    (same,) = [row for row in await office.invitations(second) if row.recipient_id == own.recipient_id]
    await office.stop(own.id)
    assert [row.id for row in await office.invitations(second) if row.stopped] == [same.id]
    await office.start_again(own.id if pressed_on == "first" else same.id)
    assert len(await office.settle()) == 3
    assert not any(row.answered or row.stopped for row in await office.invitations(second))


@pytest.mark.parametrize("people", [1, 2, 5])
@pytest.mark.parametrize("news", ["changed", "cancelled"])
async def test_yes_after_a_no_to_invitations_hears_of_news(desk: Desk, office: Office, people: int, news: str) -> None:
    await on_its_own(desk, "opt_in")
    await desk.mailer()
    id_ = await office.announced()
    await office.settle()
    first = (await office.invitations(id_))[0]
    await office.stop(first.id)
    await office.answer(first.id, people)
    await office.settle()
    await (office.cancel(id_) if news == "cancelled" else office.change(id_, place_text="Biblioteket"))
    assert first.recipient_id is not None
    address = str(desk.intake.by_person[first.recipient_id].email)
    assert (f"kontaktmote_{news}", address) in await office.settle()


async def test_no_to_invitations_leaves_the_line(desk: Desk, office: Office) -> None:
    await on_its_own(desk, "opt_in")
    id_ = await office.announced(capacity=1)
    first, second, third = await office.invitations(id_)
    for row in (first, second, third):
        await office.answer(row.id, 1)
    await office.stop(second.id)
    await office.answer(first.id, 0)
    assert {row.id: row.seats for row in await office.invitations(id_)} == {first.id: 0, second.id: 0, third.id: 1}


async def test_sealed_address_may_refuse_too(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "sealed_alias")
    await circle.forget()
    first = await office.announced()
    await office.settle()
    await office.stop((await office.invitations(first))[0].id)
    await office.announced()
    assert len(await office.settle()) == 2


async def test_members_forgotten_meanwhile_are_unknown_and_their_answers_stay(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "sealed_alias")
    await desk.mailer()
    id_ = await office.announced()
    await office.settle()
    rows = await office.invitations(id_)
    await office.answer(rows[0].id, 2)
    await office.settle()
    await circle.forget()
    assert {row.recipient_id for row in await office.invitations(id_)} == {None}
    assert await desk.mails(meeting_id=id_) == []
    assert (await office.meeting(id_)).coming == 2
    assert await office.settle() == []  # the same people are not invited once more
    await office.answer(rows[0].id, 1)  # the link of the old mail still answers
    assert (await office.meeting(id_)).coming == 1
    await office.cancel(id_)
    assert await office.settle() == sorted(("kontaktmote_cancelled", email) for email in circle.emails)


async def test_erased_person_has_no_invitation_and_no_place(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in")
    id_ = await office.announced()
    row = (await office.invitations(id_))[0]
    await office.answer(row.id, 1)
    person = next(person for person in circle.people if person.id == row.recipient_id)
    await desk.deliver(person.erased(asked=True))
    assert person.id not in {one.recipient_id for one in await office.invitations(id_)}
    assert (await office.meeting(id_)).coming == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_events_that_forget_members_keep_answers_in_any_order(
    desk: Desk, office: Office, order: tuple[int, ...]
) -> None:
    circle = await Circle(desk, "sealed_alias", size=2).start()
    id_ = await office.announced(audience=Audience.CHOSEN_GROUPS, chosen_groups=frozenset({circle.id}))
    await office.settle()
    await office.answer((await office.invitations(id_))[0].id, 2, for_group=True)
    await office.settle()
    desk.intake.seal(circle.id, *circle.people)
    events = circle.life.handed_over("sealed_alias"), circle.life.forgotten(), circle.people[0].erased()
    await desk.deliver(*(events[number] for number in order), circle.people[1].erased())
    assert (await office.meeting(id_)).coming == 2
    await office.settle()
    by_member = [row.recipient_id for row in await office.invitations(id_) if not row.told_before]
    assert by_member == [None, None]
    await office.cancel(id_)
    assert await office.settle() == sorted(("kontaktmote_cancelled", email) for email in circle.emails)


async def test_erasure_after_the_meeting_leaves_its_figures(
    desk: Desk, office: Office, manual_clock: ManualClock
) -> None:
    circle = await on_its_own(desk, "opt_in", size=1)
    id_ = await office.announced()
    await office.answer((await office.invitations(id_))[0].id, 1)
    manual_clock.set((await office.meeting(id_)).ends_at)
    await office.held(id_, 1)
    events = await office.events()
    await desk.deliver(circle.people[0].erased(asked=True))
    assert (await office.meeting(id_)).coming == 1
    assert (await office.invitations(id_), await office.events()) == ([], events)


async def test_person_without_address_is_called_about_the_meeting(desk: Desk, office: Office) -> None:
    circle = await on_its_own(desk, "opt_in", size=1)
    desk.intake.add(circle.people[0], email=None)
    await office.announced()
    await office.settle()
    (mail,) = await desk.mails(kind="kontaktmote_invited")
    assert mail.status == "call"
    page = await desk.page(mail.id)
    assert "Vi inviterer til et møte" in page
    answer = await desk.press(mail, "sagt")
    assert answer.status_code == 303


ELSEWHERE: dict[str, Callable[[Circle, Circle, Circle], list[Event]]] = {
    "a member of the group is erased": lambda own, other, sealed: [own.people[1].erased()],
    "a member of another group is erased": lambda own, other, sealed: [other.people[0].erased()],
    "an igangsetter is erased": lambda own, other, sealed: [Person().erased()],
    "another group forgets its members": lambda own, other, sealed: [other.life.forgotten(other.people[0])],
    "the group forgets another member": lambda own, other, sealed: [own.life.forgotten(own.people[0])],
    "a group with sealed addresses ends": lambda own, other, sealed: [sealed.life.dissolved()],
}


@pytest.mark.parametrize("happens", ELSEWHERE)
async def test_no_to_invitations_outlasts_what_happens_to_others(desk: Desk, office: Office, happens: str) -> None:
    own, other = await on_its_own(desk, "opt_in"), await on_its_own(desk, "opt_in")
    sealed = await on_its_own(desk, "sealed_alias")
    await sealed.forget()
    await desk.mailer()
    id_ = await office.announced()
    await office.settle()
    refusing = next(row for row in await office.invitations(id_, own.id) if row.recipient_id == own.people[0].id)
    await office.stop(refusing.id)
    await desk.deliver(*ELSEWHERE[happens](own, other, sealed))
    await office.announced()
    assert own.emails[0] not in {email for _, email in await office.settle()}


async def test_held_with_a_number_is_what_stays(desk: Desk, office: Office, manual_clock: ManualClock) -> None:
    await on_its_own(desk, "opt_in")
    id_ = await office.announced(capacity=5)
    await office.answer((await office.invitations(id_))[0].id, 2)
    with pytest.raises(DomainError, match="meeting_not_begun"):
        await office.held(id_, 2)
    manual_clock.set((await office.meeting(id_)).ends_at)
    await office.held(id_, 3)
    assert (await office.events())[-1] == "kontaktmoter.held.v1"
    manual_clock.set(manual_clock.now() + timedelta(days=60))
    await delete_expired(desk.database, manual_clock, desk.deps.directory)
    assert await office.invitations(id_) == []
    meeting = await office.meeting(id_)
    figures = (meeting.invited_groups, meeting.invited, meeting.coming, meeting.attendance)
    assert figures == (1, 3, 2, 3)


async def test_group_events_in_any_order_end_in_the_same_invitations(desk: Desk, office: Office) -> None:
    early = Circle(desk, "opt_in")
    started, handed_over = early.group.started(), early.life.handed_over("opt_in")
    await desk.deliver(handed_over, started)
    gone = Circle(desk, "opt_in")
    started, dissolved = gone.group.started(), gone.life.dissolved()
    assert isinstance(dissolved, Dissolved)
    await desk.deliver(dissolved, started, gone.life.handed_over("opt_in"))
    await desk.mailer()
    await office.announced()
    assert await office.settle() == invited(early.emails)


async def test_other_centre_is_never_invited(desk: Desk, office: Office) -> None:
    own, other = await on_its_own(desk, "opt_in"), Circle(desk, "opt_in")
    started, handed_over = other.group.started(), other.life.handed_over("opt_in")
    elsewhere = {"centre": "link-oslo", "area": "oslo"}
    await desk.deliver(started.model_copy(update=elsewhere), handed_over.model_copy(update=elsewhere))
    await desk.mailer()
    await office.announced()
    assert await office.settle() == invited(own.emails)
    assert isinstance(other.people[0], Person)
