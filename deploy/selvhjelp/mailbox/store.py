"""
The received mails, in a folder that is read again at the next start.

One `.eml` file per mail as it was received, and one line of JSON per mail in `index.jsonl`.
"""

import email
import email.policy
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any, Final

SNIPPET_CHARACTERS: Final = 250


@dataclass(frozen=True)
class Address:
    """A name, possibly empty, and an address."""

    name: str
    address: str


@dataclass(frozen=True)
class Summary:
    """
    The fields of a mail in the list.

    Attributes:
        id: Our own; ASCII, sorts by time.
        message_id: The sender's, without angle brackets.
        recipients: Addresses in the envelope.
        received: ISO 8601 in UTC, by the real clock.
        size: In bytes.
    """

    id: str
    message_id: str
    sender: Address
    to: tuple[Address, ...]
    recipients: tuple[str, ...]
    subject: str
    received: str
    size: int
    attachments: int
    snippet: str


@dataclass(frozen=True)
class Part:
    """One leaf of the MIME tree; its id is its place there, such as 2.1."""

    id: str
    file_name: str
    content_type: str
    content_id: str
    disposition: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A whole parsed mail."""

    summary: Summary
    message: EmailMessage
    raw: bytes
    text: str
    html: str
    parts: tuple[Part, ...]

    @property
    def attachments(self) -> tuple[Part, ...]:
        """All parts except the texts and the inline parts of the HTML."""
        return tuple(part for part in self.parts if part.content_type not in TEXTS and part.disposition != "inline")

    @property
    def inline(self) -> tuple[Part, ...]:
        """The inline parts of the HTML."""
        return tuple(part for part in self.parts if part.content_type not in TEXTS and part.disposition == "inline")


TEXTS: Final = ("text/plain", "text/html")


class Store:
    """The folder of mails; every method is quick enough for the event loop of a development server."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._index = directory / "index.jsonl"
        directory.mkdir(parents=True, exist_ok=True)
        self._mails: dict[str, Summary] = {}
        if self._index.exists():
            for line in self._index.read_text().splitlines():
                try:
                    summary = _summary_from(json.loads(line))
                except (ValueError, KeyError):  # an incomplete line: the mail was never accepted
                    continue
                if self._file(summary.id).exists():
                    self._mails[summary.id] = summary

    def add(self, recipients: list[str], raw: bytes) -> Summary:
        """Store a mail on disk and in the list."""
        moment = time.time_ns()
        mail_id = f"{moment:020d}"
        while mail_id in self._mails:
            moment += 1
            mail_id = f"{moment:020d}"
        received = datetime.fromtimestamp(moment / 1e9, UTC).isoformat()
        message = _parse(raw)
        text, html, parts = _split(message)
        summary = Summary(
            id=mail_id,
            message_id=str(message.get("Message-ID", "")).strip().strip("<>"),
            sender=next(iter(_addresses(message, "From")), Address("", "")),
            to=_addresses(message, "To"),
            recipients=tuple(recipients),
            subject=str(message.get("Subject", "")),
            received=received,
            size=len(raw),
            attachments=sum(part.content_type not in TEXTS and part.disposition != "inline" for part in parts),
            snippet=" ".join((text or html).split())[:SNIPPET_CHARACTERS],
        )
        self._file(mail_id).write_bytes(raw)
        with self._index.open("a") as index:
            index.write(json.dumps(asdict(summary), ensure_ascii=False) + "\n")
        self._mails[mail_id] = summary
        return summary

    def newest_first(self) -> list[Summary]:
        """Return all mails."""
        return list(reversed(self._mails.values()))

    def get(self, mail_id: str) -> Mail | None:
        """Return the mail with an id, or the `latest`; None if there is none."""
        if mail_id == "latest" and self._mails:
            mail_id = next(reversed(self._mails))
        summary = self._mails.get(mail_id)
        if summary is None:
            return None
        raw = self._file(summary.id).read_bytes()
        message = _parse(raw)
        text, html, parts = _split(message)
        return Mail(summary, message, raw, text, html, parts)

    def delete(self, mail_ids: list[str] | None = None) -> None:
        """Delete these mails, or all."""
        for mail_id in list(self._mails) if mail_ids is None else mail_ids:
            if self._mails.pop(mail_id, None) is not None:
                self._file(mail_id).unlink(missing_ok=True)
        half = self._index.with_suffix(".new")
        half.write_text("".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in self._mails.values()))
        half.replace(self._index)

    def _file(self, mail_id: str) -> Path:
        return self._directory / f"{mail_id}.eml"


def _summary_from(data: dict[str, Any]) -> Summary:
    addresses = {
        "sender": Address(**data["sender"]),
        "to": tuple(Address(**address) for address in data["to"]),
        "recipients": tuple(data["recipients"]),
    }
    return Summary(**data | addresses)


def _parse(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError
    return message


def _addresses(message: EmailMessage, header: str) -> tuple[Address, ...]:
    pairs = getaddresses([str(value) for value in message.get_all(header, [])])
    return tuple(Address(name, address) for name, address in pairs if address)


def _split(message: EmailMessage) -> tuple[str, str, tuple[Part, ...]]:
    """Return the first text, the first HTML, and every leaf of the MIME tree."""
    parts: list[Part] = []
    texts: dict[str, str] = {}

    def walk(node: EmailMessage, number: str) -> None:
        if node.is_multipart():
            for position, child in enumerate(node.iter_parts(), start=1):
                if isinstance(child, EmailMessage):
                    walk(child, f"{number}.{position}" if number else str(position))
            return
        content_type = node.get_content_type()
        content = node.get_payload(decode=True)
        body = content if isinstance(content, bytes) else b""
        name = node.get_filename() or ("invite.ics" if content_type == "text/calendar" else "")
        part = Part(
            id=number or "1",
            file_name=name,
            content_type=content_type,
            content_id=str(node.get("Content-ID", "")).strip().strip("<>"),
            disposition=node.get_content_disposition() or "",
            content=body,
        )
        parts.append(part)
        if content_type in TEXTS and part.disposition != "attachment":
            charset = node.get_content_charset("utf-8")
            texts.setdefault(content_type, body.decode(charset, errors="replace").replace("\r\n", "\n"))

    walk(message, "")
    return texts.get("text/plain", ""), texts.get("text/html", ""), tuple(parts)
