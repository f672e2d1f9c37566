"""Where notify is put together."""

import asyncio
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI
from faststream.nats import NatsBroker

from notify.contacts import Contacts
from notify.handlers import consumers
from notify.mailer import Mailer
from notify.rendering import Renderer
from notify.settings import Settings
from notify.smtp import SmtpConnection
from notify.store import dead_letters, inbox, outbox
from notify.store.retention import tidy
from notify.web.mails import SENTENCES, Desk, router
from shared.kit.clock import Clock, SystemClock, clock_from
from shared.kit.database.engine import Database
from shared.kit.i18n import format_clock
from shared.kit.jobs import PeriodicJob
from shared.kit.links import Links
from shared.kit.messaging.consumer import Consumer
from shared.kit.service import Service
from shared.kit.web.app import create_app
from shared.kit.web.pages import Pages
from shared.reference import centres, helplines
from shared.reference.link_purposes import LINK_PATHS
from shared.reference.page_globals import page_globals

TIDY_SECONDS = 3600


@dataclass(frozen=True)
class Notify:
    """Everything that runs, put together; tests reach into it."""

    service: Service
    mailer: Mailer
    app: FastAPI


def contract() -> tuple[Consumer, ...]:
    """What it listens to, to be made at the broker or written down; the handlers of these are never called."""
    return consumers(SystemClock())


def build(settings: Settings) -> FastAPI:
    """The ASGI app of notify, with its consumers and its mailer in the lifespan."""
    return assemble(settings, clock_from(settings.clock)).app


def assemble(settings: Settings, clock: Clock) -> Notify:
    """Put everything together."""
    database = Database(settings.database_url)
    known_centres = centres.load(settings.centres_file)
    renderer = Renderer(
        Links(settings.link_key, LINK_PATHS),
        settings.public_url,
        settings.mail_domain,
        helplines.load(settings.centres_file),
    )
    service = Service(
        "notify",
        settings,
        database,
        clock,
        outbox=outbox,
        inbox=inbox,
        dead_letters=dead_letters,
        consumers=consumers(clock),
        jobs=(PeriodicJob("retention", TIDY_SECONDS, partial(_tidy, database, clock)),),
    )
    contacts = Contacts(partial(_ask, service.broker))
    mailer = Mailer(
        database,
        clock,
        contacts=contacts,
        renderer=renderer,
        centres=known_centres,
        line=SmtpConnection(
            settings.smtp_host,
            settings.smtp_port,
            security=settings.smtp_security,
            username=settings.smtp_username,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
            data_timeout_seconds=settings.smtp_data_timeout_seconds,
        ),
        mail_from=settings.mail_from,
        mail_domain=settings.mail_domain,
        per_minute=settings.mails_per_minute,
    )
    service.background = (mailer.run,)  # it asks for contacts through the service's own connection
    pages = Pages("notify", extra_globals=page_globals(settings.centres_file, format_clock))
    desk = Desk(database, clock, pages, contacts=contacts, renderer=renderer, centres=known_centres)
    app = create_app("Notify", service=service, pages=pages, routers=[router(desk)], sentences=SENTENCES)
    return Notify(service, mailer, app)


async def _ask(broker: NatsBroker, subject: str, question: bytes, timeout_seconds: float) -> bytes:
    # The client waits with asyncio.wait_for, which before Python 3.12 loses a cancellation that comes together with the
    # reply; the mailer would then never stop. asyncio.wait loses none.
    request = asyncio.ensure_future(broker.request(question, subject, timeout=timeout_seconds))
    try:
        await asyncio.wait({request})
    finally:
        request.cancel()
    body: bytes = request.result().body
    return body


async def _tidy(database: Database, clock: Clock) -> None:
    async with database.transaction() as session:
        await tidy(session, clock.now())
