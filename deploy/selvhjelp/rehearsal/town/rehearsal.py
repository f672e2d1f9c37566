"""Move the clock of the town over two years, and stop it for as long as the coordinator has tasks."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from intake.web.task_texts import kind_text
from selvhjelp.rehearsal.town import words
from selvhjelp.rehearsal.town.cast import Cast
from selvhjelp.rehearsal.town.coordinator import Coordinator
from selvhjelp.rehearsal.town.groups import Groups
from selvhjelp.rehearsal.town.hours import next_at_work
from selvhjelp.rehearsal.town.ledger import Ledger, OpenTask
from selvhjelp.rehearsal.town.summary import Summary, summary_of
from selvhjelp.rehearsal.town.system import System
from shared.reference.centres import Centre

LONGEST_STEP: Final = timedelta(days=3)
"""The longest piece of time between two runs of the periodic jobs when nothing is due."""

SHORTEST_STEP: Final = timedelta(minutes=1)
LOOK_SECONDS: Final = 0.3
ROUNDS_AT_MOST: Final = 50
DIARY_LINES: Final = 200

_TASKS: Final = (
    "SELECT task_id, kind, path, facts, coalesce(due_at <= $2, false) AS overdue,"
    " coalesce(urgent_from <= $2 OR due_at <= $2, false) AS urgent"
    " FROM listed_tasks WHERE closed_at IS NULL AND visible_from <= $2 AND centre = $1"
    " ORDER BY urgent DESC, due_at NULLS LAST, visible_from, task_id"
)

_PHONE_MEMBER: Final = (
    "SELECT 1 FROM signups JOIN people USING (person_id) WHERE email_sealed IS NULL AND signups.state = 'member'"
)
"""The story has one person without an address."""


class Rehearsal:
    """
    One run of the town.

    Args:
        system: The running system.
        centre: The centre at which the coordinator works.
        days: Days after which the rehearsal ends.
        wait_seconds: Real time without a press of the coordinator after which the day goes on; None to let
            :class:`Coordinator` do the tasks.
        say: Takes each line of the diary as it comes.

    Attributes:
        diary: The newest lines, with their moments.
        open_tasks: The list of today.
        at_work: True while time stands still for the coordinator.
        over: True after the last day.
        go_on: Set to let the day pass.
    """

    def __init__(
        self,
        system: System,
        centre: Centre,
        days: int,
        wait_seconds: float | None,
        say: Callable[[datetime, str], None],
    ) -> None:
        self.system = system
        self.centre = centre
        self.began = system.clock.now()
        self.ends = self.began + timedelta(days=days)
        self.diary: deque[tuple[datetime, str]] = deque(maxlen=DIARY_LINES)
        self.ledger = Ledger()
        self.open_tasks: list[OpenTask] = []
        self.at_work = False
        self.over = False
        self.go_on = asyncio.Event()
        self.groups = Groups(lambda place_id: _place_name(centre, place_id))
        self._wait_seconds = wait_seconds
        self._say = say
        self._begun = wait_seconds is None
        self._known: set[tuple[UUID, bool]] = set()
        self._coordinator = Coordinator(system)
        self.cast = Cast(system.url, system.mailbox, system.faults, centre, self._note)

    async def prepare(self) -> None:
        """Invite the igangsettere, before the first day of the coordinator."""
        await self._coordinator.prepare()
        await self.system.at_rest()
        await self._settle()
        self.system.staff.pressed_at = 0.0

    async def run(self) -> None:
        """Run to the end of the last day, and close all connections of the people."""
        try:
            await self._first_press()
            while self.system.clock.now() < self.ends:
                await self._settle()
                if self._is_news():
                    await self._pass_until(next_at_work(self.system.clock.now()))
                    await self._work()
                await self._pass_until(min(await self._next_moment(), self.ends))
            self.over = True
        finally:
            await self._coordinator.close()
            await self.cast.close()

    @property
    def has_begun(self) -> bool:
        """True once the coordinator has come."""
        return self._begun or self.go_on.is_set() or self.system.staff.pressed_at > 0

    @property
    def waits(self) -> bool:
        """True while time stands still for the coordinator."""
        return self.at_work and bool(self.open_tasks)

    def summary(self) -> Summary:
        """Return what has happened so far."""
        groups = [group for group in self.groups.by_id.values() if not group.was_discarded]
        return summary_of(
            self.began,
            self.system.clock.now(),
            self.cast.people,
            groups,
            self.ledger,
            lambda kind: kind_text(kind).label,
        )

    def _note(self, sentence: str) -> None:
        now = self.system.clock.now()
        self.diary.appendleft((now, sentence))
        self._say(now, sentence)

    # Time.

    async def _next_moment(self) -> datetime:
        """Return the next moment at which something is due, or the end of the longest step."""
        now = self.system.clock.now()
        moments = [now + LONGEST_STEP, *self.cast.moments(self.began)]
        if (due := await self.system.next_due()) is not None:
            moments.append(due)
        return min(max(moment, now + SHORTEST_STEP) for moment in moments)

    async def _pass_until(self, moment: datetime) -> None:
        """Move the clock to a moment in steps, with the mails and deeds of people at each; the coordinator is away."""
        while self.system.clock.now() < moment:
            await self.system.move_to(min(await self._next_moment(), moment))
            await self._settle()

    async def _settle(self) -> None:
        """Repeat the mails and deeds of people until there are no more; then read the groups and tasks."""
        for _ in range(ROUNDS_AT_MOST):
            now = self.system.clock.now()
            played = await self.cast.play(self.began, now)
            if not await self.cast.read(now) and not played:
                break
            await self.system.at_rest()
        await self._look_at_phone_people()
        for group in await self.groups.look(self.system.rows, self.system.clock.now()):
            if sentence := words.group_came_to(group.state, group.name):
                self._note(sentence)
        await self._look_at_tasks()

    async def _look_at_phone_people(self) -> None:
        """Note that a person without an address is in a group; no mail tells so."""
        for person in self.cast.people:
            waits = person.mobile and person.placed_at is None and person.signed_up_at is not None
            if waits and await self.system.rows("intake", _PHONE_MEMBER):
                person.placed_at, person.waits_since = self.system.clock.now(), None

    # The coordinator.

    async def _look_at_tasks(self) -> None:
        rows = await self.system.rows("intake", _TASKS, self.centre.id, self.system.clock.now())
        self.open_tasks = [OpenTask(**row) for row in rows]
        self.ledger.see(self.open_tasks, at_work=self.at_work)

    def _is_news(self) -> bool:
        """Return True if there is a task that the coordinator has not seen yet, or one that has become late."""
        return any((task.task_id, task.urgent) not in self._known for task in self.open_tasks)

    async def _work(self) -> None:
        """Stand still until the list is empty, the coordinator goes on, or nobody presses anything for a while."""
        self.at_work = True
        try:
            await self._look_at_tasks()
            self._known |= {(task.task_id, task.urgent) for task in self.open_tasks}
            await (self._do_tasks() if self._wait_seconds is None else self._wait(self._wait_seconds))
            self._known |= {(task.task_id, task.urgent) for task in self.open_tasks}
        finally:
            self.at_work = False

    async def _do_tasks(self) -> None:
        tried: set[UUID] = set()
        while task := next((task for task in self.open_tasks if task.task_id not in tried), None):
            tried.add(task.task_id)
            if await self._coordinator.do(task):
                await self.system.at_rest()
                await self._settle()

    async def _wait(self, seconds: float) -> None:
        self.go_on.clear()
        arrived = time.monotonic()
        while self.open_tasks and not self.go_on.is_set():
            if time.monotonic() > max(arrived, self.system.staff.pressed_at) + seconds:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self.go_on.wait(), LOOK_SECONDS)
            await self._settle()

    async def _first_press(self) -> None:
        """Wait until the coordinator has come."""
        while not self.has_begun:
            await asyncio.sleep(LOOK_SECONDS)
        self._begun = True


def _place_name(centre: Centre, place_id: str) -> str:
    for area in centre.areas:
        if (place := area.place(place_id)) is not None:
            return place.name
    return centre.name
