"""Visits of the centre to a group on its own: asked for, answered, agreed, and over."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from grouping.domain import meetings
from grouping.domain.life.calendar import cancelled
from grouping.domain.life.memory import forget_at
from grouping.domain.life.model import GroupLife, LifeState, VisitKind, VisitState
from grouping.domain.meetings import Meeting, MeetingKind, MeetingState
from shared.errors import DomainError

OFFER_OPEN: Final = timedelta(weeks=4)
"""Time in which a group can answer the offer of a return visit; the pages and the mail say until when."""


def offer_ends_at(life: GroupLife) -> datetime | None:
    """Return until when the group can answer the offer of a return visit; None if there is none."""
    visit = life.visit
    return visit.at + OFFER_OPEN if visit is not None and visit.state is VisitState.OFFERED else None


def lapse_offer(life: GroupLife, now: datetime) -> GroupLife:
    """End the offer of a return visit that nobody of the group has answered in time."""
    ends_at = offer_ends_at(life)
    if life.visit is None or ends_at is None or now < ends_at or life.state is not LifeState.INDEPENDENT:
        return life
    return _remembered(replace(life, visit=replace(life.visit, state=VisitState.LAPSED)))


def ask_for_visit(life: GroupLife, now: datetime) -> GroupLife:
    """
    Ask the centre to come back; while a visit is open or agreed, nothing changes.

    Raises:
        DomainError: ``no_visits`` if the policy has none, ``not_independent`` or ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    if not life.policy.visit_on_request:
        raise DomainError("no_visits", group_id=life.group_id)
    return _asked(life, "visit", now)


def ask_in_conflict(life: GroupLife, now: datetime, *, unanimous: bool = False) -> GroupLife:
    """
    Ask the centre to come because of a conflict.

    Args:
        life: The life.
        now: The moment.
        unanimous: True if a secret vote of all members has said so.

    Raises:
        DomainError: ``no_visits``; ``vote_needed`` where all members must want it; ``not_independent`` or
            ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    if life.policy.conflict_visit == "off":
        raise DomainError("no_visits", group_id=life.group_id)
    if life.policy.conflict_visit == "unanimous_and_centre_accepts" and not unanimous:
        raise DomainError("vote_needed", group_id=life.group_id)
    return _asked(life, "conflict_visit", now)


def accept_visit(life: GroupLife, now: datetime) -> GroupLife:
    """
    Say yes to the visit that the centre offers; it then waits for a time. Any other visit that is ahead stays as it is.

    Raises:
        DomainError: ``no_open_visit``, ``not_independent`` or ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    visit = life.visit
    if visit is None or not visit.is_ahead:
        raise DomainError("no_open_visit", group_id=life.group_id)
    if visit.state is not VisitState.OFFERED:
        return life
    return replace(life, visit=replace(visit, state=VisitState.ASKED, at=now), alive_at=now, alive_asked_at=None)


def agree_visit(
    life: GroupLife, visit_id: UUID, starts_at: datetime, ends_at: datetime, place_text: str, now: datetime
) -> GroupLife:
    """
    Agree on the time of an open visit, or move an agreed one.

    Raises:
        DomainError: ``no_open_visit``, ``meeting_in_the_past``, ``not_independent`` or ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    visit = life.visit
    if visit is None or visit.id != visit_id or not visit.is_ahead:
        raise DomainError("no_open_visit", group_id=life.group_id)
    if starts_at <= now or ends_at <= starts_at:
        raise DomainError("meeting_in_the_past", group_id=life.group_id)
    if visit.meeting_id is not None:
        meeting = life.meeting(visit.meeting_id)
        moved = meetings.move(meeting, starts_at, ends_at, place_text, now)
        return life if moved is meeting else life.with_meeting(moved)
    meeting = Meeting(uuid5(visit.id, "meeting"), MeetingKind(visit.kind), starts_at, ends_at, place_text)
    agreed = replace(visit, state=VisitState.AGREED, meeting_id=meeting.id)
    return _remembered(replace(life.with_meeting(meeting), visit=agreed, alive_at=now))


def decline_visit(life: GroupLife, visit_id: UUID, *, by_group: bool) -> GroupLife:
    """
    Decline an open or agreed visit; its meeting is cancelled. A visit that is neither stays as it is.

    Raises:
        DomainError: ``not_independent`` or ``group_ended``.
    """
    life.must_be(LifeState.INDEPENDENT)
    visit = life.visit
    if visit is None or visit.id != visit_id or not visit.is_ahead:
        return life
    state = VisitState.DECLINED_BY_GROUP if by_group else VisitState.DECLINED_BY_CENTRE
    if visit.meeting_id is not None:
        life = life.with_meeting(cancelled(life.meeting(visit.meeting_id)))
    return _remembered(replace(life, visit=replace(visit, state=state)))


def close_visit(life: GroupLife) -> GroupLife:
    """Close an agreed visit whose meeting is over."""
    visit = life.visit
    if visit is None or visit.state is not VisitState.AGREED or visit.meeting_id is None:
        return life
    if life.meeting(visit.meeting_id).state not in {MeetingState.HELD, MeetingState.ASSUMED_HELD}:
        return life
    return _remembered(replace(life, visit=replace(visit, state=VisitState.OVER)))


def _asked(life: GroupLife, kind: VisitKind, now: datetime) -> GroupLife:
    visit = life.visit
    if visit is not None and visit.is_ahead:
        if visit.is_open and kind == "conflict_visit" and visit.kind != kind:
            return replace(life, visit=replace(visit, kind=kind, state=VisitState.ASKED, at=now), alive_at=now)
        return life
    return replace(life.with_visit(kind, VisitState.ASKED, now), alive_at=now, alive_asked_at=None)


def _remembered(life: GroupLife) -> GroupLife:
    """Set anew how long the members are known, which can depend on the return visit."""
    return life if life.forgotten else replace(life, forget_at=forget_at(life))
