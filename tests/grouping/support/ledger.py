"""
A plain-Python model of one area: waiting people, seats and free capacity. Every decision is checked against it.

It shares nothing with the engine but the meaning of a hard limit, the domain's ``fits``.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID

import numpy as np

from grouping.domain.matching.cells import (
    Cell,
    Place,
    Starter,
    WaitingPerson,
    can_reach,
    fits,
    travel_km,
    wish_profiles,
)
from grouping.domain.matching.matcher import AreaMatcher, count_differences
from grouping.domain.matching.model import AreaConfig, AreaState, Assignment, NewGroup, OpenGroup, Plan
from shared.reference.places import distance_km

PlaceSlot = tuple[str, str]
"""A place id and a slot."""


class BrokenRuleError(AssertionError):
    """A hard rule was broken."""


@dataclass(slots=True)
class LedgerGroup:
    """A group with its members by person id."""

    id: UUID
    cell: Cell
    capacity: int
    created_at: datetime
    starters: tuple[UUID, ...]
    members: dict[UUID, WaitingPerson]

    def open_group(self) -> OpenGroup:
        """Return the group as the matcher sees it."""
        free_seats = self.capacity - len(self.members)
        return OpenGroup(self.id, self.cell, free_seats, self.created_at, frozenset(self.members))


@cache
def _distance_km(starter: tuple[float, float], place: tuple[float, float]) -> float:
    return distance_km(*starter, *place)


class Ledger:
    """
    One area: its configuration, people, groups and used rooms.

    ``config`` holds the rooms and igangsettere as if no group used any; :meth:`current_config` subtracts the used ones.
    """

    def __init__(self, config: AreaConfig) -> None:
        self.checks = self.formed = self.placed = 0
        self.config = config
        self.exclusions: dict[UUID, set[UUID]] = {}
        """By person: the people who must not be in the same group."""
        self.blocked: Counter[PlaceSlot] = Counter()
        """Number of groups' worth of rooms that are used for something else."""
        self.met_groups: list[LedgerGroup] = []
        """Groups that have met and still have their room and igangsettere."""
        self.groups: dict[UUID, LedgerGroup] = {}
        """Groups that have not met."""
        self.group_of: dict[UUID, LedgerGroup] = {}
        """By seated person."""
        self.signups: dict[UUID, list[WaitingPerson]] = {}
        """By person: all sign-ups, waiting or seated."""
        self.waiting: dict[UUID, WaitingPerson] = {}
        """By waiting person: the sign-up that takes part in matching."""
        self.unknown_to_matcher: set[UUID] = set()
        """People who left a group and are not in the matcher yet."""
        self.waiting_at: dict[Cell, dict[UUID, WaitingPerson]] = {}
        """By cell: the waiting people who fit it."""
        self._group_ids_at: dict[Cell, set[UUID]] = {}
        """By cell: the groups there that have not met."""
        self.groups_of_starter: Counter[UUID] = Counter()
        """By igangsetter: number of groups that have not released them."""
        self._used: Counter[PlaceSlot] = Counter()
        """Number of groups that have not released their room."""
        # The changes since the last check_at_rest, which only looks at these unless _check_everything is set.
        self._changed_people: set[UUID] = set()
        self._cells_with_newcomers: set[Cell] = set()
        self._changed_groups: set[UUID] = set()
        self._check_everything = True
        self._read_places()

    # State

    def current_config(self) -> AreaConfig:
        """Return the configuration with the rooms and igangsettere that are in use now."""
        spots = {spot for spot in self._used | self.blocked if spot[0] in self.places}
        taken = tuple((*spot, self._used[spot] + self.blocked[spot]) for spot in sorted(spots))
        pairs = frozenset(frozenset({one, other}) for one, others in self.exclusions.items() for other in others)
        starters = tuple(
            replace(starter, remaining_groups=max(0, starter.remaining_groups - self.groups_of_starter[starter.id]))
            for starter in self.config.starters
        )
        return replace(self.config, occupied_rooms=taken, starters=starters, exclusions=pairs)

    def state(self) -> AreaState:
        """Return the area with all its people and groups."""
        waiting = tuple(signup for person in self.waiting for signup in self.signups[person])
        return AreaState(self.current_config(), waiting, tuple(group.open_group() for group in self.groups.values()))

    def has_capacity(self, cell: Cell) -> bool:
        """Return True if a room is free for a group in the cell, and its language is spoken."""
        return self._has_free_room(cell) and self._is_spoken(cell)

    def _is_spoken(self, cell: Cell) -> bool:
        return self.config.languages is None or cell.language in self.config.languages

    def _free_starters(self, cell: Cell) -> int:
        return sum(
            self._suits(starter, cell) and starter.remaining_groups > self.groups_of_starter[starter.id]
            for starter in self.config.starters
        )

    def _has_free_room(self, cell: Cell) -> bool:
        place, spot = self.places[cell.place], (cell.place, cell.slot)
        is_open = place.slots is None or cell.slot in place.slots
        is_free = place.max_groups is None or self._used[spot] + self.blocked[spot] < place.max_groups
        return is_open and is_free and self._max_size(place) >= self.config.size_min

    def _suits(self, starter: Starter, cell: Cell) -> bool:
        place = self.places[cell.place]
        km = _distance_km((starter.latitude, starter.longitude), (place.latitude, place.longitude))
        return km <= starter.reach_km and cell.slot in starter.slots and cell.language in starter.languages

    def _max_size(self, place: Place) -> int:
        return min(self.config.size_max, place.max_people or self.config.size_max)

    def _cells(self, person: WaitingPerson) -> Iterator[Cell]:
        """Yield the cells that a person fits and has not declined."""
        wishes = person.wishes
        profiles = [
            profile
            for profile in wish_profiles(self.config.offered_wishes)
            if wishes.requires <= set(profile.split("+")) - {""} <= wishes.accepts | wishes.requires
        ]
        for place in self.places.values():
            if can_reach(wishes, place):
                for slot in wishes.slots:
                    if place.slots is None or slot in place.slots:
                        cells = (
                            Cell(place.id, slot, language, profile)
                            for language in wishes.languages
                            for profile in profiles
                        )
                        yield from (cell for cell in cells if cell not in person.declined)

    # Changes

    def enter(self, person: WaitingPerson) -> None:
        """Add a sign-up, or replace its wishes."""
        signups = self.signups.setdefault(person.person_id, [])
        signups[:] = [signup for signup in signups if signup.signup_id != person.signup_id] + [person]
        self._update_waiting(person.person_id)

    def leave(self, person: WaitingPerson) -> None:
        """Remove a sign-up."""
        self.signups[person.person_id].remove(person)
        self._update_waiting(person.person_id)
        if not self.signups[person.person_id]:
            del self.signups[person.person_id]

    def leave_group(self, person: UUID) -> LedgerGroup:
        """Take a person out of their group; they wait again."""
        group = self.group_of.pop(person)
        del group.members[person]
        self.unknown_to_matcher.add(person)
        self._changed_groups.add(group.id)
        self._update_waiting(person)
        return group

    def close(self, group: LedgerGroup) -> None:
        """Close a group to new members after it has met or was emptied."""
        del self.groups[group.id]
        self._group_ids_at[group.cell].discard(group.id)
        for person in group.members:
            del self.group_of[person], self.signups[person]

    def other_cells(self, group: LedgerGroup) -> list[Cell]:
        """Return the other cells to which a group can be relocated."""
        starter_by_id = {starter.id: starter for starter in self.config.starters}
        common = set.intersection(*({*self._cells(member)} for member in group.members.values())) - {group.cell}
        return sorted(
            cell
            for cell in common
            if self._has_free_room(cell)
            and len(group.members) <= self._max_size(self.places[cell.place])
            and all(self._suits(starter_by_id[starter], cell) for starter in group.starters)
        )

    def move(self, group: LedgerGroup, cell: Cell) -> None:
        """Relocate a group."""
        self._used[group.cell.place, group.cell.slot] -= 1
        self._used[cell.place, cell.slot] += 1
        self._group_ids_at[group.cell].discard(group.id)
        self._group_ids_at.setdefault(cell, set()).add(group.id)
        group.cell, group.capacity = cell, self._max_size(self.places[cell.place])
        self._check_everything = True

    def release_capacity(self, group: LedgerGroup) -> None:
        """Release the room and the igangsettere of a group."""
        self._used[group.cell.place, group.cell.slot] -= 1
        self.groups_of_starter.subtract(group.starters)
        self._check_everything = True

    def update_config(self, config: AreaConfig) -> None:
        """Replace the configuration."""
        places_changed = config.places != self.config.places
        self.config = config
        self._check_everything = True
        if places_changed:
            self._read_places()

    def _read_places(self) -> None:
        self.places = {place.id: place for place in self.config.places}
        self.waiting_at.clear()
        for person in self.waiting.values():
            self._add_to_cells(person)

    def _update_waiting(self, person: UUID) -> None:
        """Choose the oldest sign-up of a person for matching, or none if the person has a seat."""
        before = self.waiting.pop(person, None)
        signups = self.signups.get(person, []) if person not in self.group_of else []
        after = min(signups, key=lambda signup: signup.seniority, default=None)
        if after is not None:
            self.waiting[person] = after
        if before != after:
            if before is not None:
                for cell in self._cells(before):
                    del self.waiting_at[cell][person]
            if after is not None:
                self._add_to_cells(after)

    def _add_to_cells(self, person: WaitingPerson) -> None:
        self._changed_people.add(person.person_id)
        for cell in self._cells(person):
            self.waiting_at.setdefault(cell, {})[person.person_id] = person
            self._cells_with_newcomers.add(cell)

    # Decisions

    def apply(self, plan: Plan, now: datetime) -> list[LedgerGroup]:
        """
        Apply a plan and check every rule.

        Returns:
            The new groups.

        Raises:
            BrokenRuleError: The plan breaks a rule.
        """
        for join in plan.joins:
            group = self.groups[join.group_id]
            self.require(len(group.members) < group.capacity, "a seat is free", group)
            for other in self.waiting_at[group.cell].values():
                waited_longer = other.seniority < join.assignment.waiting.seniority
                passed_over = waited_longer and other.person_id not in self.unknown_to_matcher
                excluded = passed_over and self._conflicts(other.person_id, group.members)
                self.require(
                    not passed_over or excluded, "the longest waiting person gets the seat", group, join, other
                )
            self._seat(group, join.assignment, now)
        return [self.form(new_group, now) for new_group in plan.new_groups]

    def form(self, new_group: NewGroup, now: datetime, capacity: int | None = None) -> LedgerGroup:
        """
        Form a group and check every rule.

        Args:
            capacity: The size chosen by staff, who can form groups in an area on hold.

        Raises:
            BrokenRuleError: The group breaks a rule.
        """
        cell, starters = new_group.cell, new_group.starters
        max_size = self._max_size(self.places[cell.place])
        self.require(
            capacity is not None or not self.config.on_hold, "no group is formed while the area is on hold", new_group
        )
        self.require(self.config.size_min <= len(new_group.members) <= max_size, "a group has its size", new_group)
        self.require(self._has_free_room(cell), "a room is free", new_group)
        self.require(self._is_spoken(cell), "somebody speaks its language", new_group)
        most = min(self.config.starters_min, self._free_starters(cell))
        self.require(len(set(starters)) == len(starters) == most, "it has all igangsettere that it can have", new_group)
        starter_by_id = {starter.id: starter for starter in self.config.starters}
        for starter_id in starters:
            starter = starter_by_id[starter_id]
            is_free = starter.remaining_groups > self.groups_of_starter[starter_id]
            self.require(self._suits(starter, cell), "an igangsetter can be there", new_group)
            self.require(is_free, "an igangsetter has time", new_group)
        order = [member.waiting.seniority for member in new_group.members]
        self.require(order == sorted(order), "the longest waiting comes first", new_group)
        group = LedgerGroup(UUID(int=(7 << 96) + self.formed), cell, capacity or max_size, now, starters, {})
        self.formed += 1
        self.groups[group.id] = group
        self._group_ids_at.setdefault(cell, set()).add(group.id)
        self._changed_groups.add(group.id)
        self.groups_of_starter.update(starters)
        self._used[cell.place, cell.slot] += 1
        for member in new_group.members:
            self._seat(group, member, now)
        return group

    def _seat(self, group: LedgerGroup, assignment: Assignment, now: datetime) -> None:
        """Give a waiting person a seat and check the rules about it."""
        signup, cell = assignment.waiting, group.cell
        place, person = self.places[cell.place], signup.person_id
        self.require(self.waiting.get(person) == signup, "a seated person was waiting", assignment)
        self.require(fits(signup.wishes, cell, place), "the cell fits", assignment, cell)
        self.require(cell not in signup.declined, "a declined cell is not offered", assignment, cell)
        self.require(not self._conflicts(person, group.members), "excluded people are kept apart", assignment, group)
        reason = (travel_km(signup.wishes, place), cell.slot, cell.language, max(0, (now - signup.signed_up_at).days))
        stated = assignment.reason
        self.require(
            (stated.distance_km, stated.slot, stated.language, stated.waited_days) == reason,
            "the reason is true",
            assignment,
        )
        group.members[person] = signup
        self.group_of[person] = group
        self.placed += 1
        self._update_waiting(person)

    def check_at_rest(self) -> None:
        """
        Check that the matcher has decided all that can be decided where something has changed.

        Raises:
            BrokenRuleError: A seat could be filled, or a group formed.
        """
        for person in self._changed_people & self.waiting.keys():
            for cell in self._cells(self.waiting[person]):
                for group_id in self._group_ids_at.get(cell, ()):
                    self._check_no_seat_for(person, self.groups[group_id])
        group_ids = self.groups if self._check_everything else self._changed_groups & self.groups.keys()
        for group_id in group_ids:
            group = self.groups[group_id]
            for person in self.waiting_at.get(group.cell, ()):
                self._check_no_seat_for(person, group)
        if not self.config.on_hold:
            size_min = self.config.size_min
            for cell in list(self.waiting_at) if self._check_everything else self._cells_with_newcomers:
                people = set(self.waiting_at.get(cell, ()))
                if len(people) >= size_min:
                    can_form = self.has_capacity(cell) and self._max_compatible(people) >= size_min
                    self.require(not can_form, "no further group can be formed", cell)
        self._changed_people.clear()
        self._changed_groups.clear()
        self._cells_with_newcomers.clear()
        self._check_everything = False

    def compare_matcher(self, matcher: AreaMatcher) -> None:
        """
        Compare the whole matcher with this model.

        Raises:
            BrokenRuleError: They differ.
        """
        self._check_everything = True
        self.check_at_rest()
        rebuilt = AreaMatcher(self.state())
        self.require(count_differences(matcher, rebuilt) == 0, "the matcher equals a rebuilt one")
        self.require(
            bool((matcher.capacity.available_now == rebuilt.capacity.available_now).all()),
            "free capacity equals that of a rebuilt matcher",
        )
        spots = np.arange(matcher.capacity.available_now.size, dtype=np.int32)
        self.require(
            bool((matcher.capacity.lacking(spots) == rebuilt.capacity.lacking(spots)).all()),
            "what groups would lack equals that of a rebuilt matcher",
        )
        cells_per_slot, feasible = matcher.cell_index.cells_per_slot, matcher.capacity.feasible.ravel()
        counts = {
            cell: int(matcher.waiting_counts[cell])
            for cell in matcher.waiting_counts.nonzero()[0].tolist()
            if feasible[cell // cells_per_slot]
        }
        expected = {matcher.cell_index.number(cell): len(people) for cell, people in self.waiting_at.items() if people}
        expected = {
            cell: count for cell, count in expected.items() if cell is not None and feasible[cell // cells_per_slot]
        }
        self.require(counts == expected, "the matcher's counts are those of the people who fit")
        signups = {signup.signup_id for signup in self.waiting.values()}
        self.require(set(matcher.pool.row_of_signup) == signups, "the matcher has the waiting people")
        self.require(not self.waiting.keys() & self.group_of.keys(), "a seated person does not wait")
        seated = [person for group in self.groups.values() for person in group.members]
        self.require(len(seated) == len(set(seated)), "a person is in one group")

    def require(self, holds: bool, rule: str, *about: object) -> None:
        """
        Count a check of a rule.

        Args:
            holds: True if the rule is kept.
            rule: The rule in words, for the error.
            about: The objects concerned, for the error.

        Raises:
            BrokenRuleError: The rule is not kept.
        """
        self.checks += 1
        if not holds:
            raise BrokenRuleError(rule, *about)

    def _check_no_seat_for(self, person: UUID, group: LedgerGroup) -> None:
        can_join = len(group.members) < group.capacity and not self._conflicts(person, group.members)
        self.require(not can_join, "no waiting person fits a free seat", person, group)

    def _conflicts(self, person: UUID, others: Collection[UUID]) -> bool:
        return any(excluded in others for excluded in self.exclusions.get(person, ()))

    def _max_compatible(self, people: set[UUID]) -> int:
        """Return the size of the largest conflict-free subset."""
        branch = next((person for person in people if self._conflicts(person, people)), None)
        if branch is None:
            return len(people)
        others = people - {branch}
        return max(self._max_compatible(others), 1 + self._max_compatible(others - self.exclusions[branch]))
