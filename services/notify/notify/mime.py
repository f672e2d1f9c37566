"""Build the MIME message of a rendered mail, safe from header injection and for one recipient only."""

from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from notify.calendar_attachment import Attachment
from notify.headers import header_line, mailbox
from notify.rendering import Rendered
from shared.kit.addresses import to_ascii

_TEXTS_BOUNDARY: Final = "=_texts"
_PARTS_BOUNDARY: Final = "=_parts"
"""Boundaries that no encoded part can hold: quoted-printable has no "=_", base64 no "_" (RFC 2045, 6.7)."""


_NO_FIELDS: Final[Mapping[str, str]] = {}
_QUOTED_PRINTABLE: Final = {"Content-Transfer-Encoding": "quoted-printable"}


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
    fields = {
        "From": mailbox(rendered.sender_name, _own_address(sender)),
        "To": recipient,
        "Subject": rendered.subject,
        "Date": format_datetime(now),
        "Message-ID": message_id,
    }
    if reply_to:
        fields["Reply-To"] = _own_address(reply_to)
    fields["Auto-Submitted"] = "auto-generated"
    if rendered.leave_url and rendered.leave_url.startswith("https://"):
        fields["List-Unsubscribe"] = f"<{rendered.leave_url}>"
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    fields["Content-Language"] = language
    texts = _text(rendered.text, "plain"), _text(rendered.html, "html")
    if not rendered.calendar:
        return _multipart("alternative", _TEXTS_BOUNDARY, texts, fields)
    parts = _multipart("alternative", _TEXTS_BOUNDARY, texts), _calendar(rendered.calendar)
    return _multipart("mixed", _PARTS_BOUNDARY, parts, fields)


def _multipart(subtype: str, boundary: str, parts: Iterable[bytes], fields: Mapping[str, str] = _NO_FIELDS) -> bytes:
    """Return several parts as one (RFC 2046, 5.1)."""
    delimiter = f"--{boundary}".encode()
    body = b"".join(b"%b\r\n%b\r\n" % (delimiter, part) for part in parts)
    return _part(f'multipart/{subtype}; boundary="{boundary}"', fields, b"%b%b--\r\n" % (body, delimiter))


def _part(content_type: str, fields: Mapping[str, str], body: bytes) -> bytes:
    head = b"".join(header_line(name, value) for name, value in fields.items())
    return b"Content-Type: %b\r\nMIME-Version: 1.0\r\n%b\r\n%b" % (content_type.encode(), head, body)


def _text(text: str, subtype: str) -> bytes:
    """Return a part in quoted-printable, encoded by the module in C: the package's own encoder is in Python."""
    lines = b2a_qp(text.replace("\r\n", "\n").replace("\r", "\n").encode())
    return _part(f'text/{subtype}; charset="utf-8"', _QUOTED_PRINTABLE, lines.replace(b"\n", b"\r\n"))


def _calendar(attachment: Attachment) -> bytes:
    """Return the part of a calendar file, which both mail programs and people find."""
    fields = {
        "Content-Transfer-Encoding": "base64",
        "Content-Disposition": f'attachment; filename="{attachment.filename}"',
    }
    lines = encodebytes(attachment.file).replace(b"\n", b"\r\n")
    return _part(f'text/calendar; method="{attachment.method}"; charset="UTF-8"', fields, lines)


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
