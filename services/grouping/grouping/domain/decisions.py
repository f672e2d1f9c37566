"""
Decisions about a group that lacks members: a proposal that looks for them, or a confirmed group before its start.

Staff decide from the moment at which it falls below its minimum; if they do not, the policy decides shortly before the
meeting. See :mod:`grouping.usecases.decisions`.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from grouping.domain import meetings
from grouping.domain.groups import (
    LEAST_MEMBERS,
    Group,
    GroupState,
    is_below_minimum,
    must_be_forming,
    start_meeting_ahead,
    undecided,
)
from shared.errors import DomainError

SHORT_NOTICE: Final = timedelta(days=2)
"""Time before the start meeting at which the policy decides about a group with too few members, if staff have not."""

LAST_NOTICE: Final = timedelta(hours=12)
"""The same time if staff keep the date: late enough to find somebody, early enough for a message to the members."""


def lacks_members(group: Group) -> bool:
    """Return True if a confirmed group with a start meeting ahead has too few members, after decisions of staff."""
    scheduled = group.start_meeting is not None and group.start_meeting.is_scheduled
    return group.state is GroupState.CONFIRMED and scheduled and len(group.taken) < group.least


def must_lack_members(group: Group) -> None:
    """
    Check that staff have something to decide.

    Raises:
        DomainError: ``enough_members``, ``not_confirmed`` or ``group_closed``.
    """
    start_meeting_ahead(group)
    if not lacks_members(group):
        raise DomainError("enough_members", group_id=group.id)


def decided_by_policy_at(group: Group) -> datetime | None:
    """Return the moment at which the policy decides about a group that lacks members; None if there is no date."""
    if group.start_meeting is None or not group.start_meeting.is_scheduled:
        return None
    return group.start_meeting.starts_at - (LAST_NOTICE if group.date_kept else SHORT_NOTICE)


def is_short_of_members(group: Group, now: datetime) -> bool:
    """Return True if a group lacks members and the policy has to decide, because staff have not."""
    due = decided_by_policy_at(group)
    return lacks_members(group) and due is not None and now >= due


def keep_date(group: Group) -> Group:
    """
    Keep the date of the start meeting: the group looks for members until :data:`LAST_NOTICE` before it.

    Raises:
        DomainError: ``enough_members``, ``not_confirmed`` or ``group_closed``.
    """
    must_lack_members(group)
    return replace(group, date_kept=True)


def prolong(group: Group, days: int, now: datetime) -> Group:
    """
    Let a proposal below its minimum look for members for some days more.

    Raises:
        DomainError: ``enough_members``, ``group_closed`` or ``group_cancelled``.
    """
    _must_look_for_members(group)
    return replace(group, filling_until=max(now, group.filling_until or now) + timedelta(days=days))


def allow_small_start(group: Group, reason: str) -> Group:
    """
    Let the group start with the members it has, for a written reason; a proposal can then be confirmed.

    Raises:
        DomainError: ``enough_members``, ``not_confirmed``, ``group_closed``, ``group_cancelled``, ``reason_missing``,
            or ``too_few_to_start`` below :data:`LEAST_MEMBERS`.
    """
    if group.state is GroupState.PROPOSED:
        _must_look_for_members(group)
    else:
        must_lack_members(group)
    if not reason.strip():
        raise DomainError("reason_missing", group_id=group.id)
    if len(group.taken) < LEAST_MEMBERS:
        raise DomainError("too_few_to_start", group_id=group.id)
    return replace(group, start_reason=reason.strip())


def put_off(group: Group, starts_at: datetime, ends_at: datetime) -> Group:
    """
    Put off the start meeting of a group that lacks members, as staff have decided; allowed any number of times.

    Raises:
        DomainError: ``enough_members``, ``not_confirmed`` or ``group_closed``.
    """
    must_lack_members(group)
    return replace(extend(replace(group, extended=False), starts_at, ends_at), waits_for_members=True)


def extend(group: Group, starts_at: datetime, ends_at: datetime) -> Group:
    """
    Put the start meeting off so that more people can join; the policy does it once per group.

    Raises:
        DomainError: ``extended_already`` or ``not_confirmed``.
    """
    meeting = start_meeting_ahead(group)
    if group.extended:
        raise DomainError("extended_already", group_id=group.id)
    later = meetings.reschedule(meeting, starts_at, ends_at, meeting.place_text)
    return replace(undecided(group), start_meeting=later, extended=True)


def _must_look_for_members(group: Group) -> None:
    must_be_forming(group)
    if group.state is not GroupState.PROPOSED or not is_below_minimum(group):
        raise DomainError("enough_members", group_id=group.id)
