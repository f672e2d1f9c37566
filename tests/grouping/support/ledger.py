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

Spot = tuple[str, str]
"""A place and a slot."""


class BrokenRuleError(AssertionError):
    """A hard rule was broken."""


@dataclass(slots=True)
class Party:
    """A group that has not met; its members by person id."""

    id: UUID
    cell: Cell
    capacity: int
    created_at: datetime
    starters: tuple[UUID, ...]
    members: dict[UUID, WaitingPerson]

    def open_group(self) -> OpenGroup:
        free_seats = self.capacity - len(self.members)
        return OpenGroup(self.id, self.cell, free_seats, self.created_at, frozenset(self.members))


@cache
def _away_km(starter: tuple[float, float], place: tuple[float, float]) -> float:
    return distance_km(*starter, *place)


class Ledger:
    """One area: ``config`` is its configuration; people, groups and used rooms are counted here instead."""

    def __init__(self, config: AreaConfig) -> None:
        self.checks = self.formed = self.placed = 0
        self.config = config
        self.excluded: dict[UUID, set[UUID]] = {}
        """By person: the people who must not be in the same group."""
        self.blocked: Counter[Spot] = Counter()
        self.begun: list[Party] = []
        """Groups that have met and still have their room and igangsettere."""
        self.groups: dict[UUID, Party] = {}
        self.group_of: dict[UUID, Party] = {}
        self.signups: dict[UUID, list[WaitingPerson]] = {}
        """By person: all sign-ups, waiting or seated."""
        self.waits: dict[UUID, WaitingPerson] = {}
        """By waiting person: the sign-up that takes part in matching."""
        self.away: set[UUID] = set()
        """People who left a group, as long as the matcher does not know."""
        self.at: dict[Cell, dict[UUID, WaitingPerson]] = {}
        self._at_groups: dict[Cell, set[UUID]] = {}
        self.load: Counter[UUID] = Counter()
        self._used: Counter[Spot] = Counter()
        self._fresh: set[UUID] = set()
        self._raised: set[Cell] = set()
        self._opened: set[UUID] = set()
        self._reopened = True
        self._read_places()

    # State

    def current_config(self) -> AreaConfig:
        """Return the configuration with the rooms and igangsettere that are in use now."""
        spots = {spot for spot in self._used | self.blocked if spot[0] in self.places}
        taken = tuple((*spot, self._used[spot] + self.blocked[spot]) for spot in sorted(spots))
        pairs = frozenset(frozenset({one, other}) for one, others in self.excluded.items() for other in others)
        starters = tuple(
            replace(starter, remaining_groups=max(0, starter.remaining_groups - self.load[starter.id]))
            for starter in self.config.starters
        )
        return replace(self.config, occupied_rooms=taken, starters=starters, exclusions=pairs)

    def state(self) -> AreaState:
        """Return the area with all its people and groups."""
        waiting = tuple(signup for person in self.waits for signup in self.signups[person])
        return AreaState(self.current_config(), waiting, tuple(group.open_group() for group in self.groups.values()))

    def can_begin(self, cell: Cell) -> bool:
        """Return True if a room and igangsettere are free for a group in the cell."""
        able = sum(
            self._able(starter, cell) and starter.remaining_groups > self.load[starter.id]
            for starter in self.config.starters
        )
        return self._room(cell) and able >= self.config.starters_min

    def _room(self, cell: Cell) -> bool:
        place, spot = self.places[cell.place], (cell.place, cell.slot)
        hours = place.slots is None or cell.slot in place.slots
        free = place.max_groups is None or self._used[spot] + self.blocked[spot] < place.max_groups
        return hours and free and self._most(place) >= self.config.size_min

    def _able(self, starter: Starter, cell: Cell) -> bool:
        place = self.places[cell.place]
        away = _away_km((starter.latitude, starter.longitude), (place.latitude, place.longitude))
        return away <= starter.reach_km and cell.slot in starter.slots and cell.language in starter.languages

    def _most(self, place: Place) -> int:
        return min(self.config.size_max, place.max_people or self.config.size_max)

    def _cells(self, person: WaitingPerson) -> Iterator[Cell]:
        wishes = person.wishes
        agreed = [
            one
            for one in wish_profiles(self.config.offered_wishes)
            if wishes.requires <= set(one.split("+")) - {""} <= wishes.accepts | wishes.requires
        ]
        for place in self.places.values():
            if can_reach(wishes, place):
                for slot in wishes.slots:
                    if place.slots is None or slot in place.slots:
                        cells = (Cell(place.id, slot, one, other) for one in wishes.languages for other in agreed)
                        yield from (cell for cell in cells if cell not in person.declined)

    # Changes

    def enter(self, person: WaitingPerson) -> None:
        """Add a sign-up, or replace its wishes."""
        own = self.signups.setdefault(person.person_id, [])
        own[:] = [one for one in own if one.signup_id != person.signup_id] + [person]
        self._choose(person.person_id)

    def leave(self, person: WaitingPerson) -> None:
        """Remove a sign-up."""
        self.signups[person.person_id].remove(person)
        self._choose(person.person_id)
        if not self.signups[person.person_id]:
            del self.signups[person.person_id]

    def unseat(self, person: UUID) -> Party:
        """Take a person out of their group; they wait again."""
        party = self.group_of.pop(person)
        del party.members[person]
        self.away.add(person)
        self._opened.add(party.id)
        self._choose(person)
        return party

    def close(self, party: Party) -> None:
        """Close a group to new members after it has met or was emptied."""
        del self.groups[party.id]
        self._at_groups[party.cell].discard(party.id)
        for person in party.members:
            del self.group_of[person], self.signups[person]

    def elsewhere(self, party: Party) -> list[Cell]:
        """Return the other cells to which a group can be relocated."""
        by_id = {starter.id: starter for starter in self.config.starters}
        common = set.intersection(*({*self._cells(member)} for member in party.members.values())) - {party.cell}
        return sorted(
            cell
            for cell in common
            if self._room(cell)
            and len(party.members) <= self._most(self.places[cell.place])
            and all(self._able(by_id[starter], cell) for starter in party.starters)
        )

    def move(self, party: Party, cell: Cell) -> None:
        """Relocate a group."""
        self._used[party.cell.place, party.cell.slot] -= 1
        self._used[cell.place, cell.slot] += 1
        self._at_groups[party.cell].discard(party.id)
        self._at_groups.setdefault(cell, set()).add(party.id)
        party.cell, party.capacity = cell, self._most(self.places[cell.place])
        self._reopened = True

    def give_back(self, party: Party) -> None:
        """Release the room and the igangsettere of a group."""
        self._used[party.cell.place, party.cell.slot] -= 1
        self.load.subtract(party.starters)
        self._reopened = True

    def update_config(self, config: AreaConfig) -> None:
        """Replace the configuration."""
        moved = config.places != self.config.places
        self.config = config
        self._reopened = True
        if moved:
            self._read_places()

    def _read_places(self) -> None:
        self.places = {place.id: place for place in self.config.places}
        self.at.clear()
        for who in self.waits.values():
            self._put(who)

    def _choose(self, person: UUID) -> None:
        before = self.waits.pop(person, None)
        own = self.signups.get(person, []) if person not in self.group_of else []
        now = min(own, key=lambda one: one.seniority, default=None)
        if now is not None:
            self.waits[person] = now
        if before != now:
            if before is not None:
                for cell in self._cells(before):
                    del self.at[cell][person]
            if now is not None:
                self._put(now)

    def _put(self, person: WaitingPerson) -> None:
        self._fresh.add(person.person_id)
        for cell in self._cells(person):
            self.at.setdefault(cell, {})[person.person_id] = person
            self._raised.add(cell)

    # Decisions

    def apply(self, plan: Plan, now: datetime) -> list[Party]:
        """
        Apply a plan and check every rule.

        Returns:
            The new groups.

        Raises:
            BrokenRuleError: The plan breaks a rule.
        """
        for join in plan.joins:
            party = self.groups[join.group_id]
            self.must(len(party.members) < party.capacity, "a seat is free", party)
            for other in self.at[party.cell].values():
                passed = other.seniority < join.assignment.waiting.seniority and other.person_id not in self.away
                enemy = passed and self._is_excluded(other.person_id, party.members)
                self.must(not passed or enemy, "the longest waiting person gets the seat", party, join, other)
            self._sit(party, join.assignment, now)
        return [self.form(new_group, now) for new_group in plan.new_groups]

    def form(self, new_group: NewGroup, now: datetime, capacity: int | None = None) -> Party:
        """
        Form a group and check every rule.

        Args:
            capacity: The size chosen by staff, who can form groups in an area on hold.

        Raises:
            BrokenRuleError: The group breaks a rule.
        """
        cell, who_start = new_group.cell, new_group.starters
        most = self._most(self.places[cell.place])
        self.must(
            capacity is not None or not self.config.on_hold, "no group is formed while the area is on hold", new_group
        )
        self.must(self.config.size_min <= len(new_group.members) <= most, "a group has its size", new_group)
        self.must(self._room(cell), "a room is free", new_group)
        self.must(
            len(set(who_start)) == len(who_start) == self.config.starters_min, "it has enough igangsettere", new_group
        )
        by_id = {starter.id: starter for starter in self.config.starters}
        for one in who_start:
            self.must(self._able(by_id[one], cell), "an igangsetter can be there", new_group)
            self.must(by_id[one].remaining_groups > self.load[one], "an igangsetter has time", new_group)
        order = [member.waiting.seniority for member in new_group.members]
        self.must(order == sorted(order), "the longest waiting comes first", new_group)
        party = Party(UUID(int=(7 << 96) + self.formed), cell, capacity or most, now, who_start, {})
        self.formed += 1
        self.groups[party.id] = party
        self._at_groups.setdefault(cell, set()).add(party.id)
        self._opened.add(party.id)
        self.load.update(who_start)
        self._used[cell.place, cell.slot] += 1
        for member in new_group.members:
            self._sit(party, member, now)
        return party

    def _sit(self, party: Party, placed: Assignment, now: datetime) -> None:
        who, cell = placed.waiting, party.cell
        place, person = self.places[cell.place], who.person_id
        self.must(self.waits.get(person) == who, "a seated person was waiting", placed)
        self.must(fits(who.wishes, cell, place), "the cell fits", placed, cell)
        self.must(cell not in who.declined, "a declined cell is not offered", placed, cell)
        self.must(not self._is_excluded(person, party.members), "excluded people are kept apart", placed, party)
        reason = (travel_km(who.wishes, place), cell.slot, cell.language, max(0, (now - who.signed_up_at).days))
        stated = placed.reason
        self.must(
            (stated.distance_km, stated.slot, stated.language, stated.waited_days) == reason,
            "the reason is true",
            placed,
        )
        party.members[person] = who
        self.group_of[person] = party
        self.placed += 1
        self._choose(person)

    def rest(self) -> None:
        """
        Check that nothing is left to decide in the cells that have changed.

        Raises:
            BrokenRuleError: A seat could be filled, or a group formed.
        """
        for person in self._fresh & self.waits.keys():
            for cell in self._cells(self.waits[person]):
                for group in self._at_groups.get(cell, ()):
                    self._no_free_seat(person, self.groups[group])
        for party in self.groups.values() if self._reopened else map(self.groups.get, self._opened):
            if party is not None:
                for person in self.at.get(party.cell, ()):
                    self._no_free_seat(person, party)
        if not self.config.on_hold:
            for cell in list(self.at) if self._reopened else self._raised:
                if len(self.at.get(cell, ())) >= self.config.size_min:
                    ripe = self.can_begin(cell) and self._most_compatible(set(self.at[cell])) >= self.config.size_min
                    self.must(not ripe, "no further group can be formed", cell)
        self._fresh.clear()
        self._opened.clear()
        self._raised.clear()
        self._reopened = False

    def recount(self, matcher: AreaMatcher) -> None:
        """
        Compare the whole matcher with this model.

        Raises:
            BrokenRuleError: They differ.
        """
        self._reopened = True
        self.rest()
        rebuilt = AreaMatcher(self.state())
        self.must(count_differences(matcher, rebuilt) == 0, "the matcher equals a rebuilt one")
        self.must(
            bool((matcher.capacity.available_now == rebuilt.capacity.available_now).all()),
            "free capacity equals a recount",
        )
        spot, possible = matcher.cell_index.cells_per_slot, matcher.capacity.feasible.ravel()
        results = {
            cell: int(matcher.waiting_counts[cell])
            for cell in matcher.waiting_counts.nonzero()[0].tolist()
            if possible[cell // spot]
        }
        counted = {matcher.cell_index.number(cell): len(people) for cell, people in self.at.items() if people}
        counted = {cell: count for cell, count in counted.items() if cell is not None and possible[cell // spot]}
        self.must(results == counted, "as many fit each cell as it says")
        self.must(
            set(matcher.pool.row_of_signup) == {who.signup_id for who in self.waits.values()}, "who waits is here"
        )
        self.must(not self.waits.keys() & self.group_of.keys(), "nobody waits who has a seat")
        sitting = [person for party in self.groups.values() for person in party.members]
        self.must(len(sitting) == len(set(sitting)), "nobody is in two groups")

    def must(self, holds: bool, rule: str, *about: object) -> None:
        self.checks += 1
        if not holds:
            raise BrokenRuleError(rule, *about)

    def _no_free_seat(self, person: UUID, party: Party) -> None:
        fits_in = len(party.members) < party.capacity and not self._is_excluded(person, party.members)
        self.must(not fits_in, "no waiting person fits a free seat", person, party)

    def _is_excluded(self, person: UUID, others: Collection[UUID]) -> bool:
        return any(enemy in others for enemy in self.excluded.get(person, ()))

    def _most_compatible(self, people: set[UUID]) -> int:
        """Return the size of the largest conflict-free subset."""
        split = next((one for one in self.excluded if one in people and self._is_excluded(one, people)), None)
        if split is None:
            return len(people)
        others = people - {split}
        return max(self._most_compatible(others), 1 + self._most_compatible(others - self.excluded[split]))
