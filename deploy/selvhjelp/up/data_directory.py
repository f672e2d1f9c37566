"""
The data directory of one `selvhjelp up`.

    lock                locked while it runs; holds its pid, for the message to a second one
    state.json          ports, pids of the running children, which migrations have been applied
    clock.json          only with --speed: the speed of the clock, and its time
    secrets/            one file each, readable by the owner only, created once
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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from devtools.local import postgres
from devtools.local.authority import Certificate, new_authority
from devtools.local.ports import ephemeral_ports, free_port, is_free, release_port, reserve_port
from selvhjelp.console import CommandError
from selvhjelp.operations import key_files
from shared.kit.assertions import new_keys
from shared.kit.clock import FastClock
from shared.kit.messaging.identities import new_seed

USUAL_PORTS: Final = {"gateway": 8080, "mailbox": 8025, "smtp": 1025}
SECRET_BYTES: Final = 32
TICK_SECONDS: Final = 1.0
PRIVATE: Final = ("secrets", "nats", "mails", "gateway", "logs")  # closed to other users of this machine


class DataDirectory:
    """The files of one `selvhjelp up`; call `lock` before anything else."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the directory; raise CommandError if another process has locked it."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            file = (self.directory / "lock").open("a+")
        except OSError as error:
            raise CommandError(
                f"cannot use {self.directory} ({error.strerror}); choose another directory with --data"
            ) from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise CommandError(
                    f"already running in {self.directory} (process {file.read().strip()}); "
                    "stop it, or choose another directory with --data"
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            for name in PRIVATE:
                (self.directory / name).mkdir(mode=0o700, exist_ok=True)
            yield

    def log(self, name: str) -> Path:
        """Return the log file of a child."""
        return self.directory / "logs" / f"{name}.log"

    # Secrets.

    def secret(self, name: str) -> str:
        """Return a random secret of 256 bits in base64, created at first use."""
        return self._kept(name, lambda: base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode())

    def ring(self, name: str) -> None:
        """Create a key that services share, in one version; the ``link_key`` of before goes on verifying."""
        folder = self.directory / "secrets"
        if not (folder / name).exists():
            old = folder / "link_key"
            self.write_secret(name, key_files.first_versions(old.read_text().strip() if old.exists() else None))

    def staff_keys(self, *, signing: bool) -> dict[str, str]:
        """Return settings and secrets of the keys for who is signed in, created at first use; one signs for all."""
        if not (self.directory / "secrets" / "staff_keys").exists():
            private, public = new_keys()
            self.write_secret("staff_signing_key", private.strip())
            self.write_secret("staff_keys", public.strip())
        names = ("staff_signing_key", "staff_keys") if signing else ("staff_keys",)
        return {name: name for name in names}

    def nats_seed(self, name: str) -> str:
        """Return the identity of a service, or of the operator, at the broker; created at first use."""
        return self._kept(f"nats_seed_{name}", new_seed, mode=0o400)

    def authority(self) -> Certificate:
        """Return the authority by which the broker is believed, created at first use; its key is given to nobody."""
        folder = self.directory / "secrets"
        if not (folder / "authority_key").exists():
            made = new_authority()
            self.write_secret("authority", made.certificate)
            self.write_secret("authority_key", made.key).chmod(0o400)
        return Certificate((folder / "authority").read_text(), (folder / "authority_key").read_text())

    def password(self, name: str) -> str:
        """Return a password of 128 random bits that a person can copy, created at first use."""
        return self._kept(name, lambda: "-".join(secrets.token_hex(2) for _ in range(8)))

    def _kept(self, name: str, make: Callable[[], str], *, mode: int = 0o600) -> str:
        """Return the secret in a file, made at first use."""
        path = self.directory / "secrets" / name
        if not path.exists():
            self.write_secret(name, make()).chmod(mode)
        return path.read_text().strip()

    def write_secret(self, name: str, value: str) -> Path:
        """Write a value to a file that only the owner reads, for a ``…_FILE`` setting; return its path."""
        folder = self.directory / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as half:  # created with mode 0600
            half.write(value + "\n")
        Path(half.name).replace(path)
        return path

    # State.

    def state(self) -> dict[str, Any]:
        """Return the stored state; empty before the first run."""
        try:
            state: dict[str, Any] = json.loads((self.directory / "state.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return state

    def update_state(self, **changes: Any) -> None:
        """Store some values of the state."""
        self._write_json("state.json", self.state() | changes)

    def ports(self, names: Sequence[str], wanted: int | None) -> dict[str, int]:
        """
        Reserve a port for each name: that of the last run if it is free, else the usual one, else any free one.

        Args:
            names: `gateway` among them.
            wanted: The port of the gateway and no other; 0 takes any where the last run left none.

        Raises:
            CommandError: The port that is wanted is in use.
        """
        last_run: dict[str, int] = self.state().get("ports", {})
        ephemeral = ephemeral_ports()
        chosen: dict[str, int] = {}
        for name in names:
            if name == "gateway" and wanted:
                if not reserve_port(wanted):
                    raise CommandError(_taken(wanted))
                chosen[name] = wanted
                continue
            last, usual = last_run.get(name), USUAL_PORTS.get(name) if wanted != 0 else None
            if last in ephemeral and name not in USUAL_PORTS:
                last = None  # an outgoing connection could take it while its server restarts
            candidates = [port for port in (last, usual) if port]
            chosen[name] = next(filter(reserve_port, candidates), 0) or free_port()
        self.update_state(ports=chosen)
        return chosen

    def replace_taken_ports(self, ports: dict[str, int], names: Iterable[str], wanted: int | None) -> None:
        """
        Reserve another port for each name whose port another process took; the servers of these names must be stopped.

        Args:
            ports: All ports; changed in place.
            names: Those to look at.
            wanted: The port of the gateway and no other.

        Raises:
            CommandError: The port that is wanted is in use.
        """
        for name in names:
            if is_free(ports[name]):
                continue
            if name == "gateway" and wanted:
                raise CommandError(_taken(wanted))
            release_port(ports[name])
            ports[name] = free_port()
        self.update_state(ports=ports)

    # Time.

    def clock(self, speed: float | None) -> FastClock | None:
        """
        Return the clock of the system; None is the real time.

        A directory with a fast clock continues from the time at which it was stopped, so that nothing falls due while
        it is off.
        """
        path = self.directory / "clock.json"
        now = datetime.now(UTC)
        if not path.exists():
            if speed in (None, 1):
                return None
            clock = FastClock(now, now, float(speed or 1))
        else:
            stored = json.loads(path.read_text())
            clock = FastClock(datetime.fromisoformat(stored["time"]), now, float(speed or stored["speed"]))
        self.save_time(clock)
        return clock

    def save_time(self, clock: FastClock) -> None:
        """Store the time of the clock, ahead by two ticks, so that it is never earlier than a time in use."""
        ahead = timedelta(seconds=2 * TICK_SECONDS * clock.speed)
        self._write_json("clock.json", {"time": (clock.now() + ahead).isoformat(), "speed": clock.speed})

    # PostgreSQL's directory.

    def postgres_directory(self) -> Path:
        """
        Where the cluster is: here, or, for root in a folder closed to others, behind a link.

        PostgreSQL does not run as root, so its user must be able to get there.
        """
        link = self.directory / "postgres"
        if (
            link.is_symlink()
            or link.exists()
            or postgres.server_user() is None
            or postgres.open_to_others(self.directory)
        ):
            return link.resolve()
        clusters = postgres.shared_directory() / "clusters"
        clusters.mkdir(mode=0o755, exist_ok=True)
        for old in clusters.iterdir():
            with suppress(OSError):
                if Path((old / "belongs-to").read_text()).resolve() != (old / "data").resolve():
                    shutil.rmtree(old)
        folder = Path(tempfile.mkdtemp(dir=clusters))
        folder.chmod(0o755)
        link.symlink_to(folder / "data")
        (folder / "belongs-to").write_text(str(link))  # last: another start removes folders without a link
        return folder / "data"

    def _write_json(self, name: str, value: object) -> None:
        half = self.directory / f"{name}.new"
        half.write_text(json.dumps(value))
        half.replace(self.directory / name)


def fingerprint(folders: Sequence[Path]) -> str:
    """Return a hash of the migration scripts in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _taken(port: int) -> str:
    return f"port {port} is in use; choose another with --port"
