"""A guest of an orienteringsmøte: nothing counts before the answer by mail, then the rules of every invitation hold."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from notify.domain.delivery import SmtpRejected
from notify.domain.kontaktmoter.meetings import Audience
from notify.domain.refusals import About
from notify.domain.reports import Complaint
from notify.mails.registry import mail_registry
from notify.usecases import reports
from shared.events.people import GuestAsked
from shared.reference.branding import Branding
from shared.reference.centres import Centres
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import CENTRE, Person, stamp
from tests.notify.support.kontaktmoter import Office
from tests.shared.test_reference_branding import GOOD

OPEN: dict[str, Any] = {"audience": Audience.WAITING, "is_public": True}
PAGE = f"/moter/{CENTRE}"


@pytest.fixture
def office(desk: Desk) -> Office:
    return Office(desk)


async def announced(desk: Desk, office: Office, **changes: Any) -> UUID:
    """A meeting to which one person who waits is invited."""
    waiting = desk.intake.add(Person())
    await desk.deliver(waiting.received(), waiting.confirmed(), waiting.ready())
    await desk.mailer()
    id_ = await office.announced(**(OPEN | changes))
    await office.settle()
    return id_


async def guest(desk: Desk, id_: UUID) -> Person:
    """Somebody who has signed up on the page of intake."""
    person = desk.intake.add(Person())
    fields = {"person_id": person.id, "kontaktmote_id": id_, "language": "nb"}
    await desk.deliver(GuestAsked.model_validate({**stamp(GuestAsked, person.id, desk.clock.now()), **fields}))
    return person


async def invitation_of(office: Office, id_: UUID, person: Person) -> UUID:
    return next(row.id for row in await office.invitations(id_) if row.recipient_id == person.id)


async def test_guest_counts_once_they_have_answered_the_mail(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office)
    person = await guest(desk, id_)
    assert await office.settle() == [("kontaktmote_guest", desk.intake.address(person))]
    meeting = await office.meeting(id_)
    assert (meeting.coming, meeting.waiting, meeting.invited) == (0, 0, 1)
    invitation_id = await invitation_of(office, id_, person)
    for _ in range(2):
        await office.answer(invitation_id, 1)
    assert [kind for kind, _ in await office.settle()] == ["kontaktmote_place"]
    assert (await office.meeting(id_)).coming == 1
    events = await office.events()
    assert [events.count(f"kontaktmoter.{name}.v1") for name in ("guest_answered", "reply_given")] == [1, 1]


async def test_open_meeting_is_announced_also_if_nobody_waits(desk: Desk, office: Office) -> None:
    id_ = await office.announced(**OPEN)
    person = await guest(desk, id_)
    assert await office.settle() == [("kontaktmote_guest", desk.intake.address(person))]


async def test_guest_hears_of_changes_like_everybody_else(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office)
    person = await guest(desk, id_)
    email = desk.intake.address(person)
    await office.settle()
    await office.answer(await invitation_of(office, id_, person), 1)
    await office.settle()
    await office.change(id_, place_text="Biblioteket, Strømgaten 6")
    assert ("kontaktmote_changed", email) in await office.settle()
    starts_at = (await office.meeting(id_)).starts_at
    assert ("kontaktmote_reminder", email) in await office.later(starts_at - timedelta(hours=20))
    await office.cancel(id_)
    assert ("kontaktmote_cancelled", email) in await office.settle()


async def test_guest_who_is_erased_gives_the_place_to_the_line(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office, capacity=1)
    first, second = await guest(desk, id_), await guest(desk, id_)
    for person in (first, second):
        await office.answer(await invitation_of(office, id_, person), 1)
    await office.settle()
    await desk.deliver(first.erased())
    assert await office.settle() == [("kontaktmote_place", desk.intake.address(second))]
    assert first.id not in {row.recipient_id for row in await office.invitations(id_)}


@pytest.mark.parametrize("why", ["closed", "cancelled", "begun", "unknown", "erased before"])
async def test_guest_of_a_meeting_that_is_not_open_hears_nothing(desk: Desk, office: Office, why: str) -> None:
    id_ = await announced(desk, office, is_public=why != "closed")
    if why == "cancelled":
        await office.cancel(id_)
        await office.settle()
    elif why == "begun":
        await office.later((await office.meeting(id_)).starts_at)
    person = Person()
    if why == "erased before":
        await desk.deliver(person.erased())
    asked = {"person_id": person.id, "kontaktmote_id": UUID(int=2) if why == "unknown" else id_, "language": "nb"}
    await desk.deliver(GuestAsked.model_validate({**stamp(GuestAsked, person.id, desk.clock.now()), **asked}))
    assert await desk.mails(person_id=person.id) == []


async def test_address_that_a_stranger_mistyped_gives_staff_no_task(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office)
    person = await guest(desk, id_)
    await desk.mailer(SmtpRejected(550, About.MAILBOX))
    (mail,) = await desk.mails(person_id=person.id)
    assert mail.status == "failed"
    assert [kind for kind, _ in await desk.open_tasks()] == ["meeting_attendance"]


async def test_complaint_of_a_guest_gives_staff_no_task(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office)
    person = await guest(desk, id_)
    await desk.mailer()
    (mail,) = await desk.mails(person_id=person.id)
    async with desk.database.transaction() as session:
        assert await reports.record(
            session, mail_registry(), mail.id, Complaint(), report_id=mail.cause_id, now=desk.clock.now()
        )
    assert "mail_complaint" not in dict(await desk.open_tasks())


async def test_public_page_lets_strangers_sign_up_for_open_meetings(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office)
    async with desk.client(None) as client:
        page = await client.get(f"/nn{PAGE}")
        assert f'href="/nn/orienteringsmote/{id_}"' in page.text
        assert "Møtet er ope for alle" in words(page.text)
        await office.cancel(id_)
        assert "orienteringsmote" not in (await client.get(PAGE)).text


async def test_page_of_a_guest_has_no_list_to_leave_and_says_when_it_ends(desk: Desk, office: Office) -> None:
    id_ = await announced(desk, office)
    person = await guest(desk, id_)
    await office.settle()
    invitation_id = await invitation_of(office, id_, person)
    async with desk.client(None) as client:
        page = await client.get(f"/mote/{desk.deps.links.token('kontaktmote', invitation_id)}")
    assert "mote-nei-takk" not in page.text
    assert "sletter vi den etter tre døgn" in words(page.text)


async def test_page_of_meetings_has_the_look_of_the_centre(desk: Desk) -> None:
    directory, look = desk.deps.directory, Branding.model_validate(GOOD)
    async with desk.client(None) as client:
        plain = (await client.get(PAGE)).text
        directory.replace(
            Centres(tuple(centre.model_copy(update={"branding": look}) for centre in directory.current().all))
        )
        page = (await client.get(PAGE)).text
    assert "/merke/" not in plain
    assert f"/merke/{CENTRE}/logo?v=" in page
    assert f"/merke/{CENTRE}/colors?v=" in page
