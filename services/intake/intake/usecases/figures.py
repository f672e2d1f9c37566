"""Count what happens, for the yearly figures, in the transaction in which it happens."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.figures import quarter_of
from intake.store import Signup, figures
from shared.events import group_life, groups, kontaktmoter
from shared.timezone import OSLO_TZ


async def count_signup(session: AsyncSession, row: Signup, now: datetime) -> None:
    """Count a sign-up that was confirmed just now."""
    day = now.astimezone(OSLO_TZ).date()
    await figures.count_signup(session, row.centre, row.area, day.year, quarter_of(day))


async def on_started(session: AsyncSession, event: groups.Started) -> None:
    """Count a group that has started."""
    day = event.started_at.astimezone(OSLO_TZ).date()
    waited = event.waited_days or ()
    await figures.write_start(session, event.group_id, event.centre, event.area, event.version, day, waited)


async def on_start_revoked(session: AsyncSession, event: groups.StartRevoked) -> None:
    """Take a start out of the count."""
    await figures.write_start(session, event.group_id, event.centre, event.area, event.version, None, ())


async def on_handed_over(session: AsyncSession, event: group_life.HandedOver) -> None:
    """Count a group that goes on without its igangsetter."""
    day = event.handed_over_at.astimezone(OSLO_TZ).date()
    await figures.write_handover(session, event.group_id, event.centre, event.area, day)


async def on_held(session: AsyncSession, event: kontaktmoter.KontaktmoteHeld) -> None:
    """Count a kontaktmøte that was held."""
    day = (event.starts_at or event.occurred_at).astimezone(OSLO_TZ).date()
    await figures.write_meeting(session, event.kontaktmote_id, event.centre, day)
