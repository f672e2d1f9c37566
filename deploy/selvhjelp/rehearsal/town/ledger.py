"""The outcome of each task on the list of today: done in time, done late, left, or passed by itself."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Outcome(StrEnum):
    """The end of a task."""

    DONE = "done"
    LATE = "late"
    PASSED = "passed"
    """The coordinator left it, and its time passed, or somebody else did it."""
    LEFT = "left"
    """Still on the list at the end."""


@dataclass(frozen=True)
class OpenTask:
    """
    A task that the coordinator sees now.

    Attributes:
        urgent: True if it is among the urgent ones.
        overdue: True once the time for it is over.
        path: The page on which it is done.
        facts: The values in its sentence.
    """

    task_id: UUID
    kind: str
    urgent: bool
    overdue: bool
    path: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass
class Ledger:
    """
    The tasks so far. The clock stands still while the coordinator works, so a task that closes then is done by them.

    Attributes:
        tasks: Each as it was seen last.
        offered: Tasks that were on the list while the coordinator was at work; of the others nobody was asked.
        became_urgent: Tasks that were not urgent yet when they were seen first.
        outcomes: Of those that are closed.
    """

    tasks: dict[UUID, OpenTask] = field(default_factory=dict)
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    offered: set[UUID] = field(default_factory=set)
    became_urgent: set[UUID] = field(default_factory=set)

    def see(self, seen: Iterable[OpenTask], *, at_work: bool) -> None:
        """Take the tasks on the list now; those gone from it are done if the coordinator was at work, else passed."""
        listed = {task.task_id: task for task in seen}
        for task_id, task in self.tasks.items():
            if task_id not in listed and task_id not in self.outcomes:
                done = Outcome.LATE if self._is_late(task) else Outcome.DONE
                self.outcomes[task_id] = done if at_work else Outcome.PASSED
        for task_id, task in listed.items():
            if task.urgent and task_id in self.tasks and not self.tasks[task_id].urgent:
                self.became_urgent.add(task_id)
            self.outcomes.pop(task_id, None)  # a task that came back is open
        if at_work:
            self.offered |= listed.keys()
        self.tasks |= listed

    def _is_late(self, task: OpenTask) -> bool:
        """Return True if the time for a task was over, or it was left until it became urgent."""
        return task.overdue or task.task_id in self.became_urgent

    def counts(self) -> dict[str, Counter[Outcome]]:
        """Return the outcomes of offered tasks by kind, in the order in which the kinds came."""
        counts: dict[str, Counter[Outcome]] = {}
        for task_id, task in self.tasks.items():
            if task_id in self.offered:
                counts.setdefault(task.kind, Counter())[self.outcomes.get(task_id, Outcome.LEFT)] += 1
        return counts
