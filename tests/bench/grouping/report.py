"""The report: a table for each number of people, the goals, and a chart."""

import statistics
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.bench.grouping.measure import EXACT_PEOPLE, TITLES, Row

mpl.rcParams.update({"svg.hashsalt": "grouping", "svg.fonttype": "none"})

COLOURS: Final = dict(
    zip(TITLES, ("#999999", "#c79a3b", "#4f8f6b", "#7d6bb0", "#7fb2dd", "#2c6fb0", "#b03a2c"), strict=True)
)

INTRODUCTION: Final = """# How good the grouping is

`just bench-grouping` wrote this page and its picture. The people and rooms are invented where people live in Norway
(`tests/bench/grouping/instances.py` has every assumption), and nobody has been told anything yet. What a grouping is
worth is the sum over those who are placed: 1 each, up to 0.25 for having waited ninety days, less 0.01 a kilometre.

No grouping at all can be worth more than the bound. Up to 500 people it is that of the linear program over all
possible groups, beyond that Lagrange's, which lies at most a few tenths of a per cent above it; a true optimum may lie
below both. *Placeable* are those who have any cell with five people in it, so where people are few all of them can
never be placed at once. Every result was checked against every hard rule by the domain's own `fits`.

The first four methods are what others use. Each got every index that it needs, returns to an evening, a language and
an agreement until it gives no more, gives free seats to people who are left, and was tuned on other seeds. Every figure
is the median over the instances, in brackets the least and the most. Seconds are those that one core worked, from
people and rooms to groups; memory is the most that the process held, the people included."""

Bounds = dict[tuple[int, int], float]
Target = tuple[str, str, int, Callable[[Row, Bounds], float], float, bool]


def share(row: Row, bounds: Bounds) -> float:
    """Return the score in percent of the bound."""
    return 100 * row.verdict.objective / bounds[row.people, row.seed]


def placed(row: Row, bounds: Bounds) -> float:
    """Return the seated people in percent of those who can be seated."""
    del bounds
    return 100 * row.verdict.placed / row.verdict.placeable


def seconds(row: Row, bounds: Bounds) -> float:
    """Format the time used."""
    del bounds
    return row.seconds


TARGETS: Final[tuple[Target, ...]] = (
    ("% of the bound, 200 people", "engine", 200, share, 91, True),
    ("% of the bound, 500 people", "engine", 500, share, 91, True),
    ("% of the bound, 200 people, 5 s more", "longer", 200, share, 95.5, True),
    ("% of the bound, 500 people, 5 s more", "longer", 500, share, 95.5, True),
    ("% of the bound, 2,000 people", "engine", 2_000, share, 94, True),
    ("% of the bound, 20,000 people", "engine", 20_000, share, 97, True),
    ("% placed of the placeable, 20,000 people", "engine", 20_000, placed, 98.5, True),
    ("% placed of the placeable, 100,000 people", "engine", 100_000, placed, 99.5, True),
    ("seconds, 100,000 people, no flow", "quick", 100_000, seconds, 15, False),
    ("seconds, 100,000 people, with flow", "engine", 100_000, seconds, 35, False),
)


def markdown(rows: list[Row], bounds: Bounds) -> str:
    """Return the whole page as Markdown."""
    parts = [INTRODUCTION, "![Share of the best possible, and seconds, by how many wait](grouping-quality.svg)"]
    aims = [line for target in TARGETS if (line := _aim(target, rows, bounds))]
    if aims:
        parts += ["## What was aimed at", "\n".join(("| | aim | median |", "|---|---|---|", *aims))]
    for people in sorted({row.people for row in rows}):
        seeds = len({row.seed for row in rows if row.people == people})
        kind = "linear program" if people <= EXACT_PEOPLE else "Lagrange"
        parts += [f"## {people:,} people", f"Instances: {seeds}. Bound: {kind}.", _table(people, rows, bounds)]
    return "\n\n".join(parts) + "\n"


def _aim(target: Target, rows: list[Row], bounds: Bounds) -> str:
    what, method, people, figure, aim, least = target
    results = [figure(row, bounds) for row in rows if (row.method, row.people) == (method, people)]
    if not results:
        return ""
    median = statistics.median(results)
    return f"| {what} | {'≥' if least else '<'} {aim} | {median:.1f}{'' if (median >= aim) == least else ' (missed)'} |"


def _table(people: int, rows: list[Row], bounds: Bounds) -> str:
    lines = [
        "| method | % of the bound | % placed of the placeable | seconds | km | longest wait left, days | size | MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for method, title in TITLES.items():
        own = [row for row in rows if (row.method, row.people) == (method, people)]
        if not own:
            lines.append(f"| {title} |" + " – |" * 7)
            continue
        shares = [share(row, bounds) for row in own]
        cells = (
            f"{statistics.median(shares):.1f}" + (f" ({min(shares):.1f}–{max(shares):.1f})" if len(own) > 1 else ""),
            f"{_median(placed(row, bounds) for row in own):.1f}",
            f"{_median(row.seconds for row in own):.2f}",
            f"{_median(row.verdict.km for row in own):.1f}",
            f"{_median(row.verdict.oldest_left_days for row in own):.0f}",
            f"{_median(row.verdict.size for row in own):.1f}",
            f"{_median(row.memory_mib for row in own):.0f}",
        )
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _median(figures: Iterable[float]) -> float:
    return statistics.median(figures)


def picture(rows: list[Row], bounds: Bounds, path: Path) -> None:
    """Draw share of the bound and seconds by number of people, one line for each method, as SVG."""
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    good, quick = figure.subplots(1, 2)
    for method, title in TITLES.items():
        sizes = sorted({row.people for row in rows if row.method == method})
        own = [[row for row in rows if (row.method, row.people) == (method, people)] for people in sizes]
        look = {"color": COLOURS[method], "marker": "o", "markersize": 4, "linewidth": 2 if "*" in title else 1.2}
        name = title.strip("*")
        good.plot(sizes, [_median(share(row, bounds) for row in some) for some in own], label=name, **look)
        quick.plot(sizes, [_median(row.seconds for row in some) for some in own], label=name, **look)
    good.set(xscale="log", xlabel="people who wait", ylabel="% of the bound", title="How good")
    quick.set(xscale="log", yscale="log", xlabel="people who wait", ylabel="seconds, one core", title="How quick")
    good.legend(fontsize=8, frameon=False)
    for axes in (good, quick):
        axes.grid(visible=True, alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, format="svg", metadata={"Date": None})
