"""Run the methods on the instances; write the table and the chart."""

import argparse
import sys
from pathlib import Path
from typing import Final

from tests.bench.grouping.measure import TITLES, Row, bound, measure, plan
from tests.bench.grouping.report import markdown, picture, share

SEEDS: Final = {200: 5, 500: 5, 2_000: 3, 20_000: 2, 100_000: 1}
"""Number of instances of each size, by default."""


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="bench-grouping", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SEEDS)), help="numbers of people, with commas")
    parser.add_argument("--seeds", type=int, help="instances of each size; fewer of the large ones when left out")
    parser.add_argument("--methods", default=",".join(TITLES), help=f"of {', '.join(TITLES)}")
    parser.add_argument("--to", type=Path, default=Path("docs"), help="the folder to write to")
    options = parser.parse_args()
    sizes = {people: options.seeds or SEEDS.get(people, 1) for people in map(int, options.sizes.split(","))}
    rows: list[Row] = []
    bounds: dict[tuple[int, int], float] = {}
    for people, seed, methods in plan(options.methods.split(","), sizes):
        bounds[people, seed] = bound(people, seed)
        for method in methods:
            rows.append(row := measure(method, people, seed))
            assert row.verdict.objective <= bounds[people, seed] * (1 + 1e-9), "the bound is none"
            print(f"{people:>7,} {seed} {method:8} {share(row, bounds):6.2f} % {row.seconds:8.2f} s", file=sys.stderr)
    page = markdown(rows, bounds)
    options.to.mkdir(parents=True, exist_ok=True)
    (options.to / "grouping-quality.md").write_text(page, encoding="utf-8")
    picture(rows, bounds, options.to / "grouping-quality.svg")
    print(page)


if __name__ == "__main__":
    main()
