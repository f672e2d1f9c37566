"""A database with several hosts is reached through the one that works, whatever the others do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import permutations

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from devtools.local.ports import LOOPBACK, free_port
from devtools.testing.fixtures import Databases
from shared.kit.database import hosts
from shared.kit.database.engine import CONNECT_TIMEOUT_SECONDS, Database
from tests.shared.support import toy as toys

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the caller gives up
    writer.close()


async def _breaks_off(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.0 400 Bad Request")
    await _silent(reader, writer)


@asynccontextmanager
async def _host(kind: str) -> AsyncIterator[tuple[str, int]]:
    """Yield a host of which no database is to be had."""
    handlers: dict[str, Handler] = {"silent": _silent, "breaks off": _breaks_off, "nonsense": _nonsense}
    if kind == "unknown":
        yield "database.invalid", 5432
    elif kind == "closed":
        yield LOOPBACK, free_port()
    else:
        server = await asyncio.start_server(handlers[kind], LOOPBACK, 0)
        yield LOOPBACK, server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()


GONE = ("silent", "breaks off", "nonsense", "unknown", "closed")


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("kind", GONE)
async def test_database_with_a_host_that_is_gone_is_reached(
    database_url: Databases, monkeypatch: pytest.MonkeyPatch, kind: str, first: bool
) -> None:
    monkeypatch.setattr(hosts, "NEXT_AFTER_SECONDS", 0.01)
    real = make_url(await database_url("toy", toys.Base.metadata))
    async with _host(kind) as (name, port):
        both = [(name, port), (str(real.host), real.port or 5432)]
        if not first:
            both.reverse()
        places = {"host": ",".join(each for each, _ in both), "port": ",".join(str(each) for _, each in both)}
        address = real.set(host=None, port=None, query=places).render_as_string(hide_password=False)
        database = Database(SecretStr(address))
        for _ in range(2):  # the second time with what the first has learnt
            async with database.transaction() as session:
                assert await session.scalar(text("SELECT 1")) == 1
            await (await database.connect(timeout=CONNECT_TIMEOUT_SECONDS)).close()
            await database.dispose()


async def test_host_that_failed_is_tried_last(database_url: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    real = make_url(await database_url("toy", toys.Base.metadata)).set(drivername="postgresql")
    tried: list[object] = []
    connect = asyncpg.connect

    async def noted(*address: str, **options: object) -> object:
        tried.append(options["port"])
        return await connect(*address, **options)

    monkeypatch.setattr(asyncpg, "connect", noted)
    closed, port = free_port(), real.port or 5432
    places = {"host": f"{LOOPBACK},{real.host}", "port": f"{closed},{port}"}
    address = real.set(host=None, port=None, query=places).render_as_string(hide_password=False)
    for _ in range(2):
        await (await hosts.open_first(address)).close()
    assert tried == [closed, port, port]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_a_server_said_is_raised_before_that_one_is_gone(order: tuple[int, ...]) -> None:
    """The password of before is tried only after a refusal."""
    errors: list[Exception] = [
        OSError("no such host"),
        asyncpg.InvalidPasswordError("refused"),
        asyncpg.CannotConnectNowError("starts"),
    ]
    assert hosts.telling([errors[number] for number in order]) is errors[1]
    assert hosts.telling([errors[number] for number in order if number != 1]) is errors[2]
