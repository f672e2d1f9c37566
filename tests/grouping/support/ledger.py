"""
The books of one area, in plain Python: who waits, who sits where, what is free. Every decision is held against them.

They know nothing of how the engine finds what it finds; what a hard rule means they have from the domain's ``fits``.
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
    """A group that has not met; ``members`` by person."""

    id: UUID
    cell: Cell
    capacity: int
    created_at: datetime
    starters: tuple[UUID, ...]
    members: dict[UUID, WaitingPerson]

    def told(self) -> OpenGroup:
        chairs = self.capacity - len(self.members)
        return OpenGroup(self.id, self.cell, chairs, self.created_at, frozenset(self.members))


@cache
def _away_km(starter: tuple[float, float], place: tuple[float, float]) -> float:
    return distance_km(*starter, *place)


class Ledger:
    """One area: ``config`` is its configuration; people, groups and used rooms are counted here instead."""

    def __init__(self, config: AreaConfig) -> None:
        self.checks = self.formed = self.placed = 0
        self.config = config
        self.apart: dict[UUID, set[UUID]] = {}
        """By person, whom they must not meet."""
        self.blocked: Counter[Spot] = Counter()
        self.begun: list[Party] = []
        """Groups that have met, and have their room and igangsettere still."""
        self.groups: dict[UUID, Party] = {}
        self.group_of: dict[UUID, Party] = {}
        self.signups: dict[UUID, list[WaitingPerson]] = {}
        """By person, whether they wait or sit."""
        self.waits: dict[UUID, WaitingPerson] = {}
        """By person, the one sign-up that counts."""
        self.away: set[UUID] = set()
        """Who has left a group, and has not been told to the matcher yet."""
        self.at: dict[Cell, dict[UUID, WaitingPerson]] = {}
        self._at_groups: dict[Cell, set[UUID]] = {}
        self.load: Counter[UUID] = Counter()
        self._used: Counter[Spot] = Counter()
        self._fresh: set[UUID] = set()
        self._raised: set[Cell] = set()
        self._opened: set[UUID] = set()
        self._reopened = True
        self._read_places()

    # What is

    def current_config(self) -> AreaConfig:
        """Return the configuration with the rooms and igangsettere that are in use now."""
        spots = {spot for spot in self._used | self.blocked if spot[0] in self.places}
        taken = tuple((*spot, self._used[spot] + self.blocked[spot]) for spot in sorted(spots))
        pairs = frozenset(frozenset({one, other}) for one, others in self.apart.items() for other in others)
        starters = tuple(
            replace(one, remaining_groups=max(0, one.remaining_groups - self.load[one.id]))
            for one in self.config.starters
        )
        return replace(self.config, occupied_rooms=taken, starters=starters, exclusions=pairs)

    def state(self) -> AreaState:
        """The area with everybody in it."""
        waiting = tuple(one for person in self.waits for one in self.signups[person])
        return AreaState(self.current_config(), waiting, tuple(one.told() for one in self.groups.values()))

    def can_begin(self, cell: Cell) -> bool:
        """Whether a room and igangsettere are free for a group there."""
        able = sum(self._able(one, cell) and one.remaining_groups > self.load[one.id] for one in self.config.starters)
        return self._room(cell) and able >= self.config.starters_min

    def _room(self, cell: Cell) -> bool:
        place, spot = self.places[cell.place], (cell.place, cell.slot)
        hours = place.slots is None or cell.slot in place.slots
        free = place.max_groups is None or self._used[spot] + self.blocked[spot] < place.max_groups
        return hours and free and self._most(place) >= self.config.size_min

    def _able(self, one: Starter, cell: Cell) -> bool:
        place = self.places[cell.place]
        away = _away_km((one.latitude, one.longitude), (place.latitude, place.longitude))
        return away <= one.reach_km and cell.slot in one.slots and cell.language in one.languages

    def _most(self, place: Place) -> int:
        return min(self.config.size_max, place.max_people or self.config.size_max)

    def _cells(self, who: WaitingPerson) -> Iterator[Cell]:
        wishes = who.wishes
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
                        yield from (cell for cell in cells if cell not in who.declined)

    # What happens

    def enter(self, who: WaitingPerson) -> None:
        """A sign-up waits, or waits for something else."""
        own = self.signups.setdefault(who.person_id, [])
        own[:] = [one for one in own if one.signup_id != who.signup_id] + [who]
        self._choose(who.person_id)

    def leave(self, who: WaitingPerson) -> None:
        """A sign-up is gone."""
        self.signups[who.person_id].remove(who)
        self._choose(who.person_id)
        if not self.signups[who.person_id]:
            del self.signups[who.person_id]

    def unseat(self, person: UUID) -> Party:
        """Somebody has left their group, and waits."""
        party = self.group_of.pop(person)
        del party.members[person]
        self.away.add(person)
        self._opened.add(party.id)
        self._choose(person)
        return party

    def close(self, party: Party) -> None:
        """A group takes nobody any more; its members have been unseated, or have met."""
        del self.groups[party.id]
        self._at_groups[party.cell].discard(party.id)
        for person in party.members:
            del self.group_of[person], self.signups[person]

    def elsewhere(self, party: Party) -> list[Cell]:
        """The other cells that a group could move to."""
        by_id = {one.id: one for one in self.config.starters}
        common = set.intersection(*({*self._cells(who)} for who in party.members.values())) - {party.cell}
        return sorted(
            cell
            for cell in common
            if self._room(cell)
            and len(party.members) <= self._most(self.places[cell.place])
            and all(self._able(by_id[one], cell) for one in party.starters)
        )

    def move(self, party: Party, cell: Cell) -> None:
        """A group meets elsewhere than was said."""
        self._used[party.cell.place, party.cell.slot] -= 1
        self._used[cell.place, cell.slot] += 1
        self._at_groups[party.cell].discard(party.id)
        self._at_groups.setdefault(cell, set()).add(party.id)
        party.cell, party.capacity = cell, self._most(self.places[cell.place])
        self._reopened = True

    def give_back(self, party: Party) -> None:
        """A group needs its room and its igangsettere no longer."""
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

    def _put(self, who: WaitingPerson) -> None:
        self._fresh.add(who.person_id)
        for cell in self._cells(who):
            self.at.setdefault(cell, {})[who.person_id] = who
            self._raised.add(cell)

    # What is decided

    def apply(self, plan: Plan, now: datetime) -> list[Party]:
        """
        Do what a plan says, and check every rule on the way.

        Returns:
            The new groups.

        Raises:
            BrokenRuleError: What the plan says may not be.
        """
        for join in plan.joins:
            party = self.groups[join.group_id]
            self.must(len(party.members) < party.capacity, "a chair is free", party)
            for other in self.at[party.cell].values():
                passed = other.seniority < join.assignment.waiting.seniority and other.person_id not in self.away
                enemy = passed and self._enemy(other.person_id, party.members)
                self.must(not passed or enemy, "the longest waiting has the chair", party, join, other)
            self._sit(party, join.assignment, now)
        return [self.form(forming, now) for forming in plan.new_groups]

    def form(self, forming: NewGroup, now: datetime, capacity: int | None = None) -> Party:
        """
        Make one group.

        Args:
            capacity: What staff have decided, who may do so while an area is held.

        Raises:
            BrokenRuleError: It may not be made.
        """
        cell, who_start = forming.cell, forming.starters
        most = self._most(self.places[cell.place])
        self.must(capacity is not None or not self.config.on_hold, "nothing is made while the area is held", forming)
        self.must(self.config.size_min <= len(forming.members) <= most, "a group has its size", forming)
        self.must(self._room(cell), "a room is free", forming)
        self.must(len(set(who_start)) == len(who_start) == self.config.starters_min, "enough who start it", forming)
        by_id = {one.id: one for one in self.config.starters}
        for one in who_start:
            self.must(self._able(by_id[one], cell), "an igangsetter can be there", forming)
            self.must(by_id[one].remaining_groups > self.load[one], "an igangsetter has time", forming)
        order = [one.waiting.seniority for one in forming.members]
        self.must(order == sorted(order), "the longest waiting comes first", forming)
        party = Party(UUID(int=(7 << 96) + self.formed), cell, capacity or most, now, who_start, {})
        self.formed += 1
        self.groups[party.id] = party
        self._at_groups.setdefault(cell, set()).add(party.id)
        self._opened.add(party.id)
        self.load.update(who_start)
        self._used[cell.place, cell.slot] += 1
        for member in forming.members:
            self._sit(party, member, now)
        return party

    def _sit(self, party: Party, placed: Assignment, now: datetime) -> None:
        who, cell = placed.waiting, party.cell
        place, person = self.places[cell.place], who.person_id
        self.must(self.waits.get(person) == who, "who is placed waits", placed)
        self.must(fits(who.wishes, cell, place), "the cell fits", placed, cell)
        self.must(cell not in who.declined, "nobody gets what they refused", placed, cell)
        self.must(not self._enemy(person, party.members), "who must not meet does not", placed, party)
        reason = (travel_km(who.wishes, place), cell.slot, cell.language, max(0, (now - who.signed_up_at).days))
        told = placed.reason
        self.must(
            (told.distance_km, told.slot, told.language, told.waited_days) == reason, "the reason is true", placed
        )
        party.members[person] = who
        self.group_of[person] = party
        self.placed += 1
        self._choose(person)

    def rest(self) -> None:
        """
        Check that nothing is left to decide, where something has changed.

        Raises:
            BrokenRuleError: Somebody could sit, or a group be made.
        """
        for person in self._fresh & self.waits.keys():
            for cell in self._cells(self.waits[person]):
                for group in self._at_groups.get(cell, ()):
                    self._no_chair(person, self.groups[group])
        for party in self.groups.values() if self._reopened else map(self.groups.get, self._opened):
            if party is not None:
                for person in self.at.get(party.cell, ()):
                    self._no_chair(person, party)
        if not self.config.on_hold:
            for cell in list(self.at) if self._reopened else self._raised:
                if len(self.at.get(cell, ())) >= self.config.size_min:
                    ripe = self.can_begin(cell) and self._peaceful(set(self.at[cell])) >= self.config.size_min
                    self.must(not ripe, "no group is left that could be made", cell)
        self._fresh.clear()
        self._opened.clear()
        self._raised.clear()
        self._reopened = False

    def recount(self, matcher: AreaMatcher) -> None:
        """
        Hold the whole matcher against the books.

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
        found = {
            cell: int(matcher.waiting_counts[cell])
            for cell in matcher.waiting_counts.nonzero()[0].tolist()
            if possible[cell // spot]
        }
        counted = {matcher.cell_index.number(cell): len(people) for cell, people in self.at.items() if people}
        counted = {cell: count for cell, count in counted.items() if cell is not None and possible[cell // spot]}
        self.must(found == counted, "as many fit each cell as it says")
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

    def _no_chair(self, person: UUID, party: Party) -> None:
        fits_in = len(party.members) < party.capacity and not self._enemy(person, party.members)
        self.must(not fits_in, "nobody waits who fits an open chair", person, party)

    def _enemy(self, person: UUID, others: Collection[UUID]) -> bool:
        return any(enemy in others for enemy in self.apart.get(person, ()))

    def _peaceful(self, people: set[UUID]) -> int:
        """The most of these people who can all meet one another."""
        split = next((one for one in self.apart if one in people and self._enemy(one, people)), None)
        if split is None:
            return len(people)
        others = people - {split}
        return max(self._peaceful(others), 1 + self._peaceful(others - self.apart[split]))
