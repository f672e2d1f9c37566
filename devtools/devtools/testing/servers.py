"""Real servers for tests: fast to start, thrown away afterwards, and careless about power cuts unless asked."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from devtools.local import postgres
from devtools.local.nats import Nats
from devtools.local.ports import free_port
from devtools.local.postgres import Postgres
from devtools.local.process import LocalError, LocalProcess

Server = TypeVar("Server", bound=LocalProcess)

PORT_TRIES: Final = 5
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - tests' data may live in memory; a database is copied in 20 ms there
ENOUGH_BYTES: Final = 4 * 1024**3

# Only here: a test's database does not have to survive a power cut.
CARELESS: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "max_wal_size": "256MB",
    "dynamic_shared_memory_type": "mmap",  # goes with the directory when the server is killed
}


def new_postgres(settings: dict[str, str] | None = None) -> Postgres:
    """A started server with an empty cluster of its own; throw it away with `discard`."""
    directory = _new_directory() / "postgres"
    subprocess.run(["cp", "-Rp", str(_empty_cluster()), str(directory)], check=True)  # noqa: S603, S607
    return _started(lambda port: Postgres(directory, port=port, settings=CARELESS if settings is None else settings))


def new_nats(*, sync: str = "10s") -> Nats:
    """A started server with an empty store of its own; throw it away with `discard`."""
    directory = _new_directory() / "nats"
    return _started(lambda port: Nats(directory, port=port, name=f"test-{uuid.uuid4().hex[:12]}", sync=sync))


def discard(server: Postgres | Nats) -> None:
    """Kill the server and remove what it stored."""
    server.kill()
    shutil.rmtree(server.directory.parent, ignore_errors=True)


def _started(make: Callable[[int], Server]) -> Server:
    for attempt in range(PORT_TRIES):
        server = make(free_port())
        try:
            server.start()
        except LocalError:
            if attempt + 1 == PORT_TRIES:
                raise
        else:
            return server
    raise AssertionError


def _place() -> Path:
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        return postgres.shared_place(MEMORY / f"selvhjelp-{os.geteuid()}")
    if os.geteuid() == 0:
        return postgres.shared_place()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "selvhjelp"


def _new_directory() -> Path:
    """A folder named for this process; those of processes that are gone are removed on the way."""
    runs = _place() / "tests"
    runs.mkdir(parents=True, exist_ok=True)
    for old in runs.iterdir():
        pid = old.name.partition("-")[0]
        if pid.isdigit() and not _exists(int(pid)):
            shutil.rmtree(old, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=runs))
    directory.chmod(0o755)
    return directory


def _exists(pid: int) -> bool:
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def _empty_cluster() -> Path:
    """What initdb makes, made once on this machine for each version of the server."""
    made = _place() / f"cluster-{postgres.version()}"
    if not made.exists():
        half = _new_directory() / "cluster"
        Postgres(half, port=0).prepare()
        with contextlib.suppress(OSError):  # another worker was first
            half.rename(made)
    return made
