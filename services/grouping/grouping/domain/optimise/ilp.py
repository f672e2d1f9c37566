"""The integer program of one component, solved by HiGHS through scipy."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from grouping.domain.matching.objective import LACKING_COST
from grouping.domain.optimise.solution import Solution

MOST_NODES: Final = 1_000
"""Nodes of the search tree; a limit that is the same on every machine, unlike seconds."""


@dataclass(frozen=True, slots=True)
class GroupOffer:
    """
    The groups that the program can open in one cell.

    Attributes:
        people: Numbers of the people who fit.
        max_size: The largest size of one group.
        max_groups: The largest number of groups.
    """

    cell: int
    people: list[int]
    max_size: int
    max_groups: int


@dataclass(frozen=True, slots=True)
class OpenedOffer:
    """
    An offer that the program opens.

    Attributes:
        members: Numbers of the people in its groups.
        groups: Number of groups.
        starters: Numbers of their igangsettere, each as often as the number of groups they start.
    """

    offer: GroupOffer
    members: list[int]
    groups: int
    starters: list[int]


class GroupProgram:
    """
    The integer program of one component.

    Its unknowns are the columns of a matrix, in this order: for each offer and person, 1 if the person is in it; for
    each offer, the number of groups it opens; for each offer and igangsetter, the number of its groups they start. An
    offer is named by its position in ``offers``.
    """

    def __init__(self, solution: Solution, offers: list[GroupOffer]) -> None:
        self.solution = solution
        self.offers = offers
        self._row_count = 0
        self._entries: list[tuple[int, int, float]] = []
        self._lower_bounds: list[float] = []
        self._upper_bounds: list[float] = []
        self._memberships = [(position, person) for position, offer in enumerate(offers) for person in offer.people]
        self._first_offer_column = len(self._memberships)
        self._starts = self._possible_starts()
        self._first_start_column = self._first_offer_column + len(offers)
        self._constrain_sizes()
        self._constrain_people()
        self._constrain_rooms()
        self._constrain_starters()

    def solve(self) -> list[OpenedOffer] | None:
        """Return the offers to open in the best solution; None if optimality could not be proven."""
        offers, size = self.offers, self._first_start_column + len(self._starts)
        costs = np.zeros(size)
        costs[: self._first_offer_column] = [
            -self.solution.problem.score(person, offers[position].cell) for position, person in self._memberships
        ]
        # A group is first taken to lack all igangsettere; each that it gets pays the cost back.
        costs[self._first_offer_column : self._first_start_column] = [
            LACKING_COST * self.solution.capacity.lacking_with(offer.cell, ()) for offer in offers
        ]
        costs[self._first_start_column :] = -LACKING_COST
        upper_bounds = np.ones(size)
        upper_bounds[self._first_offer_column : self._first_start_column] = [offer.max_groups for offer in offers]
        upper_bounds[self._first_start_column :] = [offers[position].max_groups for position, _ in self._starts]
        rows, columns, values = zip(*self._entries, strict=True) if self._entries else ((), (), ())
        matrix = coo_array((values, (rows, columns)), shape=(self._row_count, size)).tocsc()
        answer = milp(
            costs,
            integrality=np.ones(size),
            bounds=Bounds(0, upper_bounds),
            constraints=LinearConstraint(matrix, self._lower_bounds, self._upper_bounds),
            options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
        )
        return self._opened_offers(np.rint(answer.x).astype(int)) if answer.status == 0 else None

    def _possible_starts(self) -> list[tuple[int, int]]:
        """Return the offers and the igangsettere who can start them, if groups get igangsettere."""
        capacity = self.solution.capacity
        if not capacity.starters_wanted:
            return []
        return [
            (position, starter)
            for position, offer in enumerate(self.offers)
            for starter in capacity.available_starters(offer.cell)
        ]

    def _opened_offers(self, values: NDArray[np.int_]) -> list[OpenedOffer]:
        members: dict[int, list[int]] = {}
        starters: dict[int, list[int]] = {}
        for column, (position, person) in enumerate(self._memberships):
            if values[column]:
                members.setdefault(position, []).append(person)
        for column, (position, starter) in enumerate(self._starts, start=self._first_start_column):
            starters.setdefault(position, []).extend([starter] * int(values[column]))
        return [
            OpenedOffer(offer, members[position], int(values[self._offer_column(position)]), starters.get(position, []))
            for position, offer in enumerate(self.offers)
            if values[self._offer_column(position)]
        ]

    def _offer_column(self, position: int) -> int:
        return self._first_offer_column + position

    def _constrain_sizes(self) -> None:
        """Require that each group is neither too small nor too large, and that only opened offers have members."""
        size_min = self.solution.problem.config.size_min
        columns_of_offer: dict[int, list[int]] = {}
        for column, (position, _) in enumerate(self._memberships):
            columns_of_offer.setdefault(position, []).append(column)
        for position, columns in columns_of_offer.items():
            groups, offer = self._offer_column(position), self.offers[position]
            members = [(column, 1.0) for column in columns]
            self._constrain([*members, (groups, -float(size_min))], 0, np.inf)
            self._constrain([*members, (groups, -float(offer.max_size))], -np.inf, 0)
            for column in columns:
                self._constrain([(column, 1.0), (groups, -1.0)], -np.inf, 0)

        # Redundant for whole numbers, but it tightens the linear relaxation, which would open fractions of groups.
        people = len({person for _, person in self._memberships})
        all_groups = [(self._offer_column(position), 1.0) for position in range(len(self.offers))]
        self._constrain(all_groups, 0, people // size_min)

    def _constrain_people(self) -> None:
        """Require that each person is in at most one group, and no excluded pair in one offer (then a single group)."""
        columns_of_person: dict[int, dict[int, int]] = {}
        for column, (position, person) in enumerate(self._memberships):
            columns_of_person.setdefault(person, {})[position] = column
        for person, columns in columns_of_person.items():
            self._constrain([(column, 1.0) for column in columns.values()], 0, 1)
            for excluded in self.solution.exclusions.excluded_by(person):
                for position, column in columns.items():
                    if person < excluded and position in columns_of_person.get(excluded, {}):
                        self._constrain([(column, 1.0), (columns_of_person[excluded][position], 1.0)], 0, 1)

    def _constrain_rooms(self) -> None:
        """Require that the groups in one place and slot find a free room each."""
        capacity = self.solution.capacity
        offers_of_room: dict[int, list[int]] = {}
        for position, offer in enumerate(self.offers):
            offers_of_room.setdefault(capacity.room_slot(offer.cell), []).append(position)
        for positions in offers_of_room.values():
            rooms = capacity.free_rooms(self.offers[positions[0]].cell)
            self._constrain([(self._offer_column(position), 1.0) for position in positions], 0, rooms)

    def _constrain_starters(self) -> None:
        """Require that each group has no more igangsettere than wanted, all different, and that none has too many."""
        capacity = self.solution.capacity
        columns_of_offer: dict[int, list[int]] = {}
        columns_of_starter: dict[int, list[int]] = {}
        for column, (position, starter) in enumerate(self._starts, start=self._first_start_column):
            columns_of_offer.setdefault(position, []).append(column)
            columns_of_starter.setdefault(starter, []).append(column)
            self._constrain([(column, 1.0), (self._offer_column(position), -1.0)], -np.inf, 0)
        for position, columns in columns_of_offer.items():
            starts = [(column, 1.0) for column in columns]
            self._constrain([(self._offer_column(position), -float(capacity.starters_wanted)), *starts], -np.inf, 0)
        for starter, columns in columns_of_starter.items():
            self._constrain([(column, 1.0) for column in columns], 0, capacity.remaining_groups(starter))

    def _constrain(self, entries: list[tuple[int, float]], lower_bound: float, upper_bound: float) -> None:
        """Add a row: the sum of (column, coefficient) entries lies between the bounds."""
        self._entries += [(self._row_count, column, value) for column, value in entries]
        self._row_count += 1
        self._lower_bounds.append(lower_bound)
        self._upper_bounds.append(upper_bound)
