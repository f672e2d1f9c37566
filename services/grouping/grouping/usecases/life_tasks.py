"""The tasks of staff about groups that have started."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from grouping.domain.life.accompaniment import attended, is_at_most, is_question
from grouping.domain.life.calendar import meetings_ahead
from grouping.domain.life.membership import can_admit, is_rest
from grouping.domain.life.model import GroupLife, LifeState, VisitState
from grouping.usecases.tasks import GroupFacts
from shared.kit.tasks import Task

SCOPE: Final = "life:"
"""Prefix of the scope; that of a group before its start is another."""

PLEDGE_SHOWN: Final = timedelta(days=1)
"""Time after the start from which a pledge that is not recorded is a task."""


ANSWERS_AWAITED: Final = timedelta(days=14)
"""Time after which staff are reminded of a group that they have asked whether it is ready."""


def tasks_of_life(life: GroupLife, group: GroupFacts, now: datetime) -> list[Task]:
    """Return what a started group needs from staff now."""
    if not life.is_ongoing:
        return []
    return [*_with_igangsetter(life, group, now), *_visits(life, group), *_members(life, group, now)]


def _with_igangsetter(life: GroupLife, group: GroupFacts, now: datetime) -> Iterator[Task]:
    if life.state is not LifeState.ACCOMPANIED:
        return
    if life.pledge_on is None:
        visible_from = life.started_at + PLEDGE_SHOWN
        yield _task(group, "pledge_missing", visible_from, since=life.started_at)
    if not meetings_ahead(life, now):
        last = max((meeting.starts_at for meeting in life.meetings), default=life.started_at)
        yield _task(group, "group_without_meeting", now, since=last)
    if is_question(life):
        # At the policy's most the members are asked by themselves, so that staff have not asked yet.
        asked_at = None if is_at_most(life) else life.handover_asked_at
        visible_from = now if asked_at is None else asked_at + ANSWERS_AWAITED
        yield _task(group, "handover_question", visible_from, meetings=attended(life))


def _visits(life: GroupLife, group: GroupFacts) -> Iterator[Task]:
    visit, kind = life.visit, visit_task(life)
    if visit is not None and kind is not None:
        since = life.handed_over_at if kind == "follow_up_due" else None
        yield _task(group, kind, visit.at, key=str(visit.id), since=since or visit.at)


def visit_task(life: GroupLife) -> str | None:
    """Return the kind of the task about an open visit; None if there is none."""
    visit = life.visit
    if visit is None or not visit.is_open:
        return None
    if visit.state is VisitState.OFFERED:
        return "follow_up_due"
    unanimous = life.policy.conflict_visit == "unanimous_and_centre_accepts"
    return "conflict_visit_agreed" if visit.kind == "conflict_visit" and unanimous else "visit_asked"


def _members(life: GroupLife, group: GroupFacts, now: datetime) -> Iterator[Task]:
    if is_rest(life):
        yield _task(group, "group_rest", now, members=life.size)
    if can_admit(life, now) and life.admission_until is not None:
        yield _task(group, "newcomer_wanted", now, until=life.admission_until)


def _task(group: GroupFacts, kind: str, visible_from: datetime, *, key: str = "group", **facts: int | datetime) -> Task:
    row = group.group
    named: dict[str, str | int] = {
        "place": group.place,
        "slot": row.slot,
        "date": group.date,
        "number": group.number,
    }
    return Task(
        kind=kind,
        key=key,
        centre=row.centre,
        path=f"/stab/grupper/{row.id}",
        visible_from=visible_from,
        group_id=row.id,
        facts=named | {name: fact.isoformat() if isinstance(fact, datetime) else fact for name, fact in facts.items()},
    )
