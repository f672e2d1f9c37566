"""The inbound mailbox of the running service: from the mail that leaves to the report that comes back."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from devtools.local.ports import free_port, release_port
from devtools.testing.fixtures import Databases
from notify import mailer
from notify.app import build
from notify.inbound import imap
from selvhjelp.mailbox.smtp import mail_server
from shared.kit.clock import ManualClock
from tests.notify.support.events import Person
from tests.notify.support.imap_server import PASSWORD, USERNAME, imap_server
from tests.notify.support.inbound import COMPLAINTS, DOMAIN, PATHS, MailServer, bounce
from tests.notify.support.world import Intake, World, has_status, settings_of
from tests.shared.support.eventually import eventually

Start = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
async def start(
    database_url: Databases, nats_url: str, manual_clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Run notify with an inbound mailbox that has these settings."""
    monkeypatch.setattr(mailer, "POLL_SECONDS", 0.05)
    intake, url = Intake(), await database_url("notify")

    @asynccontextmanager
    async def running(**changes: object) -> AsyncIterator[World]:
        async with mail_server(tmp_path) as (smtp_port, store, faults), intake.answering(nats_url):
            settings = settings_of(url, nats_url, smtp_port, return_path_domain=DOMAIN, **changes)
            app = build(settings, manual_clock)
            async with app.router.lifespan_context(app):
                yield World(app, settings, intake, store, faults)

    return running


@pytest.fixture
async def inbound_world(start: Start) -> AsyncIterator[tuple[World, MailServer]]:
    """Notify with its own mailbox, and the mail server that delivers to it."""
    port = free_port()
    async with start(lmtp_port=port) as world:
        with ThreadPoolExecutor() as threads:
            yield world, MailServer(port, threads)
    release_port(port)


async def test_report_about_a_mail_that_left_comes_back(inbound_world: tuple[World, MailServer]) -> None:
    world, server = inbound_world
    person = world.intake.add(Person())
    await world.deliver(person.ready())
    await eventually(has_status(world, person, "on_the_list", "sent"))
    (mail,) = await world.mails()
    content = bounce("postfix_unknown_user", mail.id)
    assert await server.deliver(content, PATHS.of(mail.id)) == [250]
    (mail,) = await world.mails()
    assert (mail.status, mail.reason) == ("failed", "550")
    assert [task.kind for task in await world.tasks()] == ["mail_failed"]
    assert await server.deliver(content, "hei@post.example", f"post@{DOMAIN}", "b+a@x.example") == [550, 550, 550]
    assert await server.deliver(bounce("complaint_not_spam", mail.id), COMPLAINTS) == [250]
    transport = httpx.ASGITransport(app=world.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://senter.example") as client:
        metrics = (await client.get("/metrics")).text
    assert 'selvhjelp_inbound_mails_total{outcome="recorded"}' in metrics
    assert 'selvhjelp_inbound_mails_total{outcome="ignored"}' in metrics


async def test_report_at_a_provider_is_collected(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "EVERY_SECONDS", 0.05)
    async with imap_server() as server:
        at_provider = {
            "imap_host": "127.0.0.1",
            "imap_port": server.port,
            "imap_security": "none",
            "imap_username": USERNAME,
            "imap_password": SecretStr(PASSWORD),
        }
        async with start(**at_provider) as world:
            person = world.intake.add(Person())
            await world.deliver(person.ready())
            await eventually(has_status(world, person, "on_the_list", "sent"))
            (mail,) = await world.mails()
            server.add(bounce("sendmail_user_unknown", mail.id))
            await eventually(has_status(world, person, "on_the_list", "failed"))
