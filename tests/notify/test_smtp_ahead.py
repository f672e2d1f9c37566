"""The commands of a mail that leave behind the text of the one before it: each mail still has its own outcome."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from notify.domain.delivery import Accepted, Outcome, OutcomeUnknown, SmtpRejected
from notify.domain.refusals import About
from notify.smtp import SmtpConnection, SmtpTimeouts
from tests.notify.test_wire import ONE_BY_ONE, TOGETHER, server

MAILS = 5
SENDER = "a@example.org"
CLOSES = b""
SILENT = b"silent"
ALL = tuple(range(MAILS))


@dataclass
class Server:
    """
    Keeps mails, and does otherwise once for each stage and mail in ``faults``.

    Attributes:
        faults: A reply, :data:`CLOSES` or :data:`SILENT`, by command and number of the mail; "kept" is the text that
            the server keeps, "." the one that it does not.
        kept: The mails that it has, by the number in their text.
        ahead: Number of texts behind which it has found commands before it replied.
    """

    faults: dict[tuple[str, int], bytes] = field(default_factory=dict)
    hello: bytes = TOGETHER
    kept: list[int] = field(default_factory=list)
    connections: int = 0
    ahead: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"220 ready\r\n")
        refused, recipient = False, 0
        while line := await reader.readline():
            verb = line[:4].decode().strip()
            if verb == "RCPT":
                recipient = int(line.partition(b"<m")[2].partition(b"@")[0])
            refused = refused and verb != "MAIL"
            reply = {"EHLO": self.hello, "DATA": b"354 go on\r\n"}.get(verb, b"250 ok\r\n")
            number = len(self.kept) if verb == "MAIL" else recipient
            if (verb, number) in self.faults:
                reply, refused = self.faults.pop((verb, number)), verb in {"MAIL", "RCPT"}
            elif verb == "DATA" and refused:
                reply = b"503 no recipient\r\n"
            if not await self._reply(reply, reader, writer):
                return
            if reply.startswith(b"354") and not await self._text(reader, writer, recipient):
                return

    async def _text(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: int) -> bool:
        try:
            text = await reader.readuntil(b"\r\n.\r\n")
        except asyncio.IncompleteReadError:
            return False
        assert text.startswith(b"Subject: %d\r\n" % recipient)
        self.ahead += bool(reader._buffer)  # type: ignore[attr-defined]  # what has arrived with the text
        if ("kept", recipient) in self.faults or (".", recipient) not in self.faults:
            self.kept.append(recipient)
        reply = self.faults.pop(("kept", recipient), None)
        reply = self.faults.pop((".", recipient), b"250 kept\r\n") if reply is None else reply
        return await self._reply(reply, reader, writer)

    async def _reply(self, reply: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Return False if the connection ends."""
        if reply == SILENT:
            await reader.read()
        if reply in {SILENT, CLOSES}:
            return False
        writer.write(reply)
        return not reply.startswith(b"421")


async def sent(port: int, mails: "tuple[int, ...]" = ALL, announced: Mapping[int, int] | None = None) -> list[Outcome]:
    """Send mails of these numbers; before each, announce the next one, or that which is said."""
    connection = SmtpConnection("127.0.0.1", port, security="none", timeouts=SmtpTimeouts(command=0.3, data=0.3))
    follows = dict(pairwise(mails)) if announced is None else announced
    outcomes = []
    for number in mails:
        if number in follows:
            connection.announce(SENDER, f"m{follows[number]}@example.org")
        outcomes.append(await connection.send(SENDER, f"m{number}@example.org", b"Subject: %d\r\n\r\n.x\r\n" % number))
    await connection.close()
    return outcomes


@pytest.mark.parametrize("hello", [ONE_BY_ONE, TOGETHER])
async def test_commands_leave_behind_text_only_where_offered(hello: bytes) -> None:
    seen = Server(hello=hello)
    async with server(seen.serve) as port:
        assert await sent(port) == [Accepted()] * MAILS
    assert seen.kept == list(ALL)
    assert seen.connections == 1
    assert seen.ahead == (MAILS - 1 if hello == TOGETHER else 0)


@pytest.mark.parametrize(
    ("stage", "reply", "outcome", "has_it"),
    [
        ("MAIL", b"421 4.7.0 enough\r\n", Accepted(), True),
        ("MAIL", CLOSES, Accepted(), True),
        ("MAIL", SILENT, Accepted(), True),
        ("MAIL", b"452 4.3.1 full\r\n", SmtpRejected(452), False),
        ("RCPT", b"550 5.1.1 nobody\r\n", SmtpRejected(550, About.MAILBOX), False),
        ("RCPT", b"421 4.7.0 enough\r\n", Accepted(), True),
        ("RCPT", CLOSES, Accepted(), True),
        ("DATA", b"451 4.3.0 later\r\n", SmtpRejected(451), False),
        ("DATA", CLOSES, OutcomeUnknown(), False),
        (".", b"554 5.7.1 spam\r\n", SmtpRejected(554), False),
        (".", b"452 4.3.1 full\r\n", SmtpRejected(452), False),
        (".", b"421 4.3.2 closing\r\n", SmtpRejected(421), False),
        (".", b"no reply\r\n", SmtpRejected(451), False),
        (".", CLOSES, OutcomeUnknown(), False),
        (".", SILENT, OutcomeUnknown(), False),
        ("kept", CLOSES, OutcomeUnknown(), True),
        ("kept", SILENT, OutcomeUnknown(), True),
    ],
)
@pytest.mark.parametrize("number", [0, 2])
async def test_fault_of_one_mail_is_the_outcome_of_no_other(
    stage: str, reply: bytes, outcome: Outcome, has_it: bool, number: int
) -> None:
    seen = Server(faults={(stage, number): reply})
    async with server(seen.serve) as port:
        outcomes = await sent(port)
    if number == 0 and outcome == Accepted():
        outcome, has_it = SmtpRejected(421), False  # on a new connection it is not tried twice
    assert [_told(mail) for mail in outcomes] == [_told(outcome if mail == number else Accepted()) for mail in ALL]
    assert seen.kept == [mail for mail in ALL if mail != number or has_it]


def _told(outcome: Outcome) -> object:
    """Return the code of a refusal, and any other outcome as it is."""
    return outcome.code if isinstance(outcome, SmtpRejected) else outcome


@pytest.mark.parametrize(
    "announced", [{0: 2, 2: 1}, {0: 4}, {4: 0}, {1: 1}, {0: 1, 1: 2, 2: 3, 3: 4, 4: 0}, {3: 0, 4: 3}]
)
async def test_mail_that_is_announced_and_not_sent_is_not_kept(announced: Mapping[int, int]) -> None:
    seen = Server()
    async with server(seen.serve) as port:
        assert await sent(port, announced=announced) == [Accepted()] * MAILS
    assert seen.kept == list(ALL)
