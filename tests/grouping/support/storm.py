"""
A random history of one area, with every hard rule checked after each event.

``python -m tests.grouping.support.storm --events 1000000`` plays a million events.
"""

import argparse
import hashlib
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import UUID

from grouping.domain.matching.cells import Place, Starter, WaitingPerson, Wishes, fits
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, Plan
from tests.grouping.support.ledger import BrokenRuleError, Ledger, LedgerGroup

T = TypeVar("T")

START: Final = datetime(2026, 1, 5, 11, tzinfo=UTC)
TIMES: Final = ("mon-evening", "tue-day", "tue-evening", "wed-evening", "thu-evening", "sat-morning")
LANGUAGES: Final = (("nb",), ("nb",), ("nb",), ("nb", "en"), ("en", "ar"), ("ar",))
OFFERED: Final = ("women", "young")
WISH_CHOICES: Final = (((), ()),) * 8 + (
    (("women",), ()),
    (("women",), ("women",)),
    (OFFERED, ()),
    (OFFERED, ("young",)),
)
MANY_WAITING: Final = 300
"""With more waiting people than this, one withdraws for each that arrives."""
MOST_EXCLUDED: Final = 40
MOST_GONE: Final = 100
"""Number of sign-ups that have left whose events can be repeated."""
RECOUNT_EVERY: Final = 500
"""Number of events between two comparisons of the whole matcher with the ledger."""

EVENT_WEIGHTS: Final = MappingProxyType(
    {
        "arrive": 40.0,
        "sign_up_again": 3.0,
        "change_wishes": 7.0,
        "withdraw": 8.0,
        "repeat_events": 5.0,
        "decline_cell": 6.0,
        "hold_start_meeting": 4.0,
        "cancel_group": 1.5,
        "relocate_group": 1.5,
        "end_group": 5.0,
        "change_starter": 2.0,
        "block_room": 1.0,
        "unblock_room": 1.5,
        "add_exclusions": 0.7,
        "remove_exclusions": 0.5,
        "hold": 0.3,
        "resume": 3.0,
        "staff_form_group": 0.5,
        "change_room": 0.1,
    }
)

AREAS: Final = ((5, 8, 1), (5, 8, 0), (3, 5, 2), (4, 6, 1))
"""Smallest and largest size of a group, and number of igangsettere it needs, in the areas of a long run."""


