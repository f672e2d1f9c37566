"""Figures of a service for ``/metrics``: read from its database now and then, and kept while it is away."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

SMALLEST_SHOWN: Final = 5
"""Fewer people or groups could be recognised by somebody who knows one of them."""


@dataclass(frozen=True)
class Family:
    """
    The figures of one name.

    Attributes:
        name, meaning: As Prometheus shows them.
        labels: The names of its labels; the values are fixed words.
        late_seconds: For an age, the one that people are told about on the status page.
        sentence: What they are told (msgid), with ``%(minutes)s``.
    """

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    late_seconds: float = float("inf")
    sentence: str = ""


@dataclass(frozen=True)
class Sample:
    """One figure."""

    family: Family
    value: float
    labels: tuple[str, ...] = ()


ReadFigures = Callable[[AsyncSession], Awaitable[Sequence[Sample]]]


def known(family: Family, value: float | None) -> list[Sample]:
    """Return a figure; none if it is not known."""
    return [] if value is None else [Sample(family, float(value))]


def counts(family: Family, by_state: Mapping[str, int], states: Iterable[str]) -> list[Sample]:
    """Return a number for each state, 0 where there is none."""
    return [Sample(family, by_state.get(state, 0), (state,)) for state in states]


def without_few(samples: Iterable[Sample]) -> list[Sample]:
    """Leave out numbers of people or groups from 1 to 4."""
    return [sample for sample in samples if not 0 < sample.value < SMALLEST_SHOWN]
