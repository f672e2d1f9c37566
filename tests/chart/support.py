"""The chart, rendered by Helm with each of its sets of values."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
HELM_FOLDER = ROOT / "deploy" / "helm"
CHART = HELM_FOLDER / "selvhjelp"
TOOLS = ROOT / "var" / "chart-tools"
HELM = TOOLS / "bin" / "helm" / "helm"
SETS = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
KUBERNETES_VERSIONS = ("1.35", "1.36", "1.37")
SERVICES = ("intake", "grouping", "notify")

Manifest = dict[str, Any]


def helm(*args: str) -> subprocess.CompletedProcess[str]:
    """Run Helm, without what it remembers of others."""
    return subprocess.run([HELM, *args], check=False, capture_output=True, text=True, env={"HOME": str(TOOLS)})


def template(*args: str) -> subprocess.CompletedProcess[str]:
    """Render the chart as the release ``s``."""
    return helm("template", "s", str(CHART), "--namespace", "selvhjelp", *args)


@cache
def text(values: str) -> str:
    """Return the manifests of a set of values, as they would be applied."""
    rendered = template("--values", str(CHART / "ci" / f"{values}-values.yaml"))
    assert rendered.returncode == 0, rendered.stderr
    return rendered.stdout


@cache
def manifests(values: str) -> dict[tuple[str, str], Manifest]:
    """Return the manifests of a set of values by kind and name."""
    documents = [each for each in yaml.safe_load_all(text(values)) if each]
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    assert len(by_name) == len(documents)
    return by_name


def of_kind(values: str, kind: str) -> dict[str, Manifest]:
    """Return the manifests of one kind by name, without the name of the release."""
    return {name.removeprefix("s-"): each for (its, name), each in manifests(values).items() if its == kind}


def pods(values: str) -> dict[str, Manifest]:
    """Return the specification of each pod by its component."""
    found = {}
    for (kind, name), each in manifests(values).items():
        if kind in {"Deployment", "Job"}:
            found[name.removeprefix("s-")] = each["spec"]["template"]["spec"]
        elif kind == "Pod":
            found[name.removeprefix("s-")] = each["spec"]
    return found


def environment(pod: Manifest) -> dict[str, str]:
    """Return the variables of a pod's only container."""
    (container,) = pod["containers"]
    values = {each["name"]: each["value"] for each in container["env"]}
    assert len(values) == len(container["env"])
    return values


def secret_files(pod: Manifest) -> dict[str, tuple[str, str]]:
    """Return the files in /run/secrets, each with the Secret and the key that it comes from."""
    (volume,) = [each for each in pod["volumes"] if each["name"] == "secrets"]
    files = {}
    for source in volume["projected"]["sources"]:
        (item,) = source["secret"]["items"]
        files[item["path"]] = (source["secret"]["name"], item["key"])
    return files
