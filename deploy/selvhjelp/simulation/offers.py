"""
The simulation of offers: people say yes, say no or stay silent, and a group looks for others for some days.

The rule "before" is the one that came first: a group below its minimum is cancelled at once and everybody is asked
anew. All other rules also remember: a declined evening that day, two silences, an hour of peace after a cancellation.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from grouping.domain.matching.cells import Cell
from grouping.domain.matching.model import NewGroup, OpenGroup
from selvhjelp.simulation.participants import Participant, SimulatedGroup, State
from selvhjelp.simulation.play import ROOM_DAYS, STARTER_DAYS, Play
from selvhjelp.simulation.rules import RULES, SIZE_MIN
from selvhjelp.simulation.world import World, moment

NEVER_ANSWERS: Final = 0.10
"""Share of people who answer no offer at all."""
YES, NO = 0.80, 0.13
"""Shares of the answers of the others; the rest of their offers lapse."""
DEADLINE_DAYS: Final = 3.0
RENEWS: Final = 0.7
"""Share of the others who say that they still want a group when they are asked: two days after the second silence."""
ASKED_AGAIN_DAYS: Final = 30.0
"""Days until the others are asked once more: the longest time between two mails to a person who waits."""
NOTICE_DAYS: Final = 10.5
"""From the fifth yes to the start meeting: seven days, and then the next such weekday."""
EXTENSION_DAYS: Final = 14.0
CHECK_DAYS: Final = 2.0
HOUR: Final = 1 / 24
SILENCES: Final = 2


@dataclass(slots=True)
class Memory:
    """
    The memory of matching about a person, and the mails that the person got.

    Attributes:
        declined: Cells that are not offered again.
        slots_today: Slots that were declined on ``day``.
        unanswered: Number of silences in a row.
        held_until: No offer is made before; infinite while offers are paused.
        mails: Times of offers, of questions about another group ("moved"), and of cancellations.
    """

    declined: set[Cell] = field(default_factory=set)
    slots_today: set[str] = field(default_factory=set)
    day: int = -1
    unanswered: int = 0
    held_until: float = 0.0
    mails: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class Proposal(SimulatedGroup):
    """A group with offers; ``members`` have said yes, ``until`` is the end of its search for others."""

    offered: set[UUID] = field(default_factory=set)
    until: float = math.inf
    newest_offer: float = 0.0
    confirmed: bool = False

    @property
    def live(self) -> int:
        """Number of seats that are offered or taken."""
        return len(self.members) + len(self.offered)


class OfferPlay(Play):
    """
    The simulation of one number of days in one world; see :class:`Play`.

    Attributes:
        fill_days: None for the rule "before".
        discouraged: Share of people who give up when they read that their group is cancelled.
    """

    def __init__(self, world: World, fill_days: float | None, drop_out: float, discouraged: float = 0.0) -> None:
        super().__init__(world, RULES["open"], drop_out)
        self.fill_days, self.discouraged = fill_days, discouraged
        self.memories: dict[UUID, Memory] = {}
        self.proposals: dict[UUID, Proposal] = {}
        self._lost: set[UUID] = set()
        """People of a group that is being cancelled, who have not been asked about another."""

    @property
    def remembers(self) -> bool:
        """True for all rules but the first."""
        return self.fill_days is not None

    # Events

    def _arrive(self, participant: Participant) -> None:
        self.memories[participant.arrival.waiting.signup_id] = Memory()
        # Without a forecast and, when they give up, a reason: neither is told here, and both take most of the time.
        self.participants[participant.arrival.waiting.signup_id] = participant
        self._wait(participant)
        self._decide((participant.arrival.waiting.signup_id,))

    def _give_up(self, participant: Participant, seatings: int) -> None:
        if participant.state is State.WAITING and participant.seatings == seatings:
            self.matcher.remove(participant.arrival.waiting.signup_id)
            self._end(participant, State.GAVE_UP)

    def _answer(self, participant: Participant, seatings: int, group: Proposal, answer: str) -> None:
        signup_id = participant.arrival.waiting.signup_id
        if participant.seatings != seatings or signup_id not in group.offered:
            return
        memory = self.memories[signup_id]
        group.offered.remove(signup_id)
        if answer == "yes":
            memory.unanswered = 0
            group.members.append(signup_id)
            self._confirm(group)
            if group.confirmed:
                self._plan_withdrawal(signup_id, group)
            return
        memory.declined.add(group.cell)
        if answer == "no":
            memory.unanswered = 0
            self._decline_today(participant, memory, group.cell.slot)
        else:
            memory.unanswered += 1
            if self.remembers and memory.unanswered >= SILENCES:
                self._pause_offers(participant, memory)
        self._back_to_queue(participant)
        self._after_loss(group, [signup_id])

    def _withdraw(self, participant: Participant, seatings: int, group: SimulatedGroup) -> None:
        assert isinstance(group, Proposal)
        if participant.state is State.SEATED and participant.seatings == seatings:
            group.members.remove(participant.arrival.waiting.signup_id)
            self._end(participant, State.WITHDREW)
            self._after_loss(group, [])

    def _wake(self, participant: Participant) -> None:
        """Put a person back into matching after a declined day, a rest or a pause."""
        if participant.state is State.WAITING:
            self._enter(participant)
            self._decide([participant.arrival.waiting.signup_id])

    def _renew(self, participant: Participant) -> None:
        memory = self.memories[participant.arrival.waiting.signup_id]
        memory.unanswered, memory.held_until = 0, self.now
        self._wake(participant)

    def _look(self, group: Proposal) -> None:
        """Give up a proposal whose days are over."""
        if group.started is None and not group.confirmed and self.now >= group.until and group.live < SIZE_MIN:
            self._dissolve(group)

    def _check(self, group: Proposal) -> None:
        """Two days before the start meeting: put it off once, or cancel the group."""
        if group.started is not None or len(group.members) >= SIZE_MIN:
            return
        if group.extended:
            if self._can_tell(group, "check"):
                self._dissolve(group)
            return
        group.extended = True
        group.meets += EXTENSION_DAYS
        self._later(group.meets - CHECK_DAYS, "check", group)
        self._later(group.meets, "meet", group)

    def _meet(self, group: SimulatedGroup) -> None:
        assert isinstance(group, Proposal)
        if group.started is not None or self.now < group.meets:
            return
        if len(group.members) < SIZE_MIN:
            if self._can_tell(group, "meet"):
                self._dissolve(group)
            return
        for signup_id in group.offered:
            self._back_to_queue(self.participants[signup_id])
        lapsed, group.offered = list(group.offered), set()
        self.matcher.open_groups.remove(group.id)
        group.started = True
        for member in group.members:
            self._end(self.participants[member], State.STARTED)
        self._decide(lapsed)

    def _can_tell(self, group: Proposal, event: str) -> bool:
        """Return False within the hour after an offer, when nobody is told of a cancellation; the event comes later."""
        if not self.remembers or self.now >= group.newest_offer + HOUR:
            return True
        self._later(group.newest_offer + HOUR, event, group)
        return False

    def _dissolve(self, group: SimulatedGroup) -> None:
        """Cancel a group: its people wait again, and are asked about another group or told that it was cancelled."""
        assert isinstance(group, Proposal)
        self.matcher.open_groups.remove(group.id)
        group.started = False
        self._release_room(group)
        self._release_starters(group)
        live = [*group.members, *group.offered]
        group.members, group.offered = [], set()
        if self.remembers:
            self._lost.update(live)
        else:
            # Before, everybody read of the cancellation, and then of the next offer.
            live = [signup_id for signup_id in live if self._tell_cancelled(signup_id)]
        for signup_id in live:
            self._back_to_queue(self.participants[signup_id])
        self._decide(live)
        for signup_id in sorted(self._lost & set(live)):
            self.matcher.remove(signup_id)
            if self._tell_cancelled(signup_id):
                memory = self.memories[signup_id]
                memory.held_until = max(memory.held_until, self.now + HOUR)
                self._later(self.now + HOUR, "wake", self.participants[signup_id])
        self._lost -= set(live)

    def _tell_cancelled(self, signup_id: UUID) -> bool:
        """Tell a person that their group is cancelled; return False if they give up then."""
        self._mail(signup_id, "cancelled")
        participant = self.participants[signup_id]
        if self._chance(participant, "cancellation", participant.seatings).random() >= self.discouraged:
            return True
        self._end(participant, State.GAVE_UP)
        return False

    # Consequences

    def _form(self, new_group: NewGroup) -> None:
        days = self.fill_days or 0.0
        group = Proposal(
            UUID(int=(2 << 64) + len(self.groups)),
            new_group.cell,
            self.now,
            math.inf,
            [],
            new_group.starters,
            until=self.now + days,
        )
        self.groups[group.id] = self.proposals[group.id] = group
        for member in new_group.members:
            self._seat(member.waiting.signup_id, group)
        if group.cell.place in self._limited:
            group.kept.add("room")
            self._later(self.now + ROOM_DAYS, "release_room", group)
        if group.starters:
            group.kept.add("starters")
            self._later(self.now + STARTER_DAYS, "release_starters", group)
        self._open(group)

    def _open(self, group: SimulatedGroup) -> None:
        assert isinstance(group, Proposal)
        free = self.rule.size_max - group.live
        # Before, the nearest group came first, whatever it lacked.
        missing = max(0, SIZE_MIN - group.live) if self.remembers else 0
        self.matcher.open_groups.put(OpenGroup(group.id, group.cell, free, moment(group.day), missing=missing))

    def _seat(self, signup_id: UUID, group: SimulatedGroup) -> None:
        assert isinstance(group, Proposal)
        participant = self.participants[signup_id]
        participant.state = State.SEATED
        participant.seatings += 1
        group.offered.add(signup_id)
        group.newest_offer = self.now
        self._mail(signup_id, "moved" if signup_id in self._lost else "offer")
        self._lost.discard(signup_id)
        chance = self._chance(participant, "answer", participant.seatings)
        answer, after = chance.random(), chance.uniform(0.02, DEADLINE_DAYS - 0.02)
        if self._never_answers(participant) or answer >= YES + NO:
            self._later(self.now + DEADLINE_DAYS, "answer", participant, participant.seatings, group, "silent")
        else:
            word = "yes" if answer < YES else "no"
            self._later(self.now + after, "answer", participant, participant.seatings, group, word)
        if self.remembers and not group.confirmed:
            group.until = max(group.until, self.now + DEADLINE_DAYS)
            # After the answers that are due at the same moment.
            self._later(group.until + 1e-6, "look", group)

    def _confirm(self, group: Proposal) -> None:
        if group.confirmed or len(group.members) < SIZE_MIN:
            return
        group.confirmed, group.meets = True, self.now + NOTICE_DAYS
        for member in group.members[:-1]:
            self._plan_withdrawal(member, group)
        self._later(group.meets - CHECK_DAYS, "check", group)
        self._later(group.meets, "meet", group)

    def _plan_withdrawal(self, signup_id: UUID, group: Proposal) -> None:
        participant = self.participants[signup_id]
        chance = self._chance(participant, "withdrawal", participant.seatings)
        withdraws, when = chance.random() < self.drop_out, chance.random()
        if withdraws:
            day = self.now + when * (group.meets - self.now)
            self._later(day, "withdraw", participant, participant.seatings, group)

    def _after_loss(self, group: Proposal, released: Iterable[UUID]) -> None:
        """Offer the free seats to others; give the proposal up if it is too small and its days are over."""
        if group.started is not None:
            self._decide(released)
            return
        # Strictly later: first all answers that are due at that very moment, as the service handles them together.
        over = not group.confirmed and (not self.remembers or self.now > group.until or not group.live)
        if over and self.remembers and group.live + self._fitting(group.cell) < SIZE_MIN:
            self._dissolve(group)
            self._decide(released)
            return
        self._open(group)
        self._decide(released)
        if over and group.live < SIZE_MIN and (not self.remembers or self.now > group.until):
            self._dissolve(group)

    def _fitting(self, cell: Cell) -> int:
        number = self.matcher.cell_index.number(cell)
        return 0 if number is None else len(self.matcher.pool.people_fitting(number)[0])

    def _back_to_queue(self, participant: Participant) -> None:
        participant.state = State.WAITING
        self._wait(participant)

    def _wait(self, participant: Participant) -> None:
        self._enter(participant)
        self._later(max(self.now, participant.gives_up), "give_up", participant, participant.seatings)

    def _enter(self, participant: Participant) -> None:
        """Put a person into matching, except for remembered refusals and pauses."""
        waiting = participant.arrival.waiting
        memory = self.memories[waiting.signup_id]
        if self.now < memory.held_until:
            return
        slots = waiting.wishes.slots
        if memory.day == math.floor(self.now):
            slots = tuple(slot for slot in slots if slot not in memory.slots_today)
        wishes = replace(waiting.wishes, slots=slots)
        self.matcher.add(replace(waiting, wishes=wishes, declined=frozenset(memory.declined)))

    def _decline_today(self, participant: Participant, memory: Memory, slot: str) -> None:
        if not self.remembers:
            return
        today = math.floor(self.now)
        if memory.day != today:
            memory.day, memory.slots_today = today, set()
        memory.slots_today.add(slot)
        self._later(today + 1.0, "wake", participant)

    def _pause_offers(self, participant: Participant, memory: Memory) -> None:
        memory.held_until = math.inf
        chance, day = self._chance(participant, "renewal", participant.seatings), self.now + 2.0
        while not self._never_answers(participant) and day < self.world.days:
            if chance.random() < RENEWS:
                self._later(day, "renew", participant)
                return
            day += ASKED_AGAIN_DAYS

    def _never_answers(self, participant: Participant) -> bool:
        return self._chance(participant, "never").random() < NEVER_ANSWERS

    @staticmethod
    def _chance(participant: Participant, question: str, number: int = 0) -> random.Random:
        """
        Return the chance of one answer of a person: to their first offer, their second, and so on.

        So every rule meets the same people with the same answers in the same order, and differs only by whom it asks,
        about what and how often. A person who was asked before, and said yes, can say no or nothing the next time.
        """
        return random.Random(f"{participant.arrival.seed} {question} {number}")  # noqa: S311 - invents people

    def _mail(self, signup_id: UUID, kind: str) -> None:
        self.memories[signup_id].mails.append((self.now, kind))
