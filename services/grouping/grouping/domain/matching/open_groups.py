"""The open groups of one area, and their free seats by cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from grouping.domain.matching.cell_index import CellIndex, Kilometres, Numbers
from grouping.domain.matching.exclusions import Exclusions
from grouping.domain.matching.model import OpenGroup


@dataclass(slots=True)
class _OpenGroup:
    """A group with free seats; see :class:`OpenGroup`."""

    cell_number: int
    free_seats: int
    created_at: datetime
    members: set[UUID]
    missing: int


class OpenGroupIndex:
    """
    Groups with free seats, by cell.

    Attributes:
        free_seats: By cell: free seats of the groups there.
    """

    def __init__(self, cell_index: CellIndex, groups: Iterable[OpenGroup] = ()) -> None:
        self.cell_index = cell_index
        self.free_seats = np.zeros(cell_index.size, dtype=np.int32)
        self._groups: dict[UUID, _OpenGroup] = {}
        self._group_ids_at: dict[int, set[UUID]] = {}
        self._to_fill: set[UUID] = set()
        for group in groups:
            self.put(group)

    def __bool__(self) -> bool:
        return bool(self._groups)

    def put(self, group: OpenGroup) -> None:
        """
        Add a group with free seats, or update its cell, seats and members. A full group is removed.

        A group that is new in its cell, has more free seats or has lost a member is to be filled; see
        :meth:`pop_cells_to_fill`.
        """
        before = self._groups.get(group.group_id)
        to_fill = group.group_id in self._to_fill
        self.remove(group.group_id)
        number = self.cell_index.number(group.cell)
        if number is None or group.free_seats < 1:
            return
        if (
            to_fill
            or before is None
            or before.cell_number != number
            or before.free_seats < group.free_seats
            or before.members - group.members
        ):
            self._to_fill.add(group.group_id)
        self._groups[group.group_id] = _OpenGroup(
            number, group.free_seats, group.created_at, set(group.members), group.missing
        )
        self._group_ids_at.setdefault(number, set()).add(group.group_id)
        self.free_seats[number] += group.free_seats

    def replace_all(self, groups: Iterable[OpenGroup]) -> None:
        """Replace all groups by these."""
        group_by_id = {group.group_id: group for group in groups}
        for group_id in set(self._groups) - set(group_by_id):
            self.remove(group_id)
        for group in group_by_id.values():
            self.put(group)

    def remove(self, group_id: UUID) -> None:
        """Remove a group that has met, is full or is cancelled; nothing happens if it is unknown."""
        group = self._groups.pop(group_id, None)
        self._to_fill.discard(group_id)
        if group is not None:
            self.free_seats[group.cell_number] -= group.free_seats
            self._group_ids_at[group.cell_number].discard(group_id)

    def take_seat(self, group_id: UUID, person_id: UUID) -> None:
        """Give one free seat of a group to a person."""
        group = self._groups[group_id]
        group.free_seats -= 1
        group.missing = max(0, group.missing - 1)
        group.members.add(person_id)
        self.free_seats[group.cell_number] -= 1

    def cell_number(self, group_id: UUID) -> int:
        """Return the number of a group's cell."""
        return self._groups[group_id].cell_number

    def pop_cells_to_fill(self) -> list[int]:
        """Return the cells of the groups that are to be filled, each group only once."""
        cells = [self._groups[group_id].cell_number for group_id in self._to_fill]
        self._to_fill.clear()
        return cells

    def neediest(
        self, person_id: UUID, cells: Numbers, distances_km: Kilometres, exclusions: Exclusions[UUID]
    ) -> UUID | None:
        """
        Return the group in these cells that needs the person most; None if the person can join none of them.

        A group that lacks people comes first, the fewer the sooner, since with them all its members are placed. Of
        equals the nearest counts, then the oldest.
        """
        candidates: list[tuple[bool, int, float, datetime, UUID]] = []
        for number, km in zip(cells.tolist(), distances_km.tolist(), strict=True):
            for group_id in self._group_ids_at[number]:
                group = self._groups[group_id]
                if group.free_seats > 0 and not exclusions.conflicts(person_id, group.members):
                    candidates.append((not group.missing, group.missing, km, group.created_at, group_id))
        return min(candidates)[-1] if candidates else None

    def snapshot(self) -> tuple[OpenGroup, ...]:
        """Return all groups as they are now."""
        return tuple(
            OpenGroup(
                group_id,
                self.cell_index.cell(group.cell_number),
                group.free_seats,
                group.created_at,
                frozenset(group.members),
                group.missing,
            )
            for group_id, group in self._groups.items()
        )
