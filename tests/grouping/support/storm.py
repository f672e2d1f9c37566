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
from tests.grouping.support.ledger import BrokenRuleError, Ledger, Party

T = TypeVar("T")

BEGAN: Final = datetime(2026, 1, 5, 11, tzinfo=UTC)
TIMES: Final = ("mon-evening", "tue-day", "tue-evening", "wed-evening", "thu-evening", "sat-morning")
LANGUAGES: Final = (("nb",), ("nb",), ("nb",), ("nb", "en"), ("en", "ar"), ("ar",))
OFFERED: Final = ("women", "young")
WISHED: Final = (((), ()),) * 8 + ((("women",), ()), (("women",), ("women",)), (OFFERED, ()), (OFFERED, ("young",)))
MANY: Final = 300
"""With more waiting people than this, more give up."""
MOST_EXCLUDED: Final = 40
REMEMBERED: Final = 100
RECOUNT_EVERY: Final = 500
"""Events."""

HOW_OFTEN: Final = MappingProxyType(
    {
        "arrive": 40.0,
        "arrive_again": 3.0,
        "change": 7.0,
        "withdraw": 8.0,
        "hear_again": 5.0,
        "refuse": 6.0,
        "meet": 4.0,
        "cancel": 1.5,
        "group_moves": 1.5,
        "end": 5.0,
        "starter_changes": 2.0,
        "room_is_used": 1.0,
        "room_is_free": 1.5,
        "keep_apart": 0.7,
        "let_meet": 0.5,
        "hold": 0.3,
        "resume": 3.0,
        "decide_oneself": 0.5,
        "room_changes": 0.1,
    }
)

AREAS: Final = ((5, 8, 1), (5, 8, 0), (3, 5, 2), (4, 6, 1))
"""Smallest and largest size of a group, and number of igangsettere it needs, in the areas of a long run."""


