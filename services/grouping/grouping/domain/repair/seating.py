"""Who sits where while it is being decided: every step keeps the counters right and can be taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, field as having
from uuid import UUID

import numpy as np

from grouping.domain.repair.field import Field, Ints
from grouping.domain.repair.stock import Stock

FREE = -1


@dataclass(slots=True)
class Group:
    """
    A group that is, or could be, made.

    Attributes:
        cell: Its cell's number.
        most: How many it can have.
        starters: Numbers of the igangsettere who start it.
        id: What it is known by, where it is already written down.
        pinned: Who in it stays in it; as long as anybody does it keeps its cell.
    """

    cell: int
    most: int
    starters: tuple[int, ...] = ()
    id: UUID | None = None
    pinned: frozenset[int] = frozenset()
    members: list[int] = having(default_factory=list)


class Seating:
    """
    An arrangement of everybody.

    Attributes:
        group_of: By person, the number of their group, or :data:`FREE`.
        counts: By cell, how many are free and fit it.
        chairs: By cell, how many more the groups there can take.
        size: By group, how many are in it.
        worth_of: By person, what their seat is worth; zero for those who are free.
        floor: Nobody is taken out of a group that then would have fewer.
    """

    def __init__(self, field: Field, floor: int) -> None:
        self.field = field
        self.stock = Stock(field)
        self.floor = floor
        self.group_of = np.full(len(field.people), FREE, dtype=np.int32)
        self.worth_of = np.zeros(len(field.people))
        self.counts = np.where(field.useful, field.reachable, 0)
        self.chairs = np.zeros(field.cells, dtype=np.int32)
        self.groups: dict[int, Group] = {}
        self.at: dict[int, list[int]] = {}
        # The last is read for whoever is free and stays zero.
        self.size = np.zeros(64, dtype=np.int32)
        self._next = 0
        self._log: list[tuple[str, int, Group]] = []
        number_of = {who.person_id: number for number, who in enumerate(field.people)}
        self.apart: dict[int, set[int]] = {}
        for pair in field.area.apart:
            known = {number_of[one] for one in pair if one in number_of}
            for one in known:
                self.apart.setdefault(one, set()).update(known - {one})

    @property
    def total(self) -> float:
        """What the arrangement is worth."""
        return float(self.worth_of.sum())

    def open(self, group: Group) -> int:
        """A group begins, with nobody in it yet; its room is taken, and its igangsettere unless it has them already."""
        if group.starters:
            self.stock.take_as(group.cell, group.starters)
        else:
            group.starters = self.stock.take(group.cell)
        number = self._next
        self._next += 1
        self._put(number, group)
        self._log.append(("open", number, group))
        return number

    def close(self, number: int) -> Group:
        """A group that nobody is in any more is given up."""
        group = self._drop(number)
        self.stock.give(group.cell, group.starters)
        self._log.append(("close", number, group))
        return group

    def seat(self, person: int, number: int) -> None:
        """Somebody who is free takes a chair."""
        self._seat(person, number)
        self._log.append(("seat", person, self.groups[number]))

    def leave(self, person: int) -> None:
        """Somebody gets up and is free."""
        number = int(self.group_of[person])
        self._leave(person)
        self._log.append(("leave", person, self.groups[number]))
        self._left.append(number)
