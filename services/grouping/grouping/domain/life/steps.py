"""Steps of a life by the clock: its opening, the steps that are due, and the moment of the next one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from grouping.domain.life import accompaniment, calendar, ending, memory, solo, visits
from grouping.domain.life.model import GroupLife, LifeState
from grouping.domain.life.rhythm import weekly_from
from grouping.domain.meetings import Meeting
from shared.reference.policy import Policy


def open_life(group_id: UUID, policy: Policy, seats: Iterable[UUID], start_meeting: Meeting) -> GroupLife:
    """Return the life of a group that has just started: weekly at the time of its start meeting, until it says more."""
    members = frozenset(seats)
    minutes = round((start_meeting.ends_at - start_meeting.starts_at).total_seconds() / 60)
    return GroupLife(
        group_id=group_id,
        policy=policy,
        started_at=start_meeting.starts_at,
        members=members,
        size=len(members),
        rhythm=weekly_from(start_meeting.starts_at, minutes, start_meeting.place_text),
    )


def begin(life: GroupLife, starters: int, now: datetime) -> GroupLife:
    """Hand over at once a group that has no igangsetter, where its policy asks for none."""
    alone = life.state is LifeState.ACCOMPANIED and not starters and not life.policy.starters_min
    return accompaniment.hand_over(life, "start", now) if alone else life


def advance(life: GroupLife, now: datetime) -> GroupLife:
    """Take every step that is due, and forget the members last; a second time changes nothing."""
    life = take_steps(life, now)
    return memory.forget(life) if memory.is_to_forget(life, now) else life


def take_steps(life: GroupLife, now: datetime) -> GroupLife:
    """Take every step that is due but that of forgetting the members, whom the events of the others still name."""
    life = visits.lapse_offer(visits.close_visit(calendar.assume_held(life, now)), now)
    if life.state is LifeState.ACCOMPANIED:
        if now >= accompaniment.assumed_at(life):
            life = accompaniment.hand_over(life, "time", now)
        elif accompaniment.is_at_most(life):
            life = accompaniment.ask_handover(life, now)
        life = calendar.plan(accompaniment.hand_over_if_agreed(life, now), now)
    life = ending.dissolve_if_agreed(life, now)
    life = ending.ask_if_alive(solo.offer_return_visit(life, now), now)
    if life.admission_until is not None and now >= life.admission_until:
        life = replace(life, admission_until=None)
    if not life.members and life.is_ongoing:  # all were erased
        life = replace(life, forgotten=True)
    if not life.forgotten and life.forget_at is not None:
        life = replace(life, forget_at=memory.forget_at(life))
    return life


def next_step_at(life: GroupLife) -> datetime | None:
    """Return the moment from which :func:`advance` has something to do; None if the life is over and forgotten."""
    return min(_steps(life), default=None)


def _steps(life: GroupLife) -> Iterator[datetime]:
    yield from (meeting.ends_at for meeting in life.meetings if meeting.is_scheduled)
    if life.state is LifeState.ACCOMPANIED:
        yield accompaniment.assumed_at(life)
    due = solo.follow_up_at(life)
    if due is not None and not (life.visit is not None and life.visit.is_ahead):
        yield due
    offer_ends_at = visits.offer_ends_at(life)
    if offer_ends_at is not None and life.state is LifeState.INDEPENDENT:
        yield offer_ends_at
    alive_at = ending.keep_alive_at(life)
    if alive_at is not None:
        yield alive_at
    if life.admission_until is not None:
        yield life.admission_until
    if not life.forgotten and life.forget_at is not None:
        yield life.forget_at
