"""The servers that `selvhjelp up` and all tests stand on."""

import os
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
from nats.aio.client import Client
from sqlalchemy import Column, Integer, MetaData, Table

from devtools.local.nats import Nats
from devtools.local.ports import answers, free_ports
from devtools.local.postgres import Postgres
from devtools.local.process import LocalError, LocalProcess
from devtools.testing import servers
from devtools.testing.fixtures import Databases
from devtools.testing.identities import AUTHORITY, connect
from shared.events import STREAMS
from shared.events.base import JOURNAL

TABLES = MetaData()
Table("thing", TABLES, Column("id", Integer, primary_key=True))


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


async def test_database_url_is_fresh_and_built_once(database_url: Databases) -> None:
    first, second = await database_url("a", TABLES), await database_url("a", TABLES)
    connection = await asyncpg.connect(plain(first))
    await connection.execute("INSERT INTO thing VALUES (1)")
    await connection.close()
    connection = await asyncpg.connect(plain(second))
    assert await connection.fetchval("SELECT count(*) FROM thing") == 0
    await connection.close()


async def test_postgres_killed_keeps_committed_rows() -> None:
    server = servers.new_postgres(settings={})
    try:
        connection = await asyncpg.connect(server.url())
        await connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
        server.kill()
        assert not answers(server.port)
        server.start()
        again = await asyncpg.connect(server.url())
        assert await again.fetchval("SELECT id FROM kept") == 7
        await again.close()
    finally:
        servers.discard(server)
    assert not server.directory.exists()


def test_postgres_start_fails_raises_with_the_fatal_line() -> None:
    server = servers.new_postgres()
    server.kill()
    server.settings = {"no_such_setting": "1"}
    with pytest.raises(LocalError, match=r'FATAL: +unrecognized configuration parameter "no_such_setting"'):
        server.start()
    servers.discard(server)


def test_postgres_start_after_kill_waits_for_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    server = servers.new_postgres()
    server.kill()
    fatal = "FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use"
    busy = ["/bin/sh", "-c", f"echo '{fatal}'; echo 'LOG:  database system is shut down'; exit 1"]
    commands = iter([busy, busy, server.command()])
    monkeypatch.setattr(server, "command", lambda: next(commands))
    server.start()
    assert server.alive
    servers.discard(server)


async def test_nats_restart_keeps_streams_and_address() -> None:
    server = servers.new_nats(sync="always")
    try:
        connection = await connect(server.url)
        await connection.jetstream().add_stream(name="T", subjects=["t.>"])
        await connection.jetstream().publish("t.x", b"1")
        await connection.close()
        server.restart()
        connection = await connect(server.url)
        assert (await connection.jsm().stream_info("T")).state.messages == 1
        await connection.close()
    finally:
        servers.discard(server)


async def test_nats_url_starts_with_empty_streams(nats_url: str) -> None:
    connection = await connect(nats_url)
    assert await stored(connection) == dict.fromkeys((*STREAMS, JOURNAL), 0)
    await connection.jetstream().publish("people.x", b"1")
    await connection.jetstream().add_stream(name="LEFT", subjects=["left"])
    await connection.close()


async def test_nats_url_is_clean_after_a_test_with_streams(nats_url: str) -> None:
    connection = await connect(nats_url)
    assert await stored(connection) == dict.fromkeys((*STREAMS, JOURNAL), 0)
    await connection.close()


async def stored(connection: Client) -> dict[str | None, int]:
    return {info.config.name: info.state.messages for info in await connection.jsm().streams_info()}


async def test_nats_ready_rejects_a_server_with_another_name(nats_server: Nats) -> None:
    other = Nats(
        nats_server.directory, port=nats_server.port, name="somebody-else", authorization="", authority=AUTHORITY
    )
    with pytest.raises(LocalError, match="another NATS server"):
        other.ready()


async def test_postgres_start_ends_an_orphan_on_its_directory(postgres_server: Postgres) -> None:
    server = servers.new_postgres()
    try:
        heir = Postgres(server.directory, port=free_ports(1)[0], settings=servers.CARELESS)
        heir.start()
        assert heir.alive
        assert not server.alive
        heir.kill()
    finally:
        servers.discard(server)


def test_local_process_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from devtools.local.process import LocalProcess;"
        "p = LocalProcess('x', ['/bin/sleep', '600'], log=pathlib.Path(sys.argv[1]) / 'log'); p.spawn();"
        "print(p.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
    assert _gone(child)


def test_local_process_ends_early_raises_with_last_line(tmp_path: Path) -> None:
    class Never(LocalProcess):
        def ready(self) -> bool:
            return False

    process = Never("the server", ["/bin/sh", "-c", "echo no room; exit 3"], log=tmp_path / "log")
    with pytest.raises(LocalError, match="the server ended with status 3 before it was ready: no room"):
        process.start()


def test_new_postgres_copies_one_empty_cluster() -> None:
    first, second = servers.new_postgres(), servers.new_postgres()
    try:
        identifiers = [(server.directory / "global" / "pg_control").read_bytes()[:8] for server in (first, second)]
        assert identifiers[0] == identifiers[1]
    finally:
        servers.discard(first)
        servers.discard(second)


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
    return False
