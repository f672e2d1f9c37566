"""The end of a group: its members dissolve it, or nobody answers whether it still meets."""

from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from grouping.domain.life.calendar import cancel_ahead
from grouping.domain.life.memory import forget_at
from grouping.domain.life.model import ONGOING, GroupLife, LifeState
from shared.errors import DomainError
from shared.reference.retention import Data, kept_for


def say_dissolve(life: GroupLife, seat_id: UUID, now: datetime) -> GroupLife:
    """
    Record that a member wants to dissolve the group; with the last one it is dissolved.

    Raises:
        DomainError: ``not_a_member`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    life.must_have(seat_id)
    if seat_id in life.dissolve_yes:
        return life
    return dissolve_if_agreed(replace(life, dissolve_yes=life.dissolve_yes | {seat_id}), now)


def take_back_dissolve(life: GroupLife, seat_id: UUID) -> GroupLife:
    """
    Record that a member does not want to dissolve the group after all.

    Raises:
        DomainError: ``not_a_member`` or ``group_ended``.
    """
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    life.must_have(seat_id)
    return replace(life, dissolve_yes=life.dissolve_yes - {seat_id}) if seat_id in life.dissolve_yes else life


def dissolve_if_agreed(life: GroupLife, now: datetime) -> GroupLife:
    """Dissolve the group if all members want it, or if the last one whom the system knew has left."""
    if life.state not in ONGOING or life.forgotten:
        return life
    agreed = life.knows_all and life.members <= life.dissolve_yes
    return dissolve(life, "group", now) if agreed or life.size == 0 else life


def dissolve(life: GroupLife, by: Literal["group", "centre"], now: datetime) -> GroupLife:
    """
    Dissolve the group: its meetings are cancelled, and each member can choose a way on. Repeating it changes nothing.

    Raises:
        DomainError: ``group_ended`` if it has expired.
    """
    if life.state is LifeState.DISSOLVED:
        return life
    life.must_be(LifeState.ACCOMPANIED, LifeState.INDEPENDENT)
    return _ended(life, LifeState.DISSOLVED, by, now)


def keep_alive_at(life: GroupLife) -> datetime | None:
    """
    Return when the group is asked whether it still meets, or when it has not answered; None if it is never asked.

    A group of which nothing is kept is not asked: there is no address to ask at, nor one to delete.
    """
    if life.state is not LifeState.INDEPENDENT or life.alive_at is None or life.policy.post_handover_memory == "none":
        return None
    if life.alive_asked_at is not None:
        return keep_alive_deadline(life)
    return life.alive_at + kept_for(Data.UNASKED_GROUP, life.policy)


def keep_alive_deadline(life: GroupLife) -> datetime | None:
    """Return until when somebody must answer whether the group still meets; None if it is not asked."""
    asked = life.alive_asked_at
    return None if asked is None else asked + kept_for(Data.SILENT_GROUP, life.policy)


def ask_if_alive(life: GroupLife, now: datetime) -> GroupLife:
    """Ask once a year whether the group still meets; without an answer it expires."""
    due = keep_alive_at(life)
    if due is None or now < due:
        return life
    if life.alive_asked_at is None:
        return replace(life, alive_asked_at=now)
    return _ended(life, LifeState.EXPIRED, "silence", now)


def say_alive(life: GroupLife, now: datetime) -> GroupLife:
    """
    Record that the group still meets; who says so is not recorded. A group that has expired is active again.

    Raises:
        DomainError: ``not_independent`` or ``group_ended`` if it is dissolved.
    """
    if life.state is not LifeState.EXPIRED:
        life.must_be(LifeState.INDEPENDENT)
    alive = replace(life, state=LifeState.INDEPENDENT, alive_at=now, alive_asked_at=None, ended_at=None, ended_by=None)
    return alive if alive.forgotten or alive.forget_at is None else replace(alive, forget_at=forget_at(alive))


def must_be_dissolved_member(life: GroupLife, seat_id: UUID) -> None:
    """
    Check that a member of a dissolved group has not chosen a way on yet.

    Raises:
        DomainError: ``not_dissolved`` or ``not_a_member``.
    """
    if life.state is not LifeState.DISSOLVED:
        raise DomainError("not_dissolved", group_id=life.group_id)
    life.must_have(seat_id)


def choose_way_on(life: GroupLife, seat_id: UUID) -> GroupLife:
    """
    Let go of a member of a dissolved group who has chosen a way on.

    Raises:
        DomainError: See :func:`must_be_dissolved_member`.
    """
    must_be_dissolved_member(life, seat_id)
    return replace(life, members=life.members - {seat_id})


def _ended(life: GroupLife, state: LifeState, by: Literal["group", "centre", "silence"], now: datetime) -> GroupLife:
    ended = replace(
        cancel_ahead(life, now),
        state=state,
        ended_at=now,
        ended_by=by,
        handed_over_at=life.handed_over_at or now,
        handover_yes=frozenset(),
        dissolve_yes=frozenset(),
        admission_until=None,
    )
    return ended if ended.forgotten else replace(ended, forget_at=forget_at(ended))
