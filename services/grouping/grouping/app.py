"""The composition root of grouping."""

from functools import partial

from fastapi import FastAPI

from grouping import handlers, jobs
from grouping.contacts import StartContacts
from grouping.queries.figures import read_figures
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.settings import Settings
from grouping.store import (
    audit_log,
    dead_letters,
    inbox,
    journal,
    known_streams,
    outbox,
    policy_book,
    security_events,
    task_book,
)
from grouping.store.signups import erased_ids
from grouping.usecases.context import GroupingContext
from grouping.web import (
    areas,
    decisions,
    filters,
    group_return,
    groups,
    igangsetter_group,
    igangsetter_page,
    igangsettere,
    lending,
    meetings,
    members,
    people,
    room_choice,
    rooms,
    running_groups,
    search,
    seat_answers,
    seats,
    several_people,
    start_report,
    start_sheet,
    starter_answers,
    votes,
    waiting,
    ways_on,
    what_if,
)
from grouping.web.acts import ACTS
from grouping.web.deps import Deps
from grouping.web.messages import SENTENCES
from shared.kit.clock import Clock, SystemClock, clock_from
from shared.kit.database.engine import Database
from shared.kit.i18n import format_clock
from shared.kit.links import Links
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.request import request_reply
from shared.kit.service import Service
from shared.kit.version_book import Follower
from shared.kit.web import audit_page, security_page
from shared.kit.web.app import create_app
from shared.kit.web.pages import Pages
from shared.reference import access
from shared.reference.centres import CentreDirectory
from shared.reference.key_rings import FORM_RINGS, LINK_RINGS, VOTES
from shared.reference.link_purposes import LINK_PATHS
from shared.reference.page_globals import page_globals


def contract() -> tuple[Consumer, ...]:
    """Return the consumers, to create at the broker or to document; their handlers are never called."""
    return handlers.consumers(SystemClock(), GroupingContext(CentreDirectory.from_file(None)))


def build(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """
    Return the service as an ASGI app.

    Args:
        settings: As read from the environment.
        clock: By default the one that the settings name.
    """
    clock = clock or clock_from(settings.clock)
    database = Database(settings.database_url, settings.database_connections, settings.passwords("database_url"))
    vote_keys = settings.ring("grouping_key").keys(VOTES)
    context = GroupingContext(CentreDirectory.from_file(settings.centres_file), vote_keys=vote_keys)
    service = Service(
        "grouping",
        settings,
        database,
        clock,
        outbox=outbox,
        inbox=inbox,
        dead_letters=dead_letters,
        task_book=task_book,
        security_events=security_events,
        consumers=handlers.consumers(clock, context),
        jobs=jobs.periodic_jobs(database, clock, context),
        follower=Follower(database, policy_book, context.directory.apply),
        erased_ids=erased_ids(),
        figures=partial(read_figures, differences=lambda: context.matchers.differences, now=clock.now),
        journal=journal,
        known_streams=known_streams,
    )
    pages = Pages("grouping", extra_globals=page_globals(settings.centres_file, format_clock))
    filters.install(pages)
    routers = [
        seats.router,
        start_sheet.router,
        seat_answers.router,
        waiting.router,
        members.router,
        group_return.router,
        votes.router,
        ways_on.router,
        areas.router,
        several_people.router,
        people.router,
        search.router,
        groups.router,
        meetings.router,
        running_groups.router,
        decisions.router,
        what_if.router,
        igangsettere.router,
        igangsetter_page.router,
        igangsetter_group.router,
        start_report.router,
        starter_answers.router,
        room_choice.router,
        lending.router,
        rooms.router,
    ]
    app = create_app(
        "Selvhjelp grouping",
        service=service,
        pages=pages,
        access=access.LINES,
        routers=routers,
        large_forms=(several_people.LARGE_FORMS,),
        staff_pages=[
            security_page.routes("/stab/hendelser/grupper"),
            audit_page.routes("/stab/historikk/grupper", audit_log),
        ],
        sentences=SENTENCES,
        shared_forms=FORM_RINGS,
        acts=ACTS,
    )
    app.state.deps = Deps(
        pages=pages,
        database=database,
        context=context,
        clock=clock,
        links=Links(settings.held(LINK_RINGS), LINK_PATHS),
        snapshots=SnapshotCache(database, context),
        contacts=StartContacts(partial(request_reply, service.broker)),
    )
    return app
