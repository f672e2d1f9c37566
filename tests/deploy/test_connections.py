"""A command that cannot reach the broker says so and leaves no socket behind."""

import asyncio
import contextlib
import gc
import warnings

import pytest
from nats.errors import Error

from devtools.testing.identities import SEEDS
from selvhjelp.console import CommandError
from selvhjelp.operations import connections
from shared.kit.messaging.identities import Identity

INFO = b'INFO {"server_id":"a","version":"2.10.0","max_payload":1048576}\r\n'


@pytest.mark.parametrize(
    "said",
    [b"", b"INFO", b"INFO {}\r\n", INFO, INFO + b"-ERR 'Authorization Violation'\r\n", b"220 mail.example.org\r\n"],
)
async def test_connect_once_broken_broker_leaves_no_socket(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECT_SECONDS", 1)

    answered = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        answered.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        with pytest.raises((CommandError, Error, OSError, TimeoutError)):
            await connections.connect_once(f"nats://127.0.0.1:{port}", Identity("operator", SEEDS["operator"]))
        await answered.wait()
        gc.collect()
    server.close()
    await server.wait_closed()
    left = [str(each.message) for each in caught if f"raddr=('127.0.0.1', {port})" in str(each.message)]
    assert left == []
