"""The page of a member of a dissolved group, who chooses a way on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import SeatState
from grouping.domain.life.model import LifeState
from grouping.domain.signups import SignupStatus
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Centre

WayOnPage = Literal["choose", "going_on", "new_group", "pause", "goodbye"]


@dataclass(frozen=True)
class WayOnView:
    """
    The page of a member whose group may be dissolved.

    Attributes:
        page: ``choose``, ``going_on`` while the group is not dissolved, or what follows from what they have chosen.
        until: When the choice ends; None where it has been made.
    """

    page: WayOnPage
    centre: Centre
    until: datetime | None


async def way_on_view(session: AsyncSession, context: GroupingContext, seat_id: UUID) -> WayOnView | None:
    """Read the page of a member; None once they are forgotten."""
    seat = await store.seats.get(session, seat_id)
    area_id = await store.groups.area_of(session, seat.group_id) if seat is not None else None
    if seat is None or area_id is None:
        return None
    life = await store.lives.get(session, seat.group_id)
    centre, _ = context.area(area_id)
    if life is None or life.state != LifeState.DISSOLVED:
        return WayOnView("going_on", centre, None)
    if seat.state == SeatState.TAKEN:
        return WayOnView("choose", centre, life.forget_at)
    signup = await store.signups.get(session, seat.signup_id)
    if signup is None or signup.status == SignupStatus.GONE:
        return WayOnView("goodbye", centre, None)
    return WayOnView("pause" if signup.paused else "new_group", centre, None)
