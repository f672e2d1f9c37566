"""A group that lacked only a room is made the moment there is one; a free igangsetter is given to the next group."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from grouping.domain.matching.cells import Cell, Place, Starter, WaitingPerson, Wishes
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, Plan

NOW = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
HERE = (60.39, 5.32)
ROOM = Place("fana", *HERE, step_free=True, max_people=8, max_groups=1)
CELL = Cell("fana", "tue-evening", "nb")
KARI = Starter(UUID(int=77), *HERE, 20, frozenset({"tue-evening"}), frozenset({"nb"}), remaining_groups=0)


def five() -> tuple[WaitingPerson, ...]:
    wishes = Wishes(*HERE, ("tue-evening",), ("nb",), 20, wheelchair=False)
    return tuple(WaitingPerson(UUID(int=n), UUID(int=100 + n), wishes, NOW - timedelta(days=n)) for n in range(1, 6))


def sizes(plan: Plan) -> list[int]:
    return [len(group.members) for group in plan.new_groups]


def test_release_room_forms_the_group_that_only_lacked_it() -> None:
    matcher = AreaMatcher(AreaState(AreaConfig((ROOM,), 5, 8, occupied_rooms=(("fana", "tue-evening", 1),)), five()))
    assert sizes(matcher.decide(NOW)) == []

    matcher.release_room(CELL)

    assert sizes(matcher.decide(NOW, ())) == [5]
    assert matcher.capacity.missing(CELL) == {"room"}


@pytest.mark.parametrize("released", [True, False])
def test_release_starter_gives_them_to_the_next_group(released: bool) -> None:
    area = AreaState(
        AreaConfig((ROOM,), 5, 8, occupied_rooms=(("fana", "tue-evening", 1),), starters=(KARI,), starters_min=1),
        five(),
    )
    matcher = AreaMatcher(area)
    if released:
        matcher.release_starter(KARI.id)
    matcher.release_room(CELL)

    (group,) = matcher.decide(NOW, ()).new_groups

    assert group.starters == ((KARI.id,) if released else ())


def test_release_room_before_people_arrive_stays_available() -> None:
    matcher = AreaMatcher(
        AreaState(AreaConfig((ROOM,), 5, 8, occupied_rooms=(("fana", "tue-evening", 1),)), five()[:4])
    )
    matcher.release_room(CELL)
    assert sizes(matcher.decide(NOW, ())) == []

    matcher.add(five()[4])

    assert sizes(matcher.decide(NOW, (five()[4].signup_id,))) == [5]
