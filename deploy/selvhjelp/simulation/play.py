"""The simulation of one rule: a heap of future events, and the real matcher that decides."""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Final
from uuid import UUID

from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, NewGroup, OpenGroup
from selvhjelp.simulation.participants import Participant, SimulatedGroup, State
from selvhjelp.simulation.rules import NOTICE_DAYS, SIZE_MIN, Rule
from selvhjelp.simulation.wait_forecasts import WaitForecasts
from selvhjelp.simulation.wait_reasons import wait_reason
from selvhjelp.simulation.world import World, moment

ROOM_DAYS: Final = 200.0
"""Time that a group keeps its room."""
STARTER_DAYS: Final = 49.0
"""Time that an igangsetter is with a group."""


class Play:
    """
    The simulation of one rule in one world.

    Attributes:
        participants: All people who have arrived, by sign-up id.
        groups: All groups that were formed, by id.
    """

    def __init__(self, world: World, rule: Rule, drop_out: float) -> None:
        self.world, self.rule, self.drop_out = world, rule, drop_out
        self.now = 0.0
        self.participants: dict[UUID, Participant] = {}
        self.groups: dict[UUID, SimulatedGroup] = {}
        self.matcher = AreaMatcher(
            AreaState(
                AreaConfig(
                    world.places,
                    rule.quorum,
                    rule.size_max,
                    on_hold=rule.every_days is not None,
                    starters=world.starters,
                    starters_min=1 if world.starters else 0,
                ),
                (),
            )
        )
        self._wait_forecasts = WaitForecasts(self.matcher, rule)
        self._limited = {place.id for place in world.places if place.max_groups is not None}
        self._heap: list[tuple[float, int, str, tuple[object, ...]]] = []
        self._order = count()

    def run(self) -> "Play":
        """Simulate until the end of the last day, and return itself."""
        for arrival in self.world.arrivals:
            self._later(arrival.day, "arrive", Participant(arrival))
        if self.rule.every_days is not None:
            self._later(self.rule.every_days, "batch")
        while self._heap and self._heap[0][0] < self.world.days:
            self.now, _, event, arguments = heapq.heappop(self._heap)
            getattr(self, f"_{event}")(*arguments)
        self.now = self.world.days
        return self

    def wait_reason(self, participant: Participant) -> str:
        """Return the reason that a person is still waiting."""
        return wait_reason(self.matcher, participant.arrival.waiting.wishes, self.rule.quorum)

    # Events

    def _arrive(self, participant: Participant) -> None:
        self.participants[participant.arrival.waiting.signup_id] = participant
        self._wait(participant)
        self._wait_forecasts.add_arrival(self.now, participant.arrival.waiting)
        self._decide((participant.arrival.waiting.signup_id,))
        if participant.state is State.WAITING:
            participant.forecast_given, participant.forecast = True, self._wait_forecasts.forecast()

    def _give_up(self, participant: Participant, seatings: int) -> None:
        if participant.state is State.WAITING and participant.seatings == seatings:
            self.matcher.remove(participant.arrival.waiting.signup_id)
            participant.reason = self.wait_reason(participant)
            self._end(participant, State.GAVE_UP)

    def _withdraw(self, participant: Participant, seatings: int, group: SimulatedGroup) -> None:
        if participant.state is State.SEATED and participant.seatings == seatings:
            group.members.remove(participant.arrival.waiting.signup_id)
            self._end(participant, State.WITHDREW)
            self._open(group)
            self._decide(())

    def _meet(self, group: SimulatedGroup) -> None:
        if len(group.members) >= SIZE_MIN:
            self.matcher.open_groups.remove(group.id)
            group.started = True
            for member in group.members:
                self._end(self.participants[member], State.STARTED)
        elif self.rule.free_seats and not group.extended:
            group.extended = True
            group.meets += NOTICE_DAYS
            self._later(group.meets, "meet", group)
        else:
            self._dissolve(group)

    def _dissolve(self, group: SimulatedGroup) -> None:
        """Dissolve a group; its members wait again in their old waiting list order."""
        self.matcher.open_groups.remove(group.id)
        group.started = False
        self._release_room(group)
        self._release_starters(group)
        for member in group.members:
            participant = self.participants[member]
            participant.state = State.WAITING
            self._wait(participant)
        self._decide(group.members)

    def _release_room(self, group: SimulatedGroup) -> None:
        if "room" in group.kept:
            group.kept.remove("room")
            self.matcher.release_room(group.cell)
            self._decide(())

    def _release_starters(self, group: SimulatedGroup) -> None:
        if "starters" in group.kept:
            group.kept.remove("starters")
            for starter in group.starters:
                self.matcher.release_starter(starter)
            self._decide(())

    def _batch(self) -> None:
        assert self.rule.every_days is not None
        self.matcher.config = replace(self.matcher.config, on_hold=False)
        self._decide(None)
        self.matcher.config = replace(self.matcher.config, on_hold=True)
        self._later(self.now + self.rule.every_days, "batch")

    # Consequences

    def _decide(self, new_signups: Iterable[UUID] | None) -> None:
        plan = self.matcher.decide(moment(self.now), new_signups)
        for join in plan.joins:
            self._seat(join.assignment.waiting.signup_id, self.groups[join.group_id])
        for new_group in plan.new_groups:
            self._form(new_group)

    def _form(self, new_group: NewGroup) -> None:
        group = SimulatedGroup(
            UUID(int=(2 << 64) + len(self.groups)),
            new_group.cell,
            self.now,
            self.now + NOTICE_DAYS,
            [],
            new_group.starters,
        )
        self.groups[group.id] = group
        for member in new_group.members:
            self._seat(member.waiting.signup_id, group)
        self._later(group.meets, "meet", group)
        if group.cell.place in self._limited:
            group.kept.add("room")
            self._later(self.now + ROOM_DAYS, "release_room", group)
        if group.starters:
            group.kept.add("starters")
            self._later(self.now + STARTER_DAYS, "release_starters", group)
        self._open(group)

    def _open(self, group: SimulatedGroup) -> None:
        """Update the free seats of a group in the matcher."""
        if self.rule.free_seats:
            free = self.rule.size_max - len(group.members)
            self.matcher.open_groups.put(OpenGroup(group.id, group.cell, free, moment(group.day)))

    def _seat(self, signup_id: UUID, group: SimulatedGroup) -> None:
        participant = self.participants[signup_id]
        participant.state = State.SEATED
        participant.seatings += 1
        group.members.append(signup_id)
        withdrawal = participant.arrival.withdrawal(participant.seatings, self.drop_out)
        if withdrawal is not None:
            self._later(
                self.now + withdrawal * (group.meets - self.now), "withdraw", participant, participant.seatings, group
            )

    def _wait(self, participant: Participant) -> None:
        self.matcher.add(participant.arrival.waiting)
        self._later(max(self.now, participant.gives_up), "give_up", participant, participant.seatings)

    def _end(self, participant: Participant, state: State) -> None:
        participant.state, participant.ended = state, self.now

    def _later(self, day: float, event: str, *arguments: object) -> None:
        heapq.heappush(self._heap, (day, next(self._order), event, arguments))
