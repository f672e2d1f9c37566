"""The integer program of who meets where; HiGHS solves it, from scipy."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from grouping.domain.optimise.solution import Solution

MOST_NODES: Final = 1_000
"""Of the search tree; a limit that is the same on every machine, unlike seconds."""


@dataclass(frozen=True, slots=True)
class GroupOffer:
    """
    What the program can open: a group, or several of one cell.

    Attributes:
        people: Numbers of those who fit.
        most: How many one group can have.
        groups: How many groups there can be.
    """

    cell: int
    people: list[int]
    max_size: int
    max_groups: int


Answer = list[tuple[GroupOffer, list[int], int, list[int]]]
"""For each offer that is opened who is in it, in how many groups, and who starts them, a starter once for each."""


class GroupProgram:
    """
    The integer program of a part.

    Unknown are who is in which offer, how many groups each offer opens, and who starts them, in this order.
    """

    def __init__(self, seating: Solution, offers: list[GroupOffer]) -> None:
        self.seating = seating
        self.offers = offers
        self._row = 0
        self._entries: list[tuple[int, int, float]] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self.seats = [(at, person) for at, offer in enumerate(offers) for person in offer.people]
        stock = seating.capacity
        self.starts = (
            [(at, number) for at, offer in enumerate(offers) for number in stock.available_starters(offer.cell)]
            if stock.starters_needed
            else []
        )
        self._opened = len(self.seats)
        self._started = self._opened + len(offers)
        self._sizes()
        self._one_place_each()
        self._rooms()
        self._starters()

    def solve(self) -> Answer | None:
        """What is best; None where that could not be proven."""
        field = self.seating.problem
        size = self._started + len(self.starts)
        gain = np.zeros(size)
        gain[: self._opened] = [-field.score(person, self.offers[at].cell) for at, person in self.seats]
        most = np.ones(size)
        most[self._opened : self._started] = [offer.max_groups for offer in self.offers]
        most[self._started :] = [self.offers[at].max_groups for at, _ in self.starts]
        row, column, value = zip(*self._entries, strict=True) if self._entries else ((), (), ())
        matrix = coo_array((value, (row, column)), shape=(self._row, size)).tocsc()
        answer = milp(
            gain,
            integrality=np.ones(size),
            bounds=Bounds(0, most),
            constraints=LinearConstraint(matrix, self._low, self._high),
            options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
        )
        return self._read(np.rint(answer.x).astype(int)) if answer.status == 0 else None

    def _read(self, chosen: NDArray[np.int_]) -> Answer:
        members: dict[int, list[int]] = {}
        starters: dict[int, list[int]] = {}
        for number, (at, person) in enumerate(self.seats):
            if chosen[number]:
                members.setdefault(at, []).append(person)
        for number, (at, starter) in enumerate(self.starts, start=self._started):
            starters.setdefault(at, []).extend([starter] * int(chosen[number]))
        return [
            (offer, members[at], int(chosen[self._opened + at]), starters.get(at, []))
            for at, offer in enumerate(self.offers)
            if chosen[self._opened + at]
        ]

    def _sizes(self) -> None:
        """A group has its least number and at most its chairs, and nobody is in one that is not opened."""
        members: dict[int, list[int]] = {}
        for number, (at, _) in enumerate(self.seats):
            members.setdefault(at, []).append(number)
        for at, numbers in members.items():
            opened, offer = self._opened + at, self.offers[at]
            seats = [(number, 1.0) for number in numbers]
            self._constrain([*seats, (opened, -float(self.seating.problem.config.size_min))], 0, np.inf)
            self._constrain([*seats, (opened, -float(offer.max_size))], -np.inf, 0)
            for number in numbers:
                self._constrain([(number, 1.0), (opened, -1.0)], -np.inf, 0)

        # Follows for whole numbers, and spares the search many halves of groups.
        people = len({person for _, person in self.seats})
        groups = people // self.seating.problem.config.size_min
        self._constrain([(self._opened + at, 1.0) for at in range(len(self.offers))], 0, groups)

    def _one_place_each(self) -> None:
        """And those who must not meet do not; every offer is of one group where there are any."""
        seats: dict[int, dict[int, int]] = {}
        for number, (at, person) in enumerate(self.seats):
            seats.setdefault(person, {})[at] = number
        for person, mine in seats.items():
            self._constrain([(number, 1.0) for number in mine.values()], 0, 1)
            for other in self.seating.excluded.get(person, ()):
                for at, number in mine.items():
                    if person < other and at in seats.get(other, {}):
                        self._constrain([(number, 1.0), (seats[other][at], 1.0)], 0, 1)

    def _rooms(self) -> None:
        stock = self.seating.capacity
        at_spot: dict[int, list[int]] = {}
        for at, offer in enumerate(self.offers):
            at_spot.setdefault(stock.room_slot(offer.cell), []).append(at)
        for offers in at_spot.values():
            rooms = stock.free_rooms(self.offers[offers[0]].cell)
            self._constrain([(self._opened + at, 1.0) for at in offers], 0, rooms)

    def _starters(self) -> None:
        """Each group has as many as it needs, all of them different, and nobody starts more than they can."""
        needed = self.seating.capacity.starters_needed
        of_offer: dict[int, list[int]] = {at: [] for at in range(len(self.offers))} if needed else {}
        mine: dict[int, list[int]] = {}
        for number, (at, starter) in enumerate(self.starts, start=self._started):
            of_offer[at].append(number)
            mine.setdefault(starter, []).append(number)
            self._constrain([(number, 1.0), (self._opened + at, -1.0)], -np.inf, 0)
        for at, numbers in of_offer.items():
            self._constrain([(self._opened + at, -float(needed)), *((number, 1.0) for number in numbers)], 0, 0)
        for starter, numbers in mine.items():
            self._constrain([(number, 1.0) for number in numbers], 0, self.seating.capacity.remaining_groups(starter))

    def _constrain(self, entries: list[tuple[int, float]], low: float, high: float) -> None:
        self._entries += [(self._row, column, value) for column, value in entries]
        self._row += 1
        self._low.append(low)
        self._high.append(high)
