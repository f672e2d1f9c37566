"""Why somebody waits or sits where they do, and what would follow from a decision: for the pages of staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.insight.explanation import WaitExplanation, explain, visible_count
from grouping.domain.insight.forecast import DayRange
from grouping.domain.insight.scenarios import Scenario, compare_scenarios
from grouping.domain.matching.cells import Cell, fits, travel_km
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.signups import SignupStatus
from grouping.queries.areas import place_names
from grouping.queries.wait_forecast import wait_of
from grouping.store import Group, Seat, Signup, StaffAction, views
from grouping.usecases.area_state import area_state
from grouping.usecases.context import GroupingContext
from grouping.usecases.people import who_waits
from shared.reference.centres import Area, Centre


@dataclass(frozen=True)
class Target:
    """A group that somebody could be moved to: how far they have to it, and how many chairs are free."""

    group: Group
    km: float
    chairs: int


@dataclass(frozen=True)
class PersonView:
    """
    One person, by opaque id: where they stand, why, and what can be done.

    Attributes:
        left: What binds; None where they have a seat, or are held back.
        names: Of places and rooms, by id.
        wait: How long it will probably take until they meet, or None where nobody knows.
        seat, group: Their seat, where they have one.
        apart: Whom they are never put together with, each with the sign-up by which the area's pages show them, or
            None where they are on none.
        others: Sign-ups in the area that they could be kept apart from.
        targets: Groups with a chair that are within their limits, and in which nobody is whom they must not meet; none
            where they know of a seat.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    row: Signup
    waited_days: int
    left: WaitExplanation | None
    wait: DayRange | None
    seat: Seat | None
    group: Group | None
    apart: tuple[tuple[UUID, UUID | None], ...]
    others: tuple[UUID, ...]
    targets: tuple[Target, ...]
    actions: tuple[StaffAction, ...]

    @property
    def told(self) -> bool:
        """Whether they know of a seat, so that nothing can be changed in silence."""
        return self.group is not None and self.group.state != "drafted"


async def person_view(
    session: AsyncSession, office: GroupingContext, area_id: str, signup_id: UUID, now: datetime
) -> PersonView | None:
    """Somebody who waits or has a seat in an area, as their page shows them; None where nobody does by this id."""
    centre, area = office.area(area_id)
    row = await store.signups.get(session, signup_id)
    if row is None or row.area != area_id or row.status in {SignupStatus.GONE, SignupStatus.MEMBER}:
        return None
    state = await area_state(session, office, area_id, now)
    board = AreaMatcher(state)
    waits = signup_id in board.pool
    found = await views.seat_of(session, row.person_id)
    seat, group = found if found is not None else (None, None)
    who = who_waits(row)
    at = {place.id: place for place in state.config.places}
    enemies = set(await store.exclusions.of_person(session, row.person_id))
    targets = []
    if group is None or group.state == "drafted":
        for open_group in state.open_groups:
            place = at.get(open_group.cell.place)
            peace = enemies.isdisjoint(open_group.members)
            if place is not None and peace and fits(who.wishes, open_group.cell, place):
                target = await store.groups.get(session, open_group.group_id)
                if target is not None and target is not group:
                    targets.append(Target(target, travel_km(who.wishes, place), open_group.free_seats))
    people = await views.people_of(session, area_id)
    shown_by = {person: one for one, person in people}
    return PersonView(
        centre=centre,
        area=area,
        names=await place_names(session, centre, area),
        row=row,
        waited_days=max(0, (now - who.signed_up_at).days),
        left=explain(board, board.pool.people[board.pool.row_of_signup[signup_id]]) if waits else None,
        wait=await wait_of(session, board, area_id, who, centre.policy, now) if waits else None,
        seat=seat,
        group=group,
        apart=tuple((person, shown_by.get(person)) for person in sorted(enemies)),
        others=tuple(one for one, person in people if person != row.person_id and person not in enemies),
        targets=tuple(sorted(targets, key=lambda one: (one.km, one.group.id))),
        actions=tuple(await views.actions_about(session, signup_id)),
    )


@dataclass(frozen=True)
class WaitingView:
    """
    What somebody who waits sees of it: nothing about anybody else, and no number small enough to guess by.

    Attributes:
        standing: Whether they wait or have been told of a seat; a draft is not told.
        left: What binds; None where nothing can be said of it.
        count: How many could meet in the best place so far, themselves included; None where too few to be shown.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    standing: SignupStatus
    waited_days: int
    left: WaitExplanation | None
    count: int | None
    wait: DayRange | None


async def waiting_view(
    session: AsyncSession, office: GroupingContext, signup_id: UUID, now: datetime
) -> WaitingView | None:
    """A sign-up as its owner sees it; None where it is gone."""
    row = await store.signups.get(session, signup_id)
    if row is None or row.area is None or row.status == SignupStatus.GONE:
        return None
    centre, area = office.area(row.area)
    board = AreaMatcher(await area_state(session, office, row.area, now))
    who = who_waits(row)
    left = explain(board, who) if signup_id in board.pool else None
    return WaitingView(
        centre=centre,
        area=area,
        names=await place_names(session, centre, area),
        standing=SignupStatus(row.status),
        waited_days=max(0, (now - who.signed_up_at).days),
        left=left,
        count=visible_count(left.count) if left is not None else None,
        wait=await wait_of(session, board, row.area, who, centre.policy, now) if left is not None else None,
    )


@dataclass(frozen=True)
class WhatIfView:
    """
    One possible group and what can be done about it.

    Attributes:
        lacking: What it waits for besides people: "room", "starter", both or nothing.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    cell: Cell
    count: int
    lacking: frozenset[str]
    held: bool
    compare_scenarios: tuple[Scenario, ...]


async def what_if(
    session: AsyncSession, office: GroupingContext, area_id: str, cell: Cell, now: datetime
) -> WhatIfView | None:
    """What would follow from each thing that staff can do about a cell; None where there is no such cell."""
    centre, area = office.area(area_id)
    state = await area_state(session, office, area_id, now)
    board = AreaMatcher(state)
    number = board.cell_index.number(cell)
    if number is None:
        return None
    found = compare_scenarios(state, cell, now)
    names = await place_names(session, centre, area)
    lacking = board.capacity.missing(cell)
    return WhatIfView(
        centre, area, names, cell, int(board.waiting_counts[number]), lacking, state.config.on_hold, found
    )
