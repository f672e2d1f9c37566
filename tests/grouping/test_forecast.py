"""What one person is told about the wait: a range that follows what was seen, or that we do not know yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grouping.domain.insight.forecast import WIDEST_DAYS, Arrivals, CellChance, DayRange, Prior, forecast

NOTICE = 14.0
MANY = Arrivals(300, 180.0)

chances = st.builds(CellChance, needed=st.integers(1, 8), share=st.floats(0.0, 1.0))
seen = st.builds(Arrivals, count=st.integers(0, 5000), days=st.floats(0.0, 400.0))


def told(needed: int, share: float = 0.3, arrivals: Arrivals = MANY) -> DayRange:
    found = forecast([CellChance(needed, share)], arrivals, NOTICE)
    assert found is not None
    return found


def test_the_fewer_are_needed_the_sooner() -> None:
    ranges = [told(needed) for needed in (1, 2, 3, 4)]

    assert ranges == sorted(ranges, key=lambda found: (found.from_days, found.to_days))
    assert ranges[0].to_days < ranges[-1].to_days


def test_the_more_come_the_sooner_and_the_surer() -> None:
    few, many = told(2, arrivals=Arrivals(100, 180.0)), told(2, arrivals=Arrivals(1000, 180.0))

    assert many.to_days < few.to_days
    assert many.to_days - many.from_days < few.to_days - few.from_days


@pytest.mark.parametrize(
    ("cells", "arrivals"),
    [
        ([], MANY),
        ([CellChance(1, 1.0)], Arrivals(2, 180.0)),
        ([CellChance(1, 1.0)], Arrivals(10, 0.0)),
        ([CellChance(4, 0.01)], Arrivals(40, 180.0)),
        ([CellChance(0, 0.5)], MANY),
    ],
    ids=["no cell", "too few seen", "no time seen", "a range too wide to help", "lacks a room, not people"],
)
def test_where_little_is_known_we_say_so(cells: list[CellChance], arrivals: Arrivals) -> None:
    assert forecast(cells, arrivals, NOTICE) is None


def test_what_is_usual_elsewhere_weighs_little_once_enough_has_been_seen() -> None:
    usual = [Prior(arrivals, 7.0) for arrivals in (0.1, 3.0)]
    little, much = (
        [forecast([CellChance(2, 0.3)], arrivals, NOTICE, prior) for prior in usual]
        for arrivals in (Arrivals(60, 60.0), Arrivals(600, 600.0))
    )

    assert little[0] != little[1]
    for slow, fast in [much]:
        assert slow is not None
        assert fast is not None
        assert slow.to_days - fast.to_days <= 0.1 * slow.to_days


@given(st.lists(chances, max_size=5), seen, st.floats(0.0, 60.0))
def test_a_range_is_of_whole_days_ahead_and_never_too_wide(
    cells: list[CellChance], arrivals: Arrivals, notice: float
) -> None:
    found = forecast(cells, arrivals, notice)

    assert found is None or (0 <= found.from_days < found.to_days and found.to_days - found.from_days <= WIDEST_DAYS)


@given(st.lists(chances, min_size=1, max_size=4), chances, seen)
def test_one_more_possible_cell_never_makes_the_wait_longer(
    cells: list[CellChance], another: CellChance, arrivals: Arrivals
) -> None:
    before, after = forecast(cells, arrivals, NOTICE), forecast([*cells, another], arrivals, NOTICE)

    if before is not None and after is not None:
        assert after.from_days <= before.from_days
        assert after.to_days <= before.to_days
