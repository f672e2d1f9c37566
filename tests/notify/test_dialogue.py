"""Commands that leave together, and replies that come together, in pieces, unasked, or are none."""

import asyncio

import pytest
from aiosmtplib import SMTPReadTimeoutError, SMTPServerDisconnected

from notify.dialogue import MALFORMED, Dialogue
from notify.domain.delivery import Accepted, SmtpRejected
from notify.domain.refusals import About
from notify.smtp import SmtpConnection
from tests.notify.test_wire import TOGETHER, server

MAIL = b"Subject: x\r\n\r\nx\r\n"


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False


@pytest.mark.parametrize("size", [1, 2, 5, 9, 1000])
async def test_replies_in_pieces_of_any_size_keep_their_order(size: int) -> None:
    dialogue = Dialogue(Wire())
    dialogue.command(b"MAIL", b"RCPT", b"DATA")
    replies = b"250-2.1.0 one\r\n250 two\r\n550 5.1.1 no\r\n354 go on\r\n"
    for first in range(0, len(replies), size):
        dialogue.data_received(replies[first : first + size])
    found = [await dialogue.reply(1) for _ in range(3)]
    assert [(reply.code, reply.message) for reply in found] == [
        (250, "2.1.0 one\ntwo"),
        (550, "5.1.1 no"),
        (354, "go on"),
    ]


@pytest.mark.parametrize("unasked", [b"421 4.4.2 idle\r\n", b"250 ok\r\n", b"nonsense", b"250-a\r\n"])
async def test_what_server_says_unasked_is_no_reply(unasked: bytes) -> None:
    dialogue = Dialogue(Wire())
    dialogue.data_received(unasked)
    dialogue.command(b"RSET")
    dialogue.data_received(b"250 reset\r\n" + unasked)
    assert (await dialogue.reply(1)).message == "reset"
    dialogue.connection_lost(None)
    with pytest.raises(SMTPServerDisconnected):
        await dialogue.reply(1)


@pytest.mark.parametrize(
    "line", [b"what\r\n", b"\r\n", b"25x ok\r\n", b"250-one\r\nnone\r\n", b"2" * 40_000, b"-1 x\r\n"]
)
async def test_reply_without_code_is_malformed(line: bytes) -> None:
    dialogue = Dialogue(Wire())
    dialogue.command(b"RSET")
    dialogue.data_received(line)
    assert (await dialogue.reply(1)).code == MALFORMED


async def test_silence_and_lost_connection_end_the_waiting() -> None:
    dialogue = Dialogue(Wire())
    dialogue.command(b"MAIL", b"RCPT")
    with pytest.raises(SMTPReadTimeoutError):
        await dialogue.reply(0)
    dialogue.data_received(b"250 late\r\n")
    dialogue.connection_lost(ConnectionResetError())
    assert (await dialogue.reply(1)).message == "late"
    with pytest.raises(SMTPServerDisconnected):
        await dialogue.reply(1)
    with pytest.raises(SMTPServerDisconnected):
        dialogue.command(b"RSET")


@pytest.mark.parametrize("command", [b"RCPT TO:<a>\r\nDATA", b"MAIL\n", b"MAIL\x00", b"\rMAIL", b"MAIL\x7f"])
async def test_command_with_control_character_is_not_sent(command: bytes) -> None:
    wire = Wire()
    with pytest.raises(ValueError, match="control"):
        Dialogue(wire).command(b"MAIL", command)
    assert wire.written == b""


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b".a", b"..a\r\n.\r\n"),
        (b"a\n.\nb\r.\r", b"a\r\n..\r\nb\r\n..\r\n.\r\n"),
        (b"a\r\n\r\n..b\r\n", b"a\r\n\r\n...b\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
        (b"a\r\r\nb", b"a\r\n\r\nb\r\n.\r\n"),
    ],
)
async def test_text_cannot_end_early(text: bytes, written: bytes) -> None:
    wire = Wire()
    Dialogue(wire).text(text)
    assert wire.written == written


@pytest.mark.parametrize("refused", [None, b"MAIL", b"RCPT"])
@pytest.mark.parametrize("waits_for_text", [True, False])
async def test_commands_leave_together_and_text_only_if_wanted(refused: bytes | None, waits_for_text: bool) -> None:
    """The server replies once it has all three commands, and may wait for a text though nobody is to get it."""
    texts: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        await reader.readline()
        writer.write(TOGETHER)
        while (first := await reader.readline())[:4] in {b"MAIL", b"RSET"}:
            if first[:4] == b"RSET":
                writer.write(b"250 ok\r\n")
                continue
            commands = [first[:4], (await reader.readline())[:4], (await reader.readline())[:4]]
            assert commands == [b"MAIL", b"RCPT", b"DATA"]
            for verb in commands[:2]:
                writer.write(b"550 5.1.1 no\r\n" if verb == refused else b"250 ok\r\n")
            if refused and not waits_for_text:
                writer.write(b"503 5.5.1 no recipient\r\n")
                continue
            writer.write(b"354 go on\r\n")
            text = await reader.read(10_000)
            texts.extend([text] if text else [])
            writer.write(b"250 kept\r\n")
        writer.close()

    async with server(serve) as port:
        connection = SmtpConnection("127.0.0.1", port, security="none")
        for _ in range(2):
            outcome = await connection.send("a@example.org", "b@example.org", MAIL)
            about = About.SENDER if refused == b"MAIL" else About.MAILBOX
            assert outcome == (Accepted() if refused is None else SmtpRejected(550, about))
        await connection.close()
    assert texts == ([MAIL + b".\r\n"] * 2 if refused is None else [])
