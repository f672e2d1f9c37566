"""Complaints: what providers tell of mails that their users have marked as unwanted (ARF, RFC 5965)."""

from email.message import Message
from typing import Final

from notify.inbound import parts

_UNWANTED: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
"""Types of feedback that say so; others are about authentication, viruses, or that a mail is wanted after all."""


def is_complaint(message: Message) -> bool:
    """Return True if a mail is a complaint about the mail that it returns."""
    feedback = _feedback(message)
    return feedback is not None and parts.field(feedback, "Feedback-Type").lower() in _UNWANTED


def return_paths(message: Message) -> list[str]:
    """Return the return paths that a complaint names, of the mail that it is about."""
    feedback, report = _feedback(message), parts.report(message, "feedback-report")
    mail = parts.returned(report) if report is not None else None
    named = [parts.field(feedback, "Original-Mail-From")] if feedback is not None else []
    named += [parts.field(mail, "Return-Path")] if mail is not None else []
    return [path.strip("<> ") for path in named if path]


def _feedback(message: Message) -> Message | None:
    report = parts.report(message, "feedback-report")
    part = parts.machine_part(report, "feedback-report") if report is not None else None
    return next(parts.blocks(part), None) if part is not None else None
