"""Answers of calendars: who is asked, what counts as an answer, and that nobody can answer for somebody else."""

from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from notify.domain.answer_address import AnswerAddresses
from notify.inbound.reading import Reader
from notify.mails.registry import mail_registry
from notify.rendering import Renderer
from notify.store import InvitationRow
from shared.kit.links import Links
from shared.reference import helplines
from shared.reference.link_purposes import LINK_PATHS
from tests.notify.support.contents import EXAMPLES, KEY, MAIL_DOMAIN, ORGANIZER, PUBLIC_URL, content
from tests.notify.support.desk import Desk
from tests.notify.support.inbound import ANSWERS, DOMAIN, PATHS, inbound_mailbox, lmtp_server
from tests.notify.support.itip import violations
from tests.notify.support.kontaktmoter import Office, allow, on_its_own

READER = Reader(PATHS, ANSWERS, MAIL_DOMAIN)
ATTENDEE = "kari@example.org"


def asking_renderer() -> Renderer:
    """A renderer of an installation with an inbound mailbox."""
    links = Links.under_one_key(SecretStr(KEY), LINK_PATHS)
    return Renderer(mail_registry(), links, PUBLIC_URL, MAIL_DOMAIN, helplines.load(), ORGANIZER, ANSWERS)


@pytest.fixture
def office(desk: Desk) -> Office:
    allow(desk)
    return Office(desk)


class Coming:
    """Somebody who has said yes, and the calendar file that they got."""

    def __init__(self, office: Office, meeting_id: UUID, invitation_id: UUID, file: bytes) -> None:
        self.office, self.meeting_id, self.invitation_id, self.file = office, meeting_id, invitation_id, file
        lines = file.replace(b"\r\n ", b"").decode().splitlines()
        self.lines = lines[lines.index("BEGIN:VEVENT") : lines.index("END:VEVENT")]
        self.address = self.line("ORGANIZER").removeprefix("mailto:")

    def later(self, kind: str) -> "Coming":
        """The file in the last mail of this kind."""
        file = _file(self.office, kind, self.invitation_id)
        return Coming(self.office, self.meeting_id, self.invitation_id, file)

    def line(self, name: str) -> str:
        """The value of a property of the event."""
        return next(line.split(":", 1)[1] for line in self.lines if line.split(":")[0].split(";")[0] == name)

    @property
    def sequence(self) -> int:
        return int(self.line("SEQUENCE"))

    def mail(
        self, partstat: str, method: str = "REPLY", *, uid: str = "", attendees: int = 1, events: int = 1
    ) -> bytes:
        """What a calendar program sends to the organizer."""
        event = [
            "BEGIN:VEVENT",
            f"UID:{uid or self.line('UID')}",
            f"SEQUENCE:{self.sequence}",
            f"DTSTAMP:{self.line('DTSTAMP')}",
            f"ORGANIZER:mailto:{self.address}",
            *([f"ATTENDEE;CN=Kari;PARTSTAT={partstat}:mailto:{ATTENDEE}"] * attendees),
            "END:VEVENT",
        ]
        calendar = ["BEGIN:VCALENDAR", "PRODID:-//Example//NO", "VERSION:2.0", f"METHOD:{method}"]
        calendar += [*(event * events), "END:VCALENDAR", ""]
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = ATTENDEE, self.address, "Avslått: Møte"
        message.set_content("Kari har avslått invitasjonen.")
        message.add_alternative("\r\n".join(calendar), subtype="calendar", params={"method": method})
        return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    async def answer(self, content: bytes, address: str | None = None) -> None:
        assert await inbound_mailbox(self.office.desk).take(content, address or self.address)

    async def row(self) -> InvitationRow:
        rows = await self.office.invitations(self.meeting_id)
        return next(row for row in rows if row.id == self.invitation_id)

    async def reply(self) -> tuple[bool, int, int]:
        row = await self.row()
        return row.answered, row.seats, row.wanted


async def coming(office: Office, people: int = 1, **changes: object) -> Coming:
    await on_its_own(office.desk, "opt_in")
    meeting_id = await office.announced(**changes)
    await office.settle()
    row = (await office.invitations(meeting_id))[0]
    await office.answer(row.id, people, for_group=people > 1)
    await office.settle()
    return Coming(office, meeting_id, row.id, _file(office, "kontaktmote_place", row.id))


