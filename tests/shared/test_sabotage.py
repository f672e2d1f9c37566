"""The safety nets that ``python -m tests.sabotage`` cuts: where they are, they still stand."""

import pytest

from tests.sabotage import ROOT, SABOTAGES, Sabotage


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.net.replace(" ", "-"))
def test_sabotage_finds_its_net_and_its_test(sabotage: Sabotage) -> None:
    assert (ROOT / sabotage.file).read_text("utf-8").count(sabotage.text) == 1
    assert sabotage.cut != sabotage.text
    file, _, name = sabotage.test.partition("::")
    assert f"def {name}" in (ROOT / file).read_text("utf-8")
