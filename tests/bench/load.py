"""A load generator on plain sockets, so that the client costs as little as it can on two cores."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any


def request(payload: dict[str, Any], port: int) -> bytes:
    """The bytes of one sign-up."""
    body = json.dumps(payload).encode()
    head = (
        "POST /api/v1/signups HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def rate(port: int, payloads: Sequence[dict[str, Any]], connections: int = 8) -> float:
    """
    Sign-ups answered with 202 in a second.

    Args:
        port: Where.
        payloads: All different; each is sent once.
        connections: Kept open, each with one request under way.

    Raises:
        AssertionError: An answer was no 202.
    """
    requests = [request(payload, port) for payload in payloads]
    todo = iter(requests)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for raw in todo:
            writer.write(raw)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 202"), head + await reader.read(500)
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return len(requests) / (time.perf_counter() - began)
