"""
Reports that come back about a mail that has left: not delivered, delivered late, or unwanted.

They reach us at the mail's own return path (:mod:`notify.domain.return_path`), so that each belongs to one mail.
"""

from dataclasses import dataclass, replace
from typing import Final

from notify.domain.delivery import COMPLAINED, Delivery, Status
from notify.domain.refusals import About

DELAYED: Final = "delayed"
"""Reason of a mail that a mail server on the way still tries to deliver."""

_LEFT: Final = frozenset({Status.SENT, Status.UNKNOWN})
"""States of mails about which a report can be true."""


@dataclass(frozen=True)
class Undelivered:
    """
    A mail server on the way has given up.

    Attributes:
        about: The subject of the refusal.
        full: True if the mailbox had no room.
    """

    about: About
    full: bool = False

    @property
    def reason(self) -> str:
        """The reply code with which a mail server at hand says the same (RFC 5321)."""
        if self.full:
            return "552"
        return "550" if self.about is About.MAILBOX else "554"


@dataclass(frozen=True)
class Delayed:
    """A mail server on the way still tries."""


@dataclass(frozen=True)
class Complaint:
    """The recipient has marked the mail as unwanted."""


Report = Undelivered | Delayed | Complaint


def after_report(mail: Delivery, report: Report) -> Delivery | None:
    """Return the mail after a report; None if the report changes nothing, as about a mail that has not left."""
    if mail.status not in _LEFT:
        return None
    match report:
        case Undelivered():
            return replace(mail, status=Status.FAILED, next_at=None, reason=report.reason)
        case Delayed():
            is_news = mail.status is Status.SENT and mail.reason is None
            return replace(mail, reason=DELAYED) if is_news else None
        case Complaint():
            arrived = replace(mail, status=Status.SENT, next_at=None, reason=COMPLAINED)
            return None if mail.reason == COMPLAINED else arrived
