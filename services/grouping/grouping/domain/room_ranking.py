"""The rooms that a group could have, by the longest journey of any member."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from grouping.domain.matching.cells import Place, Wishes, travel_km

Obstacle = Literal["paused", "closed", "taken", "too_small", "stairs"]
"""Why a group cannot have a room: it has a pause, is not open then, another group has it, it has too few seats, or a
member cannot enter it."""


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """
    A room as a choice for one group.

    Attributes:
        place: Its point, seats, access and slots.
        name: For the order of rooms that are alike.
        active: False while no new group gets it.
        taken: True if another group has it in the group's slot.
        lead_days: Days before a meeting by which it must be booked.
    """

    place: Place
    name: str
    active: bool
    taken: bool
    lead_days: int = 0


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """
    One room in the ranking.

    Attributes:
        obstacles: Why the group cannot have it; empty if it can.
        longest_km: The longest journey of any member, as the crow flies between areas; None without members.
        beyond: Number of members for whom it is further than they have said that they can travel.
        is_tight: True if members and igangsettere together are more than its seats.
        book_by: When it must be booked for the start meeting; None if that has no date, or if it needs no booking.
    """

    room_id: str
    obstacles: tuple[Obstacle, ...]
    longest_km: float | None
    total_km: float
    beyond: int
    is_tight: bool
    book_by: datetime | None
    name: str

    @property
    def order(self) -> tuple[bool, float, float, str, str]:
        """Sort key: possible rooms first, then the shortest of the longest journeys."""
        return bool(self.obstacles), self.longest_km or 0.0, self.total_km, self.name, self.room_id


def rank(
    rooms: Iterable[RoomFacts],
    members: tuple[Wishes, ...],
    slot: str,
    *,
    starters: int,
    starts_at: datetime | None,
) -> tuple[RoomChoice, ...]:
    """
    Return the rooms for a group, the best first.

    Args:
        rooms: All rooms of the group's area.
        members: Those who have a seat or are offered one.
        slot: When the group meets.
        starters: Number of igangsettere who come as well.
        starts_at: The start meeting, if it has a date.
    """
    choices = (_choice(room, members, slot, starters, starts_at) for room in rooms)
    return tuple(sorted(choices, key=lambda choice: choice.order))


def _choice(
    room: RoomFacts, members: tuple[Wishes, ...], slot: str, starters: int, starts_at: datetime | None
) -> RoomChoice:
    place = room.place
    journeys = [travel_km(member, place) for member in members]
    return RoomChoice(
        room_id=place.id,
        obstacles=tuple(_obstacles(room, members, slot)),
        longest_km=max(journeys, default=None),
        total_km=round(sum(journeys), 1),
        beyond=sum(km > member.max_travel_km for km, member in zip(journeys, members, strict=True)),
        is_tight=place.max_people is not None and len(members) + starters > place.max_people,
        book_by=starts_at - timedelta(days=room.lead_days) if starts_at is not None and room.lead_days else None,
        name=room.name,
    )


def _obstacles(room: RoomFacts, members: tuple[Wishes, ...], slot: str) -> Iterable[Obstacle]:
    place = room.place
    if not room.active:
        yield "paused"
    if place.slots is not None and slot not in place.slots:
        yield "closed"
    if room.taken:
        yield "taken"
    if place.max_people is not None and place.max_people < len(members):
        yield "too_small"
    if not place.step_free and any(member.wheelchair for member in members):
        yield "stairs"
