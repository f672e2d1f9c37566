"""A gateway for short messages on this machine, which can fail in every way that one does."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Fault = int | Literal["drop", "drop_before", "garbage"]

TOKEN = "t" * 24


@dataclass
class SmsServer:
    """
    Takes messages as the protocol of :class:`notify.sms_gateway.HttpGateway` says.

    Attributes:
        faults: What the next requests get in place of an answer, in order: a status, a connection that ends after the
            request or before it is read, or an answer that is no JSON.
        taken: Every message that it has, by its own ids; a copy with a known reference is another one here.
        tried: Number of requests.
    """

    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    taken: list[dict[str, Any]] = field(default_factory=list)
    tried: int = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, and close the connection."""
        self.tried += 1
        fault = self.faults.popleft() if self.faults else None
        if fault != "drop_before":
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            message = json.loads(await reader.readexactly(int(headers["content-length"])))
            status, reply = self._take(headers, message, fault)
            if fault != "drop":
                body = reply.encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        writer.close()

    def _take(self, headers: dict[str, str], message: dict[str, Any], fault: Fault | None) -> tuple[int, str]:
        if headers.get("authorization") != f"bearer {TOKEN}":
            return 401, "{}"
        if isinstance(fault, int):
            return fault, "{}"
        self.taken.append(message)
        return 200, "no json" if fault == "garbage" else json.dumps({"id": f"m{len(self.taken)}"})


@asynccontextmanager
async def sms_server() -> AsyncIterator[SmsServer]:
    """Listen on a free port until the end of the block."""
    server = SmsServer()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1/messages"
    async with listening:
        yield server
