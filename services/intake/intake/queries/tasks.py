"""Data of the list of today: one page of tasks, with counts that come from the same query as its length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import ListedTask, tasks
from intake.store.tasks import TaskScope
from shared.kit.web.paging import page_count

PAGE_SIZE: Final = 50  # tasks


@dataclass(frozen=True)
class TaskFilter:
    """
    The part of the list that is shown.

    Attributes:
        kind, centre: Only of this kind and centre; None for all.
        urgent: Only urgent and overdue tasks.
    """

    kind: str | None = None
    centre: str | None = None
    urgent: bool = False


@dataclass(frozen=True)
class TaskRow:
    """A task, and whether it is urgent or overdue now."""

    task: ListedTask
    urgent: bool


@dataclass(frozen=True)
class TaskPage:
    """
    One page of the list.

    Attributes:
        rows: The tasks of the page, the most urgent first.
        total: The number of tasks on all pages.
        number, pages: This page, and the number of pages; both from 1.
        whole: The number of tasks without any filter.
        kinds, centres: The number of tasks of each kind and centre, under the other filters.
        any_kind, any_centre: The number of all tasks under the other filters.
        urgent: The number of urgent tasks under the filters of kind and centre.
        any_urgency: The number of all tasks under the filters of kind and centre.
    """

    rows: Sequence[TaskRow]
    total: int
    number: int
    pages: int
    whole: int
    kinds: Mapping[str, int]
    centres: Mapping[str, int]
    any_kind: int
    any_centre: int
    urgent: int
    any_urgency: int

    @property
    def first(self) -> int:
        """The number of the first task of this page, from 1."""
        return (self.number - 1) * PAGE_SIZE + 1


async def task_page(session: AsyncSession, scope: TaskScope, chosen: TaskFilter, number: int) -> TaskPage:
    """Return one page of tasks; a number beyond the last page is the last page."""
    counts = await tasks.count(session, scope)

    def total(part: TaskFilter) -> int:
        return sum(
            count
            for (kind, centre, is_urgent), count in counts.items()
            if part.kind in (None, kind) and part.centre in (None, centre) and (is_urgent or not part.urgent)
        )

    length = total(chosen)
    pages = page_count(length, PAGE_SIZE)
    number = min(max(number, 1), pages)
    rows = await tasks.page(
        session,
        scope,
        kind=chosen.kind,
        centre=chosen.centre,
        urgent_only=chosen.urgent,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    kinds = {kind: total(replace(chosen, kind=kind)) for kind in sorted({kind for kind, _, _ in counts if kind})}
    owned = sorted({centre for _, centre, _ in counts if centre is not None})
    return TaskPage(
        rows=[TaskRow(task, urgent) for task, urgent in rows],
        total=length,
        number=number,
        pages=pages,
        whole=total(TaskFilter()),
        kinds={kind: count for kind, count in kinds.items() if count or kind == chosen.kind},
        centres={centre: total(replace(chosen, centre=centre)) for centre in owned},
        any_kind=total(replace(chosen, kind=None)),
        any_centre=total(replace(chosen, centre=None)),
        urgent=total(replace(chosen, urgent=True)),
        any_urgency=total(replace(chosen, urgent=False)),
    )
