"""
Tests in turns: with ``--turns 16`` a run takes every sixteenth test, and the next commit takes others.

A plugin of pytest; ``pytest_plugins`` turns it on. The tests of a turn are spread evenly over all files. Tests that are
marked ``every_turn`` always run. Why: decision 59.
"""

import argparse
import subprocess  # nosec B404 - git, by tests only
from functools import cache
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--turns", type=whole_number, default=1, metavar="N", help="Run one in N of the chosen tests.")
    parser.addoption("--turn", type=int, metavar="K", help="Which of them, from 0; without it, that of the commit.")


def whole_number(text: str) -> int:
    """Return a number of turns; argparse tells whoever gave none."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("there is at least one turn")
    return count


def pytest_report_header(config: pytest.Config) -> str | None:
    turns = config.getoption("--turns")
    return None if turns == 1 else f"turns: one test in {turns}, turn {_turn(config)}"


@pytest.hookimpl(trylast=True)  # the markers of ``-m`` have chosen before
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of other turns."""
    turns = config.getoption("--turns")
    if turns == 1:
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for place, item in enumerate(items):
        now = place % turns == _turn(config) or item.get_closest_marker("every_turn") is not None
        (kept if now else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _turn(config: pytest.Config) -> int:
    asked: int | None = config.getoption("--turn")
    return (number_of_commit() if asked is None else asked) % int(config.getoption("--turns"))


@cache
def number_of_commit() -> int:
    """Return how many commits lead to the one that is checked out; 0 where the history is not there."""
    counted = subprocess.run(  # nosec B603, B607
        ["git", "rev-list", "--count", "HEAD"],  # noqa: S607
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return int(counted.stdout or 0)
