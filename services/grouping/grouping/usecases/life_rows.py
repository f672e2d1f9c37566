"""The rows of a group's life, and the same as domain objects."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any, cast
from uuid import UUID

from grouping.domain.groups import SeatState
from grouping.domain.life.model import EndedBy, GroupLife, HandedOverBy, LifeState, Rhythm, Visit, VisitKind, VisitState
from grouping.domain.life.steps import next_step_at
from grouping.store import Group, Life, Meeting, Seat
from grouping.usecases.group_rows import meeting_of
from shared.reference.policy import Policy

_SAME = (
    "size",
    "rhythm_version",
    "pledge_on",
    "handover_asked_at",
    "more_meetings",
    "more_reason",
    "handed_over_at",
    "handed_over_by",
    "solo_meetings",
    "solo_since",
    "paused_until",
    "followed_up",
    "visits",
    "admission_until",
    "rest_size",
    "alive_at",
    "alive_asked_at",
    "next_vote_at",
    "ended_at",
    "ended_by",
    "forget_at",
    "forgotten",
)
"""Fields that are columns of the same name and type."""


def life_of(row: Life, group: Group, seats: Iterable[Seat], meetings: Iterable[Meeting]) -> GroupLife:
    """Return the life in these rows."""
    members = frozenset(seat.id for seat in seats if seat.state == SeatState.TAKEN)
    assert group.started_at is not None
    return GroupLife(
        group_id=row.group_id,
        policy=Policy.model_validate(group.policy),
        started_at=group.started_at,
        state=LifeState(row.state),
        members=members,
        size=row.size,
        rhythm=None if row.rhythm is None else _rhythm_of(row.rhythm),
        rhythm_version=row.rhythm_version,
        skipped_days=frozenset(row.skipped_days),
        kept_days=frozenset(row.kept_days),
        meetings=tuple(meeting_of(meeting) for meeting in meetings),
        pledge_on=row.pledge_on,
        handover_asked_at=row.handover_asked_at,
        handover_yes=members.intersection(row.handover_yes),
        more_meetings=row.more_meetings,
        more_reason=row.more_reason,
        handed_over_at=row.handed_over_at,
        handed_over_by=cast("HandedOverBy | None", row.handed_over_by),
        solo_meetings=row.solo_meetings,
        solo_since=row.solo_since,
        paused_until=row.paused_until,
        followed_up=row.followed_up,
        visits=row.visits,
        visit=_visit_of(row),
        admission_until=row.admission_until,
        rest_size=row.rest_size,
        opted_in=members.intersection(row.opted_in),
        left_out=members.intersection(row.left_out),
        dissolve_yes=members.intersection(row.dissolve_yes),
        alive_at=row.alive_at,
        alive_asked_at=row.alive_asked_at,
        next_vote_at=row.next_vote_at,
        ended_at=row.ended_at,
        ended_by=cast("EndedBy | None", row.ended_by),
        forget_at=row.forget_at,
        forgotten=row.forgotten,
    )


def write_life(row: Life, life: GroupLife) -> None:
    """Write a life to its row; meetings and seats have rows of their own."""
    row.state = life.state.value
    for name in _SAME:
        setattr(row, name, getattr(life, name))
    row.rhythm = None if life.rhythm is None else _rhythm_document(life.rhythm)
    row.skipped_days, row.kept_days = sorted(life.skipped_days), sorted(life.kept_days)
    row.handover_yes, row.opted_in = sorted(life.handover_yes), sorted(life.opted_in)
    row.left_out = sorted(life.left_out)
    row.dissolve_yes = sorted(life.dissolve_yes)
    visit = life.visit
    row.visit_id, row.visit_kind = (visit.id, visit.kind) if visit else (None, None)
    row.visit_state, row.visit_at = (visit.state.value, visit.at) if visit else (None, None)
    row.visit_meeting_id = visit.meeting_id if visit else None
    row.next_at = next_step_at(life)


def new_row(life: GroupLife) -> Life:
    """Return a row for a life that has just been opened."""
    row = Life(group_id=life.group_id, state=life.state.value, size=life.size)
    write_life(row, life)
    return row


def _rhythm_document(rhythm: Rhythm) -> dict[str, Any]:
    return {
        "every_weeks": rhythm.every_weeks,
        "weekday": rhythm.weekday,
        "at": rhythm.at.isoformat(),
        "minutes": rhythm.minutes,
        "place_text": rhythm.place_text,
        "first_on": rhythm.first_on.isoformat(),
    }


def _rhythm_of(document: dict[str, Any]) -> Rhythm:
    return Rhythm(
        every_weeks=document["every_weeks"],
        weekday=document["weekday"],
        at=time.fromisoformat(document["at"]),
        minutes=document["minutes"],
        place_text=document["place_text"],
        first_on=date.fromisoformat(document["first_on"]),
    )


def _visit_of(row: Life) -> Visit | None:
    if row.visit_id is None or row.visit_at is None or row.visit_state is None:
        return None
    visit_id: UUID = row.visit_id
    kind = cast("VisitKind", row.visit_kind)
    return Visit(visit_id, kind, VisitState(row.visit_state), row.visit_at, row.visit_meeting_id)
