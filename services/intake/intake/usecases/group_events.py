"""What grouping tells of seats, kept so that staff and a later sign-up know how far somebody has come."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import Placed, State
from intake.store import people
from intake.usecases import signup_events
from shared.events.base import GroupEvent
from shared.events.groups import Seat


async def place(session: AsyncSession, event: GroupEvent, seats: Iterable[Seat], state: State, now: datetime) -> None:
    """
    Takes in that these seats are offered, taken, free again, or those of a started group.

    Arrives in any order and more than once; somebody who has left or was forgotten is left alone.
    """
    news = Placed(event.group_id, event.version, event.occurred_at)
    for signup_id in sorted(seat.signup_id for seat in seats):
        await _place_one(session, signup_id, state, news, now)


async def _place_one(session: AsyncSession, signup_id: UUID, state: State, news: Placed, now: datetime) -> None:
    row = await people.lock_signup(session, signup_id)
    if row is not None:
        signup_events.write_life(row, signup_events.life_of(row).place(state, news), now)
