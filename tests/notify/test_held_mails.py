"""Mails that staff hold, release and stop; and the one act that fits each mail that did not arrive."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain import delivery
from notify.domain.delivery import Delivery, OutcomeUnknown, SmtpRejected, Status
from notify.domain.refusals import About
from notify.domain.remedies import Remedy, remedies, remedy
from notify.store import Mail
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Group, Person
from tests.notify.test_many_mails import press

WEEK = timedelta(days=7)


async def waiting(desk: Desk) -> tuple[Person, Mail]:
    person = desk.intake.add(Person())
    await desk.deliver(person.ready())
    (mail,) = await desk.mails(person_id=person.id)
    return person, mail


async def only_mail(desk: Desk, person: Person) -> Mail:
    (mail,) = await desk.mails(person_id=person.id)
    return mail


async def test_held_mail_leaves_only_when_it_is_released(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await press(desk, mail.id, "hold")
    desk.clock.move(WEEK - timedelta(hours=1))
    await desk.mailer()
    assert desk.left == []
    assert "Holdt tilbake" in words(await page_of(desk, mail))
    await press(desk, mail.id, "slipp")
    await desk.mailer()
    assert (await only_mail(desk, person)).status == "sent"


async def test_held_mail_that_nobody_releases_is_cancelled(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await press(desk, mail.id, "hold")
    desk.clock.move(WEEK)
    await desk.mailer()
    after = await only_mail(desk, person)
    assert (desk.left, after.status, after.reason, after.held_due_at) == ([], "cancelled", "held_too_long", None)
    assert "ingen slapp den" in words(await page_of(desk, mail))


@pytest.mark.parametrize("act", ["stopp", "withdrawn"])
async def test_held_mail_is_cancelled_like_any_other(desk: Desk, act: str) -> None:
    person, mail = await waiting(desk)
    await press(desk, mail.id, "hold")
    if act == "withdrawn":
        await desk.deliver(person.withdrawn())
    else:
        await press(desk, mail.id, act)
    (after,) = await desk.mails(person_id=person.id, kind="on_the_list")
    assert (after.status, after.held_due_at) == ("cancelled", None)


async def test_held_reminder_waits_for_its_time_after_release(desk: Desk) -> None:
    """A mail that is held and released before it is due keeps its time."""
    people = [desk.intake.add(Person()) for _ in range(2)]
    group = Group(people)
    await desk.deliver(*(group.taken(person) for person in people), group.called())
    before = await desk.mails(kind="meeting_tomorrow")
    for mail in before:
        await press(desk, mail.id, "hold")
        await press(desk, mail.id, "slipp")
    after = await desk.mails(kind="meeting_tomorrow")
    assert [mail.next_at for mail in after] == [mail.next_at for mail in before]


async def page_of(desk: Desk, mail: Mail) -> str:
    async with desk.client() as client:
        answer = await client.get(f"/stab/post/{mail.id}")
    assert answer.status_code == 200
    return answer.text


async def test_call_takes_the_place_of_a_mail_that_may_have_arrived(desk: Desk) -> None:
    person = desk.intake.add(Person())
    group = Group([person])
    await desk.deliver(group.offered(person))
    await desk.mailer(OutcomeUnknown())
    desk.clock.move(timedelta(minutes=2))
    await desk.mailer(OutcomeUnknown())
    (mail,) = await desk.mails()
    async with desk.client() as client:
        row = (await client.get("/stab/post?vis=uvisst")).text
    assert row.count(f'action="/stab/post/{mail.id}/') == 1
    answer = await press(desk, mail.id, "ring", "/stab/post?vis=uvisst")
    assert answer.headers["location"] == f"/stab/ring/{mail.id}"
    assert await desk.open_calls(person) == ["seat_offered"]
    assert [(task.kind, task.path) for task in await desk.tasks()] == [("call", f"/stab/ring/{mail.id}")]
    assert "En medarbeider valgte å ringe i stedet" in words(await page_of(desk, mail))
    await desk.press(mail, "sagt")
    assert (await desk.mails())[0].status == "called"


@pytest.mark.parametrize(
    ("outcome", "late", "act"),
    [
        (SmtpRejected(554), False, "igjen"),
        (SmtpRejected(550, About.MAILBOX), False, "ring"),
        (SmtpRejected(554), True, "la-ligge"),
        (SmtpRejected(550, About.MAILBOX), True, "la-ligge"),
    ],
)
async def test_failed_mail_has_one_act_in_the_list(desk: Desk, outcome: SmtpRejected, late: bool, act: str) -> None:
    """Another copy helps if the address is right, a call if it is not, and nothing if the offer is over."""
    person = desk.intake.add(Person())
    await desk.deliver(Group([person]).offered(person))
    await desk.mailer(outcome)
    if late:
        desk.clock.move(timedelta(days=30))
    (mail,) = await desk.mails()
    async with desk.client() as client:
        page = (await client.get("/stab/post?vis=feil")).text
    assert page.count(f'action="/stab/post/{mail.id}/') == 1
    assert f'action="/stab/post/{mail.id}/{act}"' in page


STATES = [
    Delivery(status, next_at, unknowns=unknowns, reason=reason)
    for status, next_at, unknowns, reason in product(
        Status, (None, NOON), (0, 1), (None, "by_staff", "address_refused", "complained", "451")
    )
]


@given(st.sampled_from(STATES), st.booleans(), st.booleans(), st.booleans())
def test_remedy_is_one_of_what_the_state_allows(mail: Delivery, refused: bool, moot: bool, can_call: bool) -> None:
    best = remedy(mail, address_refused=refused, moot=moot, can_call=can_call)
    allowed = remedies(mail, best, can_call=can_call)
    needs_one = delivery.set_aside(mail) is not None and mail.reason != "by_staff"
    assert (best is not None) == needs_one
    assert best is None or best is allowed[0]
    assert (Remedy.SEND_AGAIN in allowed) == (delivery.retry_by_hand(mail, NOON) is not None)
    assert (Remedy.CALL in allowed) == (can_call and delivery.call_instead(mail) is not None)
    assert len(set(allowed)) == len(allowed)


@given(st.sampled_from(STATES), st.timedeltas(timedelta(), timedelta(days=30)))
def test_release_gives_back_what_hold_has_taken(mail: Delivery, later: timedelta) -> None:
    held = delivery.hold(mail, NOON + later)
    if mail.next_at is None:
        assert held is None
        return
    assert held is not None
    assert held.held
    assert held.next_at is not None
    assert held.next_at >= NOON + later + WEEK
    assert delivery.hold(held, NOON + later) is None
    assert delivery.release(held) == mail
    assert delivery.release(mail) is None
    assert delivery.cancel(replace(held, status=Status.QUEUED), "by_staff").held_due_at is None
