"""The tasks of staff about groups that have started."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from grouping.domain.life.accompaniment import attended, is_question
from grouping.domain.life.calendar import meetings_ahead
from grouping.domain.life.membership import VULNERABLE
from grouping.domain.life.model import GroupLife, LifeState, VisitState
from grouping.usecases.group_aggregate import GroupAggregate
from shared.kit.tasks import Task

SCOPE: Final = "life:"
"""Prefix of the scope; that of a group before its start is another."""

PLEDGE_SHOWN: Final = timedelta(days=1)
"""Time after the start from which a pledge that is not recorded is a task."""


def tasks_of_life(life: GroupLife, group: GroupAggregate, now: datetime) -> list[Task]:
    """Return what a started group needs from staff now."""
    if not life.is_ongoing:
        return []
    return [*_with_igangsetter(life, group, now), *_visits(life, group), *_rest(life, group, now)]


def _with_igangsetter(life: GroupLife, group: GroupAggregate, now: datetime) -> Iterator[Task]:
    if life.state is not LifeState.ACCOMPANIED:
        return
    if life.pledge_on is None:
        visible_from = life.started_at + PLEDGE_SHOWN
        yield _task(group, "pledge_missing", visible_from, since=life.started_at)
    if not meetings_ahead(life, now):
        last = max((meeting.starts_at for meeting in life.meetings), default=life.started_at)
        yield _task(group, "group_without_meeting", now, since=last)
    if is_question(life):
        yield _task(group, "handover_question", now, meetings=attended(life))


def _visits(life: GroupLife, group: GroupAggregate) -> Iterator[Task]:
    visit = life.visit
    if visit is None or not visit.is_open:
        return
    if visit.state is VisitState.OFFERED:
        yield _task(group, "follow_up_due", visit.at, key=str(visit.id), since=life.handed_over_at or visit.at)
    else:
        kind = "conflict_visit_agreed" if visit.kind == "conflict_visit" else "visit_asked"
        yield _task(group, kind, visit.at, key=str(visit.id), since=visit.at)


def _rest(life: GroupLife, group: GroupAggregate, now: datetime) -> Iterator[Task]:
    if life.knows_all and life.size < VULNERABLE:
        yield _task(group, "group_rest", now, members=life.size)


def _task(
    group: GroupAggregate, kind: str, visible_from: datetime, *, key: str = "group", **facts: int | datetime
) -> Task:
    row = group.row
    return Task(
        kind=kind,
        key=key,
        centre=row.centre,
        path=f"/stab/grupper/{row.id}",
        visible_from=visible_from,
        group_id=row.id,
        facts={"place": group.place_name or row.known_area, "slot": row.slot}
        | {name: fact.isoformat() if isinstance(fact, datetime) else fact for name, fact in facts.items()},
    )
