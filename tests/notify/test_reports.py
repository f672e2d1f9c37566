"""What a report about a mail does: to its state, to later mails of the person, and to what staff see."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog

from notify.domain.delivery import COMPLAINED, OutcomeUnknown
from notify.domain.refusals import About
from notify.domain.reports import Complaint, Delayed, Report, Undelivered
from notify.mails.registry import mail_registry
from notify.store import Base, Mail, kontaktmoter
from notify.usecases import reports
from shared.errors import NotYet
from shared.kit.ids import new_id
from tests.notify.support.desk import Desk, words
from tests.notify.support.events import NOON, Group, Person
from tests.notify.support.inbound import PATHS, bounce, inbound_mailbox
from tests.notify.support.kontaktmoter import Office, allow, on_its_own

NO_MAILBOX = Undelivered(About.MAILBOX)
REPORTS = (NO_MAILBOX, Undelivered(About.SENDER), Undelivered(About.MAILBOX, full=True), Delayed(), Complaint())


async def report(desk: Desk, mail: Mail, what: Report, report_id: UUID | None = None) -> bool:
    async with desk.database.transaction() as session:
        return await reports.record(
            session, mail_registry(), mail.id, what, report_id=report_id or new_id(), now=desk.clock.now()
        )


async def waiting(desk: Desk) -> tuple[Person, Mail]:
    """A person who waits for a group, and the mail that says so."""
    person = desk.intake.add(Person())
    await desk.deliver(person.ready())
    await desk.mailer()
    return person, await desk.call(person, "on_the_list")


async def test_second_bounce_of_an_address_becomes_a_call(desk: Desk) -> None:
    person, first = await waiting(desk)
    assert await report(desk, first, NO_MAILBOX)
    assert [task.kind for task in await desk.tasks()] == ["mail_failed"]
    await desk.deliver(Group([person]).offered(person))
    await desk.mailer()
    assert await report(desk, await desk.call(person, "seat_offered"), NO_MAILBOX)
    offer = await desk.call(person, "seat_offered")
    assert (offer.status, offer.reason) == ("call", "address_refused")
    assert sorted(task.kind for task in await desk.tasks()) == ["call", "mail_failed"]
    await desk.deliver(person.contact_changed(NOON + timedelta(hours=1)))
    await desk.mailer()
    assert {mail.status for mail in await desk.mails(person_id=person.id)} == {"sent"}
    assert await desk.tasks() == []


@pytest.mark.parametrize("what", [NO_MAILBOX, Undelivered(About.SENDER), Delayed(), Complaint()])
async def test_report_delivered_again_changes_nothing_more(desk: Desk, what: Report) -> None:
    person, mail = await waiting(desk)
    report_id = new_id()
    assert await report(desk, mail, what, report_id)
    state = (await desk.call(person, "on_the_list")).model_dump()
    assert not await report(desk, mail, what, report_id)
    assert not await report(desk, mail, what)
    assert (await desk.call(person, "on_the_list")).model_dump() == state


async def test_old_report_does_not_fail_the_mail_that_staff_sent_again(desk: Desk) -> None:
    person, mail = await waiting(desk)
    report_id = new_id()
    await report(desk, mail, NO_MAILBOX, report_id)
    await _press(desk, mail, await _mail_page(desk, mail), "igjen")
    await desk.mailer()
    assert not await report(desk, mail, NO_MAILBOX, report_id)
    assert (await desk.call(person, "on_the_list")).status == "sent"


async def test_bounce_of_an_address_that_has_changed_meanwhile_sends_again(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await desk.deliver(person.contact_changed(NOON + timedelta(hours=1)))
    desk.clock.move(timedelta(hours=2))
    assert await report(desk, mail, NO_MAILBOX)
    assert (await desk.call(person, "on_the_list")).status == "queued"
    await desk.mailer()
    assert [kind for kind, _, _ in desk.left] == ["on_the_list", "on_the_list"]
    assert await desk.tasks() == []


@pytest.mark.parametrize("what", REPORTS)
async def test_report_about_a_mail_being_sent_comes_again_later(desk: Desk, what: Report) -> None:
    person, mail = await waiting(desk)
    async with desk.database.transaction() as session:
        await session.execute(sa.update(Mail).values(status="sending", worker=1))
    with pytest.raises(NotYet):
        await report(desk, mail, what)
    async with desk.database.transaction() as session:
        await session.execute(sa.update(Mail).values(status="sent", worker=None))
    assert await report(desk, mail, what)
    assert (await desk.call(person, "on_the_list")).reason is not None


@pytest.mark.parametrize("status", ["queued", "retry", "failed", "cancelled", "call", "called", "not_reached"])
async def test_report_about_a_mail_that_is_not_out_changes_nothing(desk: Desk, status: str) -> None:
    person, mail = await waiting(desk)
    next_at = NOON + timedelta(days=9) if status in {"queued", "retry"} else None
    async with desk.database.transaction() as session:
        await session.execute(sa.update(Mail).values(status=status, next_at=next_at))
    state = (await desk.call(person, "on_the_list")).model_dump()
    for what in REPORTS:
        assert not await report(desk, mail, what)
    assert (await desk.call(person, "on_the_list")).model_dump() == state


async def test_bounce_of_the_first_copy_stops_the_second(desk: Desk) -> None:
    person = desk.intake.add(Person())
    await desk.deliver(person.ready())
    await desk.mailer(OutcomeUnknown())
    mail = await desk.call(person, "on_the_list")
    assert mail.status == "unknown"
    await report(desk, mail, NO_MAILBOX)
    desk.clock.move(timedelta(hours=1))
    await desk.mailer()
    assert (await desk.call(person, "on_the_list")).status == "failed"
    assert len(desk.left) == 1


async def test_report_about_somebody_erased_changes_nothing(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await desk.deliver(person.erased())
    for what in REPORTS:
        assert not await report(desk, mail, what)
    assert await desk.tasks() == []


async def test_complaint_stops_what_the_person_did_not_ask_for(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await report(desk, mail, Complaint())
    (task,) = await desk.tasks()
    assert (task.kind, task.path, task.person_id) == ("mail_complaint", f"/stab/post/{mail.id}", person.id)
    await desk.deliver(Group([person]).offered(person), person.page_link_asked())
    await desk.mailer()
    states = {row.kind: (row.status, row.reason) for row in await desk.mails(person_id=person.id)}
    assert states == {
        "on_the_list": ("sent", COMPLAINED),
        "seat_offered": ("call", COMPLAINED),
        "page_link": ("sent", None),
    }
    await desk.deliver(person.withdrawn())
    await desk.mailer()
    assert (await desk.call(person, "goodbye")).status == "cancelled"
    assert await desk.open_calls(person) == []


async def test_complaint_without_a_number_leaves_what_is_needed(desk: Desk) -> None:
    person, mail = await waiting(desk)
    known = desk.intake.by_person[person.id]
    desk.intake.by_person[person.id] = known.model_copy(update={"mobile": None})
    await report(desk, mail, Complaint())
    await desk.deliver(Group([person]).offered(person))
    await desk.mailer()
    assert (await desk.call(person, "seat_offered")).status == "sent"
    await desk.deliver(person.withdrawn())
    await desk.mailer()
    assert (await desk.call(person, "goodbye")).status == "cancelled"


async def test_staff_call_after_a_complaint_and_send_again(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await report(desk, mail, Complaint())
    await desk.deliver(Group([person]).offered(person))
    await desk.mailer()
    offer = await desk.call(person, "seat_offered")
    assert "merket e-post fra dere som søppelpost" in words(await desk.page(offer.id))
    await _press(desk, offer, await _mail_page(desk, offer), "igjen")
    await desk.mailer()
    assert (await desk.call(person, "seat_offered")).status == "sent"


async def test_complaint_ends_with_a_new_address(desk: Desk) -> None:
    person, mail = await waiting(desk)
    await report(desk, mail, Complaint())
    await desk.deliver(person.contact_changed(NOON + timedelta(hours=1)))
    await desk.deliver(Group([person]).offered(person))
    await desk.mailer()
    assert (await desk.call(person, "seat_offered")).status == "sent"


async def test_staff_read_of_a_complaint_and_leave_it(desk: Desk) -> None:
    _, mail = await waiting(desk)
    await report(desk, mail, Complaint())
    page = await _mail_page(desk, mail)
    assert "Sendt. Personen har merket e-post fra dere som søppelpost." in words(page)
    assert f"{mail.id}/igjen" not in page
    await _press(desk, mail, page, "la-ligge")
    assert await desk.tasks() == []
    assert f"{mail.id}/la-ligge" not in await _mail_page(desk, mail)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (NO_MAILBOX, "Feilet. Adressen finnes trolig ikke"),
        (Undelivered(About.MAILBOX, full=True), "Feilet. Postkassa til personen er full"),
        (Undelivered(About.SENDER), "Feilet. Postserveren hos personen tok ikke imot e-posten"),
        (Delayed(), "Sendt. Postserveren hos personen har ikke tatt imot den ennå"),
    ],
)
async def test_staff_read_in_plain_words_what_came_back(desk: Desk, what: Report, sentence: str) -> None:
    _, mail = await waiting(desk)
    await report(desk, mail, what)
    assert sentence in words(await _mail_page(desk, mail))


async def test_complaint_about_an_invitation_ends_invitations(desk: Desk) -> None:
    allow(desk)
    office = Office(desk)
    circle = await on_its_own(desk, "sealed_alias")
    await circle.forget()
    meeting_id = await office.announced()
    await office.settle()
    mail = (await desk.mails(kind="kontaktmote_invited"))[0]
    await report(desk, mail, Complaint())
    stopped = [row.id for row in await office.invitations(meeting_id) if row.stopped]
    assert stopped == [mail.invitation_id]
    async with desk.database.transaction() as session:
        refusing = await kontaktmoter.refusing(session, "link-bergen", [mail.person_id])
    assert refusing == {mail.person_id}


async def test_nothing_of_a_report_is_stored_or_logged_but_its_outcome(desk: Desk) -> None:
    _, mail = await waiting(desk)
    mailbox = inbound_mailbox(desk)
    with structlog.testing.capture_logs() as lines:
        for name in ("gmail_no_such_user", "complaint_yahoo", "out_of_office", "answer_of_a_person", "nul_bytes"):
            assert await mailbox.take(bounce(name, mail.id), PATHS.of(mail.id))
    fields = {name for line in lines for name in line}
    assert fields <= {"event", "log_level", "mail_id", "kind", "status", "reason"}
    async with desk.database.transaction() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(sa.text(f'SELECT t::text FROM "{table.name}" t')):
                assert "kari@" not in row[0].lower()
                assert "example.net" not in row[0].lower()
                assert PATHS.of(mail.id) not in row[0].lower()


async def _mail_page(desk: Desk, mail: Mail) -> str:
    async with desk.client() as client:
        answer = await client.get(f"/stab/post/{mail.id}")
    assert answer.status_code == 200
    return answer.text


async def _press(desk: Desk, mail: Mail, page: str, act: str) -> None:
    form = page.split(f'action="/stab/post/{mail.id}/{act}"')[1]
    token = form.split('name="_csrf" value="')[1].split('"')[0]
    async with desk.client() as client:
        answer = await client.post(f"/stab/post/{mail.id}/{act}", data={"_csrf": token, "_sure": "ja"})
    assert answer.status_code == 303
