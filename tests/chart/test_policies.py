"""The chart before the policies of checkov; the result of each object is written to var/chart/policies.md."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from tests.chart.support import ROOT, SETS, TOOLS, text

pytestmark = pytest.mark.chart

ACCEPTED: Final = {
    ("CKV_K8S_25", "s-gateway"): "Caddy carries NET_BIND_SERVICE as a file capability and does not start without",
    ("CKV_K8S_9", "s-test"): "runs once",
    ("CKV_K8S_8", "s-test"): "runs once",
}
ACCEPTED_EVERYWHERE: Final = {"CKV_K8S_43": "by digest where one is given, as in the set for production"}
LEAST_OBJECTS: Final = 20


def test_manifests_pass_the_policies(tmp_path: Path) -> None:
    for values in SETS:
        (tmp_path / f"{values}.yaml").write_text(text(values))
    run = subprocess.run(
        [
            *(TOOLS / "python/bin/checkov", "--directory", tmp_path, "--framework", "kubernetes"),
            *("--output", "json", "--skip-download"),
        ],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    results = json.loads(run.stdout)["results"]
    passed: dict[tuple[str, str], int] = defaultdict(int)
    failed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for check in results["passed_checks"]:
        passed[_object(check)] += 1
    for check in results["failed_checks"]:
        failed[_object(check)].add(check["check_id"])
    assert not results["parsing_errors"]
    assert len(passed) >= LEAST_OBJECTS
    report = ROOT / "var" / "chart" / "policies.md"
    report.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"| {values} | {name} | {count} | {', '.join(sorted(failed[values, name])) or '–'} |"
            for (values, name), count in sorted(passed.items())]  # fmt: skip
    report.write_text("\n".join(["| values | object | passed | not passed |", "|---|---|---|---|", *rows, ""]))
    unexpected = {
        (values, name, check)
        for (values, name), checks in failed.items()
        for check in checks
        if (check, name.rpartition(".")[2]) not in ACCEPTED
        and not (check in ACCEPTED_EVERYWHERE and values != "production")
    }
    assert not unexpected


def _object(check: dict[str, str]) -> tuple[str, str]:
    return Path(check["file_path"]).stem, check["resource"]
