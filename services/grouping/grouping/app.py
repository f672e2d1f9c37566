"""Where grouping is put together."""

from fastapi import FastAPI

from grouping.handlers import consumers
from grouping.jobs import periodic_jobs
from grouping.settings import Settings
from grouping.store import dead_letters, inbox, outbox
from grouping.usecases.context import GroupingContext
from grouping.web import (
    areas,
    drafts,
    filters,
    group_means,
    groups,
    igangsettere,
    metrics,
    people,
    rooms,
    seats,
    waiting,
    what_if,
)
from grouping.web.deps import SENTENCES
from shared.kit.clock import Clock, SystemClock, clock_from
from shared.kit.database.engine import Database
from shared.kit.i18n import format_clock
from shared.kit.links import Links
from shared.kit.messaging.consumer import Consumer
from shared.kit.service import Service
from shared.kit.web.app import create_app
from shared.kit.web.pages import Pages
from shared.reference import centres
from shared.reference.link_purposes import LINK_PATHS
from shared.reference.page_globals import page_globals


def contract() -> tuple[Consumer, ...]:
    """What it listens to, to be made at the broker or written down; the handlers of these are never called."""
    return consumers(SystemClock(), GroupingContext(centres.load()))


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """
    The service as an ASGI app.

    Args:
        settings: As read from the environment.
        clock: Instead of the one that the settings name.
    """
    clock = clock or clock_from(settings.clock)
    database = Database(settings.database_url)
    office = GroupingContext(centres.load(settings.centres_file))
    service = Service(
        "grouping",
        settings,
        database,
        clock,
        outbox=outbox,
        inbox=inbox,
        dead_letters=dead_letters,
        consumers=consumers(clock, office),
        jobs=periodic_jobs(database, office, clock),
    )
    pages = Pages("grouping", extra_globals=page_globals(settings.centres_file, format_clock))
    filters.install(pages)
    routers = [
        seats.router(pages, database, office, clock, Links(settings.link_key, LINK_PATHS)),
        waiting.router(pages, database, office, clock, Links(settings.link_key, LINK_PATHS)),
        areas.router(pages, database, office, clock),
        people.router(pages, database, office, clock),
        groups.router(pages, database, office, clock),
        drafts.router(pages, database, office, clock),
        what_if.router(pages, database, office, clock),
        group_means.router(pages, database, office, clock),
        igangsettere.router(pages, database, office, clock),
        rooms.router(pages, database, office, clock),
        metrics.router(database, office.boards),
    ]
    app = create_app("Selvhjelp grouping", service=service, pages=pages, routers=routers, sentences=SENTENCES)
    app.state.service = service
    return app
