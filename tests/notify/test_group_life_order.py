"""Events about the life of a group, doubled and in any order: the same mails are planned in the end."""

from uuid import uuid4

import pytest

from shared.events import Event
from tests.notify.support.events import Group, Person
from tests.notify.support.group_life import GroupLife, thursday
from tests.notify.support.world import Feed
from tests.notify.test_facts_in_any_order import outcomes


def begun() -> tuple[GroupLife, list[Event]]:
    group = Group([Person() for _ in range(3)])
    life = GroupLife(group)
    weekly = [life.weekly(week) for week in range(3)]
    return life, [group.called(), group.started(), life.rhythm(), *weekly]


def skipped_moved_and_absent() -> list[Event]:
    life, events = begun()
    moved = life.weekly(1, sequence=1, starts_at=thursday(1, 19))
    return [*events, life.cancelled(0), moved, life.absent(life.group.members[0], 1)]


def moved_and_then_skipped() -> list[Event]:
    life, events = begun()
    return [*events, life.weekly(1, sequence=1, starts_at=thursday(1, 19)), life.cancelled(1, sequence=2)]


def rhythm_changed() -> list[Event]:
    life, events = begun()
    off = [life.cancelled(week, "rhythm_changed") for week in range(3)]
    return [*events, *off, life.rhythm(weekday=1), life.weekly(7)]


def handed_over_and_forgotten() -> list[Event]:
    life, events = begun()
    off = [life.cancelled(week, "handed_over") for week in range(3)]
    return [*events, life.handover_asked(), *off, life.handed_over(), life.forgotten()]


def on_its_own_from_the_start() -> list[Event]:
    group = Group([Person() for _ in range(3)])
    life = GroupLife(group)
    return [group.called(), group.started(), life.handed_over(by="start")]


def visits() -> list[Event]:
    life, events = begun()
    first, second = uuid4(), uuid4()
    asked = [life.handed_over("opt_in"), life.follow_up(first), life.visit_agreed(first, 9)]
    visit = life.weekly(9, kind="return_visit")
    return [*events, *asked, visit, life.visit_declined(second)]


def votes() -> list[Event]:
    life, events = begun()
    closed, opened = uuid4(), uuid4()
    return [*events, life.vote(closed), life.vote_closed(closed), life.vote(opened)]


def kept_alive_and_asked_again() -> list[Event]:
    life, events = begun()
    return [*events, life.keep_alive(), life.kept_alive(), life.keep_alive()]


def left_and_admitted() -> list[Event]:
    life, events = begun()
    return [*events, life.left(life.group.members[0]), life.admitted(Person())]


def dissolved_with_three_ways() -> list[Event]:
    life, events = begun()
    first, second, third = life.group.members
    off = [life.cancelled(week, "dissolved") for week in range(3)]
    ways = [life.way_on(first, "pause"), life.way_on(second, "goodbye"), life.way_on(third, "new_group")]
    return [*events, *off, life.dissolved(), *ways]


def start_revoked_with_meetings_ahead() -> list[Event]:
    life, events = begun()
    off = [life.cancelled(week, "start_revoked") for week in range(3)]
    return [*events, *off, life.group.revoked()]


def erased_member() -> list[Event]:
    life, events = begun()
    return [*events, life.absent(life.group.members[1], 1), life.group.members[0].erased()]


HISTORIES = [
    skipped_moved_and_absent,
    moved_and_then_skipped,
    rhythm_changed,
    handed_over_and_forgotten,
    on_its_own_from_the_start,
    visits,
    votes,
    kept_alive_and_asked_again,
    left_and_admitted,
    dissolved_with_three_ways,
    start_revoked_with_meetings_ahead,
    erased_member,
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
async def test_life_in_any_order_and_doubled_plans_the_same(feed: Feed, history: object) -> None:
    assert callable(history)
    in_order, *shuffled = await outcomes(feed, history())
    assert in_order
    assert all(outcome == in_order for outcome in shuffled)
