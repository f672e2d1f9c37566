"""Acts with one press of a member, or of the holder of the link of a group on its own, and their rules."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final, Literal
from uuid import UUID

from grouping.domain.life import accompaniment, ending, memory, solo, visits
from grouping.domain.life.model import GroupLife
from shared.errors import DomainError

GroupAct = Literal["met", "visit", "conflict_visit", "accept_visit", "decline_visit", "alive"]
"""An act of the group as a whole: it does not matter who of it presses."""

MemberAct = Literal["ready", "not_ready", "keep", "do_not_keep", "dissolve", "do_not_dissolve"]
"""An act that counts for one member."""


def _decline_visit(life: GroupLife, _now: datetime) -> GroupLife:
    return life if life.visit is None else visits.decline_visit(life, life.visit.id, by_group=True)


def _say_alive(life: GroupLife, now: datetime) -> GroupLife:
    """Answer the yearly question; as long as it is not asked, there is nothing to answer."""
    alive = ending.say_alive(life, now)
    return life if life.is_ongoing and life.alive_asked_at is None else alive


GROUP_ACTS: Final[Mapping[GroupAct, Callable[[GroupLife, datetime], GroupLife]]] = {
    "met": solo.tell_met,
    "visit": visits.ask_for_visit,
    "conflict_visit": visits.ask_in_conflict,
    "accept_visit": visits.accept_visit,
    "decline_visit": _decline_visit,
    "alive": _say_alive,
}

MEMBER_ACTS: Final[Mapping[MemberAct, Callable[[GroupLife, UUID, datetime], GroupLife]]] = {
    "ready": accompaniment.say_ready,
    "not_ready": lambda life, seat_id, _now: accompaniment.take_back_ready(life, seat_id),
    "keep": lambda life, seat_id, _now: memory.keep_me(life, seat_id, keep=True),
    "do_not_keep": lambda life, seat_id, _now: memory.keep_me(life, seat_id, keep=False),
    "dissolve": ending.say_dissolve,
    "do_not_dissolve": lambda life, seat_id, _now: ending.take_back_dissolve(life, seat_id),
}


def possible_for_group(life: GroupLife, now: datetime) -> frozenset[GroupAct]:
    """Return the acts of the group that change something now."""
    return frozenset(act for act, rule in GROUP_ACTS.items() if _changes(life, partial(rule, life, now)))


def possible_for_member(life: GroupLife, seat_id: UUID, now: datetime) -> frozenset[MemberAct]:
    """Return the acts of one member that change something now."""
    return frozenset(act for act, rule in MEMBER_ACTS.items() if _changes(life, partial(rule, life, seat_id, now)))


def _changes(life: GroupLife, rule: Callable[[], GroupLife]) -> bool:
    """Return True if a rule is allowed now and changes the life."""
    try:
        return rule() != life
    except DomainError:
        return False
