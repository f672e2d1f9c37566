"""Turns: every test in one of them, some in all."""

from collections.abc import Callable

import pytest

pytest_plugins = ["pytester"]

Run = Callable[..., list[str]]
TESTS = """
import pytest

@pytest.mark.every_turn
def test_path(): pass

@pytest.mark.parametrize("number", range(11))
def test_number(number): pass

@pytest.mark.other
def test_other(): pass
"""


@pytest.fixture
def ran(pytester: pytest.Pytester) -> Run:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\nmarkers =\n  every_turn\n  other\n")
    pytester.makepyfile(TESTS)

    def run(*options: str) -> list[str]:
        result = pytester.inline_run("-p", "devtools.testing.turns", "-m", "not other", *options)
        assert result.ret == 0
        reports = result.getreports("pytest_runtest_logreport")
        return [report.nodeid.partition("::")[2] for report in reports if report.when == "call"]

    return run


ALL = ["test_path", *(f"test_number[{number}]" for number in range(11))]


def test_without_turns_all_tests_run(ran: Run) -> None:
    assert ran() == ALL


@pytest.mark.parametrize("turns", [2, 3, 5, 13])
def test_turns_together_are_all_tests_and_each_once(ran: Run, turns: int) -> None:
    parts = [ran("--turns", str(turns), "--turn", str(turn)) for turn in range(turns)]
    assert all("test_path" in part for part in parts)
    numbers = [name for part in parts for name in part if name != "test_path"]
    assert sorted(numbers) == sorted(ALL[1:])
    assert max(map(len, parts)) - min(map(len, parts)) <= 2


@pytest.mark.parametrize("turns", ["0", "-1", "-16", "x", ""])
def test_no_number_of_turns_ends_with_a_sentence(pytester: pytest.Pytester, turns: str) -> None:
    pytester.makepyfile(TESTS)
    with pytest.raises(pytest.UsageError, match="argument --turns: "):
        pytester.parseconfig("-p", "devtools.testing.turns", f"--turns={turns}")


def test_turn_past_the_last_begins_again(ran: Run) -> None:
    assert ran("--turns", "3", "--turn", "4") == ran("--turns", "3", "--turn", "1")


def test_last_number_of_turns_holds(ran: Run) -> None:
    assert ran("--turns", "12", "--turns", "1") == ALL


def test_turn_of_the_commit_is_one_of_them(ran: Run) -> None:
    assert ran("--turns", "2") in [ran("--turns", "2", "--turn", "0"), ran("--turns", "2", "--turn", "1")]
