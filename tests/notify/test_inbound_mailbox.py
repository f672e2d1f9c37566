"""The inbound mailbox of the running service: from the mail that leaves to the report that comes back."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from devtools.local.ports import free_port, release_port
from devtools.testing.fixtures import Databases
from notify import mailer
from notify.app import build
from selvhjelp.mailbox.smtp import mail_server
from shared.kit.clock import ManualClock
from tests.notify.support.events import Person
from tests.notify.support.inbound import COMPLAINTS, DOMAIN, PATHS, MailServer, bounce
from tests.notify.support.world import Intake, World, has_status, settings_of
from tests.shared.support.eventually import eventually


@pytest.fixture
async def inbound_world(
    database_url: Databases, nats_url: str, manual_clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[World, MailServer]]:
    """Notify with its inbound mailbox, and the mail server that delivers to it."""
    monkeypatch.setattr(mailer, "POLL_SECONDS", 0.05)
    intake, port = Intake(), free_port()
    url = await database_url("notify")
    async with mail_server(tmp_path) as (smtp_port, store, faults), intake.answering(nats_url):
        settings = settings_of(url, nats_url, smtp_port, return_path_domain=DOMAIN, lmtp_port=port)
        app = build(settings, manual_clock)
        async with app.router.lifespan_context(app):
            with ThreadPoolExecutor() as threads:
                yield World(app, settings, intake, store, faults), MailServer(port, threads)
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
