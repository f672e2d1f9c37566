"""
The directory of one `selvhjelp up`, and what is kept in it.

    lock                held while it runs; the pid is in it for whoever comes second
    state.json          ports, whether it runs and as which processes, which migrations have been applied
    clock.json          only with --speed: how fast the system lives, and what its time was
    secrets/            one file each, readable by the owner only, made once
    postgres/ nats/ mails/ gateway/ logs/
"""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from devtools.local import postgres
from devtools.local.ports import free_port, is_free
from devtools.local.process import LocalError
from shared.kit.clock import FastClock

USUAL_PORTS: Final = {"gateway": 8080, "mailbox": 8025, "smtp": 1025}
SECRET_BYTES: Final = 32
TICK_SECONDS: Final = 1.0
PRIVATE: Final = ("secrets", "nats", "mails", "gateway", "logs")  # who else uses this machine does not look in here


class Place:
    """The directory, opened; call `lock` before anything else."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory; raise LocalError in one line where another process has it."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            file = (self.directory / "lock").open("a+")
        except OSError as error:
            raise LocalError(f"kan ikke bruke {self.directory}: {error.strerror}") from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise LocalError(f"kjører allerede i {self.directory} (prosess {file.read().strip()})") from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            for name in PRIVATE:
                (self.directory / name).mkdir(mode=0o700, exist_ok=True)
            yield

    def log(self, name: str) -> Path:
        """Where a child writes what it says."""
        return self.directory / "logs" / f"{name}.log"

    # Secrets.

    def secret(self, name: str) -> str:
        """A random secret of 256 bits in base64, made at first use."""
        path = self.directory / "secrets" / name
        if not path.exists():
            self.write_secret(name, base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode())
        return path.read_text().strip()

    def password(self, name: str) -> str:
        """A random password that a person can copy, made at first use."""
        path = self.directory / "secrets" / name
        if not path.exists():
            self.write_secret(name, "-".join(secrets.token_hex(2) for _ in range(5)))
        return path.read_text().strip()

    def write_secret(self, name: str, value: str) -> Path:
        """Put a value where only the owner reads it; the path is what a service's ``…_FILE`` names."""
        folder = self.directory / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as half:  # made with mode 0600
            half.write(value + "\n")
        Path(half.name).replace(path)
        return path

    # State.

    def state(self) -> dict[str, Any]:
        """What the last run left, or nothing."""
        try:
            state: dict[str, Any] = json.loads((self.directory / "state.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return state

    def keep(self, **changes: Any) -> None:
        """Change the state."""
        self._write_json("state.json", self.state() | changes)

    def ports(self, names: Sequence[str], wanted: int | None) -> dict[str, int]:
        """
        A port for each name: the one of the last run where it is free, then the usual one, then any.

        Args:
            names: `gateway` among them.
            wanted: the gateway's, which is taken or refused; 0 leaves all to chance where nothing is known yet.
        """
        known: dict[str, int] = self.state().get("ports", {})
        chosen: dict[str, int] = {}
        for name in names:
            if name == "gateway" and wanted:
                if not is_free(wanted):
                    raise LocalError(f"port {wanted} er opptatt; velg en annen med --port")
                chosen[name] = wanted
                continue
            usual = [] if wanted == 0 else [USUAL_PORTS.get(name)]
            candidates = [port for port in (known.get(name), *usual) if port and port not in chosen.values()]
            chosen[name] = next((port for port in candidates if is_free(port)), 0) or _another(chosen)
        self.keep(ports=chosen)
        return chosen

    # Time.

    def clock(self, speed: float | None) -> FastClock | None:
        """
        The clock to live by: None is the real time.

        A directory that has once lived fast goes on from the time it had when it was stopped, so that nothing comes
        due while it is off.
        """
        path = self.directory / "clock.json"
        now = datetime.now(UTC)
        if not path.exists():
            if speed in (None, 1):
                return None
            clock = FastClock(now, now, float(speed or 1))
        else:
            kept = json.loads(path.read_text())
            clock = FastClock(datetime.fromisoformat(kept["time"]), now, float(speed or kept["speed"]))
        self.tick(clock)
        return clock

    def tick(self, clock: FastClock) -> None:
        """Note the system's time; what is noted is never behind what anybody has seen until the next tick."""
        ahead = timedelta(seconds=2 * TICK_SECONDS * clock.speed)
        self._write_json("clock.json", {"time": (clock.now() + ahead).isoformat(), "speed": clock.speed})

    # PostgreSQL's directory.

    def postgres_directory(self) -> Path:
        """
        Where the cluster is: here, or, for root in a folder closed to others, behind a link.

        PostgreSQL does not run as root, so its user must be able to get there.
        """
        here = self.directory / "postgres"
        if (
            here.is_symlink()
            or here.exists()
            or postgres.server_user() is None
            or postgres.open_to_others(self.directory)
        ):
            return here.resolve()
        shelf = postgres.shared_place() / "clusters"
        shelf.mkdir(mode=0o755, exist_ok=True)
        for old in shelf.iterdir():
            with suppress(OSError):
                if Path((old / "belongs-to").read_text()).resolve() != (old / "data").resolve():
                    shutil.rmtree(old)
        folder = Path(tempfile.mkdtemp(dir=shelf))
        folder.chmod(0o755)
        here.symlink_to(folder / "data")
        (folder / "belongs-to").write_text(str(here))  # last: another start removes what nobody links to
        return folder / "data"

    def _write_json(self, name: str, value: object) -> None:
        half = self.directory / f"{name}.new"
        half.write_text(json.dumps(value))
        half.replace(self.directory / name)


def fingerprint(folders: Sequence[Path]) -> str:
    """What tells one set of migration scripts from another."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _another(chosen: dict[str, int]) -> int:
    while (port := free_port()) in chosen.values():
        continue
    return port
