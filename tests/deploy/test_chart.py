"""The chart beside compose.yaml and the code; what needs Helm is in tests/chart."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.events.broker_access import BROKER_ACCESS

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "selvhjelp"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
TABLE: dict[str, Any] = yaml.safe_load(
    (CHART / "templates" / "_services.tpl")
    .read_text()
    .split('"selvhjelp.serviceTable" -}}\n')[1]
    .split("{{- end }}")[0]
)
SETTINGS = (CHART / "templates" / "_services.tpl").read_text().split('"selvhjelp.settings"')[1]
LEFT_TO_EXTRA = {"CONFIRMATIONS_PER_HOUR", "UNPROVEN_MAILS_PER_HOUR", "LOCAL_PASSWORDS"} | {
    f"OIDC_{name}"
    for name in ("ISSUER", "CLIENT_ID", "NAME", "USERNAME_CLAIM", "SECOND_FACTOR", "ACCESS_CLAIM", "ACCESS")
}
# The authority of PostgreSQL comes from `database.caSecret`.
FROM_DATABASE_VALUES = {"PGSSLMODE", "PGSSLROOTCERT"}


@pytest.mark.parametrize("service", TABLE)
def test_chart_mounts_the_secrets_that_compose_mounts(service: str) -> None:
    assert TABLE[service]["secrets"] == COMPOSE[service]["secrets"]


@pytest.mark.parametrize("service", TABLE)
def test_chart_has_the_settings_that_compose_has(service: str) -> None:
    prefix = f"{service.upper()}_"
    names = {name.removeprefix(prefix) for name in COMPOSE[service]["environment"]}
    plain = {name for name in names if not name.endswith("_FILE")} - LEFT_TO_EXTRA - FROM_DATABASE_VALUES
    assert {name for name in plain if f"\n{name}: " not in SETTINGS} == set()


@pytest.mark.parametrize("access", BROKER_ACCESS, ids=lambda access: access.service)
def test_chart_scales_by_the_consumers_that_are(access: Any) -> None:
    assert TABLE[access.service]["durables"] == {name: stream.value for name, stream in access.durables.items()}


def test_values_schema_names_every_secret() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    named = set(schema["properties"]["secrets"]["properties"]["overrides"]["propertyNames"]["enum"])
    mounted = {name for service in ("migrate", "streams", *TABLE) for name in COMPOSE[service]["secrets"]}
    assert named == mounted


def test_chart_files_are_those_of_the_project() -> None:
    for path in (CHART / "files").iterdir():
        assert path.is_symlink()
        assert path.resolve().is_relative_to(ROOT / "deploy")
        assert path.is_file()
