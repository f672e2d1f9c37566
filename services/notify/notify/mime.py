"""Build the MIME message of a rendered mail, safe from header injection and for one recipient only."""

from base64 import encodebytes
from binascii import b2a_qp
from datetime import datetime
from email.generator import BytesGenerator
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

from notify.headers import PLAIN_HEADERS, mailbox
from notify.rendering import Attachment, Rendered
from shared.kit.addresses import to_ascii

_TEXTS_BOUNDARY: Final = "=_texts"
_PARTS_BOUNDARY: Final = "=_parts"
"""Boundaries that no encoded part can hold: quoted-printable has no "=_", base64 no "_" (RFC 2045, 6.7)."""


class _Generator(BytesGenerator):
    """Writes each part whole; the package itself writes it line by line."""

    def _handle_text(self, msg: "Message[Any, Any]") -> None:
        self.write(str(msg.get_payload()))


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
    recipient = recipient_address(recipient)
    mail = MIMEMultipart("alternative", _TEXTS_BOUNDARY, policy=PLAIN_HEADERS)
    for subtype, text in (("plain", rendered.text), ("html", rendered.html)):
        mail.attach(_text(text, subtype))
    if rendered.calendar:
        parts = [mail, _calendar(rendered.calendar)]
        mail = MIMEMultipart("mixed", _PARTS_BOUNDARY, parts, policy=PLAIN_HEADERS)
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
    message = BytesIO()
    _Generator(message, policy=PLAIN_HEADERS).flatten(mail)
    return message.getvalue()


def _text(text: str, subtype: str) -> MIMENonMultipart:
    """Return a part in quoted-printable, encoded by the module in C: the package's own encoder is in Python."""
    part = MIMENonMultipart("text", subtype, charset="utf-8", policy=PLAIN_HEADERS)
    part["Content-Transfer-Encoding"] = "quoted-printable"
    _set_encoded(part, b2a_qp(text.replace("\r\n", "\n").replace("\r", "\n").encode()))
    return part


def _calendar(attachment: Attachment) -> MIMEBase:
    """Return the part of a calendar file, which both mail programs and people find."""
    part = MIMEBase("text", "calendar", method=attachment.method, charset="UTF-8", policy=PLAIN_HEADERS)
    part["Content-Transfer-Encoding"] = "base64"
    _set_encoded(part, encodebytes(attachment.file))
    part.add_header("Content-Disposition", "attachment", filename=attachment.filename)
    return part


def _set_encoded(part: MIMEBase, lines: bytes) -> None:
    part.set_payload(lines.replace(b"\n", b"\r\n").decode())


@lru_cache(maxsize=1)
def recipient_address(address: str) -> str:
    """
    Return a bare address for envelope and header; the last one is kept, since a mail has it in both.

    Raises:
        ValueError: It is not one address.
    """
    return to_ascii(address, smtputf8=True)


@lru_cache(maxsize=1000)
def _own_address(address: str) -> str:
    """Return an address of a centre, or of the sender, in ASCII."""
    return to_ascii(address, smtputf8=True)
