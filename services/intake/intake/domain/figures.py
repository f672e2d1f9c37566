"""Figures about people and groups, as pages show them to those who may not see the people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from statistics import median_low
from typing import Final

from intake.domain.suppression import LARGEST_HIDDEN, hidden_cells, with_sums

QUARTERS: Final = (1, 2, 3, 4)

LATE: Final = timedelta(days=14)
"""So long after its end a quarter still takes up what is reported late; what comes later counts in the next one."""

_MARGIN: Final = timedelta(days=1)
"""A transaction that began while a quarter was open has ended when the quarter is shown."""


def shown(count: int) -> int | None:
    """Return a number of people as it may be shown: exactly, or None for a few."""
    return None if count <= LARGEST_HIDDEN else count


def quarter_of(day: date) -> int:
    """Return the quarter of a day."""
    return (day.month + 2) // 3


def open_since(today: date) -> date:
    """Return the first day of the oldest quarter that something can still be counted in."""
    return _first_day(today - LATE)


def counted_in(happened: date, today: date) -> date:
    """Return the first day of the quarter in which something counts that is reported today."""
    return _first_day(min(max(happened, today - LATE), today))


def shown_before(today: date) -> date:
    """Return the day before which all quarters are shown, and never change again."""
    return _first_day(today - LATE - _MARGIN)


def _first_day(day: date) -> date:
    return date(day.year, 3 * quarter_of(day) - 2, 1)


class Measure(StrEnum):
    """
    A kind of event that is counted.

    Attributes:
        SIGNUPS: People who have confirmed their sign-up.
        STARTED: Groups whose start meeting was held.
        HANDED_OVER: Groups that go on without their igangsetter.
        KONTAKTMOTER: Kontaktmøter that were held; they belong to no area.
    """

    SIGNUPS = "signups"
    STARTED = "started"
    HANDED_OVER = "handed_over"
    KONTAKTMOTER = "kontaktmoter"


Cell = tuple[str, int]
"""An area and a quarter; the area is empty for what belongs to none."""


@dataclass(frozen=True)
class YearCounts:
    """
    All that was counted for a centre in one year.

    Attributes:
        counts: By measure, area and quarter.
        waits: Days that each first member of a started group had waited, by area and quarter of the start.
        told: Number of started groups whose waits are among these; others started before waits were told.
    """

    counts: Mapping[Measure, Counter[Cell]] = field(default_factory=lambda: {each: Counter() for each in Measure})
    waits: Mapping[Cell, list[int]] = field(default_factory=dict)
    told: Counter[Cell] = field(default_factory=Counter)


@dataclass(frozen=True)
class Figures:
    """
    The figures of one measure in one year, as they may be shown; None for what is hidden.

    Attributes:
        areas: By area, each quarter and then the year; empty while the year goes on.
        all: The same of the whole centre, without the year while it goes on.
    """

    areas: Mapping[str, tuple[int | None, ...]]
    all: tuple[int | None, ...]


@dataclass(frozen=True)
class Year:
    """
    A year of a centre, as it may be shown.

    Attributes:
        quarters: Those that nothing is counted in any more; the columns of all figures, before that of the year.
        over: True if all four are; until then there is no figure of the year and none by area.
        waits: The median of days from sign-up to start, in the form of the figures; only beside a shown number of
            groups, and of more than a few groups.
    """

    year: int
    quarters: tuple[int, ...]
    over: bool
    figures: Mapping[Measure, Figures]
    waits: Figures


def shown_year(year: int, counted: YearCounts, areas: Sequence[str], today: date) -> Year:
    """
    Return a year as it may be shown on a day.

    A figure that was shown on a day is the same on every later one, and one that was hidden stays hidden.
    """
    quarters = tuple(quarter for quarter in QUARTERS if date(year, 3 * quarter - 2, 1) < shown_before(today))
    over = quarters == QUARTERS
    figures = {
        measure: _whole_year(counted.counts[measure], areas if measure is not Measure.KONTAKTMOTER else ())
        if over
        else _quarters(counted.counts[measure], quarters)
        for measure in Measure
    }
    return Year(year, quarters, over, figures, _waits(counted, figures[Measure.STARTED], quarters))


def _quarters(counts: Counter[Cell], quarters: Sequence[int]) -> Figures:
    """Return the quarters of the whole centre that are over, while the year goes on: no figure is a sum of others."""
    return Figures({}, tuple(shown(_of_quarter(counts, quarter)) for quarter in quarters))


def _whole_year(counts: Counter[Cell], areas: Sequence[str]) -> Figures:
    """Return a year that is over; what was shown while it went on stays."""
    if len(areas) > 1:
        table = [[counts[area, quarter] for quarter in QUARTERS] for area in areas]
    else:
        areas, table = (), [[_of_quarter(counts, quarter) for quarter in QUARTERS]]
    hidden = hidden_cells(table, told_before=range(len(QUARTERS) - 1))
    rows = [
        tuple(None if (row, column) in hidden else count for column, count in enumerate(line))
        for row, line in enumerate(with_sums(table))
    ]
    return Figures(dict(zip(areas, rows, strict=False)), rows[-1])


def _of_quarter(counts: Counter[Cell], quarter: int) -> int:
    return sum(count for (_, own), count in counts.items() if own == quarter)


def _waits(counted: YearCounts, started: Figures, quarters: Sequence[int]) -> Figures:
    columns = [*({quarter} for quarter in quarters), set(quarters)]

    def median(area: str | None, column: set[int]) -> int | None:
        own = [cell for cell in counted.waits if area in {None, cell[0]} and cell[1] in column]
        few = sum(counted.told[cell] for cell in own) <= LARGEST_HIDDEN
        return None if few else median_low(day for cell in own for day in counted.waits[cell])

    def line(groups: Sequence[int | None], area: str | None) -> tuple[int | None, ...]:
        pairs = zip(groups, columns, strict=False)
        return tuple(None if number is None else median(area, column) for number, column in pairs)

    return Figures({area: line(groups, area) for area, groups in started.areas.items()}, line(started.all, None))
