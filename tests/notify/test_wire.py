"""The bytes of headers and envelopes, as mail programs and servers read them."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import email_validator
import pytest
from aiosmtplib import SMTP
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.delivery import Accepted, OutcomeUnknown, SmtpRejected, Unreachable
from notify.domain.refusals import About, enhanced_code, subject_of
from notify.mime import build_message
from notify.smtp import SmtpConnection, SmtpTimeouts
from selvhjelp.mailbox.smtp import mail_server
from shared.kit.addresses import AddressInvalid, to_ascii
from tests.notify.support.contents import KINDS, LANGUAGES, NOW, content, renderer

ONE_BY_ONE, TOGETHER = b"250 8BITMIME\r\n", b"250-8BITMIME\r\n250 PIPELINING\r\n"
"""What servers say about sending commands together."""

ENCODED_WORD = re.compile(rb"=\?[^?]+\?[qbQB]\?[^?]*\?=")
MAY_BE_ENCODED = {b"Subject", b"From"}
ADDRESSES = (
    "kari@example.org",
    "a" * 64 + "@" + ".".join(["b" * 40] * 4) + ".example",
    "kari.nordmann+selvhjelp@post.example.org",
    "kari@faß.de",
    "kari@blåbærsyltetøy-og-rømme.example",
    "o'hara_#!$%&*/=?^`{|}~-@example.org",
)


def raw_headers(message: bytes) -> dict[bytes, bytes]:
    """Return the header fields of a message as they are written, unfolded."""
    head = re.sub(rb"\r\n(?=[ \t])", b"", message.partition(b"\r\n\r\n")[0])
    return dict(line.split(b": ", 1) for line in head.split(b"\r\n"))


def message(kind: str = "on_the_list", language: str = "nb", **changes: str) -> bytes:
    addresses = {"sender": "post@example.org", "recipient": "kari@example.org", "reply_to": "hei@example.org"}
    mail = content(kind, language)
    return build_message(
        renderer().render(mail),
        **{**addresses, **changes},
        language=language,
        message_id="<0f8b6a54-1f4b-5f3e-9d7c-2a4b6c8d0e1f@a-rather-long-domain.of-the-installation.example>",
        now=NOW,
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_headers_of_every_mail_are_encoded_only_where_allowed(kind: str, language: str) -> None:
    raw = message(kind, language)
    for name, value in raw_headers(raw).items():
        assert name in MAY_BE_ENCODED or not ENCODED_WORD.search(value), (name, value)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.isascii()


def test_unsubscribe_link_stands_bare_on_the_wire() -> None:
    headers = raw_headers(message())
    assert re.fullmatch(rb"<https://senter\.example/meld-av/[A-Za-z0-9_-]+>", headers[b"List-Unsubscribe"])
    assert headers[b"List-Unsubscribe-Post"] == b"List-Unsubscribe=One-Click"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
def test_address_in_any_field_is_written_in_ascii(field: str, address: str) -> None:
    name = {"sender": b"From", "recipient": b"To", "reply_to": b"Reply-To"}[field]
    value = raw_headers(message(**{field: address}))[name]
    written = value.partition(b"<")[2].rstrip(b">") if field == "sender" else value
    assert written == to_ascii(address, smtputf8=True).encode()
    assert not ENCODED_WORD.search(written)


def test_sender_name_outside_ascii_is_in_short_encoded_words() -> None:
    centre = content("on_the_list", "nb").centre.model_copy(
        update={"name": "Møteplassen på Ås for blåbærplukkere " * 3}
    )
    rendered = renderer().render(content("on_the_list", "nb"))

    raw = build_message(
        replace(rendered, sender_name=centre.name.strip()),
        sender="post@example.org",
        recipient="kari@example.org",
        reply_to=None,
        language="nb",
        message_id="<1@example.org>",
        now=NOW,
    )
    words = ENCODED_WORD.findall(raw_headers(raw)[b"From"])
    assert len(words) > 1
    assert all(len(word) <= 75 for word in words)


@pytest.mark.parametrize(
    "text", ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "<a@b.example>", "a", "a@b@c.example"]
)
@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
def test_text_that_is_not_one_address_makes_no_message(field: str, text: str) -> None:
    with pytest.raises(AddressInvalid):
        message(**{field: text})


_LABEL = st.from_regex(r"\A[a-zßøåæöçñ0-9]{1,20}\Z")


@given(name=st.from_regex(r"\A[a-z0-9_+-]{1,64}\Z"), labels=st.lists(_LABEL, min_size=1, max_size=3))
def test_accepted_address_keeps_its_domain_to_the_envelope(name: str, labels: list[str]) -> None:
    """The sign-up form accepts an address by the same rule of domains: it must not become another's."""
    try:
        accepted = email_validator.validate_email(f"{name}@{'.'.join(labels)}.org", check_deliverability=False)
    except email_validator.EmailNotValidError:
        return
    assert to_ascii(accepted.normalized) == accepted.ascii_email


