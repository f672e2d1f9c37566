"""What the services know differently of a sign-up is found, by id."""

from uuid import UUID

import pytest

from selvhjelp.operations.agreement import Differences, compare
from selvhjelp.operations.checks.agreement import _findings

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("intake", "grouping", "told", "expected"),
    [
        ({}, {}, {}, Differences()),
        ({ONE: "ready"}, {ONE: "waiting"}, {ONE: False}, Differences()),
        ({ONE: "offered", TWO: "member"}, {ONE: "offered", TWO: "member"}, {ONE: True, TWO: False}, Differences()),
        ({ONE: "received", TWO: "withdrawn"}, {TWO: "gone"}, {ONE: False}, Differences()),
        ({ONE: "ready"}, {}, {ONE: False}, Differences(missing=(ONE,))),
        ({ONE: "ready"}, {ONE: "unready"}, {ONE: False}, Differences(missing=(ONE,))),
        ({ONE: "ready"}, {ONE: "waiting"}, {}, Differences(missing=(ONE,))),
        ({ONE: "offered"}, {}, {ONE: True}, Differences(contradicted=((ONE, "offered", "unready"),))),
        ({ONE: "offered"}, {ONE: "waiting"}, {ONE: True}, Differences(contradicted=((ONE, "offered", "waiting"),))),
        ({ONE: "ready"}, {ONE: "seated"}, {ONE: False}, Differences(contradicted=((ONE, "ready", "seated"),))),
        ({ONE: "ready"}, {ONE: "gone"}, {ONE: False}, Differences(contradicted=((ONE, "ready", "gone"),))),
        ({ONE: "member"}, {}, {}, Differences()),  # grouping has forgotten the links of an old group
        ({}, {ONE: "waiting", TWO: "gone"}, {}, Differences(unknown=(ONE,))),
        ({ONE: "withdrawn"}, {ONE: "offered"}, {ONE: False}, Differences(unknown=(ONE,))),
        ({}, {ONE: "member"}, {}, Differences()),
        (
            {ONE: "offered", TWO: "seated"},
            {ONE: "offered", TWO: "seated"},
            {ONE: True, TWO: False},
            Differences(contradicted=((TWO, "seated", "no_seat in notify"),)),
        ),
        (
            {ONE: "ready"},
            {ONE: "waiting"},
            {ONE: True},
            Differences(contradicted=((ONE, "ready", "seat in notify"),)),
        ),
        ({ONE: "withdrawn", TWO: "member"}, {TWO: "member"}, {ONE: True, TWO: True}, Differences()),
    ],
)
def test_compare_finds_what_differs(
    intake: dict[UUID, str], grouping: dict[UUID, str], told: dict[UUID, bool], expected: Differences
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
