"""The week as a table of days and parts of the day, for forms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.reference import slots
from shared.timezone import OSLO_TZ


@dataclass(frozen=True, slots=True)
class Column:
    """A part of the day; the note is the start of its meetings."""

    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A checkbox, with its label for screen readers."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A weekday."""

    name: str
    cells: tuple[Cell, ...]


def parts(locale: str, format_clock: Callable[[datetime, str], str]) -> tuple[Column, ...]:
    """Return the columns in a language; ``format_clock`` says a time of day in it."""
    a_day = datetime(2027, 1, 4, tzinfo=UTC)
    return tuple(
        Column(
            slots.part_label(part, locale),
            format_clock(datetime.combine(a_day, slots.STARTS[part], tzinfo=OSLO_TZ), locale),
        )
        for part in slots.PARTS
    )


def days(locale: str) -> tuple[Row, ...]:
    """Return the rows in a language."""
    return tuple(
        Row(
            slots.weekday_label(number, locale),
            tuple(Cell(f"{day}-{part}", slots.label(f"{day}-{part}", locale)) for part in slots.PARTS),
        )
        for number, day in enumerate(slots.WEEKDAYS)
    )
