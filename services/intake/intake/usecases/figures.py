"""
Count what happens, for the yearly figures, in the transaction in which it happens.

What is reported when its quarter is closed counts in the oldest quarter that is open: a figure that was shown never
changes.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.figures import counted_in, open_since, quarter_of, shown_before
from intake.store import Signup, figures
from shared.events import group_life, groups, kontaktmoter
from shared.events.base import GroupEvent
from shared.reference.centres import Centres
from shared.timezone import OSLO_TZ


async def count_signup(session: AsyncSession, row: Signup, now: datetime) -> None:
    """Count a sign-up that was confirmed just now."""
    day = _day(now)
    await figures.count_signup(session, row.centre, row.area, day.year, quarter_of(day))


async def on_started(session: AsyncSession, event: groups.Started, *, now: datetime) -> None:
    """Count a group that has started."""
    await _write_start(session, event, _counted_in(event.started_at, now), event.waited_days or (), now)


async def on_start_revoked(session: AsyncSession, event: groups.StartRevoked, *, now: datetime) -> None:
    """Take a start out of the count, unless its quarter is closed."""
    await _write_start(session, event, None, (), now)


async def on_handed_over(session: AsyncSession, event: group_life.HandedOver, *, now: datetime) -> None:
    """Count a group that goes on without its igangsetter."""
    day = _counted_in(event.handed_over_at, now)
    await figures.write_handover(session, event.group_id, event.centre, event.area, day)


async def on_held(session: AsyncSession, event: kontaktmoter.KontaktmoteHeld, *, now: datetime) -> None:
    """Count a kontaktmøte that was held."""
    day = _counted_in(event.starts_at or event.occurred_at, now)
    await figures.write_meeting(session, event.kontaktmote_id, event.centre, day)


async def fold_waits(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Take the waits of quarters that are shown away from their groups."""
    await figures.fold_waits(session, shown_before(_day(now)))


async def _write_start(
    session: AsyncSession, event: GroupEvent, on: date | None, waited: Sequence[int], now: datetime
) -> None:
    group = event.group_id, event.centre, event.area, event.version
    await figures.write_start(session, *group, on, waited, open_since=open_since(_day(now)))


def _counted_in(happened: datetime, now: datetime) -> date:
    return counted_in(_day(happened), _day(now))


def _day(moment: datetime) -> date:
    return moment.astimezone(OSLO_TZ).date()
