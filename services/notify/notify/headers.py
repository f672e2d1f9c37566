"""
Header fields of a mail, byte for byte as mail programs read them.

Python's e-mail package turns a long word, or a sign outside ASCII, into encoded words (RFC 2047), also where the
standard forbids them: in addresses, links and Message-IDs. The fields of this module are never encoded or folded; only
a subject and the display name of the sender may be.
"""

from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any, Final

MAX_LINE_BYTES: Final = 998
"""Longest line without its CRLF (RFC 5322, 2.1.1)."""

PLAIN_FIELDS: Final = (
    "from",
    "to",
    "reply-to",
    "message-id",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
)


class PlainHeader:
    """A header field that is written on one line, without encoded words."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """
        Store the value as it is.

        Raises:
            ValueError: It has a line break, or is longer than a line may be.
        """
        if any(char in value for char in "\r\n") or len(value.encode()) > MAX_LINE_BYTES - 100:
            raise ValueError("no header field")
        kwds["decoded"] = value
        kwds["parse_tree"] = value

    def fold(self: Any, *, policy: EmailPolicy) -> str:
        """Return the whole field on one line."""
        return f"{self.name}: {self}{policy.linesep}"


def message_policy(*, utf8: bool) -> "EmailPolicy[EmailMessage]":
    """Return the policy of the mails; ``utf8`` is True for a recipient whose address needs SMTPUTF8 (RFC 6531)."""
    registry = HeaderRegistry(base_class=BaseHeader)
    for name in PLAIN_FIELDS:
        registry.map_to_type(name, PlainHeader)  # type: ignore[arg-type]  # the registry derives from both classes
    return EmailPolicy(linesep="\r\n", header_factory=registry, utf8=utf8)


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
