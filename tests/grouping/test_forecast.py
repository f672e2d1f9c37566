"""The forecast for one waiting person: a range that follows the arrivals, or None where nothing can be said."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grouping.domain.insight.forecast import (
    WIDEST_DAYS,
    Arrivals,
    CellChance,
    DayRange,
    Prior,
    forecast,
    started_by_day,
)

NOTICE_DAYS = 14.0
MANY = Arrivals(300, 180.0)

chances = st.builds(CellChance, needed=st.integers(1, 8), share=st.floats(0.0, 1.0))
all_arrivals = st.builds(Arrivals, count=st.integers(0, 5000), days=st.floats(0.0, 400.0))


def day_range(needed: int, share: float = 0.3, arrivals: Arrivals = MANY) -> DayRange:
    result = forecast([CellChance(needed, share)], arrivals, NOTICE_DAYS)
    assert result is not None
    return result


def test_forecast_fewer_people_needed_is_sooner() -> None:
    ranges = [day_range(needed) for needed in (1, 2, 3, 4)]

    assert ranges == sorted(ranges, key=lambda found: (found.from_days, found.to_days))
    assert ranges[0].to_days < ranges[-1].to_days


def test_forecast_more_arrivals_is_sooner_and_narrower() -> None:
    few, many = day_range(2, arrivals=Arrivals(100, 180.0)), day_range(2, arrivals=Arrivals(1000, 180.0))

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
    ids=["no cell", "too few arrivals", "no days seen", "range too wide", "lacks a room, not people"],
)
def test_forecast_little_known_returns_none(cells: list[CellChance], arrivals: Arrivals) -> None:
    assert forecast(cells, arrivals, NOTICE_DAYS) is None


def test_forecast_prior_weighs_little_after_many_arrivals() -> None:
    priors = [Prior(arrivals, 7.0) for arrivals in (0.1, 3.0)]
    little, much = (
        [forecast([CellChance(2, 0.3)], arrivals, NOTICE_DAYS, prior) for prior in priors]
        for arrivals in (Arrivals(60, 60.0), Arrivals(600, 600.0))
    )

    assert little[0] != little[1]
    slow, fast = much
    assert slow is not None
    assert fast is not None
    assert slow.to_days - fast.to_days <= 0.1 * slow.to_days


@given(st.lists(chances, max_size=5), all_arrivals, st.floats(0.0, 60.0))
def test_forecast_range_is_in_the_future_and_not_too_wide(
    cells: list[CellChance], arrivals: Arrivals, notice_days: float
) -> None:
    result = forecast(cells, arrivals, notice_days)

    assert result is None or (
        0 <= result.from_days < result.to_days and result.to_days - result.from_days <= WIDEST_DAYS
    )


@given(st.lists(chances, min_size=1, max_size=4), chances, st.integers(3, 5000), st.floats(1.0, 400.0))
@example([CellChance(1, 0.25)], CellChance(2, 0.5), 6, 2.0)
def test_started_by_day_one_more_cell_is_never_less_likely(
    cells: list[CellChance], another: CellChance, count: int, days: float
) -> None:
    """
    By any day a start is at least as likely with one more cell.

    Nothing like it holds for the ends of the range, which is that of the people who start at all: a further cell can
    add people who start late, as in the example.
    """
    arrivals = Arrivals(count, days)
    before = started_by_day(cells, arrivals, NOTICE_DAYS)
    after = started_by_day([*cells, another], arrivals, NOTICE_DAYS)

    assert np.all(after >= before)
