"""Parts and fields of mails from anywhere, however broken: nothing here raises for what a stranger wrote."""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from typing import Final

MOST_TEXT: Final = 8000
"""Signs of a text that are looked at; reports say what they have to say at the beginning."""

_RETURNED: Final = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
_BLANK_LINE: Final = re.compile(r"\n\s*\n")


def field(message: Message, name: str) -> str:
    """Return a field on one line; empty if it is missing."""
    return " ".join(str(message.get(name, "")).split())


def children(message: Message) -> list[Message]:
    """Return the parts directly under a multipart; none for anything else."""
    payload = message.get_payload() if message.get_content_maintype() == "multipart" else None
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def text_of(part: Message) -> str:
    """Return the beginning of a text, in whatever character set, without NULs."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        text = content[: 4 * MOST_TEXT].decode(charset, "replace")
    except (LookupError, ValueError):
        text = content[: 4 * MOST_TEXT].decode("latin-1")
    return text.replace("\0", "").replace("\r\n", "\n")[:MOST_TEXT]


def report(message: Message, subtype: str) -> Message | None:
    """
    Return the report that a mail is (RFC 6522), or that a gateway has wrapped; None if it is no report of this type.

    Args:
        message: The mail.
        subtype: Of the part that a machine reads, as ``delivery-status``.
    """
    candidates = [message, *(part for part in children(message) if part.get_content_type() == "multipart/report")]
    return next((one for one in candidates if machine_part(one, subtype) is not None), None)


def machine_part(message: Message, subtype: str) -> Message | None:
    """Return the part of a report that a machine reads; never one inside the mail that is returned with it."""
    return next((part for part in children(message) if part.get_content_type() == f"message/{subtype}"), None)


def blocks(part: Message) -> Iterator[Message]:
    """Yield the groups of fields of a part that a machine reads."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for block in payload:
            if isinstance(block, Message):
                yield block
                # Fields after a blank line of a nested message, as some systems write them, are its text.
                yield from _blocks_of_text(block.get_payload())
    else:
        yield from _blocks_of_text(payload)


def _blocks_of_text(text: object) -> Iterator[Message]:
    if isinstance(text, str) and text.strip():
        for block in _BLANK_LINE.split(text.replace("\r\n", "\n")[:MOST_TEXT]):
            yield HeaderParser().parsestr(block.lstrip("\n"))


def returned(message: Message) -> Message | None:
    """Return the mail that a report returns, or its header fields; None if it returns none."""
    for part in children(message):
        if part.get_content_type() not in _RETURNED:
            continue
        payload = part.get_payload()
        if isinstance(payload, list) and payload and isinstance(payload[0], Message):
            return payload[0]
        return HeaderParser().parsestr(text_of(part).lstrip())
    return None
