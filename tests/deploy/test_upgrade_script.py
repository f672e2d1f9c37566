"""deploy/upgrade.sh step by step, with a `docker` that only takes notes; tests/containers has it under load."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("notify", "grouping", "intake")


@dataclass
class Engine:
    folder: Path
    state: dict[str, Any] = field(default_factory=dict)

    def upgrade(self, *options: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "state.json").write_text(json.dumps(self.state))
        (self.folder / "log").write_text("")
        done = subprocess.run(
            [ROOT / "deploy" / "upgrade.sh", *options],
            check=False, capture_output=True, text=True,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", "FAKE_DOCKER": str(self.folder)},
        )  # fmt: skip
        self.state = json.loads((self.folder / "state.json").read_text())
        return done

    @property
    def changes(self) -> list[str]:
        """The commands that change something, in order."""
        changing = ("compose build", "compose run", "compose up", "compose kill", "stop", "rm")
        return [line for line in (self.folder / "log").read_text().splitlines() if line.startswith(changing)]

    def position(self, words: str) -> int:
        (found,) = [number for number, line in enumerate(self.changes) if words in line]
        return found


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    program = tmp_path / "docker"
    script = ROOT / "tests" / "deploy" / "support" / "fake_docker.py"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {script} "$@"\n')
    program.chmod(0o755)
    state = {
        "wanted": dict.fromkeys(SERVICES, 2),
        "containers": {f"{service}-old{number}": "old" for service in SERVICES for number in range(2)},
        "given": {"nats": str(ROOT / "deploy/nats.conf"), "gateway": str(ROOT / "deploy/setup.sh")},
        "mounted": {},
        "newer": {},
    }
    return Engine(tmp_path, state)


def test_upgrade_replaces_every_copy_and_keeps_their_number(engine: Engine) -> None:
    done = engine.upgrade()
    assert done.returncode == 0, done.stderr
    assert engine.state["containers"] == {f"{service}-new{n}": "new" for service in SERVICES for n in range(2)}


def test_upgrade_migrates_first_and_stops_old_copies_last(engine: Engine) -> None:
    engine.upgrade()
    build, migrate = engine.position("compose build"), engine.position("run --rm --no-deps migrate")
    assert build < migrate
    after = migrate
    for service in SERVICES:
        started = engine.position(f"--scale {service}=4")
        stopped = [engine.position(f"stop --time 30 {service}-old{number}") for number in range(2)]
        assert after < started < min(stopped)
        after = max(stopped)
    assert all("--no-deps --no-build" in line for line in engine.changes if line.startswith("compose up"))


@pytest.mark.parametrize("sick", SERVICES)
def test_copy_that_stays_unhealthy_is_removed_and_old_ones_serve(engine: Engine, sick: str) -> None:
    engine.state["sick"] = sick
    done = engine.upgrade()
    assert done.returncode == 1
    assert "the old ones serve on" in done.stdout
    own = {name for name in engine.state["containers"] if name.startswith(f"{sick}-")}
    assert own == {f"{sick}-old0", f"{sick}-old1"}
    assert not [line for line in engine.changes if line.startswith(f"stop --time 30 {sick}")]


def test_failed_migration_changes_nothing_else(engine: Engine) -> None:
    engine.state["migrate"] = 1
    before = dict(engine.state["containers"])
    assert engine.upgrade().returncode == 1
    assert engine.state["containers"] == before


def test_upgrade_of_what_is_current_restarts_nothing(engine: Engine) -> None:
    engine.upgrade()
    done = engine.upgrade("--no-build", "--no-migrate")
    assert done.stdout.count("is current") == len(SERVICES)
    assert len(engine.changes) == 1
    assert engine.changes[0].endswith(" streams")


def test_changed_configuration_of_the_gateway_is_read_again(engine: Engine) -> None:
    engine.upgrade()
    engine.state["newer"] = {"gateway": ["/etc/caddy/Caddyfile"]}
    engine.upgrade("--no-build", "--no-migrate")
    assert engine.changes[-1] == "compose kill --signal SIGUSR1 gateway"


def test_changed_files_of_servers_restart_them(engine: Engine) -> None:
    engine.state["mounted"] = dict.fromkeys(("nats", "gateway"), str(ROOT / "pyproject.toml"))
    engine.upgrade("--no-build")
    assert engine.position("--force-recreate nats") < engine.position("run --rm --no-deps migrate")
    assert engine.position("--force-recreate gateway") == len(engine.changes) - 1


@pytest.mark.parametrize("service", SERVICES)
def test_changed_secret_of_a_service_replaces_its_copies(engine: Engine, service: str) -> None:
    engine.upgrade()
    engine.state["given"][service] = str(ROOT / "pyproject.toml")
    engine.state["mounted"][service] = str(ROOT / "uv.lock")
    done = engine.upgrade("--no-build", "--no-migrate")
    assert done.stdout.count("is current") == len(SERVICES) - 1
    assert engine.position(f"--scale {service}=4") < engine.position("streams")


def test_changed_certificate_of_postgres_is_said_and_left_alone(engine: Engine) -> None:
    engine.state["given"]["postgres"] = str(ROOT / "pyproject.toml")
    engine.state["mounted"]["postgres"] = str(ROOT / "uv.lock")
    done = engine.upgrade("--no-build", "--no-migrate")
    assert "postgres: has other settings" in done.stdout
    assert not [line for line in engine.changes if line.endswith(" postgres")]


@pytest.mark.parametrize("copies", [1, 3])
def test_upgrade_takes_the_number_of_copies_from_the_settings(engine: Engine, copies: int) -> None:
    engine.state["wanted"] = dict.fromkeys(SERVICES, copies)
    engine.upgrade()
    assert len(engine.state["containers"]) == copies * len(SERVICES)


def test_upgrade_without_a_running_stack_ends_with_one_line(engine: Engine) -> None:
    engine.state["containers"] = {}
    done = engine.upgrade()
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not engine.changes


def test_secret_written_in_place_replaces_the_copies_that_have_it(engine: Engine) -> None:
    engine.upgrade()
    engine.state["given"]["intake"] = str(ROOT / "uv.lock")
    engine.state["newer"] = {"intake": ["/run/secrets/intake_certificate"]}
    done = engine.upgrade("--no-build", "--no-migrate")
    assert done.stdout.count("is current") == len(SERVICES) - 1
    assert engine.position("--scale intake=4") < engine.position("streams")


@pytest.mark.parametrize("server", ["nats", "postgres"])
def test_certificate_written_in_place_is_read_by_servers_last(engine: Engine, server: str) -> None:
    engine.upgrade()
    engine.state["given"][server] = str(ROOT / "uv.lock")
    engine.state["newer"] = {server: [f"/run/secrets/{server}_certificate"]}
    engine.upgrade("--no-build", "--no-migrate")
    assert engine.changes[-1] == f"compose kill --signal SIGHUP {server}"
    assert not [line for line in engine.changes if "--force-recreate" in line]


def test_new_authority_is_read_by_the_gateway_before_services(engine: Engine) -> None:
    engine.state["newer"] = {"gateway": ["/run/secrets/authority"]}
    engine.upgrade()
    assert engine.position("kill --signal SIGUSR1 gateway") < engine.position("--scale notify=4")
