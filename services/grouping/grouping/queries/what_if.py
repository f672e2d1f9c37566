"""Consequences of decisions about one possible group; nothing is decided by reading them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from grouping.domain.insight.possible_groups import PossibleGroup
from grouping.domain.insight.scenarios import Scenario
from grouping.domain.matching.cells import Cell
from grouping.queries.areas import MOST_POSSIBLE_GROUPS
from grouping.queries.rooms import place_names
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.store import views
from grouping.usecases.context import GroupingContext
from shared.kit.database.engine import Database
from shared.reference.centres import Area, Centre

MOST_OTHERS = 5
"""Other possible groups that the page compares with."""


@dataclass(frozen=True)
class WhatIfView:
    """
    One possible group and the consequences of each decision about it.

    Attributes:
        names: Names of places and rooms, by id.
        count: Waiting people who fit the cell.
        signed_up_at: When each person of the scenarios signed up, by sign-up id.
        needed: The smallest group that the policy allows.
        others: Groups at the same place at another time, or at the same time at another place, the fullest first.
        numbers: Numbers of those who signed up in the same minute as others.
        missing: Missing capacity: "room", "starter", both or nothing.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    cell: Cell
    count: int
    missing: frozenset[str]
    on_hold: bool
    needed: int
    others: tuple[PossibleGroup, ...]
    scenarios: tuple[Scenario, ...]
    signed_up_at: dict[UUID, datetime]
    numbers: dict[UUID, int]


async def what_if_view(
    database: Database, context: GroupingContext, snapshots: SnapshotCache, area_id: str, cell: Cell, now: datetime
) -> WhatIfView | None:
    """
    Compute the scenarios of a cell; None if the area has no such cell.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre, area = context.area(area_id)
    part = context.part(area_id)[1]
    snapshot = await snapshots.of(area.id, now)
    count = snapshot.count(cell)
    if count is None:
        return None
    scenarios = await snapshot.scenarios(cell, now)
    async with database.transaction() as session:
        names = await place_names(session, centre, area)
        numbers = await views.signup_numbers(session, area.id)
    needed = snapshot.state.config.size_min
    others = tuple(
        possible
        for possible in await snapshot.possible_groups(MOST_POSSIBLE_GROUPS, part)
        if possible.cell != cell and (possible.cell.slot == cell.slot or possible.cell.place == cell.place)
    )[:MOST_OTHERS]
    on_hold = snapshot.state.config.is_on_hold_at(cell.place)
    shown = frozenset().union(*(scenario.gains | scenario.loses for scenario in scenarios))
    signed_up_at = {one.signup_id: one.signed_up_at for one in snapshot.state.waiting if one.signup_id in shown}
    return WhatIfView(
        centre,
        part,
        names,
        cell,
        count,
        snapshot.missing(cell),
        on_hold,
        needed,
        others,
        scenarios,
        signed_up_at,
        numbers,
    )
