"""Reports of mail servers that follow no standard, told apart by flufl.bounce."""

import logging
import re
from email.message import Message
from typing import Final

from flufl.bounce import all_failures

from notify.domain.reports import Delayed, Report
from notify.inbound import parts
from notify.inbound.delivery_status import about_words

_MAIL_SYSTEM: Final = re.compile(r"mailer-?daemon|postmaster|mail[ -]?delivery|mail[ -]?administrator", re.IGNORECASE)
_RETURNED: Final = re.compile(
    r"^(-+ ?(below this line|this is a copy|original message|returned message|the header of)|"
    r"(received|return-path|message-id|reporting-mta|original message follows):)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where the words of the mail server end and the returned mail begins."""

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it names each detector it tries


def read(message: Message) -> Report | None:
    """Return the report of a mail system; None for anything else, as an answer of a person or of their holiday."""
    is_own = _MAIL_SYSTEM.search(parts.field(message, "From")) or "X-Failed-Recipients" in message
    if not is_own or (message.get_content_type() == "multipart/report" and _is_other_report(message)):
        return None
    temporary, permanent = all_failures(message)
    if permanent:
        return about_words(_words(message))
    return Delayed() if temporary else None


def _is_other_report(message: Message) -> bool:
    """Return True for a report about something else than delivery, as that a mail was read."""
    return message.get_param("report-type", "delivery-status") not in {"delivery-status", None}


def _words(message: Message) -> str:
    """Return what the mail server says in its own words."""
    first = message
    while inner := parts.children(first):
        first = inner[0]
    text = parts.text_of(first) if first.get_content_maintype() == "text" else ""
    end = _RETURNED.search(text)
    return text[: end.start()] if end else text
