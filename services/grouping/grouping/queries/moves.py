"""The move of a person to another group, before anything happens: who gains, and who loses."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from grouping import store
from grouping.domain.insight.possible_groups import PossibleGroup
from grouping.domain.matching.cells import Cell, fits
from grouping.queries.area_snapshot import AreaSnapshot
from grouping.queries.areas import MOST_POSSIBLE_GROUPS
from grouping.queries.people import MoveTarget, PersonView, person_view
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.usecases.context import GroupingContext
from shared.kit.database.engine import Database


@dataclass(frozen=True)
class LosingGroup:
    """A possible group that would have one person less."""

    cell: Cell
    count: int
    needed: int


@dataclass(frozen=True)
class MovePreview:
    """
    The consequences of a move.

    Attributes:
        losing: Possible groups that the person counts in while waiting, the fullest first.
    """

    person: PersonView
    target: MoveTarget
    losing: tuple[LosingGroup, ...]

    @property
    def target_after(self) -> int:
        """The number of people in the target after the move."""
        return self.target.group.live + 1

    @property
    def target_lacks(self) -> int:
        """The number of people that the target then still needs before it can meet."""
        return max(0, self.target.group.size_min - self.target_after)

    @property
    def left_after(self) -> int | None:
        """The number of people in the draft that the person leaves; None if the person waits."""
        return self.person.group.live - 1 if self.person.group is not None else None

    @property
    def left_lacks(self) -> int:
        """The number of people that this draft then needs before it can be offered."""
        group = self.person.group
        return max(0, group.size_min - group.live + 1) if group is not None else 0


async def move_preview(
    database: Database,
    context: GroupingContext,
    snapshots: SnapshotCache,
    area_id: str,
    signup_id: UUID,
    group_id: UUID,
    now: datetime,
) -> MovePreview | None:
    """
    Compute the consequences of a move; None if the person cannot be moved there.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    person = await person_view(database, context, snapshots, area_id, signup_id, now)
    if person is None:
        return None
    target = next((target for target in person.targets if target.group.id == group_id), None)
    if target is None:
        return None
    snapshot = await snapshots.of(context.area(area_id)[1].id, now)
    possible = await snapshot.possible_groups(MOST_POSSIBLE_GROUPS, person.area) if person.group is None else ()
    return MovePreview(person, target, tuple(_losing(snapshot, person, possible)))


def _losing(snapshot: AreaSnapshot, person: PersonView, possible: tuple[PossibleGroup, ...]) -> list[LosingGroup]:
    if all(waiting.signup_id != person.row.signup_id for waiting in snapshot.state.waiting):
        return []
    wishes = store.signups.row_to_waiting(person.row).wishes
    places = {place.id: place for place in snapshot.state.config.places}
    needed = snapshot.state.config.size_min
    return [
        LosingGroup(group.cell, group.count, needed)
        for group in possible
        if group.cell.place in places and fits(wishes, group.cell, places[group.cell.place])
    ]
