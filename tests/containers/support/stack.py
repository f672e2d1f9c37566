"""compose.yaml, brought up for real."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from devtools.local.ports import free_ports
from devtools.local.process import PORT_TRIES

ROOT = Path(__file__).parents[3]
SERVICES = ("intake", "grouping", "notify")
UP_SECONDS = 480
FILES = ("compose.yaml", "tests/containers/compose.test.yaml")


@cache
def images() -> dict[str, str]:
    """Return the image of each service, as compose.yaml names it when nothing is set."""
    config = _run(["docker", "compose", "--profile", "*", "config", "--format", "json"], {})
    return {name: str(service["image"]) for name, service in json.loads(config)["services"].items()}


@cache
def postgres_image() -> str:
    """Return the image that compose.yaml names, or one that is built here where that was built without TLS."""
    named = images()["postgres"]
    look = ["--network", "none", "--entrypoint", "sh", named, "-c", "ldd $(command -v postgres)"]
    if "libssl" in _run(["docker", "run", "--rm", *look], {}):
        return named
    own = "selvhjelp-test/postgres:tls"
    _run(["docker", "build", "--quiet", "--tag", own, "tests/containers/postgres"], {})
    return own


class Stack:
    """The stack under a name of its own, with ports and secrets of its own."""

    def __init__(self, folder: Path, *more_files: str) -> None:
        self.name = f"selvhjelp-test-{os.getpid()}{'-more' if more_files else ''}"
        self.folder = folder
        self.writer = "postgres"
        self.files = (FILES[0], *more_files, *FILES[1:])
        self.timings: dict[str, float] = {}
        self._choose_ports()

    def _choose_ports(self) -> None:
        port, mailbox = free_ports(2)
        self.url = f"http://localhost:{port}"
        self.mailbox_url = f"http://127.0.0.1:{mailbox}"
        self._environment = {
            "POSTGRES_IMAGE": postgres_image(),
            "SECRETS": str(self.folder / "secrets"),
            "SELVHJELP_VERSION": "test",
            "LISTEN": f"127.0.0.1:{port}",
            "MAILBOX_LISTEN": f"127.0.0.1:{mailbox}",
            "PUBLIC_URL": self.url,
            "COMPOSE_PROJECT_NAME": self.name,
            "COMPOSE_PROFILES": "dev",
            "INTAKE_UNPROVEN_MAILS_PER_HOUR": "0",  # tests sign up through the API, without proof of work
            "COMPOSE_ENV_FILES": os.devnull,  # the .env of a developer is not tested
        }

    def up(self) -> None:
        """
        Create the secrets, build the images, start everything and wait until all of it is healthy.

        Raises:
            AssertionError: A container ended or restarts, or the time passed; has the state and the logs of all.
        """
        _run([str(ROOT / "deploy" / "secrets.sh"), str(self.folder / "secrets")], self._environment)
        self._timed("build", lambda: self.compose("build"))
        for attempt in range(PORT_TRIES):
            try:
                self._timed("up", self._start)
            except AssertionError as error:
                if not is_port_taken(str(error)) or attempt + 1 == PORT_TRIES:
                    raise AssertionError(f"{error}\n{self.compose('ps', '--all')}\n{self.logs()}") from None
                self.down()
                self._choose_ports()
            else:
                return

    def _start(self) -> None:
        command = [*self._command, "up", "--detach", "--wait", "--wait-timeout", str(UP_SECONDS)]
        environment = os.environ | self._environment
        with (self.folder / "up.log").open("w+") as log:
            starting = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            while starting.poll() is None:
                # `--wait` alone would wait its whole time for a container that restarts again and again.
                failed = self._failed()
                if failed:
                    starting.kill()
                    starting.wait()
                    raise AssertionError(f"ended during start: {', '.join(failed)}")
                time.sleep(1)
            log.seek(0)
            assert starting.returncode == 0, log.read()[-6000:]

    def _failed(self) -> list[str]:
        """Return the services whose container ended with an error or restarts."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        containers = [json.loads(line) for line in lines]
        return [
            container["Service"]
            for container in containers
            if container["State"] == "restarting" or (container["State"] == "exited" and container["ExitCode"])
        ]

    def down(self) -> None:
        """Remove it with its volumes."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")

    def set(self, **settings: str) -> None:
        """Set settings of compose.yaml for what comes."""
        self._environment |= settings

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which a `docker compose` without options means this stack."""
        return self._environment | {"COMPOSE_FILE": os.pathsep.join(self.files)}

    def compose(self, *arguments: str) -> str:
        """Run a `docker compose` command on this stack and return its output."""
        return _run([*self._command, *arguments], self._environment)

    def script(self, name: str, *arguments: str) -> str:
        """Run one of the scripts in deploy/ on this stack and return what it said."""
        return _run([str(ROOT / "deploy" / name), *arguments], self.environment)

    def copies(self, service: str) -> frozenset[str]:
        """Return the containers of a service that run."""
        return frozenset(self.compose("ps", "--quiet", service).split())

    def signups(self) -> int:
        """Return how many forms are in the database of intake; a worker makes people of submissions."""
        return int(self.query("intake", "SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM submissions)"))

    def query(self, database: str, statement: str) -> str:
        """Return what psql prints for a statement on the PostgreSQL that writes."""
        psql = ("psql", "-h", "/var/run/postgresql", "-U", "postgres", "--no-align", "--tuples-only", "-d", database)
        return self.compose("exec", "--no-TTY", self.writer, *psql, "-c", statement).strip()

    def logs(self, *services: str) -> str:
        """Return the end of the logs of some services, or of all."""
        return self.compose("logs", "--no-color", "--tail", "40", *services)

    def inside(self, service: str, command: str) -> str:
        """Run a shell command in the container of a service; return its output with its errors, whatever its status."""
        return self.compose("exec", "--no-TTY", service, "sh", "-c", f"{{ {command}; }} 2>&1 || true")

    def run_once(self, service: str, command: str) -> str:
        """Run a shell command in a new container of the image of a service; return its output with its errors."""
        image = f"localhost/selvhjelp/{service}:test"
        shell = ["--entrypoint", "sh", image, "-c", f"{{ {command}; }} 2>&1 || true"]
        return _run(["docker", "run", "--rm", "--network", "none", *shell], {})

    def inspect(self, service: str) -> dict[str, Any]:
        """Return the engine's description of the container of a service, or of one of several."""
        container = self.compose("ps", "--all", "--quiet", service).split()[0]
        result: dict[str, Any] = json.loads(_run(["docker", "inspect", container], {}))[0]
        return result

    def networks(self, service: str) -> list[dict[str, Any]]:
        """Return the engine's description of the networks of a container."""
        names = self.inspect(service)["NetworkSettings"]["Networks"]
        result: list[dict[str, Any]] = json.loads(_run(["docker", "network", "inspect", *names], {}))
        return result

    def image(self, service: str) -> dict[str, Any]:
        """Return the engine's description of the image of a service."""
        result: dict[str, Any] = json.loads(_run(["docker", "image", "inspect", self.inspect(service)["Image"]], {}))[0]
        return result

    def history(self, service: str) -> str:
        """Return the commands that built the image of a service."""
        return _run(
            ["docker", "history", "--no-trunc", "--format", "{{.CreatedBy}}", self.inspect(service)["Image"]], {}
        )

    def secrets(self) -> list[str]:
        """Return all secrets of this stack."""
        values = [path.read_text().strip() for path in (self.folder / "secrets").iterdir()]
        return [value for value in values if value]

    def _timed(self, what: str, step: Callable[[], object]) -> None:
        started_at = time.monotonic()
        step()
        self.timings[what] = time.monotonic() - started_at

    @property
    def _command(self) -> list[str]:
        return ["docker", "compose", *(word for file in self.files for word in ("-f", file))]


def is_port_taken(message: str) -> bool:
    """Return whether the engine says that another process or container has a published port."""
    return any(words in message for words in ("address already in use", "port is already allocated"))


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, check=False, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
    return done.stdout
