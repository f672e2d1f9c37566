"""`selvhjelp check` computes the connections of all copies, and says which setting fits."""

import pytest

from selvhjelp.operations.checks.connections import check_connections, connections_needed, connections_that_fit
from shared.kit.database.engine import CONNECTIONS

DEFAULT = dict.fromkeys(("intake", "grouping", "notify"), CONNECTIONS)
ROOM = 97


def copies(intake: int, grouping: int, notify: int) -> dict[str, int]:
    return {"intake": intake, "grouping": grouping, "notify": notify}


@pytest.mark.parametrize(
    ("of_each", "needed"), [((1, 1, 1), 97), ((2, 1, 1), 140), ((2, 2, 2), 186), ((4, 2, 2), 272), ((6, 4, 4), 450)]
)
def test_connections_of_copies_are_summed(of_each: tuple[int, int, int], needed: int) -> None:
    assert connections_needed(copies(*of_each), DEFAULT) == needed


@pytest.mark.parametrize("of_each", [(1, 2, 1), (2, 1, 1), (2, 2, 2), (3, 1, 1), (2, 3, 1)])
def test_proposed_setting_fits_and_one_more_does_not(of_each: tuple[int, int, int]) -> None:
    fit = connections_that_fit(copies(*of_each), ROOM)
    assert connections_needed(copies(*of_each), dict.fromkeys(DEFAULT, fit)) <= ROOM
    assert connections_needed(copies(*of_each), dict.fromkeys(DEFAULT, fit + 1)) > ROOM
    (finding,) = check_connections(copies(*of_each), DEFAULT, ROOM)
    assert finding.level == "warning"
    assert f"DATABASE_CONNECTIONS={fit}" in str(finding)
    (finding,) = check_connections(copies(*of_each), dict.fromkeys(DEFAULT, fit), ROOM)
    assert finding.level == "ok"


def test_defaults_fit_a_server_with_its_defaults() -> None:
    (finding,) = check_connections(copies(1, 1, 1), DEFAULT, ROOM)
    assert finding.level == "ok"


def test_too_many_copies_need_a_larger_server() -> None:
    (finding,) = check_connections(copies(8, 8, 8), DEFAULT, ROOM)
    assert "a higher max_connections" in str(finding)
    assert "DATABASE_CONNECTIONS" not in str(finding)