def _file(office: Office, kind: str, invitation_id: UUID) -> bytes:
    of_kind = [content for kind_, _, content in office.desk.left if kind_ == kind]
    content = [one for one in of_kind if one.invited and one.invited.invitation.id == invitation_id][-1]
    rendered = asking_renderer().render(content, ATTENDEE)
    assert rendered.calendar is not None
    assert violations(rendered.calendar.file, of_request=True) == []
    return rendered.calendar.file


async def test_file_of_a_place_asks_the_recipient_alone(office: Office) -> None:
    person = await coming(office)
    assert b"METHOD:REQUEST" in person.file
    attendees = [line for line in person.lines if line.startswith("ATTENDEE")]
    assert attendees == [f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:{ATTENDEE}"]
    assert ANSWERS.invitation_of(person.address) == person.invitation_id


OF_THE_CENTRE = {"kontaktmote_place", "kontaktmote_changed", "kontaktmote_cancelled", "kontaktmote_given_up"}


@pytest.mark.parametrize("kind", [spec.kind for spec in mail_registry() if spec.calendar is not None])
def test_only_a_place_at_a_meeting_of_the_centre_is_answered(kind: str) -> None:
    """A program that declines by itself must not give up a seat in a group."""
    for name in EXAMPLES[kind]:
        rendered = asking_renderer().render(content(kind, "nb", name=name), ATTENDEE)
        if rendered.calendar is not None:
            assert (b"ATTENDEE" in rendered.calendar.file) is (kind in OF_THE_CENTRE)
            assert kind in OF_THE_CENTRE or rendered.calendar.method != "REQUEST"


async def test_without_inbound_mailbox_nobody_is_asked(office: Office) -> None:
    await coming(office)
    content = [content for kind, _, content in office.desk.left if kind == "kontaktmote_place"][-1]
    rendered = office.desk.deps.renderer.render(content, ATTENDEE)
    assert rendered.calendar is not None
    assert rendered.calendar.method == "PUBLISH"
    assert b"ATTENDEE" not in rendered.calendar.file


async def test_change_and_cancellation_have_the_same_organizer(office: Office) -> None:
    person = await coming(office)
    row = await office.meeting(person.meeting_id)
    await office.change(
        person.meeting_id, starts_at=row.starts_at + timedelta(days=1), ends_at=row.ends_at + timedelta(days=1)
    )
    await office.settle()
    changed = person.later("kontaktmote_changed")
    await office.cancel(person.meeting_id)
    await office.settle()
    cancelled = person.later("kontaktmote_cancelled")
    assert b"METHOD:REQUEST" in changed.file
    assert b"METHOD:CANCEL" in cancelled.file
    assert person.address == changed.address == cancelled.address
    assert person.line("UID") == changed.line("UID") == cancelled.line("UID")
    assert person.sequence < changed.sequence < cancelled.sequence


async def test_no_in_the_calendar_gives_the_place_up_and_yes_takes_it_again(office: Office) -> None:
    person = await coming(office)
    async with lmtp_server(inbound_mailbox(office.desk)) as server:
        for _ in range(2):
            assert await server.deliver(person.mail("DECLINED"), person.address) == [250]
        assert await person.reply() == (True, 0, 0)
        assert (await office.meeting(person.meeting_id)).coming == 0
        assert await server.deliver(person.mail("ACCEPTED"), person.address) == [250]
    assert await person.reply() == (True, 1, 1)
    assert [kind for kind, _ in await office.settle()] == ["kontaktmote_place"]


async def test_answer_delivered_late_does_not_undo_the_one_on_the_page(office: Office) -> None:
    person = await coming(office)
    no = person.mail("DECLINED")
    await person.answer(no)
    await office.answer(person.invitation_id, 1)
    await person.answer(no)
    assert await person.reply() == (True, 1, 1)


async def test_yes_leaves_the_number_of_a_group(office: Office) -> None:
    person = await coming(office, people=4)
    await person.answer(person.mail("ACCEPTED"))
    assert await person.reply() == (True, 4, 4)


async def test_yes_to_an_earlier_time_is_none_to_the_new_one(office: Office) -> None:
    person = await coming(office)
    await office.answer(person.invitation_id, 0)
    row = await office.meeting(person.meeting_id)
    await office.change(
        person.meeting_id, starts_at=row.starts_at + timedelta(days=1), ends_at=row.ends_at + timedelta(days=1)
    )
    await person.answer(person.mail("ACCEPTED"))
    assert await person.reply() == (True, 0, 0)


@pytest.mark.parametrize(
    ("partstat", "method", "changes"),
    [
        ("TENTATIVE", "REPLY", {}),
        ("NEEDS-ACTION", "REPLY", {}),
        ("DELEGATED", "REPLY", {}),
        ("", "REPLY", {}),
        ("DECLINED", "REQUEST", {}),
        ("DECLINED", "COUNTER", {}),
        ("DECLINED", "CANCEL", {}),
        ("DECLINED", "REPLY", {"attendees": 0}),
        ("DECLINED", "REPLY", {"attendees": 2}),
        ("DECLINED", "REPLY", {"events": 0}),
        ("DECLINED", "REPLY", {"events": 2}),
        ("DECLINED", "REPLY", {"uid": f"{uuid4()}@{MAIL_DOMAIN}"}),
        ("DECLINED", "REPLY", {"uid": "a@b"}),
        ("DECLINED", "REPLY", {"uid": f"not-a-uuid@{MAIL_DOMAIN}"}),
    ],
)
async def test_what_is_no_answer_to_this_meeting_changes_nothing(
    office: Office, partstat: str, method: str, changes: dict[str, Any]
) -> None:
    person = await coming(office)
    await person.answer(person.mail(partstat, method, **changes))
    assert await person.reply() == (True, 1, 1)


async def test_stranger_who_knows_the_uid_cannot_answer(office: Office) -> None:
    person = await coming(office)
    stranger = AnswerAddresses(DOMAIN, lambda: [b"x" * 32]).of(person.invitation_id)
    other = ANSWERS.of(uuid4())
    return_path = PATHS.of(person.invitation_id)
    async with lmtp_server(inbound_mailbox(office.desk)) as server:
        for address, code in ((stranger, 550), (f"k+{person.invitation_id}@{DOMAIN}", 550), (other, 250)):
            assert await server.deliver(person.mail("DECLINED"), address) == [code]
        assert await server.deliver(person.mail("DECLINED"), return_path) == [250]
        assert await server.deliver(person.mail("DECLINED"), ORGANIZER) == [550]
    assert await person.reply() == (True, 1, 1)


@pytest.mark.parametrize("end", ["cancelled", "begun", "erased"])
async def test_answer_after_the_end_is_taken_and_changes_nothing(office: Office, end: str) -> None:
    person = await coming(office)
    no = person.mail("DECLINED")
    match end:
        case "cancelled":
            await office.cancel(person.meeting_id)
        case "begun":
            office.desk.clock.set((await office.meeting(person.meeting_id)).starts_at)
        case "erased":
            no = no.replace(str(person.meeting_id).encode(), str(uuid4()).encode())
    before = await person.reply()
    await person.answer(no)
    assert await person.reply() == before


async def test_place_of_who_says_no_goes_to_the_line(office: Office) -> None:
    person = await coming(office, capacity=1)
    waiting = (await office.invitations(person.meeting_id))[1]
    await office.answer(waiting.id, 1)
    assert (await office.meeting(person.meeting_id)).waiting == 1
    await person.answer(person.mail("DECLINED"))
    row = await office.meeting(person.meeting_id)
    assert (row.coming, row.waiting) == (1, 0)


@given(content=st.binary(max_size=400), value=st.text(max_size=40))
def test_broken_answer_is_read_or_refused_as_no_file(content: bytes, value: str) -> None:
    for body in (content, f"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:{value}\n{value}\n".encode()):
        mail = b"Content-Type: text/calendar; method=REPLY\n\n" + body
        with suppress(ValueError):  # as the mailbox expects
            assert READER.read(mail, ANSWERS.of(UUID(int=1))) is None
