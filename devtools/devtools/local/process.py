"""A child process that is started, watched and stopped, and that cannot outlive its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from devtools.local.ports import bound_socket, free_port, release_port

TETHER: Final = Path(__file__).with_name("tether.py")
POLL_SECONDS: Final = 0.01
WATCH_SECONDS: Final = 0.5
LOG_BYTES: Final = 20_000_000  # a longer log is put aside at the next start, and the one put aside before is dropped
OUTPUT_BYTES: Final = 65_536  # of the end of a log, read for messages
BACKLOG: Final = 2048  # as uvicorn's own
PORT_TRIES: Final = 5
IN_USE: Final = "address already in use"  # in the words of the C library, which all servers repeat


class LocalError(Exception):
    """A server could not be started or stopped; the message is one line for people."""


class PortTakenError(LocalError):
    """A server could not be started because another process has its port."""


class ProcessLog:
    """
    The log of a process, which may hold the output of earlier starts too.

    Args:
        path: The file.
        error_words: Words of lines that name the reason of an end; other lines may follow such a line.

    """

    def __init__(self, path: Path, error_words: Sequence[str] = ()) -> None:
        self.path = path
        self._error_words = error_words
        self._start = 0

    def begin(self) -> None:
        """Take what is appended from now on as the output of a new start."""
        self._start = self.path.stat().st_size if self.path.exists() else 0

    def output(self) -> str:
        """Return the output since the last start, or the end of it if it is long."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as log:
            log.seek(max(self._start, self.path.stat().st_size - OUTPUT_BYTES))
            return log.read().decode(errors="replace")

    def last_line(self) -> str:
        """Return the last line of output since the last start that names an error, or else the last line."""
        lines = [line.strip() for line in self.output().splitlines() if line.strip()]
        errors = [line for line in lines if any(word in line for word in self._error_words)]
        return [*lines, *errors][-1] if lines else "no output"

    def early_end(self, name: str, status: int | None) -> LocalError:
        """Return the error for a process that ended before it was ready; PortTakenError if that was the reason."""
        kind = PortTakenError if IN_USE in self.output().lower() else LocalError
        return kind(f"{name} ended with {exit_reason(status)} before it was ready: {self.last_line()}")


class LocalProcess:
    """
    One command as a child process.

    Start it from the main thread: the kernel ties the child's life to the thread that started it.

    Args:
        name: Its name in messages.
        command: The command and its arguments, the first with its full path.
        log: The file its output is appended to.
        env: Its environment; that of this process by default.
        cwd: Its working directory; that of this process by default.
        listen: Ports on the loopback address that are bound here and handed over at each start, in this order, as
            :func:`shared.kit.sockets.inherited_sockets` takes them. So there is no moment at which another process
            could take them between the choice and the start.

    """

    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    ready_seconds: float = 30.0
    error_words: tuple[str, ...] = ()

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        listen: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self.cwd = cwd
        self.listen = tuple(listen)
        self._command = [str(part) for part in command]
        self._env = dict(env) if env is not None else None
        self._popen: subprocess.Popen[bytes] | None = None
        self._output = ProcessLog(log, self.error_words)

    # Subclasses override these.

    def prepare(self) -> None:
        """Create what the command needs before it runs; called at each start."""

    def command(self) -> list[str]:
        """Return the command and its arguments, the first with its full path."""
        return self._command

    def owner(self) -> tuple[int, int] | None:
        """Return the user and group id to run as, or None for those of this process."""
        return None

    def ready(self) -> bool:
        """Return whether the running server answers."""
        return True

    # Life.

    @property
    def pid(self) -> int:
        """The process id; raises LocalError before the start and after `stop`."""
        if self._popen is None:
            raise LocalError(f"{self.name} is not running")
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status (negative: the signal), or None while it runs or before it was started."""
        return None if self._popen is None else self._popen.poll()

    async def wait_ended(self) -> None:
        """Return when the process has ended; on Linux the kernel tells, elsewhere it is asked now and then."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except (AttributeError, OSError):
            while self.alive:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(WATCH_SECONDS)
            return
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    def spawn(self) -> None:
        """
        Start without waiting.

        Raises:
            PortTakenError: One of the ports to hand over is in use.
            LocalError: It runs already, or cannot be prepared.
        """
        if self.alive:
            raise LocalError(f"{self.name} is running already")
        self.prepare()
        owner = self.owner()
        self._rotate_log()
        with self.log.open("ab") as log, self._bound() as sockets:
            self._output.begin()
            self._popen = subprocess.Popen(  # noqa: S603 - commands are our own
                [
                    sys.executable,
                    "-I",
                    "-S",
                    str(TETHER),
                    str(os.getpid()),
                    str(int(self.orphan_signal)),
                    "-" if owner is None else f"{owner[0]}:{owner[1]}",
                    ",".join(map(str, sockets)) or "-",
                    *self.command(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                cwd=self.cwd,
                pass_fds=sockets,
                start_new_session=True,  # Ctrl-C in the terminal is for the parent, which stops things in order.
            )

    def check_alive(self) -> None:
        """
        Raise if the process has ended.

        Raises:
            PortTakenError: It ended because its port is in use.
            LocalError: It ended for another reason; the message has the reason and its last line of output.
        """
        if self.alive:
            return
        raise self._output.early_end(self.name, self.status)

    def wait_ready(self, seconds: float | None = None) -> None:
        """
        Return when the server answers.

        Raises:
            LocalError: It ended first (:meth:`check_alive` says more), or the seconds passed.
        """
        limit = self.ready_seconds if seconds is None else seconds
        deadline = time.monotonic() + limit
        while not self.ready():
            self.check_alive()
            if time.monotonic() > deadline:
                raise LocalError(f"{self.name} is not ready after {limit:.0f} s: {self.last_line()}")
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
        """Ask the process to end, and kill it when the seconds have passed."""
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
        """End the process as a power cut would."""
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
        """Freeze the process: connections stay open and nothing answers."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after `pause`."""
        self.signal(signal.SIGCONT)

    def signal(self, what: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(what)

    def last_line(self) -> str:
        """Return the line of output since the last start that says most, for an error message."""
        return self._output.last_line()

    def _rotate_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_name(self.log.name + ".1"))

    @contextmanager
    def _bound(self) -> Iterator[list[int]]:
        """Bind the ports to hand over; closed here afterwards, so that the port is free again when the child ends."""
        with ExitStack() as stack:
            sockets = []
            for port in self.listen:
                try:
                    each = stack.enter_context(bound_socket(port))
                    each.listen(BACKLOG)
                except OSError as error:
                    raise PortTakenError(f"{self.name} cannot listen on port {port}: {error.strerror}") from None
                sockets.append(each.fileno())
            yield sockets


Server = TypeVar("Server", bound=LocalProcess)


def start_on_free_port(make: Callable[[int], Server]) -> Server:
    """
    Start a server that binds its port itself; on another port where its port was taken meanwhile.

    Args:
        make: Returns the server for a port, not started.

    Raises:
        LocalError: It cannot be started.
    """
    for attempt in range(PORT_TRIES):
        port = free_port()
        server = make(port)
        try:
            server.start()
        except PortTakenError:
            release_port(port)
            if attempt + 1 == PORT_TRIES:
                raise
        else:
            return server
    raise AssertionError


def exit_reason(status: int | None) -> str:
    """Return the reason of an end in words: ``status 3`` or ``SIGKILL``."""
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"status {status}"
