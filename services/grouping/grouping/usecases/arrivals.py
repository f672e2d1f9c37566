"""
Many arrivals in one transaction: the same decisions as one after the other, with a fraction of the questions.

Nearly every sign-up is somebody whom grouping has never heard of. Those are written down together, and the board of
each area then takes them in the order in which they came. Whoever is known already is handled by itself, when it is
their turn.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import arrivals
from grouping.store.locks import lock_people_and_areas
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching
from grouping.usecases.signups import take_on
from grouping.usecases.unit_of_work import UnitOfWork
from shared.events import signups
from shared.kit.clock import OSLO
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def take_all_on(
    session: AsyncSession, office: GroupingContext, events: Sequence[signups.Wishes], *, now: datetime
) -> None:
    """
    These people wait, or have changed their wishes; see :func:`grouping.usecases.take_on`.

    Raises:
        DomainError: ``unknown_area`` of any of them.
        NotYet: One of them also has to do with an area that is busy.
    """
    for event in events:
        office.area(event.area, event.centre)
    people = {event.person_id for event in events}
    await lock_people_and_areas(session, people, {event.area for event in events})
    known = await arrivals.heard_of(session, people | {event.signup_id for event in events})
    once = Counter(event.person_id for event in events)
    strangers = {
        event.signup_id
        for event in events
        if not {event.person_id, event.signup_id} & known and once[event.person_id] == 1
    }
    for run in _runs(office, events, strangers):
        if run[0].signup_id in strangers:
            await _take_strangers_on(session, office, run, now)
        else:
            await take_on(session, office, run[0], now=now, cause=Cause.of(run[0]))


def _runs(
    office: GroupingContext, events: Sequence[signups.Wishes], strangers: Collection[UUID]
) -> Iterator[list[signups.Wishes]]:
    """
    What can be handled together, all in order.

    Those who are known are alone; and of areas that share igangsettere each is, since who comes first there takes them.
    """
    run: list[signups.Wishes] = []
    area_of: dict[str, str] = {}
    for event in events:
        centre, _ = office.area(event.area)
        known, shares = event.signup_id not in strangers, centre.policy.starters_min > 0
        if run and (known or (shares and area_of.get(centre.id, event.area) != event.area)):
            yield run
            run, area_of = [], {}
        if known:
            yield [event]
        else:
            run.append(event)
            area_of[centre.id] = event.area
    if run:
        yield run


async def _take_strangers_on(
    session: AsyncSession, office: GroupingContext, events: Sequence[signups.Wishes], now: datetime
) -> None:
    await arrivals.write(session, events)
    days = Counter((event.area, event.signed_up_at.astimezone(OSLO).date()) for event in events)
    await arrivals.count(session, days)
    causes = {event.signup_id: Cause.of(event) for event in events}
    work = UnitOfWork(session, office, now, Cause.of(events[0]))
    await run_matching(work, *{event.area for event in events}, causes=causes)
    await work.finish()
    log.info("signups_taken_on", count=len(events))
