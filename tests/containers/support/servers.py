"""PostgreSQL and NATS in containers, with the methods that fixtures use of the servers started from wheels."""

import os
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"  # one more image to pull; the fixtures remove what they started

from docker.errors import APIError  # type: ignore[import-untyped]
from docker.models.containers import Container  # type: ignore[import-untyped]
from testcontainers.core.container import DockerContainer

from devtools.local.authority import issue
from devtools.local.ports import LOOPBACK, free_port, release_port
from devtools.local.process import PORT_TRIES
from devtools.testing.identities import AUTHORITY, authorization_of_tests
from shared.kit.tls import believing
from tests.containers.support.stack import ROOT, images, is_port_taken

START_SECONDS = 60
POLL_SECONDS = 0.05
PASSWORD = "only-for-this-test"


class _Server:
    """One container with one fixed port, so that its address outlives a kill."""

    def __init__(self, build: Callable[[], DockerContainer], inside: int) -> None:
        for attempt in range(PORT_TRIES):
            self.port = free_port()
            self._container = build()
            self._container.ports[f"{inside}/tcp"] = (LOOPBACK, self.port)  # type: ignore[assignment]  # docker's form
            try:
                self._container.start()
                self._wait_ready()
            except APIError as error:
                self.discard()
                if not is_port_taken(str(error)) or attempt + 1 == PORT_TRIES:
                    raise
            else:
                return

    @property
    def wrapped(self) -> Container:
        """The engine's own view, fresh."""
        container = self._container.get_wrapped_container()
        container.reload()
        return container

    @property
    def alive(self) -> bool:
        return bool(self.wrapped.status == "running")

    def kill(self) -> None:
        self.wrapped.kill()

    def start(self) -> None:
        self.wrapped.start()
        self._wait_ready()

    def ready(self) -> bool:
        """Return whether the server itself answers; an open port shows only that the engine's proxy is there."""
        raise NotImplementedError

    def discard(self) -> None:
        self._container.stop()
        release_port(self.port)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            container = self.wrapped
            lines = container.logs(tail=1).decode(errors="replace").strip()
            assert container.status not in {"exited", "dead"}, f"{self._container.image} ended: {lines}"
            assert time.monotonic() < deadline, f"{self._container.image} not ready after {START_SECONDS} s: {lines}"
            time.sleep(POLL_SECONDS)


class PostgresInContainer(_Server):
    def __init__(self) -> None:
        super().__init__(
            lambda: DockerContainer(images()["postgres"]).with_env("POSTGRES_PASSWORD", PASSWORD),
            5432,
        )

    def ready(self) -> bool:
        if not self.alive:
            return False
        return bool(self.wrapped.exec_run(["pg_isready", "-q", "-h", LOOPBACK, "-U", "postgres"]).exit_code == 0)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{PASSWORD}@{LOOPBACK}:{self.port}/{database}"

    def driver_url(self, database: str = "postgres") -> str:
        return self.url(database).replace("postgresql://", "postgresql+asyncpg://", 1)


class NatsInContainer(_Server):
    """With the configuration of compose.yaml, and the identities of tests."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(suffix=".conf")
        with os.fdopen(handle, "w") as permissions:
            permissions.write(authorization_of_tests())
        Path(name).chmod(0o644)
        secrets = Path(tempfile.mkdtemp())
        secrets.chmod(0o755)
        own = issue(AUTHORITY)
        for file, content in (("nats_certificate", own.certificate), ("nats_tls_key", own.key)):
            (secrets / file).write_text(content)
        super().__init__(
            lambda: (
                DockerContainer(images()["nats"])
                .with_volume_mapping(str(ROOT / "deploy" / "nats.conf"), "/etc/nats/nats.conf", "ro")
                .with_volume_mapping(str(secrets), "/run/secrets", "ro")
                .with_volume_mapping(name, "/etc/nats/permissions.conf", "ro")
                .with_command("--config /etc/nats/nats.conf")
            ),
            4222,
        )

    def ready(self) -> bool:
        try:
            with (
                socket.create_connection((LOOPBACK, self.port), timeout=1) as plain,
                believing(AUTHORITY.certificate).wrap_socket(plain, server_hostname=LOOPBACK) as connection,
            ):
                return connection.recv(5) == b"INFO "
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"
