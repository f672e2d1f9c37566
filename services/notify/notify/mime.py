"""Build the MIME message of a rendered mail, safe from header injection and for one recipient only."""

from datetime import datetime
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from notify.headers import PLAIN_HEADERS, mailbox
from notify.rendering import Attachment, Rendered
from shared.kit.addresses import to_ascii

_QUOTED_UTF8: Final = Charset("utf-8")
_QUOTED_UTF8.body_encoding = QP


def build_message(
    rendered: Rendered,
    *,
    sender: str,
    recipient: str,
    reply_to: str | None,
    language: str,
    message_id: str,
    now: datetime,
) -> bytes:
    """
    Return the mail as it is sent.

    Args:
        rendered: Subject, texts and calendar file.
        sender: A bare address.
        recipient: A bare address, the only recipient.
        reply_to: A bare address; None leaves the header out.
        language: Language of the whole mail.
        message_id: The same in every copy of the mail.
        now: Time in the Date header.

    Raises:
        ValueError: An address is not one address.
    """
    recipient = to_ascii(recipient, smtputf8=True)
    mail = MIMEMultipart("alternative", policy=PLAIN_HEADERS)
    for subtype, text in (("plain", rendered.text), ("html", rendered.html)):
        mail.attach(_text(text, subtype))
    if rendered.calendar:
        parts = [mail, _calendar(rendered.calendar)]
        mail = MIMEMultipart("mixed", _subparts=parts, policy=PLAIN_HEADERS)
    mail["From"] = mailbox(rendered.sender_name, _own_address(sender))
    mail["To"] = recipient
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    if reply_to:
        mail["Reply-To"] = _own_address(reply_to)
    mail["Auto-Submitted"] = "auto-generated"
    if rendered.leave_url and rendered.leave_url.startswith("https://"):
        mail["List-Unsubscribe"] = f"<{rendered.leave_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Content-Language"] = language
    return mail.as_bytes()


def _text(text: str, subtype: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, policy=PLAIN_HEADERS)
    part.set_payload(text, _QUOTED_UTF8)
    return part


def _calendar(attachment: Attachment) -> MIMEBase:
    """Return the part of a calendar file, which both mail programs and people find."""
    part = MIMEBase("text", "calendar", method=attachment.method, charset="UTF-8", policy=PLAIN_HEADERS)
    part.set_payload(attachment.file)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attachment.filename)
    return part


@lru_cache(maxsize=1000)
def _own_address(address: str) -> str:
    """Return an address of a centre, or of the sender, in ASCII."""
    return to_ascii(address, smtputf8=True)
