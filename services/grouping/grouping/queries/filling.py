"""A proposal that looks for members: how long, and the people that staff can offer a seat by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import LEAST_MEMBERS, GroupState, SeatState
from grouping.domain.matching.cells import Cell, fits, travel_km
from grouping.store import Group, Seat, Signup, views
from grouping.usecases.area_state import load_area_config
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Policy

MOST_CANDIDATES = 10


@dataclass(frozen=True)
class Candidate:
    """
    A waiting person whom the group suits.

    Attributes:
        number: Tells the person apart from others who signed up in the same minute.
        declined: True if the person has said no to this time and place, or has not answered.
    """

    row: Signup
    number: int
    km: float
    waited_days: int
    declined: bool


@dataclass(frozen=True)
class MemberSearch:
    """
    A proposal below its minimum.

    Attributes:
        taken: Number of people who have said yes.
        asked: Number of people who have not answered yet.
        until: The moment at which the group is given up, if nobody joins.
        days: Days by which staff can prolong the search.
        can_start_small: True if there are enough members for a start at all.
        candidates: People who can be offered a seat by hand, the longest wait first.
    """

    taken: int
    asked: int
    until: datetime
    days: int
    can_start_small: bool
    candidates: tuple[Candidate, ...]


async def member_search(
    session: AsyncSession, context: GroupingContext, group: Group, seats: Collection[Seat], now: datetime
) -> MemberSearch | None:
    """Read the search of a proposal for members; None if it has enough people, or is no proposal."""
    if group.state != GroupState.PROPOSED or group.filling_until is None or group.live >= group.size_min:
        return None
    taken = sum(seat.state == SeatState.TAKEN for seat in seats)
    return MemberSearch(
        taken=taken,
        asked=group.live - taken,
        until=group.filling_until,
        days=max(1, Policy.model_validate(group.policy).fill_days),
        can_start_small=taken >= LEAST_MEMBERS,
        candidates=await candidates_for(session, context, group, seats, now),
    )


async def candidates_for(
    session: AsyncSession, context: GroupingContext, group: Group, seats: Collection[Seat], now: datetime
) -> tuple[Candidate, ...]:
    """Read the waiting people whom the place, time and members of a group suit, the longest wait first."""
    config = await load_area_config(session, context, group.area, now)
    place = next((place for place in config.places if place.id == group.place), None)
    if place is None:
        return ()
    cell = Cell(group.place, group.slot, group.spoken_language, group.wishes)
    members = {seat.person_id for seat in seats if seat.state != SeatState.RELEASED}
    suitable = []
    for row in await views.waiting_for_slot(session, group.area, group.slot):
        waiting = store.signups.row_to_waiting(row)
        kept_apart = any(row.person_id in pair and pair & members for pair in config.exclusions)
        held_back = kept_apart or row.excluded_reason is not None or row.paused or row.texts_asked
        if fits(waiting.wishes, cell, place) and not held_back:
            suitable.append((row, waiting))
    numbers = await views.signup_numbers(session, group.area)
    return tuple(
        Candidate(
            row,
            numbers.get(row.signup_id, 1),
            travel_km(waiting.wishes, place),
            max(0, (now - waiting.signed_up_at).days),
            cell in waiting.declined,
        )
        for row, waiting in suitable[:MOST_CANDIDATES]
    )
