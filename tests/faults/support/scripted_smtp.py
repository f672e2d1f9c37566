"""A mail server that calls back at a stage of the dialogue about one of its mails."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

STAGES: Final = ("greeting", "ehlo", "mail", "rcpt", "data", "text", "kept", "replied")
"""Before the reply to each command, before the text is kept, before the reply to it, and after that."""

_REPLIES: Final = {
    b"EHLO": b"250-scripted\r\n250 PIPELINING",
    b"MAIL": b"250 2.1.0 ok",
    b"RCPT": b"250 2.1.5 ok",
    b"DATA": b"354 go on",
}
_MESSAGE_ID: Final = re.compile(rb"^Message-ID: <([^>]+)>", re.MULTILINE)


@dataclass
class ScriptedServer:
    """
    Keeps the Message-ID of every mail that it has.

    Attributes:
        call_at: The stage at which ``call`` is called, once, and the number of the mail, from 1.
        copies: The Message-IDs of the mails that the server has, in order.
    """

    call_at: tuple[str, int] | None = None
    call: Callable[[], None] = lambda: None
    copies: list[str] = field(default_factory=list)
    port: int = 0
    _begun: int = 0

    def _reached(self, stage: str) -> None:
        number = max(1, self._begun)
        if self.call_at is not None and self.call_at[0] == stage and number >= self.call_at[1]:
            self.call_at = None
            self.call()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self._reached("greeting")
        writer.write(b"220 scripted\r\n")
        try:
            while line := await reader.readline():
                verb = line[:4].upper().strip()
                if verb == b"QUIT":
                    break
                self._begun += verb == b"MAIL"
                self._reached(verb.decode().lower())
                writer.write(_REPLIES.get(verb, b"250 ok") + b"\r\n")
                if verb == b"DATA":
                    await self._text(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _text(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        text = await reader.readuntil(b"\r\n.\r\n")
        self._reached("text")
        found = _MESSAGE_ID.search(text)
        assert found is not None
        self.copies.append(found.group(1).decode())
        self._reached("kept")
        writer.write(b"250 2.0.0 kept\r\n")
        await writer.drain()
        self._reached("replied")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["ScriptedServer"]:
        """Listen on a free port."""
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=2**22)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
