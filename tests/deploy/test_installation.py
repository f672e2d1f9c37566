"""An installation is found by directory or environment, and its settings are read without revealing secrets."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from selvhjelp.__main__ import app
from selvhjelp.console import CommandError
from selvhjelp.installation import Installation, find
from selvhjelp.operations.dead_letters import Address
from tests.deploy.support.settings import settings


def test_find_without_installation_is_one_line_and_status_1(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "selvhjelp", "dead-letters", "list"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"selvhjelp: there is no installation in {tmp_path}/var/selvhjelp")
    assert done.stderr.count("\n") == 1


def test_find_prefers_a_named_directory_to_the_environment(tmp_path: Path) -> None:
    assert find(None, settings()).database_url("grouping").get_secret_value().endswith("/grouping")
    there_url = "postgresql+asyncpg://notify@127.0.0.1/there"
    (tmp_path / "state.json").write_text(json.dumps({"settings": {"notify": {"NOTIFY_DATABASE_URL": there_url}}}))
    there = find(tmp_path, settings())
    assert there.directory == tmp_path
    assert there.database_url("notify").get_secret_value() == there_url
    with pytest.raises(CommandError, match="INTAKE_KEYS_DATABASE_URL is missing"):
        there.database_url("intake_keys")


def test_installation_reads_secret_files_and_hides_values(tmp_path: Path) -> None:
    secret = tmp_path / "link_key"
    secret.write_text("for-kort\n")
    env = settings(INTAKE_COMMON_KEY=None, INTAKE_COMMON_KEY_FILE=str(secret))
    with pytest.raises(CommandError, match="INTAKE_COMMON_KEY") as refused:
        Installation(env).settings("intake")
    assert "for-kort" not in str(refused.value)
    secret.write_text("x" * 32)
    assert Installation(env).settings("intake").common_key.get_secret_value() == "x" * 32
    gone = settings(INTAKE_DATABASE_URL=None, INTAKE_DATABASE_URL_FILE=str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="cannot read"):
        Installation(gone).database_url("intake")


def test_help_explains_every_command_and_exit_status() -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    commands = runner.invoke(app, ["--help"])
    for name in ("check", "dead-letters", "demo", "erase", "export", "migrate", "staff", "up"):
        assert name in commands.stdout
        if name != "up":
            assert "Exit status" in runner.invoke(app, [name, "--help"]).stdout


@pytest.mark.parametrize("text", ["", "grouping", "grouping:", "grouping:-1", "somebody:1", "grouping:1 2", "notify:٣"])
def test_address_parse_rejects_invalid_text(text: str) -> None:
    with pytest.raises(ValueError, match="write service and number"):
        Address.parse(text)
    assert str(Address.parse("notify:17")) == "notify:17"
