"""Reports of mail servers about a mail that they could not deliver, in the form of RFC 3464."""

import re
from dataclasses import dataclass
from email.message import Message
from typing import Final

from notify.domain.refusals import About, enhanced_code, subject_of
from notify.domain.reports import Delayed, Report, Undelivered
from notify.inbound import parts

_WORD: Final = re.compile(r"[a-z-]+")
_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY: Final = re.compile(r"(?<![\d.])(5\d\d)(?=[ \-#(:;]|$)[ \-]*")
_FULL: Final = re.compile(r"over ?quota|quota exceeded|mailbox (is )?full|insufficient storage", re.IGNORECASE)
_ARRIVES: Final = frozenset({"delivered", "relayed", "expanded"})
_ACTION_OF_CLASS: Final = {"2": "delivered", "4": "delayed", "5": "failed"}


@dataclass(frozen=True)
class _Recipient:
    """Outcome for one recipient, as one group of fields states it."""

    action: str
    status: str
    diagnosis: str


def read(message: Message) -> Report | None:
    """
    Return the report of a mail server; None if it tells of no failure, or cannot be read.

    Our mails have one recipient, who may have passed it on to several: it is undelivered if none of these got it.
    """
    report = parts.report(message, "delivery-status")
    part = parts.machine_part(report, "delivery-status") if report is not None else None
    if part is None:
        return None
    recipients = [recipient for block in parts.blocks(part) if (recipient := _recipient(block)) is not None]
    actions = {recipient.action for recipient in recipients}
    if not actions or actions & _ARRIVES:
        return None
    if "delayed" in actions:
        return Delayed()
    return undelivered([_about(recipient) for recipient in recipients if recipient.action == "failed"])


def undelivered(failures: list[Undelivered]) -> Undelivered | None:
    """Return one failure for all recipients: it is about the mailbox only if each is."""
    others = [failure for failure in failures if failure.about is not About.MAILBOX]
    return next(iter((*others, *failures)), None)


def about_words(text: str, status: str = "") -> Undelivered:
    """
    Return what a final failure is about, from the words of a mail server.

    Args:
        text: Its words, with or without the reply to our mail.
        status: The enhanced code that is stated apart, if there is one.
    """
    reply = _REPLY.search(text)
    words = text[reply.end() :] if reply else text
    stated = _STATUS.search(text)
    enhanced = enhanced_code(words) or (stated.group() if stated else None)
    if enhanced is None or enhanced.endswith(".0"):
        enhanced = status or enhanced
    full = bool(enhanced and enhanced.endswith(".2.2")) or (_general(enhanced) and bool(_FULL.search(text)))
    about = subject_of("data", int(reply.group(1)) if reply else 550, enhanced, words)
    return Undelivered(about, full=full)


def _general(enhanced: str | None) -> bool:
    return enhanced is None or enhanced.endswith(".0") or ".0." in enhanced


def _recipient(block: Message) -> _Recipient | None:
    status = _STATUS.search(parts.field(block, "Status"))
    word = _WORD.match(parts.field(block, "Action").lower())
    action = word.group() if word else _ACTION_OF_CLASS.get(status.group(1)) if status else None
    if action is None or not any(name in block for name in ("Final-Recipient", "Original-Recipient", "Status")):
        return None
    diagnosis = parts.field(block, "Diagnostic-Code")
    return _Recipient(action, status.group() if status else "", diagnosis.partition(";")[2].strip() or diagnosis)


def _about(recipient: _Recipient) -> Undelivered:
    failure = about_words(recipient.diagnosis, recipient.status)
    if recipient.status.startswith("4."):
        # Nobody accepted the mail until its sender gave up: nothing final is known about the address.
        return Undelivered(About.SYSTEM, full=failure.full or recipient.status.endswith(".2.2"))
    return failure
