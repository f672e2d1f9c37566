"""What the services know differently of a sign-up is found, by id."""

from uuid import UUID

import pytest

from selvhjelp.operations.agreement import Differences, compare
from selvhjelp.operations.checks.agreement import _findings

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("intake", "grouping", "told", "expected"),
    [
        ({}, {}, set(), Differences()),
        ({ONE: "ready"}, {ONE: "waiting"}, {ONE}, Differences()),
        ({ONE: "offered", TWO: "member"}, {ONE: "offered", TWO: "member"}, {ONE, TWO}, Differences()),
        ({ONE: "received", TWO: "withdrawn"}, {TWO: "gone"}, {ONE}, Differences()),
        ({ONE: "ready"}, {}, {ONE}, Differences(missing=(ONE,))),
        ({ONE: "ready"}, {ONE: "unready"}, {ONE}, Differences(missing=(ONE,))),
        ({ONE: "ready"}, {ONE: "waiting"}, set(), Differences(missing=(ONE,))),
        ({ONE: "offered"}, {}, {ONE}, Differences(contradicted=((ONE, "offered", "unready"),))),
        ({ONE: "offered"}, {ONE: "waiting"}, {ONE}, Differences(contradicted=((ONE, "offered", "waiting"),))),
        ({ONE: "ready"}, {ONE: "seated"}, {ONE}, Differences(contradicted=((ONE, "ready", "seated"),))),
        ({ONE: "ready"}, {ONE: "gone"}, {ONE}, Differences(contradicted=((ONE, "ready", "gone"),))),
        ({ONE: "member"}, {}, set(), Differences()),  # grouping has forgotten the links of an old group
        ({}, {ONE: "waiting", TWO: "gone"}, set(), Differences(unknown=(ONE,))),
        ({ONE: "withdrawn"}, {ONE: "offered"}, {ONE}, Differences(unknown=(ONE,))),
        ({}, {ONE: "member"}, set(), Differences()),
    ],
)
def test_compare_finds_what_differs(
    intake: dict[UUID, str], grouping: dict[UUID, str], told: set[UUID], expected: Differences
) -> None:
    assert compare(intake, grouping, told) == expected


def test_lasting_leaves_out_what_was_under_way() -> None:
    first = Differences((ONE, TWO), ((ONE, "ready", "offered"),), (TWO,))
    assert first.lasting(Differences((TWO,), ((ONE, "ready", "seated"),), (TWO,))) == Differences((TWO,), (), (TWO,))


def test_findings_name_ids_and_a_remedy() -> None:
    found = _findings(Differences((ONE,), ((TWO, "offered", "waiting"),), (TWO,)))
    assert [finding.level for finding in found] == ["broken"] * 3
    assert all(finding.remedy for finding in found)
    assert str(ONE) in found[0].what
    assert f"{TWO} (offered, waiting)" in found[1].what
    assert [finding.level for finding in _findings(Differences())] == ["ok"]
