"""Reports and answers in the mails of the inbound mailbox, each with the mail or invitation that it is about."""

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from typing import Final
from uuid import UUID

from notify.domain.answer_address import AnswerAddresses
from notify.domain.kontaktmoter.calendar_answers import CalendarAnswer
from notify.domain.planning import message_id
from notify.domain.reports import Complaint, Report
from notify.domain.return_path import ReturnPaths
from notify.inbound import calendar_answers, complaints, delivery_status, odd_bounces, parts

COMPLAINTS_NAME: Final = "fbl"
"""Local part of the address for complaints, to be given to providers; reports come to the return paths."""

_RECIPIENT_FIELDS: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
"""Fields that tell the recipient of a mail in a folder; providers add the first ones."""


@dataclass(frozen=True)
class ReadReport:
    """A report about one of our mails."""

    mail_id: UUID
    report: Report


@dataclass(frozen=True)
class ReadAnswer:
    """An answer of a calendar to one of our invitations."""

    invitation_id: UUID
    answer: CalendarAnswer


@dataclass(frozen=True)
class Reader:
    """
    Reads mails that came to the inbound mailbox.

    Attributes:
        return_paths: Tells which mail a return path is of.
        answers: Tells which invitation the address of an answer is of.
        mail_domain: Domain of our Message-IDs and UIDs.
    """

    return_paths: ReturnPaths
    answers: AnswerAddresses
    mail_domain: str

    def takes(self, recipient: str) -> bool:
        """Return True for an address at which we expect mails; a forged one is none."""
        return (
            self.return_paths.mail_of(recipient) is not None
            or self.answers.invitation_of(recipient) is not None
            or self._takes_complaints(recipient)
        )

    def recipient_of(self, content: bytes) -> str | None:
        """Return the address of ours to which a mail came, as its header fields tell; None if it came to none."""
        message = BytesParser(policy=compat32).parsebytes(content, headersonly=True)
        fields = [str(value) for name in _RECIPIENT_FIELDS for value in message.get_all(name, [])]
        return next((address for _, address in getaddresses(fields) if self.takes(address)), None)

    def read(self, content: bytes, recipient: str) -> ReadReport | ReadAnswer | None:
        """
        Return what a mail to one of our addresses says; None if it says nothing about a mail of ours.

        A stranger may have written anything: only the keyed tag of the address, or in a complaint that of the mail it
        returns, says which mail it is about.
        """
        message = BytesParser(policy=compat32).parsebytes(content)
        if (invitation_id := self.answers.invitation_of(recipient)) is not None:
            answer = calendar_answers.read(message, self.mail_domain)
            return ReadAnswer(invitation_id, answer) if answer is not None else None
        return self._report(message, recipient)

    def _report(self, message: Message, recipient: str) -> ReadReport | None:
        mail_id = self.return_paths.mail_of(recipient)
        if complaints.is_complaint(message):
            mail_id = self._complained_of(message, mail_id)
            return ReadReport(mail_id, Complaint()) if mail_id is not None else None
        if mail_id is None:
            return None
        report = delivery_status.read(message)
        if report is None and parts.report(message, "delivery-status") is None:
            report = odd_bounces.read(message)
        if report is None or not self._is_about(message, mail_id):
            return None
        return ReadReport(mail_id, report)

    def _takes_complaints(self, recipient: str) -> bool:
        local, _, domain = recipient.strip().lower().rpartition("@")
        return local == COMPLAINTS_NAME and domain == self.return_paths.domain.lower()

    def _complained_of(self, message: Message, mail_id: UUID | None) -> UUID | None:
        """Return the mail that a complaint is about; None if it names none, or several."""
        named = {self.return_paths.mail_of(path) for path in complaints.return_paths(message)}
        mails = (named | {mail_id}) - {None}
        return mails.pop() if len(mails) == 1 else None

    def _is_about(self, message: Message, mail_id: UUID) -> bool:
        """Return False if a report returns another mail than the one whose return path it came to, or a report."""
        returned = parts.returned(message)
        if returned is None:
            return True
        if returned.get_content_type() == "multipart/report":
            return False
        own_id = parts.field(returned, "Message-ID").lower()
        is_ours = own_id.endswith(f"@{self.mail_domain.lower()}>")
        return not is_ours or own_id == message_id(mail_id, self.mail_domain).lower()
