"""
Commands to the mail server on an open connection, and its replies in their order.

aiosmtplib opens the connection. It expects one reply to all that it has written, so commands cannot leave together with
it, or behind a text, as they may with PIPELINING (RFC 2920): one wait for the server for each mail instead of four.
"""

import asyncio
import re
from collections import deque
from collections.abc import Iterable
from typing import Final

from aiosmtplib import SMTPReadTimeoutError, SMTPResponse, SMTPServerDisconnected

MALFORMED: Final = -1
"""Code of a reply that is none, after which nothing on this connection can be trusted."""

_LONGEST_REPLY: Final = 32_768
_CONTROL: Final = re.compile(rb"[\x00-\x1f\x7f]")
_BARE_LINE_ENDS: Final = re.compile(rb"\r\n|\r|\n")


class Dialogue(asyncio.Protocol):
    """
    Takes an open connection over.

    Args:
        transport: Of a connection on which no reply is expected.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._received = bytearray()
        self._replies: deque[SMTPResponse] = deque()
        self._expected = 0
        self._arrived = asyncio.Event()
        self._is_lost = False
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """False once either side has closed the connection."""
        return not self._is_lost and not self._transport.is_closing()

    def command(self, *commands: bytes) -> None:
        """
        Send commands in one write; each gets a reply.

        Raises:
            ValueError: A command contains a control character.
            SMTPServerDisconnected: The connection is closed.
        """
        self._write(_lines(commands), replies=len(commands))

    def text(self, message: bytes, *commands: bytes) -> None:
        """
        Send the text of a mail, and in the same write the commands of the mail after it; each gets a reply.

        Raises:
            ValueError: A command contains a control character.
            SMTPServerDisconnected: The connection is closed.
        """
        if not message.count(b"\r\n") == message.count(b"\n") == message.count(b"\r"):
            message = _BARE_LINE_ENDS.sub(b"\r\n", message)
        if not message.endswith(b"\r\n"):
            message += b"\r\n"
        if message.startswith(b"."):
            message = b"." + message
        self._write(message.replace(b"\r\n.", b"\r\n..") + b".\r\n" + _lines(commands), replies=1 + len(commands))

    async def reply(self, timeout: float) -> SMTPResponse:  # noqa: ASYNC109 - as those of aiosmtplib
        """
        Return the next reply.

        Raises:
            SMTPServerDisconnected: The connection is closed.
            SMTPReadTimeoutError: There is none within so many seconds.
        """
        if not self._replies and not self._is_lost:
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._arrived.wait()
            except TimeoutError as error:
                raise SMTPReadTimeoutError("no reply") from error
        if not self._replies:
            raise SMTPServerDisconnected("connection lost")
        return self._replies.popleft()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _write(self, data: bytes, replies: int) -> None:
        if not self.is_open:
            raise SMTPServerDisconnected("connection lost")
        self._expected += replies
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Read replies; what the server says unasked is dropped, as a warning that it will close."""
        self._received += data
        while self._expected and (reply := self._next_reply()) is not None:
            self._expected -= 1
            self._replies.append(reply)
            self._arrived.set()
        if not self._expected:
            self._received.clear()

    def _next_reply(self) -> SMTPResponse | None:
        """Take one whole reply, of one or more lines, out of what was received."""
        lines: list[bytes] = []
        begin = 0
        while (end := self._received.find(b"\n", begin)) >= 0:
            line = bytes(self._received[begin:end])
            begin = end + 1
            lines.append(line[4:].strip())
            if not line[:3].isdigit():
                break
            if line[3:4] != b"-":
                del self._received[:begin]
                return SMTPResponse(int(line[:3]), b"\n".join(lines).decode("utf-8", "surrogateescape"))
        else:
            if len(self._received) <= _LONGEST_REPLY:
                return None
        self._received.clear()
        return SMTPResponse(MALFORMED, "")

    def connection_lost(self, _error: Exception | None) -> None:
        """End the waiting for a reply."""
        self._is_lost = True
        self._arrived.set()


def _lines(commands: Iterable[bytes]) -> bytes:
    if any(_CONTROL.search(command) for command in commands):
        raise ValueError("control character in a command")
    return b"".join(b"%b\r\n" % command for command in commands)
