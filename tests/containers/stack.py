"""compose.yaml brought up for real."""

import json
import os
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any

from devtools.local.ports import free_ports

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "grouping", "notify")
UP_SECONDS = 240


@cache
def images() -> dict[str, str]:
    """The image of each service, as compose.yaml names it when nothing is set."""
    asked = _run(["docker", "compose", "--profile", "*", "config", "--format", "json"], {})
    return {name: str(service["image"]) for name, service in json.loads(asked)["services"].items()}


class Stack:
    """The stack under a name of its own, with ports and secrets of its own."""

    def __init__(self, folder: Path) -> None:
        port, mailbox = free_ports(2)
        self.name = f"selvhjelp-test-{os.getpid()}"
        self.url = f"http://localhost:{port}"
        self.mailbox_url = f"http://127.0.0.1:{mailbox}"
        self.folder = folder
        self.timings: dict[str, float] = {}
        self._environment = {
            "SECRETS": str(folder / "secrets"),
            "SELVHJELP_VERSION": "test",
            "LISTEN": f"127.0.0.1:{port}",
            "MAILBOX_LISTEN": f"127.0.0.1:{mailbox}",
            "PUBLIC_URL": self.url,
            "COMPOSE_PROJECT_NAME": self.name,
            "COMPOSE_PROFILES": "dev",
            "COMPOSE_ENV_FILES": os.devnull,  # a developer's .env is not what is tested
        }

    def up(self) -> None:
        """Make the secrets, build the images, start everything and wait until all of it is healthy."""
        _run([str(ROOT / "deploy" / "secrets.sh"), str(self.folder / "secrets")], {})
        self._timed("build", "build")
        try:
            self._timed("up", "up", "--detach", "--wait", "--wait-timeout", str(UP_SECONDS))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.compose('ps', '--all')}\n{self.logs()}") from None

    def down(self) -> None:
        """Remove it with its volumes."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")

    def compose(self, *arguments: str) -> str:
        """What a `docker compose` command of this stack prints."""
        files = ["-f", "compose.yaml", "-f", "tests/containers/compose.test.yaml"]
        return _run(["docker", "compose", *files, *arguments], self._environment)

    def logs(self, *services: str) -> str:
        """What they have said so far."""
        return self.compose("logs", "--no-color", "--tail", "40", *services)

    def inside(self, service: str, command: str) -> str:
        """What a shell command prints in a service's container, with its errors; never fails."""
        return self.compose("exec", "--no-TTY", service, "sh", "-c", f"{{ {command}; }} 2>&1 || true")

    def inspect(self, service: str) -> dict[str, Any]:
        """What the engine knows of a container."""
        container = self.compose("ps", "--all", "--quiet", service).strip()
        found: dict[str, Any] = json.loads(_run(["docker", "inspect", container], {}))[0]
        return found

    def networks(self, service: str) -> list[dict[str, Any]]:
        """What the engine knows of the networks a container is on."""
        names = self.inspect(service)["NetworkSettings"]["Networks"]
        found: list[dict[str, Any]] = json.loads(_run(["docker", "network", "inspect", *names], {}))
        return found

    def image(self, service: str) -> dict[str, Any]:
        """What the engine knows of the image of a service."""
        found: dict[str, Any] = json.loads(_run(["docker", "image", "inspect", self.inspect(service)["Image"]], {}))[0]
        return found

    def history(self, service: str) -> str:
        """How the image was made, step by step."""
        return _run(
            ["docker", "history", "--no-trunc", "--format", "{{.CreatedBy}}", self.inspect(service)["Image"]], {}
        )

    def secrets(self) -> list[str]:
        """Every secret of this stack."""
        values = [path.read_text().strip() for path in (self.folder / "secrets").iterdir()]
        return [value for value in values if value]

    def _timed(self, what: str, *arguments: str) -> None:
        started = time.monotonic()
        self.compose(*arguments)
        self.timings[what] = time.monotonic() - started


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, check=False, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
    return done.stdout
