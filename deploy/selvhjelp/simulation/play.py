"""The course of things under one rule: a heap of what happens next, and the real board that decides."""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Final
from uuid import UUID

from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, NewGroup, OpenGroup
from selvhjelp.simulation.lives import Life, Made, State
from selvhjelp.simulation.rules import NOTICE_DAYS, SIZE_MIN, Rule
from selvhjelp.simulation.waits import Waits
from selvhjelp.simulation.why import why
from selvhjelp.simulation.world import World, moment

ROOM_DAYS: Final = 200.0
"""For how long a group keeps its room."""
STARTER_DAYS: Final = 49.0
"""For how long an igangsetter is with a group."""


class Play:
    """
    One rule, played to the end of one world.

    Attributes:
        lives: Everybody who has come, by sign-up.
        groups: Every group that was made, by id.
    """

    def __init__(self, world: World, rule: Rule, drop_out: float) -> None:
        self.world, self.rule, self.drop_out = world, rule, drop_out
        self.now = 0.0
        self.lives: dict[UUID, Life] = {}
        self.groups: dict[UUID, Made] = {}
        self.board = AreaMatcher(
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
        self._waits = Waits(self.board, rule)
        self._limited = {place.id for place in world.places if place.max_groups is not None}
        self._heap: list[tuple[float, int, str, tuple[object, ...]]] = []
        self._order = count()

    def run(self) -> "Play":
        """Play it; what is asked of it afterwards is how it stands when the last day ends."""
        for arrival in self.world.arrivals:
            self._later(arrival.day, "arrive", Life(arrival))
        if self.rule.every_days is not None:
            self._later(self.rule.every_days, "batch")
        while self._heap and self._heap[0][0] < self.world.days:
            self.now, _, what, about = heapq.heappop(self._heap)
            getattr(self, f"_{what}")(*about)
        self.now = self.world.days
        return self

    def why(self, life: Life) -> str:
        """Why this one, who waits, still does."""
        return why(self.board, life.arrival.waiting.wishes, self.rule.quorum)

    # What happens

    def _arrive(self, life: Life) -> None:
        self.lives[life.arrival.waiting.signup_id] = life
        self._wait(life)
        self._waits.came(self.now, life.arrival.waiting)
        self._settle((life.arrival.waiting.signup_id,))
        if life.state is State.WAITING:
            life.told, life.forecast = True, self._waits.forecast()

    def _give_up(self, life: Life, seatings: int) -> None:
        if life.state is State.WAITING and life.seatings == seatings:
            self.board.remove(life.arrival.waiting.signup_id)
            life.reason = self.why(life)
            self._end(life, State.GAVE_UP)

    def _withdraw(self, life: Life, seatings: int, group: Made) -> None:
        if life.state is State.SEATED and life.seatings == seatings:
            group.members.remove(life.arrival.waiting.signup_id)
            self._end(life, State.WITHDREW)
            self._open(group)
            self._settle(())

    def _meet(self, group: Made) -> None:
        if len(group.members) >= SIZE_MIN:
            self.board.open_groups.remove(group.id)
            group.started = True
            for member in group.members:
                self._end(self.lives[member], State.STARTED)
        elif self.rule.open_chairs and not group.extended:
            group.extended = True
            group.meets += NOTICE_DAYS
            self._later(group.meets, "meet", group)
        else:
            self._release(group)

    def _release(self, group: Made) -> None:
        """Those who are left wait again, with the place in the line that they had."""
        self.board.open_groups.remove(group.id)
        group.started = False
        self._give_room(group)
        self._give_starters(group)
        for member in group.members:
            life = self.lives[member]
            life.state = State.WAITING
            self._wait(life)
        self._settle(group.members)

    def _give_room(self, group: Made) -> None:
        if "room" in group.kept:
            group.kept.remove("room")
            self.board.release_room(group.cell)
            self._settle(())

    def _give_starters(self, group: Made) -> None:
        if "starters" in group.kept:
            group.kept.remove("starters")
            for starter in group.starters:
                self.board.release_starter(starter)
            self._settle(())

    def _batch(self) -> None:
        assert self.rule.every_days is not None
        self.board.config = replace(self.board.config, on_hold=False)
        self._settle(None)
        self.board.config = replace(self.board.config, on_hold=True)
        self._later(self.now + self.rule.every_days, "batch")

    # What follows

    def _settle(self, fresh: Iterable[UUID] | None) -> None:
        plan = self.board.decide(moment(self.now), fresh)
        for join in plan.joins:
            self._seat(join.assignment.waiting.signup_id, self.groups[join.group_id])
        for forming in plan.new_groups:
            self._make(forming)

    def _make(self, forming: NewGroup) -> None:
        group = Made(
            UUID(int=(2 << 64) + len(self.groups)),
            forming.cell,
            self.now,
            self.now + NOTICE_DAYS,
            [],
            forming.starters,
        )
        self.groups[group.id] = group
        for placed in forming.members:
            self._seat(placed.waiting.signup_id, group)
        self._later(group.meets, "meet", group)
        if group.cell.place in self._limited:
            group.kept.add("room")
            self._later(self.now + ROOM_DAYS, "give_room", group)
        if group.starters:
            group.kept.add("starters")
            self._later(self.now + STARTER_DAYS, "give_starters", group)
        self._open(group)

    def _open(self, group: Made) -> None:
        """Let the board know how many chairs are free."""
        if self.rule.open_chairs:
            free = self.rule.size_max - len(group.members)
            self.board.open_groups.put(OpenGroup(group.id, group.cell, free, moment(group.day)))

    def _seat(self, signup_id: UUID, group: Made) -> None:
        life = self.lives[signup_id]
        life.state = State.SEATED
        life.seatings += 1
        group.members.append(signup_id)
        doubt = life.arrival.second_thoughts(life.seatings, self.drop_out)
        if doubt is not None:
            self._later(self.now + doubt * (group.meets - self.now), "withdraw", life, life.seatings, group)

    def _wait(self, life: Life) -> None:
        self.board.add(life.arrival.waiting)
        self._later(max(self.now, life.gives_up), "give_up", life, life.seatings)

    def _end(self, life: Life, state: State) -> None:
        life.state, life.ended = state, self.now

    def _later(self, day: float, what: str, *about: object) -> None:
        heapq.heappush(self._heap, (day, next(self._order), what, about))
