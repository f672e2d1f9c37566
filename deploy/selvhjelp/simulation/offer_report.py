"""Report of started groups, waits and mails for each number of days that a group looks for members."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Self

from rich.table import Table

from selvhjelp.simulation.offers import HOUR, OfferPlay
from selvhjelp.simulation.participants import State
from selvhjelp.simulation.report import percent
from selvhjelp.simulation.world import DAYS_PER_YEAR

WARM_UP_DAYS: Final = 182.0
"""Sign-ups before this day are not counted, since few wait yet, nor those of the last year, whose end is not seen."""

FILL_DAYS: Final[tuple[int | None, ...]] = (None, 3, 7, 10, 14, 21)
"""The compared rules; None is the rule from before."""


@dataclass
class OfferTally:
    """
    Counts of one simulation, without the sign-ups of its first half-year and its last year.

    Attributes:
        people, started: All people, and those in a group that started.
        waits: Days from sign-up to start meeting of each person who started.
        mails: Number of mails by kind: offers, questions about another group, cancellations.
        contradictions: Mails that follow one of the other kind within an hour.
    """

    people: int = 0
    started: int = 0
    waits: list[float] = field(default_factory=list)
    mails: Counter[str] = field(default_factory=Counter)
    contradictions: int = 0

    @classmethod
    def of(cls, play: OfferPlay) -> Self:
        """Count the results of one simulation."""
        tally = cls()
        for signup_id, participant in play.participants.items():
            if not WARM_UP_DAYS <= participant.arrival.day < play.world.days - DAYS_PER_YEAR:
                continue
            tally.people += 1
            if participant.state is State.STARTED:
                tally.started += 1
                tally.waits.append(participant.waited)
            mails = play.memories[signup_id].mails
            tally.mails.update(kind for _, kind in mails)
            tally.contradictions += sum(
                second_at - first_at < HOUR - 1e-9 and "cancelled" in {first, second} and first != second
                for (first_at, first), (second_at, second) in pairwise(mails)
            )
        return tally

    @property
    def share(self) -> float:
        """Share of people in a group that started."""
        return self.started / self.people if self.people else 0.0

    @property
    def median_wait(self) -> float:
        """Median of the waits; 0 if nobody started."""
        return sorted(self.waits)[len(self.waits) // 2] if self.waits else 0.0

    def per_person(self, kind: str | None = None) -> float:
        """Return the number of mails of a kind, or of all, for each person."""
        count = self.mails.total() if kind is None else self.mails[kind]
        return count / self.people if self.people else 0.0


def label(fill_days: int | None) -> str:
    """Return the heading of a rule."""
    return "before" if fill_days is None else f"{fill_days} d"


def table(tallies: Mapping[int | None, Sequence[OfferTally]]) -> Table:
    """Return a table with a column for each rule, and a row for each seed."""
    rows = Table(box=None, pad_edge=False)
    rows.add_column("")
    for fill_days in tallies:
        rows.add_column(label(fill_days), justify="right")
    for heading, values in _rows(tallies):
        rows.add_row(heading, *values)
    return rows


def paired_table(pairs: Sequence[tuple[OfferTally, OfferTally]]) -> Table:
    """Return a table with a row for each seed: before, and with a number of days, in the same world."""
    rows = Table(box=None, pad_edge=False)
    for heading in (
        "seed",
        "people",
        "in a group before",
        "now",
        "difference",
        "mails before",
        "now",
        "clashes before",
        "now",
    ):
        rows.add_column(heading, justify="right")
    for number, (before, after) in enumerate(pairs, start=1):
        rows.add_row(str(number), *_pair(before, after))
    rows.add_row("all", *_pair(*(_pooled(of_rule) for of_rule in zip(*pairs, strict=True))))
    return rows


def _pair(before: OfferTally, after: OfferTally) -> list[str]:
    difference = f"{(after.share - before.share) * 100:+.1f}".replace("-", "\N{MINUS SIGN}")
    mails = [f"{tally.per_person():.2f}" for tally in (before, after)]
    contradictions = [str(tally.contradictions) for tally in (before, after)]
    return [str(after.people), percent(before.share), percent(after.share), difference, *mails, *contradictions]


def _rows(tallies: Mapping[int | None, Sequence[OfferTally]]) -> Iterator[tuple[str, list[str]]]:
    totals = [_pooled(of_rule) for of_rule in tallies.values()]
    yield "in a group", [percent(total.share) for total in totals]
    for number, of_seed in enumerate(zip(*tallies.values(), strict=True), start=1):
        yield f"  seed {number}", [percent(tally.share) for tally in of_seed]
    yield "waited, median", [f"{total.median_wait:.0f} d" for total in totals]
    for heading, kind in (
        ("offers", "offer"),
        ("questions about another group", "moved"),
        ("cancellations", "cancelled"),
    ):
        yield f"{heading} per person", [f"{total.per_person(kind):.2f}" for total in totals]
    yield "contradictory mails within an hour", [str(total.contradictions) for total in totals]


def _pooled(tallies: Sequence[OfferTally]) -> OfferTally:
    total = OfferTally()
    for tally in tallies:
        total.people += tally.people
        total.started += tally.started
        total.waits += tally.waits
        total.mails += tally.mails
        total.contradictions += tally.contradictions
    return total
