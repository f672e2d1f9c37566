"""
Header fields of a mail, byte for byte as mail programs read them.

Python's e-mail package turns a long word, or a sign outside ASCII, into encoded words (RFC 2047), also where the
standard forbids them: in addresses, links and Message-IDs. The fields of this module are never encoded or folded; only
a subject and the display name of the sender may be.
"""

from email.header import Header
from functools import lru_cache
from typing import Final

MAX_LINE_BYTES: Final = 998
"""Longest line without its CRLF (RFC 5322, 2.1.1)."""


def header_line(name: str, value: str) -> bytes:
    """
    Return a field on one line as it is; a subject outside ASCII is written in encoded words, which may be several.

    Raises:
        ValueError: The value has a line break, or is longer than a line may be.
    """
    if "\r" in value or "\n" in value or len(value.encode()) > MAX_LINE_BYTES - 100:
        raise ValueError("no header field")
    return f"{name}: {_subject(value) if name == 'Subject' else value}\r\n".encode()


@lru_cache(maxsize=256)
def _subject(value: str) -> str:
    """Return a subject as it is written; the same one stands in many mails, and in none a name."""
    charset = None if value.isascii() else "utf-8"
    return Header(value, charset, header_name="Subject").encode(linesep="\r\n")


@lru_cache(maxsize=256)
def mailbox(display_name: str, address: str) -> str:
    """
    Return a mailbox of one display name and one address (RFC 5322, 3.4).

    A name outside ASCII is written in encoded words, each no longer than RFC 2047 allows; the address never is.
    """
    if not display_name:
        return address
    if display_name.isascii():
        quoted = display_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    words = Header(display_name, "utf-8", maxlinelen=75).encode(linesep="").replace("\n", " ")
    return f"{' '.join(words.split())} <{address}>"
