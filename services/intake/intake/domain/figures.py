"""Figures about people and groups, as pages show them to those who may not see the people."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import median_low
from typing import Final

from intake.domain.suppression import LARGEST_HIDDEN, hidden_cells, with_sums

QUARTERS: Final = (1, 2, 3, 4)


def shown(count: int) -> int | None:
    """Return a number of people as it may be shown: exactly, or None for a few."""
    return None if 0 < count <= LARGEST_HIDDEN else count


def quarter_of(day: date) -> int:
    """Return the quarter of a day."""
    return (day.month + 2) // 3


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
    """

    counts: Mapping[Measure, Counter[Cell]] = field(default_factory=lambda: {each: Counter() for each in Measure})
    waits: Mapping[Cell, list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """
    The figures of one measure in one year, as they may be shown; None for what is hidden.

    Attributes:
        areas: By area, each quarter and then the year; empty while the year goes on.
        all: The same of the whole centre.
    """

    areas: Mapping[str, tuple[int | None, ...]]
    all: tuple[int | None, ...]


@dataclass(frozen=True)
class Year:
    """
    A year of a centre, as it may be shown.

    Attributes:
        quarters: Those that have begun; the columns of all figures, before that of the year.
        over: False while the year goes on. Until then there are no figures by area: whoever compared two days could
            compute what is hidden on each.
        waits: The median of days from sign-up to start, in the form of the figures; only beside a shown number of
            groups, and of more than a few people.
    """

    year: int
    quarters: tuple[int, ...]
    over: bool
    figures: Mapping[Measure, Figures]
    waits: Figures


def shown_year(year: int, counted: YearCounts, areas: Sequence[str], today: date) -> Year:
    """Return a year as it may be shown on a day."""
    quarters = tuple(quarter for quarter in QUARTERS if (year, quarter) <= (today.year, quarter_of(today)))
    over = year < today.year
    figures = {
        measure: _figures(
            counted.counts[measure],
            areas if over and len(areas) > 1 and measure is not Measure.KONTAKTMOTER else (),
            quarters,
        )
        for measure in Measure
    }
    return Year(year, quarters, over, figures, _waits(counted.waits, figures[Measure.STARTED], quarters))


def _figures(counts: Counter[Cell], areas: Sequence[str], quarters: Sequence[int]) -> Figures:
    if not areas:
        table = [[sum(count for (_, own), count in counts.items() if own == quarter) for quarter in quarters]]
    else:
        table = [[counts[area, quarter] for quarter in quarters] for area in areas]
    hidden = hidden_cells(table)
    rows = [
        tuple(None if (row, column) in hidden else count for column, count in enumerate(line))
        for row, line in enumerate(with_sums(table))
    ]
    return Figures(dict(zip(areas, rows, strict=False)), rows[-1])


def _waits(waits: Mapping[Cell, list[int]], started: Figures, quarters: Sequence[int]) -> Figures:
    def line(groups: Sequence[int | None], own: Iterable[str] | None) -> tuple[int | None, ...]:
        found = {cell: days for cell, days in waits.items() if own is None or cell[0] in own}
        columns = [{quarter} for quarter in quarters] + [set(quarters)]
        return tuple(
            None
            if number is None
            else _median([day for (_, at), days in found.items() if at in column for day in days])
            for number, column in zip(groups, columns, strict=True)
        )

    return Figures({area: line(groups, (area,)) for area, groups in started.areas.items()}, line(started.all, None))


def _median(days: Sequence[int]) -> int | None:
    return median_low(days) if len(days) > LARGEST_HIDDEN else None
