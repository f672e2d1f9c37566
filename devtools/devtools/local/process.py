"""A child process that is started, watched and stopped, and that cannot outlive the one who started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

TETHER: Final = Path(__file__).with_name("tether.py")
POLL_SECONDS: Final = 0.01
LOG_BYTES: Final = 20_000_000  # a longer log is put aside at the next start, and the one put aside before is dropped


class LocalError(Exception):
    """A server could not be started or stopped; the message is one line for people."""


class LocalProcess:
    """
    One command as a child: `start` returns when `ready` says yes, `stop` when it is gone.

    Start it from the main thread: the kernel ties the child's life to the thread that made it.
    Output goes to the end of ``log``.
    """

    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    ready_seconds: float = 30.0

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.cwd = cwd
        self._command = [str(part) for part in command]
        self._env = dict(env) if env is not None else None
        self._popen: subprocess.Popen[bytes] | None = None

    # What a kind of server changes.

    def prepare(self) -> None:
        """Make what must be there before the command runs; called at each start."""

    def command(self) -> list[str]:
        """The command and its arguments, the first with its full path."""
        return self._command

    def owner(self) -> tuple[int, int] | None:
        """User and group id to run as, or None for those of this process."""
        return None

    def ready(self) -> bool:
        """Whether the running server answers."""
        return True

    # Life.

    @property
    def pid(self) -> int:
        if self._popen is None:
            raise LocalError(f"{self.name} is not running")
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status (negative: the signal), or None while it runs or before it was started."""
        return None if self._popen is None else self._popen.poll()

    def spawn(self) -> None:
        """Start without waiting."""
        if self.alive:
            raise LocalError(f"{self.name} is running already")
        self.prepare()
        owner = self.owner()
        self._make_room()
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(  # noqa: S603 - commands are our own
                [
                    sys.executable,
                    "-I",
                    "-S",
                    str(TETHER),
                    str(os.getpid()),
                    str(int(self.orphan_signal)),
                    "-" if owner is None else f"{owner[0]}:{owner[1]}",
                    *self.command(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                cwd=self.cwd,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, which stops things in order.
            )

    def wait_ready(self, seconds: float | None = None) -> None:
        """Return when the server answers; raise LocalError when it ends first or the seconds pass."""
        deadline = time.monotonic() + (seconds or self.ready_seconds)
        while not self.ready():
            if not self.alive:
                raise LocalError(f"{self.name} ended with status {self.status} before it was ready: {self.last_line()}")
            if time.monotonic() > deadline:
                raise LocalError(
                    f"{self.name} is not ready after {seconds or self.ready_seconds:.0f} s: {self.last_line()}"
                )
            time.sleep(POLL_SECONDS)

    def start(self) -> None:
        """Start and wait until it answers; a server that cannot start is not left running."""
        self.spawn()
        try:
            self.wait_ready()
        except LocalError:
            self.kill()
            raise

    def stop(self, seconds: float = 10.0) -> None:
        """Ask it to end, and make it end when the seconds have passed."""
        if self._popen is None:
            return
        if self.alive:
            self.signal(signal.SIGCONT)
            self.signal(self.stop_signal)
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._popen = None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._popen is None:
            return
        if self.alive:
            self.signal(signal.SIGKILL)
        self._popen.wait()
        self._popen = None

    def restart(self) -> None:
        """Stop in order and start again in the same place, with the same address."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze it: connections stay open and nobody answers."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self.signal(signal.SIGCONT)

    def signal(self, what: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(what)

    def _make_room(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_name(self.log.name + ".1"))

    def last_line(self) -> str:
        """The last line of the log, for an error message."""
        if not self.log.exists():
            return "no output"
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else "no output"
