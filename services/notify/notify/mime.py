"""
Build the MIME message of a rendered mail, safe from header injection and for one recipient only.

The message is put together here, since Python's e-mail package needs five times as long for the same bytes.
"""

from base64 import encodebytes
from collections.abc import Iterable
from datetime import datetime
from email.quoprimime import body_encode
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b

from notify.headers import PlainHeader, mailbox, message_policy
from notify.rendering import Attachment, Rendered
from shared.kit.addresses import to_ascii


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
    fields = [
        ("From", mailbox(rendered.sender_name, _own_address(sender))),
        ("To", recipient),
        ("Subject", rendered.subject),
        ("Date", format_datetime(now)),
        ("Message-ID", message_id),
    ]
    if reply_to:
        fields.append(("Reply-To", _own_address(reply_to)))
    fields.append(("Auto-Submitted", "auto-generated"))
    if rendered.leave_url and rendered.leave_url.startswith("https://"):
        fields.append(("List-Unsubscribe", f"<{rendered.leave_url}>"))
        fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    boundary = _boundary(message_id)
    body = _alternatives(rendered, boundary)
    kind = f'multipart/alternative;\r\n boundary="{boundary}"'
    if rendered.calendar:
        outer = _boundary(f"outer {message_id}")
        parts = (f"Content-Type: {kind}\r\n\r\n{body}", _calendar(rendered.calendar))
        body = _multipart(parts, outer)
        kind = f'multipart/mixed; boundary="{outer}"'
    utf8 = not recipient.isascii()
    head = "".join(_field(name, value, utf8=utf8) for name, value in fields)
    head += f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Language: {language}\r\n"
    return f"{head}\r\n{body}".encode()


def _field(name: str, value: str, *, utf8: bool) -> str:
    """Return one header field with its line end; only a subject may be folded, or have encoded words."""
    if name == "Subject":
        return _folded_subject(value, utf8=utf8)
    PlainHeader.parse(value, {})
    return f"{name}: {value}\r\n"


def _alternatives(rendered: Rendered, boundary: str) -> str:
    return _multipart(
        (
            f'Content-Type: text/plain; charset="utf-8"\r\n{_QUOTED}\r\n{_quoted(rendered.text)}',
            f'Content-Type: text/html; charset="utf-8"\r\n{_QUOTED}MIME-Version: 1.0\r\n\r\n{_quoted(rendered.html)}',
        ),
        boundary,
    )


_QUOTED = "Content-Transfer-Encoding: quoted-printable\r\n"


def _quoted(text: str) -> str:
    """Return a text in quoted-printable, in lines of at most 78 characters."""
    lines = text.encode().splitlines()
    return body_encode((b"\n".join(lines) + b"\n").decode("latin-1"), 78, "\r\n")


def _calendar(attachment: Attachment) -> str:
    """Return the part of a calendar file, which both mail programs and people find."""
    return (
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{attachment.filename}"\r\n'
        f'Content-Type: text/calendar; method="{attachment.method}"; charset="UTF-8"\r\nMIME-Version: 1.0\r\n\r\n'
    ) + encodebytes(attachment.file).decode().replace("\n", "\r\n")


def _multipart(parts: Iterable[str], boundary: str) -> str:
    return "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"


def _boundary(name: str) -> str:
    """Return a line that is in no part: quoted-printable has no two equals signs in a row, base64 only at its end."""
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest())
    return f"{'=' * 15}{number % 10**19:019d}=="


@lru_cache(maxsize=1000)
def _folded_subject(subject: str, *, utf8: bool) -> str:
    """Return the field of a subject, of which there are few: none of them has a name in it."""
    policy = message_policy(utf8=utf8)
    folded: str = policy.fold("Subject", policy.header_factory("Subject", subject))
    return folded


@lru_cache(maxsize=1000)
def _own_address(address: str) -> str:
    """Return an address of a centre, or of the sender, in ASCII."""
    return to_ascii(address, smtputf8=True)