@pytest.mark.parametrize(
    ("stage", "reply", "about"),
    [
        ("rcpt", "550 5.1.1 User unknown", About.MAILBOX),
        ("rcpt", "550 No such user", About.MAILBOX),
        ("rcpt", "550 5.4.1 Recipient address rejected: Access denied", About.MAILBOX),
        ("rcpt", "553 5.1.3 Bad address syntax", About.MAILBOX),
        ("rcpt", "552 5.2.2 Mailbox full", About.MAILBOX),
        ("rcpt", "556 5.1.10 Domain takes no mail", About.MAILBOX),
        ("rcpt", "550 5.4.5 Daily user sending limit exceeded", About.SENDER),
        ("rcpt", "554 5.7.1 Relay access denied", About.SENDER),
        ("rcpt", "550 5.7.26 Unauthenticated mail from this domain", About.SENDER),
        ("rcpt", "554 Denied", About.SENDER),
        ("rcpt", "503 5.5.1 Bad sequence of commands", About.SENDER),
        ("rcpt", "530 5.7.0 Authentication required", About.SENDER),
        ("rcpt", "550 5.3.0 Mail system trouble", About.SYSTEM),
        ("rcpt", "550 4.4.4 Try another day", About.SYSTEM),
        ("mail", "550 5.1.1 No such sender", About.SENDER),
        ("mail", "550 5.4.5 Daily user sending limit exceeded", About.SENDER),
        ("mail", "553 5.1.8 Sender address rejected", About.SENDER),
        ("mail", "552 5.3.4 Message size exceeds the limit", About.MESSAGE),
        ("mail", "530 Must issue STARTTLS first", About.SENDER),
        ("data", "552 5.3.4 Message too big", About.MESSAGE),
        ("data", "552 Too big", About.MESSAGE),
        ("data", "554 Transaction failed", About.MESSAGE),
        ("data", "550 5.7.1 Rate limit of the sender", About.SENDER),
        ("data", "550 5.1.1 User unknown", About.MAILBOX),
        ("data", "554 5.6.0 Malformed", About.MESSAGE),
        ("rcpt", "550 5.5.0 Requested action not taken: mailbox unavailable", About.MAILBOX),
        ("data", "550 5.5.0 Requested action not taken: mailbox unavailable", About.MAILBOX),
        ("rcpt", "550 #5.1.0 Address rejected.", About.MAILBOX),
        ("rcpt", "550 #5.7.1 Your access to submit messages has been rejected.", About.SENDER),
        ("rcpt", "550 [5.7.1] Not allowed", About.SENDER),
        ("rcpt", "550 5.7.1: Not allowed", About.SENDER),
        ("rcpt", "550 5.1.1, no", About.MAILBOX),
        ("rcpt", "550 Blocked by a list of hosts", About.SENDER),
        ("rcpt", "550 Sender rejected: quota exceeded", About.SENDER),
        ("rcpt", "550 SPF check failed", About.SENDER),
        ("rcpt", "550 relaying denied", About.SENDER),
        ("rcpt", "550 Authentication is required", About.SENDER),
        ("rcpt", "550 5.0.0 Too many mails today", About.SENDER),
        ("rcpt", "554 no mailbox here by that name", About.MAILBOX),
        ("rcpt", "554 5.0.0 User unknown", About.MAILBOX),
        ("rcpt", "550 <kari@example.org>: Recipient address rejected", About.MAILBOX),
        ("rcpt", "550 5.4.4 Domain has no mail server", About.MAILBOX),
        ("rcpt", "511 Bad email address", About.MAILBOX),
        ("rcpt", "550 5.7.708 Access denied, mailbox of the sender", About.SENDER),
        ("rcpt", "550 5.1.351 Remote server returned unknown recipient", About.MAILBOX),
        ("mail", "550 mailbox unavailable", About.SENDER),
        ("data", "554 Your domain has no reputation", About.SENDER),
        ("data", "554 Message refused", About.MESSAGE),
    ],
)
def test_refusal_is_about_what_its_code_says(stage: str, reply: str, about: About) -> None:
    code, _, text = reply.partition(" ")
    assert subject_of(stage, int(code), enhanced_code(text), text) is about  # type: ignore[arg-type]


