"""Intake, wired together; the only place where that is done."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from intake import handlers, jobs
from intake.settings import Settings
from intake.store import dead_letters, inbox, outbox
from intake.usecases.locations import CentreLookup
from intake.usecases.staff import LocalUsers
from intake.vault import Kek, Vault
from intake.web import api, public, sessions, staff
from intake.web.deps import Limiter, Tools
from intake.web.messages import LABELS
from shared.kit.clock import Clock, SystemClock, clock_from
from shared.kit.database.engine import Database
from shared.kit.i18n import format_clock
from shared.kit.links import Links
from shared.kit.logging import get_logger
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.retry import is_infrastructure
from shared.kit.service import Service
from shared.kit.web.app import create_app
from shared.kit.web.pages import Pages
from shared.reference import centres, places
from shared.reference.link_purposes import LINK_PATHS
from shared.reference.page_globals import page_globals

SIGN_INS_PER_ADDRESS = 60  # tries in ten minutes

log = get_logger(__name__)


class Intake(Service):
    """The service; before it opens, it forgets whom a restored backup has brought back."""

    def __init__(self, settings: Settings, database: Database, keys: Database, vault: Vault, clock: Clock) -> None:
        super().__init__(
            "intake",
            settings,
            database,
            clock,
            outbox=outbox,
            inbox=inbox,
            dead_letters=dead_letters,
            consumers=handlers.consumers(clock),
            jobs=jobs.sweeps(database, vault, clock),
        )
        self.keys = keys
        self.vault = vault
        handlers.open_contact_door(self.broker, database, vault, clock)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Runs everything for as long as the app is served."""
        try:
            await jobs.finish_erasures(self.database, self.vault, self.clock)
            await self.vault.fill()
        except Exception as error:
            if not is_infrastructure(error):
                raise
            log.warning("started_without_database", exc_info=error)  # the sweep does it once it is back
        try:
            async with super().lifespan(app):
                yield
        finally:
            await self.keys.dispose()


def contract() -> tuple[Consumer, ...]:
    """What it listens to, to be made at the broker or written down; the handlers of these are never called."""
    return handlers.consumers(SystemClock())


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """
    The service as an ASGI application.

    Args:
        settings: As read from the environment.
        clock: Another clock than the settings name; for tests.
    """
    clock = clock or clock_from(settings.clock)
    database, keys = Database(settings.database_url), Database(settings.keys_database_url)
    vault = Vault(keys.transaction, Kek.parse(settings.key_encryption_key.get_secret_value()), settings.blind_index_key)
    loaded = centres.load(settings.centres_file)
    service = Intake(settings, database, keys, vault, clock)
    pages = Pages("intake", extra_globals=page_globals(settings.centres_file, format_clock))
    app = create_app(
        "Selvhjelp",
        service=service,
        pages=pages,
        routers=[public.router, api.router, sessions.router, staff.router],
        openapi=True,
        cors_origins=settings.origins,
        labels=LABELS,
        sentences=staff.SENTENCES,
    )
    app.state.intake = Tools(
        pages=pages,
        database=database,
        vault=vault,
        clock=clock,
        map=CentreLookup(loaded, places.load()),
        links=Links(settings.link_key, LINK_PATHS),
        users=LocalUsers(database.transaction, loaded),
        signups=Limiter(settings.signups_per_address, time.monotonic),
        sign_ins=Limiter(SIGN_INS_PER_ADDRESS, time.monotonic),
        staff_key=settings.staff_key,
        secure=settings.public_url.startswith("https://"),
    )
    return app
