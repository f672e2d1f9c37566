"""Alerts fire when they should, use figures that exist, and each has a page that says what to do."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools import dashboards
from tests.contracts.metrics_document import series_names

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "observability"
PAGES = ROOT / "docs" / "operations" / "alerts"
CHART_COPY = ROOT / "deploy" / "helm" / "selvhjelp" / "files" / "rules.yaml"
_TOOLS = f"{ROOT}/var/prometheus-tools/usr/bin:{os.environ['PATH']}"
PROMTOOL, AMTOOL = shutil.which("promtool", path=_TOOLS), shutil.which("amtool", path=_TOOLS)
HEADINGS = ["## What it means", "## How to see it", "## What to do"]
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"] for rule in group["rules"]
]
NAMES = [rule["alert"] for rule in RULES]


def used(text: str) -> set[str]:
    return set(re.findall(r"\bselvhjelp_[a-z_]+", text))


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_alert_has_a_page_and_figures_that_exist(rule: dict[str, Any]) -> None:
    page = PAGES / f"{rule['alert']}.md"
    assert rule["annotations"]["runbook"] == str(page.relative_to(ROOT))
    assert rule["labels"]["severity"] in {"critical", "warning"}
    text = page.read_text()
    assert re.findall(r"^## .*", text, re.MULTILINE) == HEADINGS
    assert text.startswith(f"# {rule['alert']}\n")
    assert used(rule["expr"]) <= series_names()
    assert used(text) <= series_names()


def test_pages_of_alerts_are_those_of_the_rules() -> None:
    assert sorted(page.stem for page in PAGES.glob("*.md")) == sorted(NAMES)
    for page in PAGES.glob("*.md"):
        named = set(re.findall(r"\b(?:go on at|see|With|or) ([A-Z][a-z]+[A-Z][A-Za-z]+)\b", page.read_text()))
        assert named <= set(NAMES), page.name


def test_chart_has_the_same_rules() -> None:
    assert CHART_COPY.read_text() == (FOLDER / "rules.yaml").read_text()


def test_each_alert_is_tested_both_ways() -> None:
    tests = yaml.safe_load((FOLDER / "rules_test.yaml").read_text())["tests"]
    assert [test["name"] for test in tests] == [f"{name} {word}" for name in NAMES for word in ("fires", "is quiet")]
    for test in tests:
        (case,) = test["alert_rule_test"]
        assert bool(case["exp_alerts"]) == test["name"].endswith("fires")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: deploy/observability/tools.sh")
@pytest.mark.parametrize(
    "command", ["test rules rules_test.yaml", "check rules rules.yaml", "check config prometheus.yaml"]
)
def test_promtool_finds_nothing_wrong(command: str) -> None:
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *command.split()], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(AMTOOL is None, reason="amtool is not here: deploy/observability/tools.sh")
@pytest.mark.parametrize(("severity", "receiver"), [("critical", "on-call"), ("warning", "everybody")])
def test_amtool_sends_each_severity_to_its_receiver(severity: str, receiver: str) -> None:
    assert AMTOOL is not None
    for command in ("check-config alertmanager.yaml", f"config routes test severity={severity}"):
        options = ["--config.file=alertmanager.yaml"] if command.startswith("config") else []
        done = subprocess.run(
            [AMTOOL, *command.split(), *options], cwd=FOLDER, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [receiver]


def test_alertmanager_holds_back_alerts_that_exist_and_gets_all() -> None:
    """Its example names alerts by hand; Prometheus finds it by the name that compose gives it."""
    config = yaml.safe_load((FOLDER / "alertmanager.yaml").read_text())
    matchers = [
        each for rule in config["inhibit_rules"] for kind in ("source", "target") for each in rule[f"{kind}_matchers"]
    ]
    named = {name for matcher in matchers for name in re.findall(r"[A-Z]\w+", matcher.partition("=")[2])}
    assert len(named) > 5
    assert named <= set(NAMES)
    receivers = {receiver["name"] for receiver in config["receivers"]}
    assert {config["route"]["receiver"], *(route["receiver"] for route in config["route"]["routes"])} == receivers
    asked = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())["alerting"]["alertmanagers"]
    assert [target for each in asked for kind in each["static_configs"] for target in kind["targets"]] == [
        "alertmanager:9093"
    ]
    services = yaml.safe_load((ROOT / "deploy" / "compose.observability.yaml").read_text())["services"]
    assert set(services["alertmanager"]["networks"]) & set(services["prometheus"]["networks"])
    assert "./deploy/observability/alertmanager.yaml" in services["alertmanager"]["volumes"][0]


@pytest.mark.parametrize("name", dashboards.documents())
def test_dashboard_is_what_its_code_makes(name: str) -> None:
    text = (FOLDER / "dashboards" / name).read_text(encoding="utf-8")
    assert text == dashboards.documents()[name], "run `python -m devtools.dashboards`"


def test_dashboards_are_those_of_the_code() -> None:
    assert {path.name for path in (FOLDER / "dashboards").iterdir()} == set(dashboards.documents())


@pytest.mark.parametrize("query", dashboards.expressions())
def test_dashboard_query_uses_figures_that_exist(query: str) -> None:
    assert used(query)
    assert used(query) <= series_names()


def test_dashboard_texts_name_pages_of_alerts() -> None:
    named = [
        name
        for text in dashboards.documents().values()
        for panel in json.loads(text)["panels"]
        for name in re.findall(r"See the page (\w+)", panel.get("description", ""))
    ]
    assert len(named) > 10
    assert set(named) <= set(NAMES)


def test_dashboard_panels_have_a_title_and_say_what_they_show() -> None:
    for text in dashboards.documents().values():
        board = json.loads(text)
        assert board["description"]
        for panel in board["panels"]:
            assert panel["title"]
            assert panel["type"] == "row" or panel["description"].endswith("."), panel["title"]


def test_every_page_of_operations_is_in_the_index() -> None:
    pages = ROOT / "docs" / "operations"
    listed = set(re.findall(r"\]\(([\w./-]+\.md)\)", (pages / "README.md").read_text()))
    assert {str(path.relative_to(pages)) for path in pages.rglob("*.md")} - {"README.md"} <= listed


def test_compose_watchers_have_minimal_privileges() -> None:
    text = (ROOT / "deploy" / "compose.observability.yaml").read_text()
    for service in yaml.safe_load(text)["services"].values():
        assert service["profiles"] == ["observability"]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith("./") or (ROOT / source).exists(), source
