"""Leaving a started group, and joining one by its own decision."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from grouping.domain.life.accompaniment import hand_over_if_agreed
from grouping.domain.life.ending import dissolve_if_agreed
from grouping.domain.life.model import ONGOING, GroupLife, LifeState
from shared.errors import DomainError

ADMISSION_KEPT: Final = timedelta(days=60)
"""Time in which a new member can join after the group has decided so."""

VULNERABLE: Final = 4
"""A group with fewer members is at risk; staff may ask whether it wants to start anew with others."""


def is_rest(life: GroupLife) -> bool:
    """Return True if so few are left that staff are to ask whether the group wants to start anew with others."""
    return life.is_ongoing and life.knows_all and life.size < VULNERABLE and life.rest_size != life.size


def go_on_as_is(life: GroupLife) -> GroupLife:
    """
    Record that a small group goes on as it is; it is asked again when one more leaves.

    Raises:
        DomainError: ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    return life if life.rest_size == life.size else replace(life, rest_size=life.size)


def leave(life: GroupLife, seat_id: UUID, now: datetime) -> GroupLife:
    """
    Let a member leave. The group stays closed, and what waited only for their yes goes on.

    Somebody who has left already has left; nothing changes.
    """
    if seat_id not in life.members:
        return life
    left = replace(_without(life, seat_id), size=max(0, life.size - 1))
    return dissolve_if_agreed(hand_over_if_agreed(left, now), now)


def lose(life: GroupLife, seat_id: UUID, now: datetime) -> GroupLife:
    """
    Forget a member who was erased, as people are at the end of their retention; they may still go to the group.

    Their yes is no longer waited for, but the group counts them, so that nothing is decided in the name of all.
    """
    if seat_id not in life.members:
        return life
    lost = _without(life, seat_id)
    return hand_over_if_agreed(replace(lost, forgotten=not lost.members), now)


def must_let_group_decide(life: GroupLife) -> None:
    """
    Check that the group may ask its members about a newcomer.

    Raises:
        DomainError: ``group_closed`` where the policy lets nobody in; ``members_unknown`` where they cannot all be
            asked; ``group_full`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    if life.policy.reopen_rule != "participants_decide":
        raise DomainError("group_closed", group_id=life.group_id)
    if not life.knows_all:
        raise DomainError("members_unknown", group_id=life.group_id)
    if life.size >= life.policy.size_max:
        raise DomainError("group_full", group_id=life.group_id)


def open_admission(life: GroupLife, now: datetime) -> GroupLife:
    """
    Let one new member join, because every member has said so in a vote.

    Raises:
        DomainError: See :func:`must_let_group_decide`.
    """
    must_let_group_decide(life)
    return replace(life, admission_until=now + ADMISSION_KEPT)


def can_admit(life: GroupLife, now: datetime) -> bool:
    """Return True if one new member can join now."""
    return life.state in ONGOING and life.admission_until is not None and now < life.admission_until


def admit(life: GroupLife, seat_id: UUID, now: datetime) -> GroupLife:
    """
    Add the new member that the group has decided to let in; the decision is used up.

    Raises:
        DomainError: ``group_closed`` without such a decision, and see :func:`must_let_group_decide`.
    """
    must_let_group_decide(life)
    if not can_admit(life, now):
        raise DomainError("group_closed", group_id=life.group_id)
    return replace(
        life,
        members=life.members | {seat_id},
        size=life.size + 1,
        admission_until=None,
        handover_yes=frozenset(),
    )


def _without(life: GroupLife, seat_id: UUID) -> GroupLife:
    """Return the life without a member and all that they have said."""
    return replace(
        life,
        members=life.members - {seat_id},
        handover_yes=life.handover_yes - {seat_id},
        opted_in=life.opted_in - {seat_id},
        left_out=life.left_out - {seat_id},
        dissolve_yes=life.dissolve_yes - {seat_id},
    )
