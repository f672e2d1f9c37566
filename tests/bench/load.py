"""A load generator on plain sockets, so that the client costs as little as it can on two cores."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

ANSWER_SECONDS: Final = 30.0
MOST_CONNECTIONS: Final = 256
KEPT_SECONDS: Final = 20.0  # less than a service keeps a connection without requests


@dataclass(frozen=True)
class Answer:
    """
    The answer to one sign-up.

    Attributes:
        status: Its code, or the class of the error.
        seconds: From the moment for which the sign-up was planned.
    """

    status: str
    seconds: float


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


async def at_rate(port: int, payloads: Sequence[dict[str, Any]], rate: float) -> list[Answer]:
    """Send each sign-up at its own time, whether or not those before are answered, and return all answers."""
    free: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []
    places = asyncio.Semaphore(MOST_CONNECTIONS)

    async def send(raw: bytes, planned_at: float) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_SECONDS), places:
                while free and time.perf_counter() - free[0][0] > KEPT_SECONDS:
                    free.pop(0)[2].close()
                _, reader, writer = free.pop() if free else (0, *await asyncio.open_connection("127.0.0.1", port))
                writer.write(raw)
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
                free.append((time.perf_counter(), reader, writer))
                status = head.split(b" ", 2)[1].decode()
        except (OSError, EOFError, TimeoutError) as error:
            status = type(error).__name__
        return Answer(status, time.perf_counter() - planned_at)

    tasks: list[asyncio.Task[Answer]] = []
    began_at = time.perf_counter()
    for number, payload in enumerate(payloads):
        planned_at = began_at + number / rate
        await asyncio.sleep(max(0.0, planned_at - time.perf_counter()))
        tasks.append(asyncio.create_task(send(request(payload, port), planned_at)))
    answers = await asyncio.gather(*tasks)
    for _, _, writer in free:
        writer.close()
    return answers
