"""The chart against the schemas of three Kubernetes versions, and of the kinds that others define."""

import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.chart.custom_resources import SPECS
from tests.chart.support import CHART, HELM_FOLDER, KUBERNETES_VERSIONS, SETS, TOOLS, helm, manifests, text

pytestmark = pytest.mark.chart


@pytest.mark.parametrize("values", SETS)
def test_chart_passes_strict_lint(values: str) -> None:
    linted = helm("lint", "--strict", str(CHART), "--values", str(CHART / "ci" / f"{values}-values.yaml"))
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_manifests_match_the_schemas_of_kubernetes(version: str, tmp_path: Path) -> None:
    for values in SETS:
        (tmp_path / f"{values}.yaml").write_text(text(values))
    checked = subprocess.run(
        [TOOLS / "python/bin/kubernetes-validate", "--strict", "-k", version, *sorted(tmp_path.iterdir())],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    said = (checked.stdout + checked.stderr).splitlines()
    assert checked.returncode == 0, "\n".join(line for line in said if "INFO" not in line)
    without = {line.split(" kind ")[1].split(" ")[0] for line in said if "Couldn't find schema" in line}
    assert without <= {name.split()[1] for name in SPECS}


def test_custom_resources_have_known_fields_only() -> None:
    documents = [each for values in SETS for each in manifests(values).values()]
    documents += [each for each in yaml.safe_load_all((HELM_FOLDER / "postgres.yaml").read_text()) if each]
    documents += [
        each
        for each in yaml.safe_load_all((HELM_FOLDER / "certificates.yaml").read_text())
        if not each["spec"].get("isCA") and each["kind"] == "Certificate"
    ]
    kinds = set()
    for each in documents:
        kind = f"{each['apiVersion']} {each['kind']}"
        if kind in SPECS:
            kinds.add(kind)
            jsonschema.validate(each["spec"], SPECS[kind])
    assert kinds == set(SPECS)
