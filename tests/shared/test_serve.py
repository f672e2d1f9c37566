"""The HTTP server of a service: the time in its answers, and how it ends."""

import asyncio
import signal
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import uvicorn

from shared.kit.serve import Server
from tests.shared.support.web_demo import demo


async def head_of(port: int, path: str) -> list[bytes]:
    """Return the lines of the head of an answer, as they came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.split(b"\r\n")


@pytest.mark.parametrize("path", ["/", "/en/pamelding", "/finnes-ikke", "/static/site.css", "/livez", "/api/x"])
async def test_server_answer_states_its_time_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)  # uvicorn raises again what ended it
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = Server(uvicorn.Config(demo.build(f"http://127.0.0.1:{port}"), log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        head = await head_of(port, path)
        server.handle_exit(signal.SIGTERM, None)
        async with asyncio.timeout(30):
            await serving

    assert raised == [signal.SIGTERM]
    times = [line.partition(b": ")[2].decode() for line in head if line.lower().startswith(b"date:")]
    assert len(times) == 1
    assert times[0].endswith(" GMT"), "RFC 9110, 5.6.7"
    assert abs(parsedate_to_datetime(times[0]) - datetime.now(UTC)) < timedelta(minutes=1)
