"""A service that stops while it connects leaves no socket behind."""

import asyncio
import gc
import warnings

import pytest

from devtools.testing.identities import SEEDS
from shared.kit.messaging.identities import Identity
from shared.kit.messaging.nats_connection import NatsConnection

INFO = b'INFO {"server_id":"a","version":"2.14.0","max_payload":1048576}\r\n'


@pytest.mark.parametrize("said", [b"", b"INFO", INFO, INFO + b"PING\r\n", INFO + b"+OK\r\n"])
async def test_stop_while_connecting_leaves_no_socket(said: bytes) -> None:
    met, left = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        met.set()
        while await reader.read(4096):
            pass
        left.set()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        connection = NatsConnection(f"nats://127.0.0.1:{port}", Identity("toy", SEEDS["toy"]))
        starting = asyncio.create_task(connection.start())
        await met.wait()
        await connection.stop()
        await asyncio.gather(starting, return_exceptions=True)
        async with asyncio.timeout(30):
            await left.wait()
        del connection, starting
        gc.collect()
    server.close()
    await server.wait_closed()
    assert [str(each.message) for each in caught if f"raddr=('127.0.0.1', {port})" in str(each.message)] == []