OF_SENDER = [
    "Blocked by our blacklist, see http://www.spamhaus.org/query/ip/192.0.2.1",
    "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "Relay access denied",
    "relaying denied. Please check your mail server settings",
    "Message rejected due to local policy",
    "Mail from 192.0.2.1 refused: this looks like spam",
    "Our system has detected unsolicited mail originating from your IP address",
    "SPF check failed for post.example",
    "Sender verify failed",
    "Sender address rejected: Access denied",
    "Rejected: your domain fails DMARC",
    "cannot find your reverse hostname, [192.0.2.1]",
    "Your host is listed in a RBL. Contact postmaster",
    "SMTP authentication is required before sending",
    "Too many messages from this network, try later",
    "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
    "IP 192.0.2.1 has a poor reputation",
    "administrative prohibition: mail rejected for policy reasons",
]
OF_MAILBOX = [
    "User unknown",
    "No such user here",
    "<kari@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
    "Recipient rejected by policy: mailbox does not exist",
    "Requested action not taken: mailbox unavailable",
    "Mailbox full, quota exceeded",
    "The email account that you tried to reach does not exist",
    "Address unknown. Not a spam problem",
    "Unrouteable address",
    "Account has been disabled because of spam",
    "no mailbox here by that name",
    "sorry, that recipient is not valid",
    "Invalid recipient",
    "",
]


@pytest.mark.parametrize("code", [550, 553, 551])
@pytest.mark.parametrize("text", OF_SENDER)
def test_refusal_in_words_about_us_is_no_fault_of_the_mailbox(code: int, text: str) -> None:
    assert subject_of("rcpt", code, enhanced_code(text), text) is About.SENDER


@pytest.mark.parametrize("text", OF_MAILBOX)
def test_refusal_in_words_about_the_mailbox_counts_against_it(text: str) -> None:
    assert subject_of("rcpt", 550, enhanced_code(text), text) is About.MAILBOX


@pytest.mark.parametrize("text", OF_SENDER)
def test_refusal_of_the_text_in_words_about_us_waits(text: str) -> None:
    assert subject_of("data", 554, enhanced_code(text), text) is About.SENDER


@pytest.mark.parametrize("text", ["", "User unknown", "5.1", "5.1.1.1 x", "6.1.1 x", "55.1.1 x", "5.1.1234 x"])
def test_reply_without_enhanced_code_has_none(text: str) -> None:
    assert enhanced_code(text) is None


