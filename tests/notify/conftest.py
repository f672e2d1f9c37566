"""Notify on a real database; ``world`` adds a real broker, a mail server and a stand-in for intake."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from notify import mailer
from notify.app import build
from selvhjelp.mailbox.smtp import mail_server
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from tests.notify.support.desk import Desk, desk_on
from tests.notify.support.world import Feed, Intake, World, settings_of


@pytest.fixture(autouse=True)
def _restless_mailer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for due mails often: a clock that a test moves tells no mailer."""
    monkeypatch.setattr(mailer, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(mailer, "QUIET_SECONDS", 0.2)


@pytest.fixture
async def feed(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[Feed]:
    database = Database(SecretStr(await database_url("notify")))
    yield Feed(database, manual_clock)
    await database.dispose()


@pytest.fixture
def reply_seconds() -> float:
    """Longest wait for the reply to a mail; a test of a silent server gives a short one."""
    return 600.0


@pytest.fixture
async def world(
    database_url: Databases,
    nats_url: str,
    manual_clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reply_seconds: float,
) -> AsyncIterator[World]:
    monkeypatch.setattr(mailer, "POLL_SECONDS", 0.05)  # the mailer sees a moved clock at once
    intake = Intake()
    url = await database_url("notify")
    async with mail_server(tmp_path) as (port, store, faults), intake.answering(nats_url):
        settings = settings_of(url, nats_url, port, smtp_data_timeout_seconds=reply_seconds)
        app = build(settings, manual_clock)
        async with app.router.lifespan_context(app):
            yield World(app, settings, intake, store, faults)


@pytest.fixture
async def desk(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[Desk]:
    async with desk_on(await database_url("notify"), manual_clock) as desk:
        yield desk


@pytest.fixture
async def url(desk: Desk) -> AsyncIterator[str]:
    """Notify's pages on a port, for a real browser."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(desk.app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running
    listener.close()
