"""
Many arrivals in one transaction: the same decisions as one after the other, with a fraction of the questions.

Nearly every sign-up is somebody whom grouping has never heard of. Those are written down together, and the board of
each area then takes them in the order in which they came. Whoever is known already is handled by itself.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import queries
from grouping.store.locks import lock_people_and_areas
from grouping.usecases.office import Office
from grouping.usecases.people import take_on
from grouping.usecases.planning import settle
from grouping.usecases.work import Work
from shared.events import signups
from shared.kit.causes import Cause
from shared.kit.clock import OSLO
from shared.kit.logging import get_logger

log = get_logger(__name__)


async def take_all_on(
    session: AsyncSession, office: Office, events: Sequence[signups.Wishes], *, now: datetime
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
    known = await queries.heard_of(session, people | {event.signup_id for event in events})
    once = Counter(event.person_id for event in events)
    strangers = [
        event for event in events if not {event.person_id, event.signup_id} & known and once[event.person_id] == 1
    ]
    if strangers:
        await queries.write_strangers(session, strangers)
        days = Counter((event.area, event.signed_up_at.astimezone(OSLO).date()) for event in strangers)
        await queries.count_arrivals(session, days)
        causes = {event.signup_id: Cause.of(event) for event in strangers}
        work = Work(session, office, now, Cause.of(strangers[0]))
        await settle(work, *{event.area for event in strangers}, causes=causes)
        await work.finish()
        log.info("signups_taken_on", count=len(strangers))
    new = {event.signup_id for event in strangers}
    for event in events:
        if event.signup_id not in new:
            await take_on(session, office, event, now=now, cause=Cause.of(event))