def _reply_once(
    command: bytes, reply: bytes, *, hello: bytes = ONE_BY_ONE, before_greeting: asyncio.Event | None = None
) -> Callable[..., Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if before_greeting is not None:
            await before_greeting.wait()
        writer.write(b"220 ready\r\n")
        in_data = False
        while line := await reader.readline():
            if in_data:
                if line == b".\r\n":
                    in_data = False
                    writer.write(reply if command == b"." else b"250 ok\r\n")
                continue
            verb = line[:4].upper().strip()
            if verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            if verb == command:
                writer.write(reply)
                if not reply:
                    await reader.read()  # silent until the sender gives up
            elif verb == b"DATA":
                in_data = True
                writer.write(b"354 go on\r\n")
            else:
                writer.write(hello if verb == b"EHLO" else b"250 ok\r\n")
        writer.close()

    return serve


@pytest.mark.parametrize("command", [b"MAIL", b"RCPT"])
@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("hello", [ONE_BY_ONE, TOGETHER])
async def test_server_that_takes_few_mails_on_one_connection_gets_all(
    command: bytes, closes: bool, hello: bytes
) -> None:
    """After two mails it says 421, and closes the connection or leaves that to us."""
    connections = 0
    taken = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections, taken
        connections += 1
        on_this = 0
        writer.write(b"220 ready\r\n")
        in_data = False
        while line := await reader.readline():
            if in_data:
                if line == b".\r\n":
                    in_data = False
                    on_this += 1
                    taken += 1
                    writer.write(b"250 ok\r\n")
                continue
            verb = line[:4].upper()
            if verb == command and on_this == 2:
                writer.write(b"421 4.7.0 Enough mails on this connection\r\n")
                if closes:
                    break
                continue
            in_data = verb == b"DATA"
            writer.write(b"354 go on\r\n" if in_data else hello if verb == b"EHLO" else b"250 ok\r\n")
        writer.close()

    async with server(serve) as port:
        connection = SmtpConnection("127.0.0.1", port, security="none")
        for _ in range(5):
            assert await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == Accepted()
        await connection.close()
    assert (connections, taken) == (3, 5)


def _in_pieces(command: bytes, reply: bytes, hello: bytes) -> Callable[..., Awaitable[None]]:
    """Serve one mail; the reply to a command comes byte by byte."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        in_data = False
        while line := await reader.readline():
            verb = b"." if in_data and line == b".\r\n" else line[:4].upper().strip()
            if in_data and verb != b".":
                continue
            answer = b"354 go on\r\n" if verb == b"DATA" else b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n"
            answer = hello if verb == b"EHLO" else answer
            in_data = verb == b"DATA"
            for number in range(len(reply) if verb == command else 0):
                writer.write(reply[number : number + 1])
                await writer.drain()
                await asyncio.sleep(0)
            if verb != command:
                writer.write(answer)
            if verb == b"QUIT":
                break
        writer.close()

    return serve


@asynccontextmanager
async def server(handler: Callable[..., Awaitable[None]]) -> AsyncIterator[int]:
    """Serve connections; at the end wait until each is closed."""
    served: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.add(task)
        try:
            await handler(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        await asyncio.gather(*served)


@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        (b"RCPT", b"550 5.4.5 Daily user sending limit exceeded\r\n", SmtpRejected(550, About.SENDER)),
        (b"RCPT", b"550-5.1.1 The account does not\r\n550 5.1.1 exist\r\n", SmtpRejected(550, About.MAILBOX)),
        (b"MAIL", b"550 5.7.1 Not allowed\r\n", SmtpRejected(550, About.SENDER)),
        (b"DATA", b"554 5.7.1 Not allowed\r\n", SmtpRejected(554, About.SENDER)),
        (b".", b"552 5.2.3 Too long\r\n", SmtpRejected(552, About.MESSAGE)),
        (b".", b"552-first\r\n552 second\r\n", SmtpRejected(552, About.MESSAGE)),
        (b"RCPT", b"452 4.5.3 Too many\r\n", SmtpRejected(452)),
        (b"EHLO", b"554 no service\r\n", Unreachable()),
    ],
)
@pytest.mark.parametrize("hello", [ONE_BY_ONE, TOGETHER])
async def test_reply_of_server_becomes_outcome(command: bytes, reply: bytes, outcome: object, hello: bytes) -> None:
    async with server(_reply_once(command, reply, hello=hello)) as port:
        connection = SmtpConnection("127.0.0.1", port, security="none")
        for _ in range(2):
            assert await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == outcome
        await connection.close()


@pytest.mark.parametrize(
    ("command", "limits", "outcome"),
    [
        (b"", {"greeting": 0.05}, Unreachable()),
        (b"EHLO", {"command": 0.05}, Unreachable()),
        (b"MAIL", {"command": 1.0}, SmtpRejected(421)),
        (b"RCPT", {"command": 1.0}, SmtpRejected(421)),
        (b"DATA", {"data": 0.05}, OutcomeUnknown()),
        (b".", {"data": 0.05}, OutcomeUnknown()),
    ],
)
@pytest.mark.parametrize("hello", [ONE_BY_ONE, TOGETHER])
async def test_server_that_falls_silent_is_given_up_after_the_wait_of_that_step(
    command: bytes, limits: dict[str, float], outcome: object, hello: bytes
) -> None:
    """All other waits are those of the standard, so a wrong one would last minutes."""
    never = asyncio.Event()
    handler = _reply_once(command, b"", hello=hello, before_greeting=None if command else never)
    async with server(handler) as port:
        connection = SmtpConnection("127.0.0.1", port, security="none", timeouts=SmtpTimeouts(**limits))
        assert await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == outcome
        await connection.close()
        never.set()


@pytest.mark.parametrize("command", [b"EHLO", b"MAIL", b"RCPT", b"DATA", b"."])
@pytest.mark.parametrize("hello", [ONE_BY_ONE, TOGETHER])
async def test_reply_that_arrives_in_lines_and_pieces_is_waited_for(command: bytes, hello: bytes) -> None:
    reply = {
        b"EHLO": b"250-mail.example.org\r\n250-SIZE 1000000\r\n" + hello,
        b"DATA": b"354-wait\r\n354 go on\r\n",
    }
    pieces = reply.get(command, b"250-first line\r\n250-second\r\n250 ok\r\n")
    async with server(_in_pieces(command, pieces, hello)) as port:
        connection = SmtpConnection("127.0.0.1", port, security="none")
        assert await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == Accepted()
        await connection.close()


async def test_server_that_greets_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network connection of a busy server stands at once; its first line may take minutes."""
    greet = asyncio.Event()
    waits: list[object] = []
    connect = SMTP.connect

    async def recorded(smtp: SMTP, **options: Any) -> object:
        waits.append(options["timeout"])
        greet.set()
        return await connect(smtp, **options)

    monkeypatch.setattr(SMTP, "connect", recorded)
    async with server(_reply_once(b"NONE", b"", before_greeting=greet)) as port:
        connection = SmtpConnection("127.0.0.1", port, security="none", timeouts=SmtpTimeouts(connect=20, greeting=299))
        assert await connection.send("a@example.org", "b@example.org", b"Subject: x\r\n\r\nx\r\n") == Accepted()
        await connection.close()
    assert waits == [299]


def test_default_waits_are_those_of_the_standard() -> None:
    timeouts = SmtpTimeouts()
    assert (timeouts.greeting, timeouts.command, timeouts.data) == (300, 300, 600)


async def test_message_arrives_with_addresses_of_the_envelope(tmp_path: Path) -> None:
    async with mail_server(tmp_path) as (port, store, _):
        connection = SmtpConnection("127.0.0.1", port, security="none")
        recipient = to_ascii("kari@faß.de")
        assert await connection.send("post@example.org", recipient, message(recipient="kari@faß.de")) == Accepted()
        await connection.close()
        (summary,) = store.newest_first()
        assert list(summary.recipients) == ["kari@xn--fa-hia.de"]
