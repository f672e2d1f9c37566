"""PostgreSQL over TLS: every door of ours refuses a server that does not prove who it is, with one sentence."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from devtools.local.authority import Certificate, issue, new_authority
from selvhjelp.console import CommandError, finish
from selvhjelp.installation import DATABASES, Installation
from selvhjelp.operations.checks import databases
from selvhjelp.operations.sessions import database_session
from shared.kit.database import connect as door
from shared.kit.database.connect import connect
from shared.kit.database.engine import Database
from shared.kit.database.migrations import pending, upgrade
from shared.kit.database.pg_listen import listen_forever
from shared.kit.database.scripts import migration_scripts
from shared.kit.tls import NotBelievedError, Refusals

OURS = new_authority()
DAY = timedelta(days=1)
SSL_REQUEST_BYTES = 8


def shows(certificate: Certificate, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "certificate").write_text(certificate.certificate)
    (folder / "key").write_text(certificate.key)
    context.load_cert_chain(folder / "certificate", folder / "key")
    return context


FAULTS: list[tuple[Callable[[], Certificate] | None, str]] = [
    (None, "it does not speak TLS"),
    (lambda: issue(new_authority()), "its certificate is not of the authority that is believed ("),
    (lambda: issue(OURS, "db.example"), "its certificate has another name"),
    (lambda: issue(OURS, starts_at=datetime.now(UTC) - 9 * DAY, life=DAY), "its certificate has expired; run"),
    (lambda: issue(OURS, starts_at=datetime.now(UTC) + 9 * DAY), "its certificate is not valid yet; is the clock"),
]


class Impostor:
    """Answers as PostgreSQL does until TLS is there, and counts what it hears afterwards."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        self.heard: list[bytes] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(SSL_REQUEST_BYTES)
            writer.write(b"N" if self._context is None else b"S")
            await writer.drain()
            if self._context is not None:
                await writer.start_tls(self._context)
            self.heard.append(await reader.read(1000))
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@pytest.fixture(params=FAULTS, ids=[fault.split("(")[0] for _, fault in FAULTS])
async def impostor(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, str, Impostor]]:
    """Return the address of a server that we do not believe, the fault, and the server."""
    make, fault = request.param
    impostor = Impostor(shows(make(), tmp_path) if make else None)
    server = await asyncio.start_server(impostor.answer, "127.0.0.1", 0)
    (tmp_path / "authority").write_text(OURS.certificate)
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "authority"))
    yield f"postgresql://a:b@127.0.0.1:{server.sockets[0].getsockname()[1]}/intake", fault, impostor
    server.close()
    await server.wait_closed()


async def through_the_engine(url: str) -> None:
    database = Database(SecretStr(url))
    try:
        async with database.transaction() as session:
            await session.connection()
    finally:
        await database.dispose()


async def through_a_command(url: str) -> None:
    async with database_session(SecretStr(url)) as session:
        await session.connection()


async def through_a_migration(url: str) -> None:
    await upgrade(SecretStr(url), migration_scripts("intake"))


async def through_pending(url: str) -> None:
    await pending(SecretStr(url), migration_scripts("intake"))


async def through_connect(url: str) -> None:
    await connect(url.replace("+asyncpg", ""))


DOORS = [through_the_engine, through_a_command, through_a_migration, through_pending, through_connect]


@pytest.mark.asvs("12.3.1", "12.3.2", "12.3.4")
async def test_doors_refuse_an_impostor_in_one_sentence(impostor: tuple[str, str, Impostor]) -> None:
    url, fault, server = impostor
    said = set()
    for enter in DOORS:
        with pytest.raises(NotBelievedError) as refused:
            await enter(url.replace("postgresql:", "postgresql+asyncpg:"))
        said.add(str(refused.value))
    (sentence,) = said
    assert sentence.startswith(f"PostgreSQL is not believed: {fault}")
    assert not any(server.heard)  # neither a name nor a password


async def test_listener_reports_an_impostor_and_tries_again(
    impostor: tuple[str, str, Impostor], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, fault, _ = impostor
    reported: asyncio.Queue[str] = asyncio.Queue()
    refusals = Refusals()
    monkeypatch.setattr(refusals, "report", reported.put_nowait)
    monkeypatch.setattr(door, "REFUSALS", refusals)
    monkeypatch.setattr("shared.kit.database.pg_listen.RETRY_SECONDS", (0,))

    async def serve(_: Any) -> None:
        raise AssertionError("believed")

    listening = asyncio.create_task(listen_forever(partial(connect, url), "channel", serve, interrupted="x"))
    async with asyncio.timeout(60):
        for _ in range(2):
            assert (await reported.get()).startswith(f"PostgreSQL is not believed: {fault}")
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_check_names_an_impostor(impostor: tuple[str, str, Impostor]) -> None:
    url, fault, _ = impostor
    names = DATABASES.values()
    installation = Installation(dict.fromkeys(names, url.replace("postgresql:", "postgresql+asyncpg:")))
    said = {finding.what for finding in await databases.check(installation) if finding.level == "broken"}
    assert len(said) == len(names)
    assert all(f": PostgreSQL is not believed: {fault}" in what for what in said)


def test_command_that_meets_an_impostor_is_one_sentence() -> None:
    async def meet() -> None:
        raise NotBelievedError("PostgreSQL is not believed: x")

    with pytest.raises(CommandError, match="PostgreSQL is not believed: x"):
        finish(meet())


@pytest.mark.parametrize("mode", ["full", "verifyfull", "Verify-Full", "on", ""])
async def test_mistyped_mode_connects_to_nobody(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", mode)
    with pytest.raises(ValueError, match="sslmode"):  # before it has looked for the server
        await connect("postgresql://a:b@127.0.0.1:1/intake")
