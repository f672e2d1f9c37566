"""PostgreSQL and NATS in containers, with the same few methods as those that the kit's fixtures start from wheels."""

import os
import socket
import time

os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"  # one more image to pull; the fixtures remove what they started

from docker.models.containers import Container  # type: ignore[import-untyped]
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from devtools.local.ports import LOOPBACK, free_port
from tests.containers.stack import ROOT, images

START_SECONDS = 60
POLL_SECONDS = 0.05
PASSWORD = "only-for-this-test"


class _Server:
    """One container with one fixed port, so that its address outlives a kill."""

    def __init__(self, container: DockerContainer, port: int, inside: int) -> None:
        self.port = port
        container.ports[f"{inside}/tcp"] = (LOOPBACK, port)  # type: ignore[assignment]  # docker's own form of it
        self._container = container
        self._container.start()

    @property
    def wrapped(self) -> Container:
        """The engine's own view, fresh."""
        found = self._container.get_wrapped_container()
        found.reload()
        return found

    @property
    def alive(self) -> bool:
        return bool(self.wrapped.status == "running")

    def kill(self) -> None:
        self.wrapped.kill()

    def start(self) -> None:
        self.wrapped.start()
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            assert time.monotonic() < deadline, f"not ready after {START_SECONDS} s"
            time.sleep(POLL_SECONDS)

    def ready(self) -> bool:
        """Whether the server itself answers; that its port is open says only that the engine's proxy is there."""
        raise NotImplementedError

    def discard(self) -> None:
        self._container.stop()


class PostgresInContainer(_Server):
    def __init__(self) -> None:
        container = PostgresContainer(images()["postgres"], username="postgres", password=PASSWORD, dbname="postgres")
        super().__init__(container, free_port(), 5432)

    def ready(self) -> bool:
        return bool(self.wrapped.exec_run(["pg_isready", "-q", "-h", LOOPBACK, "-U", "postgres"]).exit_code == 0)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{PASSWORD}@{LOOPBACK}:{self.port}/{database}"


class NatsInContainer(_Server):
    """With the configuration of compose.yaml, less the password."""

    def __init__(self) -> None:
        container = (
            DockerContainer(images()["nats"])
            .with_volume_mapping(str(ROOT / "deploy" / "nats.conf"), "/etc/nats/nats.conf", "ro")
            .with_volume_mapping("/dev/null", "/etc/nats/user.conf", "ro")
            .with_command("--config /etc/nats/nats.conf")
            .waiting_for(LogMessageWaitStrategy("Server is ready").with_startup_timeout(START_SECONDS))
        )
        super().__init__(container, free_port(), 4222)

    def ready(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"
