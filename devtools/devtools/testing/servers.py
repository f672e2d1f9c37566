"""Real servers for tests: fast to start, removed afterwards, and without fsync unless asked for."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Final

from devtools.local import postgres
from devtools.local.authority import Certificate
from devtools.local.nats import Nats
from devtools.local.ports import release_port
from devtools.local.postgres import Postgres
from devtools.local.process import start_on_free_port
from devtools.testing.identities import AUTHORITY, authorization_of_tests

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - tests' data may live in memory; a database is copied in 20 ms there
ENOUGH_BYTES: Final = 4 * 1024**3

# Only here: the database of a test does not have to survive a power cut.
CARELESS: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "dynamic_shared_memory_type": "mmap",  # goes with the directory when the server is killed
}


def new_postgres(settings: dict[str, str] | None = None, *, disk: Path | None = None) -> Postgres:
    """
    Start a server with an empty cluster of its own; remove it with `discard`.

    Args:
        settings: Instead of those that do without a disk.
        disk: The folder for what it stores; one in memory by default.
    """
    directory = (disk or new_directory()) / "postgres"
    subprocess.run(["cp", "-Rp", str(_empty_cluster()), str(directory)], check=True)  # noqa: S603, S607 - our own paths
    return start_on_free_port(
        lambda port: Postgres(directory, port=port, settings=CARELESS if settings is None else settings)
    )


def new_nats(
    *,
    sync: str = "10s",
    authorization: str | None = None,
    authority: Certificate = AUTHORITY,
    disk: Path | None = None,
) -> Nats:
    """
    Start a server with an empty store of its own; remove it with `discard`.

    Args:
        sync: When it writes to disk, see `Nats`.
        authorization: Who may do what; by default the identities of tests.
        authority: Issues its certificate.
        disk: The folder for what it stores; one in memory by default.
    """
    directory = (disk or new_directory()) / "nats"
    users = authorization_of_tests() if authorization is None else authorization
    name = f"test-{uuid.uuid4().hex[:12]}"
    return start_on_free_port(
        lambda port: Nats(directory, port=port, name=name, authorization=users, authority=authority, sync=sync)
    )


def discard(server: Postgres | Nats) -> None:
    """Kill the server and remove what it stored."""
    server.kill()
    release_port(server.port)
    shutil.rmtree(server.directory, ignore_errors=True)
    if server.directory.parent.parent == _runs():
        shutil.rmtree(server.directory.parent, ignore_errors=True)


def _directory() -> Path:
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        return postgres.shared_directory(MEMORY / f"selvhjelp-{os.geteuid()}")
    if os.geteuid() == 0:
        return postgres.shared_directory()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "selvhjelp"


def _runs() -> Path:
    return _directory() / "tests"


def new_directory() -> Path:
    """Create a folder named for this process, and remove those of processes that are gone."""
    runs = _runs()
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
    """Return what initdb creates; created once on this machine for each version of the server."""
    made = _directory() / f"cluster-{postgres.version()}"
    if not made.exists():
        half = new_directory() / "cluster"
        Postgres(half, port=0).prepare()
        with contextlib.suppress(OSError):  # another worker was first
            half.rename(made)
    return made
