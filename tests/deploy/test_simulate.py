"""Years of sign-ups, small ones: the same every time, everybody accounted for, nobody anywhere they cannot be."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from grouping.domain.insight.forecast import DayRange
from grouping.domain.matching.cells import fits, travel_km
from selvhjelp.simulation import report
from selvhjelp.simulation.participants import State
from selvhjelp.simulation.play import ROOM_DAYS, STARTER_DAYS, Play
from selvhjelp.simulation.rules import RULES, SIZE_MAX, SIZE_MIN
from selvhjelp.simulation.tally import Tally
from selvhjelp.simulation.world import World, draw
from tests.deploy.support.command import command

pytestmark = pytest.mark.proofs

NAMES = tuple(RULES)


@cache
def world(per_year: int = 200, seed: int = 1, *, igangsettere: int | None = None) -> World:
    return draw(3, per_year, seed, rooms=True, igangsettere=igangsettere)


@cache
def played(name: str, per_year: int = 200, seed: int = 1, *, igangsettere: int | None = None) -> Play:
    return Play(world(per_year, seed, igangsettere=igangsettere), RULES[name], drop_out=0.15).run()


def test_play_same_seed_gives_equal_tallies() -> None:
    one, again, other = (
        Tally.of(Play(draw(3, 150, seed, rooms=True, igangsettere=None), RULES["open"], drop_out=0.15).run())
        for seed in (1, 1, 2)
    )

    assert one == again
    assert one != other


def test_play_arrivals_are_the_same_for_every_rule() -> None:
    came = {name: [participant.arrival for participant in played(name).participants.values()] for name in NAMES}

    assert all(arrivals == list(world().arrivals) for arrivals in came.values())


@pytest.mark.parametrize("name", NAMES)
def test_play_keeps_each_person_in_exactly_one_state(name: str) -> None:
    play = played(name)
    seated = [member for group in play.groups.values() if group.started is not False for member in group.members]

    assert len(seated) == len(set(seated))
    for signup_id, participant in play.participants.items():
        assert (signup_id in play.matcher.pool) == (participant.state is State.WAITING)
        assert (signup_id in set(seated)) == (participant.state in {State.SEATED, State.STARTED})
        assert (participant.ended is None) == (participant.state in {State.WAITING, State.SEATED})
        assert (participant.reason is not None) == (participant.state is State.GAVE_UP)
    assert {participant.state for participant in play.participants.values()} >= {
        State.STARTED,
        State.GAVE_UP,
        State.WITHDREW,
    }
    assert Tally.of(play).people == sum(365 <= arrival.day < 730 for arrival in world().arrivals)


@pytest.mark.parametrize("name", NAMES)
def test_play_groups_respect_the_limits_of_their_members(name: str) -> None:
    play = played(name)
    places = {place.id: place for place in play.world.places}

    assert play.groups
    for group in play.groups.values():
        place = places[group.cell.place]
        assert len(group.members) <= SIZE_MAX
        assert not group.started or len(group.members) >= SIZE_MIN
        for member in group.members:
            wishes = play.participants[member].arrival.waiting.wishes
            assert fits(wishes, group.cell, place)
            assert travel_km(wishes, place) <= wishes.max_travel_km


def test_play_starters_fit_slot_and_language_of_their_group() -> None:
    play = played("open", igangsettere=30)
    starters = {starter.id: starter for starter in play.world.starters}

    assert play.groups
    for group in play.groups.values():
        for starter in (starters[id_] for id_ in group.starters):
            assert group.cell.slot in starter.slots
            assert group.cell.language in starter.languages
    assert {len(group.starters) for group in play.groups.values()} == {0, 1}


def test_play_rooms_and_starters_have_one_group_at_a_time() -> None:
    groups = [group for group in played("open", igangsettere=30).groups.values() if group.started is not False]
    for kept_days, whose in (
        (ROOM_DAYS, lambda group: (group.cell.place, group.cell.slot)),
        (STARTER_DAYS, lambda group: group.starters),
    ):
        began: dict[object, list[float]] = {}
        for group in groups:
            if whose(group):
                began.setdefault(whose(group), []).append(group.day)
        gaps = [later - day for days in began.values() for day, later in pairwise(days)]
        assert min(gaps, default=kept_days) >= kept_days


def test_play_forecast_ranges_hold_for_four_of_five() -> None:
    whole = Tally.of(played("open", per_year=1000, seed=5))

    assert sum(whole.hits) >= 200
    assert whole.coverage is not None
    assert whole.coverage >= 0.75
    with_range, unknown = whole.forecasts
    assert min(with_range, unknown) > 0.2 * (with_range + unknown), "forecasts are neither all ranges nor all unknown"


def test_play_closed_rule_releases_the_most_groups() -> None:
    released = {name: Tally.of(played(name)).released_share for name in NAMES}

    assert released["closed"] > 0.4
    assert max(share for name, share in released.items() if name != "closed") < released["closed"] / 1.5


def test_play_few_starters_cost_no_group() -> None:
    """Nobody waits for an igangsetter; only languages that none of them speaks are left out."""
    few, none_needed = (Tally.of(played("open", igangsettere=count)) for count in (30, None))

    assert none_needed.fates["starter"] == 0
    assert few.share("started") > 0.9 * none_needed.share("started")


def test_play_forecast_is_a_range_of_whole_days() -> None:
    ranges = [
        participant.forecast for participant in played("open").participants.values() if participant.forecast is not None
    ]

    assert all(isinstance(forecast, DayRange) and 0 <= forecast.from_days < forecast.to_days for forecast in ranges)


async def test_simulate_text_json_and_plot_agree(tmp_path: Path) -> None:
    words = ("simulate", "--policy", "open", "--per-year", "40", "--seeds", "1", "--no-rooms")
    picture = tmp_path / "picture.svg"
    outcome = await command(*words)
    counted = await command(*words, "--json", "--plot", str(picture))

    assert (outcome.status, counted.status) == (0, 0)
    share = counted.json["open"]["started"]
    assert report.percent(share) in outcome.out
    assert counted.json["open"]["people"] == sum(counted.json["open"]["fates"].values())
    assert counted.json["open"]["seeds"][0]["started"] == share
    assert RULES["open"].label in picture.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ("--policy", "six"),
        ("--years", "2"),
        ("--drop-out", "1.5"),
        ("--plot", "picture.png"),
        ("--plot", "/no/such/place/picture.svg"),
    ],
)
async def test_simulate_invalid_option_is_refused_in_one_line(words: tuple[str, ...]) -> None:
    outcome = await command("simulate", *words)

    assert outcome.status != 0
    assert len(outcome.err.strip().splitlines()) == 1 or "Usage" in outcome.err
    assert not outcome.out
