"""The raw bytes of every example in every language: each header field, the parts, the lines; for all kinds alike."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from email.header import decode_header, make_header
from quopri import decodestring
from uuid import UUID

import pytest

from notify.domain.content import MailContent
from notify.domain.planning import message_id
from notify.mails.registry import mail_registry
from notify.mime import build_message
from notify.rendering import Rendered
from shared.reference.link_purposes import LEAVE, LINK_PATHS, NO_INVITATIONS
from tests.notify.support.contents import EXAMPLES, KINDS, LANGUAGES, MAIL_DOMAIN, NOW, PUBLIC_URL, content, renderer

MAIL = UUID(int=77)
SENDER = "hei@post.example"
RECIPIENT = "kari@example.org"
ALWAYS = [
    "Content-Type",
    "MIME-Version",
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Auto-Submitted",
    "Content-Language",
]
MAY_BE_LONG = (b"List-Unsubscribe: ", b"Message-ID: ")
"""Fields of one word, which must not be folded."""
UNSUBSCRIBE = ["List-Unsubscribe", "List-Unsubscribe-Post"]


def raw(mail: MailContent, rendered: Rendered) -> bytes:
    return build_message(
        rendered,
        sender=SENDER,
        recipient=RECIPIENT,
        reply_to=mail.centre.email,
        language=mail.language,
        message_id=message_id(MAIL, MAIL_DOMAIN),
        now=NOW,
    )


def split(message: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Return the fields of a message or part in their order, unfolded, and its body."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n[ \t]", b" ", head).decode("ascii").split("\r\n")
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)], body


def parts(content_type: str, body: bytes) -> list[bytes]:
    boundary = re.search(r'boundary="([^"]+)"', content_type)
    assert boundary
    mark = b"--" + boundary.group(1).encode()
    _, *middle, last = body.split(mark)
    assert last.strip() == b"--"
    return [part.removeprefix(b"\r\n").removesuffix(b"\r\n") for part in middle]


def examples(kind: str) -> Iterator[tuple[MailContent, Rendered]]:
    for language in LANGUAGES:
        for centre in ("link-bergen", "selvhjelp-norge"):
            for name in EXAMPLES[kind]:
                mail = content(kind, language, centre=centre, name=name)
                yield mail, renderer().render(mail)


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("kind", KINDS)
def test_header_fields_of_every_kind_are_exactly_these(kind: str) -> None:
    spec = mail_registry()[kind]
    for mail, rendered in examples(kind):
        message = raw(mail, rendered)
        fields, _ = split(message)
        values = dict(fields)
        assert sorted(values) == sorted(ALWAYS + (UNSUBSCRIBE if spec.leave_link else []))
        assert len(values) == len(fields)  # each once
        revealing = mail.centre.id == "selvhjelp-norge"
        name = {"nb": "Senteret", "nn": "Senteret", "en": "The centre"}[mail.language] if revealing else "LINK Bergen"
        assert values["From"] == f'"{name}" <{SENDER}>'
        assert values["To"] == RECIPIENT
        assert values["Reply-To"] == mail.centre.email
        assert values["Date"] == "Tue, 09 Mar 2027 12:00:00 +0000"
        assert values["Message-ID"] == message_id(MAIL, MAIL_DOMAIN)
        assert values["Auto-Submitted"] == "auto-generated"
        assert values["Content-Language"] == mail.language
        assert values["MIME-Version"] == "1.0"
        if spec.leave_link:
            path = LINK_PATHS[NO_INVITATIONS if mail.invited else LEAVE]
            prefix = "" if mail.language == "nb" else f"/{mail.language}"
            link = values["List-Unsubscribe"].removeprefix("<").removesuffix(">")
            assert re.fullmatch(re.escape(PUBLIC_URL + prefix + path) + r"/[\w-]{64}", link), link
            assert values["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert link in rendered.text


@pytest.mark.parametrize("kind", KINDS)
def test_subject_of_every_kind_is_written_as_the_standard_has_it(kind: str) -> None:
    """Outside ASCII in encoded words of at most 75 characters, in lines of at most 78 (RFC 2047, 2)."""
    for mail, rendered in examples(kind):
        head = raw(mail, rendered).partition(b"\r\n\r\n")[0]
        written = re.search(rb"^Subject: ([^\r]*(?:\r\n[ \t][^\r]*)*)", head, re.MULTILINE)
        assert written
        lines = written.group().split(b"\r\n")
        assert all(line.strip() and len(line) <= 78 for line in lines)
        text = written.group(1).decode("ascii")
        words = re.findall(r"=\?.*?\?=", text)
        assert bool(words) is not rendered.subject.isascii()
        assert all(len(word) <= 75 and word.startswith("=?utf-8?") for word in words)
        assert str(make_header(decode_header(text))) == rendered.subject


@pytest.mark.parametrize("kind", KINDS)
def test_parts_of_every_kind_are_text_html_and_calendar(kind: str) -> None:
    for mail, rendered in examples(kind):
        fields, body = split(raw(mail, rendered))
        kind_of_whole = dict(fields)["Content-Type"]
        if rendered.calendar is not None:
            assert kind_of_whole.startswith("multipart/mixed;")
            alternatives, calendar = parts(kind_of_whole, body)
            attached, file = split(calendar)
            assert sorted(attached) == [
                ("Content-Disposition", 'attachment; filename="invite.ics"'),
                ("Content-Transfer-Encoding", "base64"),
                ("Content-Type", f'text/calendar; method="{rendered.calendar.method}"; charset="UTF-8"'),
                ("MIME-Version", "1.0"),
            ]
            assert base64.b64decode(file) == rendered.calendar.file
            assert f"METHOD:{rendered.calendar.method}".encode() in rendered.calendar.file
            fields, body = split(alternatives)
        whole = dict(fields)["Content-Type"]
        assert whole.startswith("multipart/alternative;")
        for part, subtype, text in zip(
            parts(whole, body), ("plain", "html"), (rendered.text, rendered.html), strict=True
        ):
            described, written = split(part)
            assert sorted(described) == [
                ("Content-Transfer-Encoding", "quoted-printable"),
                ("Content-Type", f'text/{subtype}; charset="utf-8"'),
                ("MIME-Version", "1.0"),
            ]
            assert decodestring(written).decode().replace("\r\n", "\n").strip() == text.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_every_kind_are_short_and_end_in_crlf(kind: str) -> None:
    for mail, rendered in examples(kind):
        message = raw(mail, rendered)
        assert message.isascii()
        bare = message.replace(b"\r\n", b"")
        assert b"\r" not in bare
        assert b"\n" not in bare
        head, _, body = message.partition(b"\r\n\r\n")
        assert max(map(len, body.split(b"\r\n"))) <= 78
        long = [line for line in head.split(b"\r\n") if len(line) > 78]
        assert all(line.startswith(MAY_BE_LONG) and len(line) <= 998 for line in long), long


def test_message_id_is_the_same_in_every_copy_and_no_others() -> None:
    assert message_id(MAIL, MAIL_DOMAIN) == message_id(MAIL, MAIL_DOMAIN)
    assert message_id(MAIL, MAIL_DOMAIN) != message_id(UUID(int=78), MAIL_DOMAIN)
    assert MAIL.hex not in message_id(MAIL, MAIL_DOMAIN).replace("-", "")


def test_mail_of_a_centre_that_reads_no_mail_has_no_reply_to() -> None:
    mail = content("on_the_list", "nb")
    mail = replace(mail, centre=mail.centre.model_copy(update={"email": None}))
    fields, _ = split(raw(mail, renderer().render(mail)))
    assert "Reply-To" not in dict(fields)