class Storm:
    """
    One random history; the same seed gives the same one.

    Args:
        size_min, size_max, starters_min: The area's policy.
        rebuild_every: Number of events after which the matcher is rebuilt, as by a new process; the decisions must not
            depend on it.

    Attributes:
        digest: Hash of all decisions so far.
        event_counts: Number of events by kind.
    """

    def __init__(
        self, seed: int, size_min: int = 5, size_max: int = 8, starters_min: int = 1, rebuild_every: int | None = None
    ) -> None:
        self.rng = Random(seed)
        self.rebuild_every = rebuild_every
        self.now = START
        self.digest = hashlib.sha256()
        self.event_counts: Counter[str] = Counter()
        self._homes = [self._point() for _ in range(40)]
        places = tuple(self._place(f"place-{number}") for number in range(12))
        starters = tuple(self._starter() for _ in range(14 * starters_min))
        config = AreaConfig(
            places, size_min, size_max, offered_wishes=OFFERED, starters=starters, starters_min=starters_min
        )
        self.ledger = Ledger(config)
        self.matcher = AreaMatcher(AreaState(config, ()))
        self._gone: deque[UUID] = deque(maxlen=MOST_GONE)

    def play(self, events: int, recount_every: int = RECOUNT_EVERY) -> None:
        """
        Play this many random events and check the ledger after each.

        Raises:
            BrokenRuleError: A rule was broken.
        """
        for name in self.rng.choices(list(EVENT_WEIGHTS), list(EVENT_WEIGHTS.values()), k=events):
            self.now += timedelta(minutes=self.rng.randint(1, 120))
            play_event: Callable[[], None] = getattr(self, f"_{name}")
            play_event()
            self.ledger.check_at_rest()
            self.event_counts[name] += 1
            count = self.event_counts.total()
            if self.rebuild_every is not None and count % self.rebuild_every == 0:
                self._rebuild_matcher()
            if count % recount_every == 0:
                self.ledger.compare_matcher(self.matcher)

    # Events about people

    def _arrive(self) -> None:
        self._enter(WaitingPerson(self._id(), self._id(), self._wishes(), self._signup_time()))
        if len(self.ledger.waiting) > MANY_WAITING:
            self._withdraw()

    def _sign_up_again(self) -> None:
        """Let a person who waits or has a seat sign up once more."""
        repeaters = [signups[0] for signups in self.ledger.signups.values() if len(signups) > 1]
        for signup in self._sample(repeaters) if self.rng.random() < 0.5 else self._any_signup():
            self._enter(WaitingPerson(self._id(), signup.person_id, self._wishes(), self._signup_time()))

    def _change_wishes(self) -> None:
        for before in self._any_signup():
            after = replace(before, wishes=self._wishes(), declined=frozenset())
            group = self._seat_of(before)
            if group is None:
                self._enter(after)
            elif fits(after.wishes, group.cell, self.ledger.places[group.cell.place]):
                self.ledger.enter(after)
                group.members[after.person_id] = after
            else:
                self.ledger.enter(after)
                self._take_out(group, after.person_id)

    def _withdraw(self) -> None:
        for signup in self._any_signup():
            self._gone.append(signup.signup_id)
            group = self._seat_of(signup)
            self.ledger.leave(signup)
            if group is not None:
                self._take_out(group, signup.person_id)
            elif signup.person_id not in self.ledger.group_of:
                self.matcher.remove(signup.signup_id)
                self._decide(())

    def _decline_cell(self) -> None:
        for group in self._sample(self.ledger.groups.values()):
            before = self.rng.choice(list(group.members.values()))
            self.ledger.enter(replace(before, declined=before.declined | {group.cell}))
            self._take_out(group, before.person_id)

    def _repeat_events(self) -> None:
        """Deliver a known sign-up again."""
        ledger, digest = self.ledger, self.digest.digest()
        for signup_id in self._sample(self._gone, 3):
            self.matcher.remove(signup_id)
        for signup in self._sample(ledger.waiting.values(), 3):
            ledger.require(not self.matcher.add(signup), "a known sign-up changes nothing", signup)
            self._decide([signup.signup_id])
        for group in self._sample(ledger.groups.values(), 2):
            self.matcher.open_groups.put(group.open_group())
        self._decide(())
        ledger.require(digest == self.digest.digest(), "repeated events change nothing")

    def _add_exclusions(self) -> None:
        exclusions, group_of = self.ledger.exclusions, self.ledger.group_of
        if len(exclusions) > MOST_EXCLUDED:
            self._remove_exclusions()
        # People with exclusions matter most if they fit the same cells.
        same_cell = self._sample(list(people) for people in self.ledger.waiting_at.values() if len(people) > 2)
        for people in (*same_cell, list(self.ledger.signups)):
            for one, other in pairwise(self._sample(people, 3)):
                if one not in group_of or group_of[one] is not group_of.get(other):
                    exclusions.setdefault(one, set()).add(other)
                    exclusions.setdefault(other, set()).add(one)
        self._update_config()

    def _remove_exclusions(self) -> None:
        for person in self._sample(self.ledger.exclusions):
            for other in self.ledger.exclusions.pop(person):
                self.ledger.exclusions[other].discard(person)
            self._update_config()

    # Events about groups

    def _hold_start_meeting(self) -> None:
        for group in self._sample(self.ledger.groups.values()):
            self.matcher.open_groups.remove(group.id)
            self.ledger.close(group)
            self.ledger.met_groups.append(group)
            self._decide(())

    def _cancel_group(self) -> None:
        """Cancel a group; its members wait again in their old order."""
        for group in self._sample(self.ledger.groups.values()):
            people = list(group.members)
            for person in people:
                self.ledger.leave_group(person)
            self.matcher.open_groups.remove(group.id)
            self.ledger.close(group)
            self._release_capacity(group)
            for person in people:
                self._wait_again(person)

    def _relocate_group(self) -> None:
        """Relocate a group to a cell that suits all its members, as draft repair does."""
        for group in self._sample(self.ledger.groups.values()):
            for cell in self._sample(self.ledger.other_cells(group)):
                self.ledger.move(group, cell)
                self.matcher.open_groups.put(group.open_group())
                self._update_config()

    def _end_group(self) -> None:
        for group in self._sample(self.ledger.met_groups):
            self.ledger.met_groups.remove(group)
            self._release_capacity(group)

    def _hold(self) -> None:
        self._update_config(on_hold=True)

    def _resume(self) -> None:
        if self.ledger.config.on_hold:
            self._update_config(on_hold=False)

    def _staff_form_group(self) -> None:
        """Form a group of a chosen size, as staff do."""
        size_min, ledger = self.ledger.config.size_min, self.ledger
        formable = (
            cell for cell, people in ledger.waiting_at.items() if len(people) >= size_min and ledger.has_capacity(cell)
        )
        for cell in self._sample(formable):
            new_group = self.matcher.form_group(cell, size_min, self.now)
            if new_group is not None:
                ledger.form(new_group, self.now, capacity=size_min)
        self._decide(())

    # Events about rooms and igangsettere

    def _change_starter(self) -> None:
        """Add, remove or change an igangsetter."""
        config, needed = self.ledger.config, self.ledger.config.starters_min
        for before in self._sample(config.starters):
            others = [starter for starter in config.starters if starter is not before]
            load = self.ledger.groups_of_starter[before.id]
            if len(config.starters) < 12 * needed:
                others += [before, self._starter()]
            elif load or self.rng.random() < 0.5:
                others += [replace(self._starter(), id=before.id, remaining_groups=load + self.rng.randint(0, 2))]
            spoken = frozenset(language for starter in others for language in starter.languages)
            self._update_config(starters=tuple(others), languages=spoken)

    def _block_room(self) -> None:
        """Use a room for something other than groups."""
        self.ledger.blocked[self.rng.choice(list(self.ledger.places)), self.rng.choice(TIMES)] += 1
        self._update_config()

    def _unblock_room(self) -> None:
        for spot in self._sample(spot for spot, count in self.ledger.blocked.items() if count):
            self.ledger.blocked[spot] -= 1
            self._update_config()

    def _change_room(self) -> None:
        """Change a place, so that all cells get new numbers."""
        used = {group.cell.place for group in (*self.ledger.groups.values(), *self.ledger.met_groups)}
        for before in self._sample(place for place in self.ledger.config.places if place.id not in used):
            places = (self._place(place.id) if place is before else place for place in self.ledger.config.places)
            self.ledger.update_config(replace(self.ledger.config, places=tuple(places)))
            self._rebuild_matcher()

    # Updates of the matcher

    def _enter(self, person: WaitingPerson) -> None:
        self.ledger.enter(person)
        if person.person_id not in self.ledger.group_of and self.matcher.add(person):
            self._decide([person.signup_id])

    def _take_out(self, group: LedgerGroup, person: UUID) -> None:
        """Take a person out of a group: others may get the seat, and then the person is evaluated."""
        self.ledger.leave_group(person)
        if not group.members:
            self.matcher.open_groups.remove(group.id)
            self.ledger.close(group)
            self._release_capacity(group)
        else:
            self.matcher.open_groups.put(group.open_group())
            self._decide(())
        self._wait_again(person)

    def _wait_again(self, person: UUID) -> None:
        self.ledger.unknown_to_matcher.discard(person)
        added = [signup.signup_id for signup in self.ledger.signups.get(person, ()) if self.matcher.add(signup)]
        if added:
            self._decide(added)

    def _release_capacity(self, group: LedgerGroup) -> None:
        self.ledger.release_capacity(group)
        self.matcher.release_room(group.cell)
        for starter_id in group.starters:
            self.matcher.release_starter(starter_id)
        self._decide(())

    def _update_config(self, **changes: object) -> None:
        self.ledger.update_config(replace(self.ledger.config, **changes))  # type: ignore[arg-type]
        full_rescan = self.matcher.update_config(self.ledger.current_config())
        self._decide(None if full_rescan else ())

    def _rebuild_matcher(self) -> None:
        self.matcher = AreaMatcher(self.ledger.state())
        self._decide(None)
        self.ledger.check_at_rest()

    def _decide(self, new_signups: Sequence[UUID] | None) -> None:
        plan = self.matcher.decide(self.now, new_signups)
        if plan != Plan():
            self.digest.update(repr(plan).encode())
            if self.ledger.apply(plan, self.now):
                self.matcher.open_groups.replace_all(group.open_group() for group in self.ledger.groups.values())

    # Random choices

    def _sample(self, items: Iterable[T], count: int = 1) -> list[T]:
        """Draw ``count`` items, or as many as there are."""
        population = list(items)
        return self.rng.sample(population, min(count, len(population)))

    def _any_signup(self) -> list[WaitingPerson]:
        """Draw a sign-up of any person, waiting or seated; an empty list if there is none."""
        return [self.rng.choice(signups) for signups in self._sample(self.ledger.signups.values())]

    def _seat_of(self, person: WaitingPerson) -> LedgerGroup | None:
        """Return the group in which this sign-up, and no other of the person's, has a seat."""
        group = self.ledger.group_of.get(person.person_id)
        return group if group is not None and group.members[person.person_id].signup_id == person.signup_id else None

    def _id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128))

    def _signup_time(self) -> datetime:
        return self.now - timedelta(days=self.rng.choice((0, 0, 0, 1, 40)), seconds=self.rng.random())

    def _point(self) -> tuple[float, float]:
        return 60.39 + self.rng.gauss(0, 0.1), 5.32 + self.rng.gauss(0, 0.2)

    def _wishes(self) -> Wishes:
        also, only = self.rng.choice(WISH_CHOICES)
        slots = self.rng.sample(TIMES, self.rng.randint(1, 3))
        return Wishes(
            *self.rng.choice(self._homes),
            tuple(slots),
            self.rng.choice(LANGUAGES),
            max_travel_km=self.rng.choice((5, 10, 15, 20, 40)),
            wheelchair=self.rng.random() < 0.05,
            accepts=frozenset(also),
            requires=frozenset(only),
        )

    def _place(self, id_: str) -> Place:
        return Place(
            id_,
            *self._point(),
            step_free=self.rng.random() < 0.7,
            max_people=self.rng.choice((None, None, 4, 6, 8, 12)),
            slots=self.rng.choice((None, frozenset(self.rng.sample(TIMES, 4)))),
            max_groups=self.rng.choice((None, 1, 1, 2)),
        )

    def _starter(self) -> Starter:
        languages = frozenset(self.rng.choice(LANGUAGES)) | {"nb"}
        slots = frozenset(self.rng.sample(TIMES, self.rng.randint(2, 6)))
        return Starter(
            self._id(), *self._point(), self.rng.choice((10, 20, 40)), slots, languages, self.rng.randint(0, 3)
        )


def main() -> int:
    """Run the storm in all areas and print a table; the exit status is the number of violations, at most 1."""
    parser = argparse.ArgumentParser(prog="storm", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="in all; as many in each of the areas")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    broken = 0
    print("| groups of | igangsettere | events | groups | placed | checks | violations | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for number, (size_min, size_max, starters_min) in enumerate(AREAS):
        storm, violations = Storm(options.seed + number, size_min, size_max, starters_min), 0
        began = time.process_time()
        try:
            storm.play(options.events // len(AREAS))
        except BrokenRuleError as error:
            violations = 1
            print(error, file=sys.stderr)
        seconds, ledger = time.process_time() - began, storm.ledger
        print(
            f"| {size_min}–{size_max} | {starters_min} | {storm.event_counts.total():,} | {ledger.formed:,} | "
            f"{ledger.placed:,} | {ledger.checks:,} | {violations} | {seconds:.0f} |",
            flush=True,
        )
        broken += violations
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main())
