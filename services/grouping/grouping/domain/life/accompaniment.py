"""The first meetings, with the igangsetter: counted, the pledge, and the handover that the group agrees to."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from grouping.domain.life.calendar import cancel_weekly
from grouping.domain.life.memory import forget_at
from grouping.domain.life.model import GroupLife, HandedOverBy, LifeState
from grouping.domain.life.solo import SAME_MEETING
from grouping.domain.meetings import OVER, MeetingKind
from shared.errors import DomainError
from shared.reference.policy import Policy, Span
from shared.reference.retention import Data, kept_for
from shared.timezone import OSLO_TZ

AGREED_ASK: Final = 4
"""Meetings after which staff are reminded to ask a group, where its policy leaves the number to an agreement."""


def held_meetings(life: GroupLife) -> int:
    """Return the number of meetings that the system has called and that were held, the start meeting included."""
    return 1 + sum(meeting.kind is MeetingKind.WEEKLY and meeting.state in OVER for meeting in life.meetings)


def attended(life: GroupLife) -> int:
    """
    Return the number of meetings with the igangsetter so far, the start meeting included.

    The igangsetter attends no more than the policy says, whether or not the group has answered if it is ready.
    """
    accompanied, most = max(1, held_meetings(life) - life.solo_meetings), most_meetings(life)
    return accompanied if most is None else min(accompanied, most)


def held_alone(life: GroupLife) -> int:
    """Return the number of meetings without the igangsetter while the group has not answered if it is ready."""
    return held_meetings(life) - attended(life)


def least_meetings(policy: Policy) -> int:
    """Return the number of meetings that the igangsetter attends at least; the start meeting is one."""
    return max(1, policy.starter_meetings.min) if isinstance(policy.starter_meetings, Span) else 1


def most_meetings(life: GroupLife) -> int | None:
    """Return the number of meetings after which the group is asked; None where it is agreed with the group."""
    number = life.policy.starter_meetings
    return max(1, number.max) + life.more_meetings if isinstance(number, Span) else None


def is_at_most(life: GroupLife) -> bool:
    """Return True if the igangsetter has attended as many meetings as the policy says."""
    most = most_meetings(life)
    return life.state is LifeState.ACCOMPANIED and most is not None and attended(life) >= most


def is_question(life: GroupLife) -> bool:
    """Return True if staff are to ask whether the group is ready to go on alone."""
    agreed = life.policy.starter_meetings == "agreed_with_group"
    often = agreed and life.state is LifeState.ACCOMPANIED and attended(life) >= AGREED_ASK + life.more_meetings
    return is_at_most(life) or often


def record_pledge(life: GroupLife, on: date, now: datetime) -> GroupLife:
    """
    Record the day on which the group spoke about confidentiality, and no more; the last report counts.

    Raises:
        DomainError: ``pledge_in_the_future``, ``pledge_before_start`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    if on > now.astimezone(OSLO_TZ).date():
        raise DomainError("pledge_in_the_future", group_id=life.group_id)
    if on < life.started_at.astimezone(OSLO_TZ).date():
        raise DomainError("pledge_before_start", group_id=life.group_id)
    return life if life.pledge_on == on else replace(life, pledge_on=on)


def ask_handover(life: GroupLife, now: datetime) -> GroupLife:
    """
    Ask the members whether the group is ready to go on alone; asking again changes nothing.

    Raises:
        DomainError: ``too_early``, ``on_its_own`` or ``group_ended``.
    """
    _must_be_ready_to_ask(life)
    return life if life.handover_asked_at is not None else replace(life, handover_asked_at=now)


def say_ready(life: GroupLife, seat_id: UUID, now: datetime) -> GroupLife:
    """
    Record that a member is ready. The first one asks the others; with the last one the group is handed over.

    Raises:
        DomainError: ``not_a_member``, ``too_early``, ``on_its_own`` or ``group_ended``.
    """
    life.must_have(seat_id)
    life = ask_handover(life, now)
    if seat_id in life.handover_yes:
        return life
    return hand_over_if_agreed(replace(life, handover_yes=life.handover_yes | {seat_id}), now)


def take_back_ready(life: GroupLife, seat_id: UUID) -> GroupLife:
    """
    Record that a member is not ready after all.

    Raises:
        DomainError: ``not_a_member``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    life.must_have(seat_id)
    return replace(life, handover_yes=life.handover_yes - {seat_id}) if seat_id in life.handover_yes else life


def hand_over_if_agreed(life: GroupLife, now: datetime) -> GroupLife:
    """Hand the group over if all members are ready."""
    agreed = life.state is LifeState.ACCOMPANIED and bool(life.members) and life.members <= life.handover_yes
    return hand_over(life, "members", now) if agreed else life


def record_agreement(life: GroupLife, now: datetime) -> GroupLife:
    """
    Hand the group over because its igangsetter says that it agrees.

    Raises:
        DomainError: ``too_early``, ``on_its_own`` or ``group_ended``.
    """
    _must_be_ready_to_ask(life)
    return hand_over(life, "igangsetter", now)


def continue_with_igangsetter(life: GroupLife, reason: str) -> GroupLife:
    """
    Let the igangsetter attend one more meeting than the policy says, for a written reason that is never about a person.

    The question to the members is off, and comes back after that meeting.

    Raises:
        DomainError: ``reason_missing``, ``no_question``, ``on_its_own`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED)
    if not is_question(life):
        raise DomainError("no_question", group_id=life.group_id)
    if not reason.strip():
        raise DomainError("reason_missing", group_id=life.group_id)
    base = most_meetings(life) or AGREED_ASK + life.more_meetings
    more = life.more_meetings + attended(life) + 1 - base
    return replace(
        life,
        more_meetings=more,
        more_reason=reason.strip(),
        solo_meetings=held_alone(life),
        handover_asked_at=None,
        handover_yes=frozenset(),
    )


def hand_over(life: GroupLife, by: HandedOverBy, now: datetime) -> GroupLife:
    """Return the life on its own: without weekly meetings, and with the moment to forget its members by the policy."""
    independent = replace(
        cancel_weekly(life, now),
        state=LifeState.INDEPENDENT,
        handed_over_at=now,
        handed_over_by=by,
        handover_yes=frozenset(),
        solo_meetings=held_alone(life),
        solo_since=now + SAME_MEETING if by == "start" else now,
        alive_at=now,
    )
    return replace(independent, forget_at=forget_at(independent))


def assumed_at(life: GroupLife) -> datetime:
    """Return the moment at which a handover that nobody has recorded is assumed."""
    return life.started_at + kept_for(Data.ACCOMPANIED_MEMBERSHIP, life.policy)


def _must_be_ready_to_ask(life: GroupLife) -> None:
    life.must_be(LifeState.ACCOMPANIED)
    if attended(life) < least_meetings(life.policy):
        raise DomainError("too_early", group_id=life.group_id)
