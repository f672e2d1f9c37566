"""People, times and places that would change one possible group; nothing is decided by reading of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from grouping.domain.matching.cells import Cell
from grouping.queries.area_snapshot import WhatIf
from grouping.queries.rooms import place_names
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.store import views
from grouping.usecases.context import GroupingContext
from shared.kit.database.engine import Database
from shared.reference.areas import Area
from shared.reference.centres import Centre
from shared.reference.slots import first_meeting


@dataclass(frozen=True)
class WhatIfView:
    """
    One possible group, with the changes that would help it and the consequences of each decision about it.

    Attributes:
        names: Names of places and rooms, by id.
        count: Waiting people who fit the cell.
        needed: The smallest group that the policy allows.
        most: The largest group that can meet there.
        missing: Missing capacity: "room", "starter", both or nothing.
        earliest_start: The first possible start meeting of a group that is complete now.
        signed_up_at: When each person on the page signed up, by sign-up id.
        numbers: Numbers of those who signed up in the same minute as others.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    cell: Cell
    count: int
    needed: int
    most: int
    missing: frozenset[str]
    on_hold: bool
    what_if: WhatIf
    earliest_start: datetime
    signed_up_at: dict[UUID, datetime]
    numbers: dict[UUID, int]

    @property
    def people_needed(self) -> int:
        """Number of people who must still come; zero when there are enough."""
        return max(0, self.needed - self.what_if.able)


async def what_if_view(
    database: Database, context: GroupingContext, snapshots: SnapshotCache, area_id: str, cell: Cell, now: datetime
) -> WhatIfView | None:
    """
    Compute the changes and decisions of a cell; None if the area has no such cell.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre, area = context.area(area_id)
    part = context.part(area_id)[1]
    snapshot = await snapshots.of(area.id, now)
    count = snapshot.count(cell)
    if count is None:
        return None
    what_if = await snapshot.what_if(cell, now)
    async with database.transaction() as session:
        names = await place_names(session, centre, area)
        numbers = await views.signup_numbers(session, area.id)
    shown = {change.person.signup_id for change in what_if.completions}
    shown = shown.union(*(one.gains | one.loses for one in what_if.scenarios))
    shown = shown.union(*(one.gains | one.loses for one in what_if.alternatives))
    config = snapshot.state.config
    place = next(place for place in config.places if place.id == cell.place)
    return WhatIfView(
        centre=centre,
        area=part,
        names=names,
        cell=cell,
        count=count,
        needed=config.size_min,
        most=place.largest_group(config.size_max),
        missing=snapshot.missing(cell),
        on_hold=config.is_on_hold_at(cell.place),
        what_if=what_if,
        earliest_start=first_meeting(cell.slot, now, centre.policy.start_notice_days),
        signed_up_at={one.signup_id: one.signed_up_at for one in snapshot.state.waiting if one.signup_id in shown},
        numbers=numbers,
    )