class Storm:
    """
    One random history; the same seed gives the same one.

    Args:
        size_min, size_max, starters_min: The area's policy.
        rebuild_every: Number of events after which the matcher is rebuilt, as by a new process; it must not matter.

    Attributes:
        digest: Hash of all decisions so far.
        happened: Number of events by kind.
    """

    def __init__(
        self, seed: int, size_min: int = 5, size_max: int = 8, starters_min: int = 1, rebuild_every: int | None = None
    ) -> None:
        self.chance = Random(seed)
        self.rebuild_every = rebuild_every
        self.now = BEGAN
        self.digest = hashlib.sha256()
        self.happened: Counter[str] = Counter()
        self._homes = [self._point() for _ in range(40)]
        places = tuple(self._place(f"place-{number}") for number in range(12))
        starters = tuple(self._starter() for _ in range(14 * starters_min))
        config = AreaConfig(
            places, size_min, size_max, offered_wishes=OFFERED, starters=starters, starters_min=starters_min
        )
        self.ledger = Ledger(config)
        self.matcher = AreaMatcher(AreaState(config, ()))
        self._gone: deque[UUID] = deque(maxlen=REMEMBERED)

    def play(self, events: int, recount_every: int = RECOUNT_EVERY) -> None:
        """
        Let so many things happen.

        Raises:
            BrokenRuleError: A rule was broken.
        """
        for name in self.chance.choices(list(HOW_OFTEN), list(HOW_OFTEN.values()), k=events):
            self.now += timedelta(minutes=self.chance.randint(1, 120))
            doing: Callable[[], None] = getattr(self, f"_{name}")
            doing()
            self.ledger.rest()
            self.happened[name] += 1
            count = self.happened.total()
            if self.rebuild_every is not None and count % self.rebuild_every == 0:
                self._anew()
            if count % recount_every == 0:
                self.ledger.recount(self.matcher)

    # Events about people

    def _arrive(self) -> None:
        self._enter(WaitingPerson(self._id(), self._id(), self._wishes(), self._signed_up()))
        if len(self.ledger.waits) > MANY:
            self._withdraw()

    def _arrive_again(self) -> None:
        """Let a person who waits or has a seat sign up once more."""
        again = [signups[0] for signups in self.ledger.signups.values() if len(signups) > 1]
        for known in self._some(again) if self.chance.random() < 0.5 else self._somebody():
            self._enter(WaitingPerson(self._id(), known.person_id, self._wishes(), self._signed_up()))

    def _change(self) -> None:
        for before in self._somebody():
            who = replace(before, wishes=self._wishes(), declined=frozenset())
            party = self._seat_of(before)
            if party is None:
                self._enter(who)
            elif fits(who.wishes, party.cell, self.ledger.places[party.cell.place]):
                self.ledger.enter(who)
                party.members[who.person_id] = who
            else:
                self.ledger.enter(who)
                self._let_go(party, who.person_id)

    def _withdraw(self) -> None:
        for who in self._somebody():
            self._gone.append(who.signup_id)
            party = self._seat_of(who)
            self.ledger.leave(who)
            if party is not None:
                self._let_go(party, who.person_id)
            elif who.person_id not in self.ledger.group_of:
                self.matcher.remove(who.signup_id)
                self._decide(())

    def _refuse(self) -> None:
        for party in self._some(self.ledger.groups.values()):
            before = self.chance.choice(list(party.members.values()))
            self.ledger.enter(replace(before, declined=before.declined | {party.cell}))
            self._let_go(party, before.person_id)

    def _hear_again(self) -> None:
        """Deliver a known sign-up again."""
        ledger, digest = self.ledger, self.digest.digest()
        for signup_id in self._some(self._gone, 3):
            self.matcher.remove(signup_id)
        for who in self._some(ledger.waits.values(), 3):
            ledger.must(not self.matcher.add(who), "what is known is no news", who)
            self._decide([who.signup_id])
        for party in self._some(ledger.groups.values(), 2):
            self.matcher.open_groups.put(party.open_group())
        self._decide(())
        ledger.must(digest == self.digest.digest(), "repeated events change nothing")

    def _keep_apart(self) -> None:
        excluded, group_of = self.ledger.excluded, self.ledger.group_of
        if len(excluded) > MOST_EXCLUDED:
            self._let_meet()
        # People with exclusions matter most if they fit the same cells.
        together = self._some(list(at) for at in self.ledger.at.values() if len(at) > 2)
        for people in (*together, list(self.ledger.signups)):
            result = self._some(people, 3)
            for one, other in pairwise(result):
                if one not in group_of or group_of[one] is not group_of.get(other):
                    excluded.setdefault(one, set()).add(other)
                    excluded.setdefault(other, set()).add(one)
        self._update_config()

    def _let_meet(self) -> None:
        for one in self._some(self.ledger.excluded):
            for other in self.ledger.excluded.pop(one):
                self.ledger.excluded[other].discard(one)
            self._update_config()

    # Events about groups

    def _meet(self) -> None:
        for party in self._some(self.ledger.groups.values()):
            self.matcher.open_groups.remove(party.id)
            self.ledger.close(party)
            self.ledger.begun.append(party)
            self._decide(())

    def _cancel(self) -> None:
        """Cancel a group; its members wait again in their old order."""
        for party in self._some(self.ledger.groups.values()):
            people = list(party.members)
            for person in people:
                self.ledger.unseat(person)
            self.matcher.open_groups.remove(party.id)
            self.ledger.close(party)
            self._give_back(party)
            for person in people:
                self._back(person)

    def _group_moves(self) -> None:
        """Relocate a group to a cell that suits all its members, as draft repair does."""
        for party in self._some(self.ledger.groups.values()):
            for cell in self._some(self.ledger.elsewhere(party)):
                self.ledger.move(party, cell)
                self.matcher.open_groups.put(party.open_group())
                self._update_config()

    def _end(self) -> None:
        for party in self._some(self.ledger.begun):
            self.ledger.begun.remove(party)
            self._give_back(party)

    def _hold(self) -> None:
        self._update_config(on_hold=True)

    def _resume(self) -> None:
        if self.ledger.config.on_hold:
            self._update_config(on_hold=False)

    def _decide_oneself(self) -> None:
        """Form a group of a chosen size, as staff do."""
        size_min, ledger = self.ledger.config.size_min, self.ledger
        ripe = (cell for cell, people in ledger.at.items() if len(people) >= size_min and ledger.can_begin(cell))
        for cell in self._some(ripe):
            forming = self.matcher.form_group(cell, size_min, self.now)
            if forming is not None:
                ledger.form(forming, self.now, capacity=size_min)
        self._decide(())

    # Events about rooms and igangsettere

    def _starter_changes(self) -> None:
        """Add, remove or change an igangsetter."""
        config, needed = self.ledger.config, self.ledger.config.starters_min
        for before in self._some(config.starters):
            others = [starter for starter in config.starters if starter is not before]
            load = self.ledger.load[before.id]
            if len(config.starters) < 12 * needed:
                others += [before, self._starter()]
            elif load or self.chance.random() < 0.5:
                others += [replace(self._starter(), id=before.id, remaining_groups=load + self.chance.randint(0, 2))]
            self._update_config(starters=tuple(others))

    def _room_is_used(self) -> None:
        """Use a room for something else than groups."""
        self.ledger.blocked[self.chance.choice(list(self.ledger.places)), self.chance.choice(TIMES)] += 1
        self._update_config()

    def _room_is_free(self) -> None:
        for spot in self._some(spot for spot, count in self.ledger.blocked.items() if count):
            self.ledger.blocked[spot] -= 1
            self._update_config()

    def _room_changes(self) -> None:
        """Change a place, so that all cells are numbered anew."""
        used = {party.cell.place for party in (*self.ledger.groups.values(), *self.ledger.begun)}
        for before in self._some(place for place in self.ledger.config.places if place.id not in used):
            places = (self._place(place.id) if place is before else place for place in self.ledger.config.places)
            self.ledger.update_config(replace(self.ledger.config, places=tuple(places)))
            self._anew()

    # Updates of the matcher

    def _enter(self, person: WaitingPerson) -> None:
        self.ledger.enter(person)
        if person.person_id not in self.ledger.group_of and self.matcher.add(person):
            self._decide([person.signup_id])

    def _let_go(self, party: Party, person: UUID) -> None:
        """Take a person out of a group: others may get the seat, and then the person is evaluated."""
        self.ledger.unseat(person)
        if not party.members:
            self.matcher.open_groups.remove(party.id)
            self.ledger.close(party)
            self._give_back(party)
        else:
            self.matcher.open_groups.put(party.open_group())
            self._decide(())
        self._back(person)

    def _back(self, person: UUID) -> None:
        self.ledger.away.discard(person)
        news = [who.signup_id for who in self.ledger.signups.get(person, ()) if self.matcher.add(who)]
        if news:
            self._decide(news)

    def _give_back(self, party: Party) -> None:
        self.ledger.give_back(party)
        self.matcher.release_room(party.cell)
        for starter_id in party.starters:
            self.matcher.release_starter(starter_id)
        self._decide(())

    def _update_config(self, **changes: object) -> None:
        self.ledger.update_config(replace(self.ledger.config, **changes))  # type: ignore[arg-type]
        everybody = self.matcher.update_config(self.ledger.current_config())
        self._decide(None if everybody else ())

    def _anew(self) -> None:
        self.matcher = AreaMatcher(self.ledger.state())
        self._decide(None)
        self.ledger.rest()

    def _decide(self, fresh: Sequence[UUID] | None) -> None:
        plan = self.matcher.decide(self.now, fresh)
        if plan != Plan():
            self.digest.update(repr(plan).encode())
            if self.ledger.apply(plan, self.now):
                self.matcher.open_groups.replace_all(party.open_group() for party in self.ledger.groups.values())

    # Random choices

    def _some(self, among: Iterable[T], count: int = 1) -> list[T]:
        result = list(among)
        return self.chance.sample(result, min(count, len(result)))

    def _somebody(self) -> list[WaitingPerson]:
        return [self.chance.choice(signups) for signups in self._some(self.ledger.signups.values())]

    def _seat_of(self, person: WaitingPerson) -> Party | None:
        """Return the group in which this sign-up, and no other of the person's, has a seat."""
        party = self.ledger.group_of.get(person.person_id)
        return party if party is not None and party.members[person.person_id].signup_id == person.signup_id else None

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))

    def _signed_up(self) -> datetime:
        return self.now - timedelta(days=self.chance.choice((0, 0, 0, 1, 40)), seconds=self.chance.random())

    def _point(self) -> tuple[float, float]:
        return 60.39 + self.chance.gauss(0, 0.1), 5.32 + self.chance.gauss(0, 0.2)

    def _wishes(self) -> Wishes:
        also, only = self.chance.choice(WISHED)
        slots = self.chance.sample(TIMES, self.chance.randint(1, 3))
        return Wishes(
            *self.chance.choice(self._homes),
            tuple(slots),
            self.chance.choice(LANGUAGES),
            max_travel_km=self.chance.choice((5, 10, 15, 20, 40)),
            wheelchair=self.chance.random() < 0.05,
            accepts=frozenset(also),
            requires=frozenset(only),
        )

    def _place(self, id_: str) -> Place:
        return Place(
            id_,
            *self._point(),
            step_free=self.chance.random() < 0.7,
            max_people=self.chance.choice((None, None, 4, 6, 8, 12)),
            slots=self.chance.choice((None, frozenset(self.chance.sample(TIMES, 4)))),
            max_groups=self.chance.choice((None, 1, 1, 2)),
        )

    def _starter(self) -> Starter:
        languages = frozenset(self.chance.choice(LANGUAGES)) | {"nb"}
        slots = frozenset(self.chance.sample(TIMES, self.chance.randint(2, 6)))
        return Starter(
            self._id(), *self._point(), self.chance.choice((10, 20, 40)), slots, languages, self.chance.randint(0, 3)
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
            f"| {size_min}–{size_max} | {starters_min} | {storm.happened.total():,} | {ledger.formed:,} | "
            f"{ledger.placed:,} | {ledger.checks:,} | {violations} | {seconds:.0f} |",
            flush=True,
        )
        broken += violations
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main())
