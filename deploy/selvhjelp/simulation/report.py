"""The results of a simulation: tables, sentences and a chart."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from rich.table import Table

from selvhjelp.simulation.rules import RULES
from selvhjelp.simulation.tally import FATES, Tally

FATE_WORDS: Final = MappingProxyType(
    {
        "started": "in a group",
        "withdrew": "withdrew",
        "waiting": "still waiting",
        "nobody": "nobody near",
        "travel": "travel limit",
        "evening": "other evenings",
        "language": "other language",
        "room": "no room",
        "starter": "no igangsetter",
        "round": "between two rounds",
    }
)
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Distinguishable with most kinds of colour blindness."""
SHADES: Final = (
    *("#555555", "#bbbbbb"),
    *("#332288", "#88ccee", "#44aa99", "#117733", "#ddcc77", "#cc6677", "#882255"),
)
"""By fate without a group, in the order of :data:`FATES`: two greys where nothing was missing, then one colour each."""


def percent(share: float) -> str:
    """Format a share of 1 as a percentage: 61.7 %."""
    return f"{100 * share:.1f} %"


def days(count: float | None) -> str:
    """Format a number of days without decimals; a dash for None."""
    return "–" if count is None else f"{count:.0f} d"


_ROWS: Final[tuple[tuple[str, Callable[[Tally], str]], ...]] = (
    ("  in towns", lambda total: percent(_share(total.town))),
    ("  in small kommuner", lambda total: percent(_share(total.country))),
    ("waited, median", lambda total: days(total.wait(0.5))),
    ("waited, 9 of 10 below", lambda total: days(total.wait(0.9))),
    ("size at the start", lambda total: f"{total.size:.1f}"),
    ("groups that were dissolved", lambda total: percent(total.released_share)),
)


def table(tallies_by_rule: Mapping[str, Sequence[Tally]]) -> Table:
    """
    Return a table with a column for each rule: people in a group, waits and sizes, and reasons of the people without.

    All rows but those of single seeds are of all seeds together.
    """
    totals = [pooled(tallies) for tallies in tallies_by_rule.values()]
    rows = Table(box=None, pad_edge=False)
    rows.add_column("")
    for name in tallies_by_rule:
        rows.add_column(RULES[name].label, justify="right")
    rows.add_row("in a group", *(percent(total.share("started")) for total in totals))
    for number, tallies in enumerate(zip(*tallies_by_rule.values(), strict=True), start=1):
        rows.add_row(f"  seed {number}", *(percent(tally.share("started")) for tally in tallies))
    for heading, formatted in _ROWS:
        rows.add_row(heading, *(formatted(total) for total in totals))
    rows.add_section()
    rows.add_row("without a group, of all")
    for fate in FATES[1:]:
        if any(total.fates[fate] for total in totals):
            rows.add_row(f"  {FATE_WORDS[fate]}", *(percent(total.share(fate)) for total in totals))
    return rows


def sentences(tallies_by_rule: Mapping[str, Sequence[Tally]]) -> Iterator[str]:
    """Yield the conclusions from the tables, and the accuracy of the wait forecasts."""
    shares = {name: pooled(tallies).share("started") for name, tallies in tallies_by_rule.items()}
    if shares.get("open") and shares.get("closed"):
        ratio = f"{shares['open'] / shares['closed']:.2f}"
        yield f"Free seats bring {ratio} times as many into a group as closing at five."
    if "open" in tallies_by_rule:
        total = pooled(tallies_by_rule["open"])
        with_range, unknown = total.forecasts
        if total.coverage is not None:
            yield (
                f"Forecasts of the wait (free seats): {with_range} people got a range, and {unknown} got none. "
                f"Of {sum(total.hits)} with a range and a group, {percent(total.coverage)} were within the range "
                f"({total.hits[1]} earlier, {total.hits[2]} later). The goal is 80 %."
            )


def pooled(tallies: Sequence[Tally]) -> Tally:
    """Return the sum of several tallies."""
    return sum(tallies, start=Tally())


def draw(tallies_by_rule: Mapping[str, Sequence[Tally]], file: Path) -> None:
    """
    Draw a chart of waits, group sizes, and the reasons of people without a group.

    The same results give the same file, byte for byte.

    Raises:
        ImportError: matplotlib, the extra "plots", is not installed.
        OSError: The file cannot be written.
    """
    import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    with mpl.rc_context({"svg.hashsalt": "selvhjelp", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(12, 3.8), layout="constrained")
        waits_plot, sizes_plot, fates_plot = figure.subplots(1, 3, width_ratios=(1.2, 1, 1.3))
        offsets = np.zeros(len(tallies_by_rule))
        for number, (name, tallies) in enumerate(tallies_by_rule.items()):
            total, colour = pooled(tallies), COLOURS[number]
            waits = np.sort(total.waits)
            waits_plot.plot(
                waits, 100 * np.arange(1, len(waits) + 1) / max(total.people, 1), colour, label=RULES[name].label
            )
            size_shares = [100 * total.sizes[size] / max(total.sizes.total(), 1) for size in range(5, 9)]
            sizes_plot.bar(np.arange(5, 9) + 0.2 * (number - 1.5), size_shares, 0.2, color=colour)
        for shade, fate in zip(SHADES, FATES[1:], strict=True):
            shares = np.array([100 * pooled(tallies).share(fate) for tallies in tallies_by_rule.values()])
            if shares.any():
                fates_plot.barh(range(len(tallies_by_rule)), shares, left=offsets, color=shade, label=FATE_WORDS[fate])
            offsets += shares
        waits_plot.set(
            title="In a group after so many days", xlim=(0, 180), ylim=(0, None), xlabel="days", ylabel="% of all"
        )
        waits_plot.legend(frameon=False, loc="lower right")
        sizes_plot.set(
            title="Size at the first meeting", xticks=range(5, 9), xlabel="members", ylabel="% of the groups"
        )
        fates_plot.set(title="Without a group, and why", xlabel="% of all")
        fates_plot.set_yticks(range(len(tallies_by_rule)), [RULES[name].label for name in tallies_by_rule])
        fates_plot.invert_yaxis()
        fates_plot.legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.4, -0.16), ncols=4)
        figure.savefig(file, format="svg", metadata={"Date": None})


def _share(part_and_whole: tuple[int, int]) -> float:
    part, whole = part_and_whole
    return part / whole if whole else 0.0
