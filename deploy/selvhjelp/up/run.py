"""Start everything in order, keep it running, stop everything in order."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from devtools.local.ports import LOOPBACK
from devtools.local.postgres import Postgres
from devtools.local.process import PORT_TRIES, LocalError, LocalProcess, PortTakenError, exit_reason
from selvhjelp.console import CommandError
from selvhjelp.operations import streams
from selvhjelp.up import children, databases
from selvhjelp.up.children import LABELS, SERVICES
from selvhjelp.up.data_directory import TICK_SECONDS, DataDirectory
from selvhjelp.up.report import Report
from shared.kit.clock import FastClock

POLL_SECONDS: Final = 0.1
READY_SECONDS: Final = 60.0
FIRST_PAUSE_SECONDS: Final = 0.2  # before a child that ended is restarted; doubles up to the longest
LONGEST_PAUSE_SECONDS: Final = 10.0
STEADY_SECONDS: Final = 30.0  # a child that ran so long is restarted after the first pause again
SERVICE_STOP_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Options:
    """The options of `selvhjelp up`."""

    data: Path
    port: int | None = None
    speed: float | None = None
    demo: bool = False
    as_json: bool = False


def up(options: Options) -> int:
    """
    Run until SIGTERM or Ctrl-C; return the exit status.

    Raises:
        CommandError: A child cannot be started, or an unexpected error ended the run; its traceback is in a log.
    """
    data = DataDirectory(options.data)
    with data.lock():
        try:
            return asyncio.run(System(data, options).run())
        except LocalError as error:
            raise CommandError(str(error)) from None
        except (CommandError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - the traceback is in the log
            log = data.log("up")
            log.parent.mkdir(exist_ok=True)
            log.write_text(traceback.format_exc())
            reason = (str(error).splitlines() or [""])[0]
            raise CommandError(f"{type(error).__name__}: {reason} (see {log})") from None


class System:
    """All children of one `selvhjelp up`."""

    def __init__(self, data: DataDirectory, options: Options) -> None:
        self.data = data
        self.options = options
        self.report = Report(as_json=options.as_json)
        self.children: dict[str, LocalProcess] = {}
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Start, watch and stop all children; return the exit status."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(each) is not signal.SIG_IGN:  # as `nohup` sets it
                loop.add_signal_handler(each, self._request_stop)
        work = asyncio.create_task(self._start_and_watch())
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((work, stop), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()  # it only ends with an error
        finally:
            for task in (work, stop):
                task.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
            self.report.clear()
            await self._stop_all()
        return 0

    def _request_stop(self) -> None:
        if self._stop.is_set():  # the second signal ends all children at once
            for child in self.children.values():
                child.signal(child.orphan_signal)
        self._stop.set()

    # Start.

    async def _start_and_watch(self) -> None:
        data, options = self.data, self.options
        self._end_orphans()
        clock = data.clock(options.speed)
        ports = data.ports(children.PORTS, options.port)
        await self._start(
            ports,
            ("nats", "postgres"),
            lambda: {"nats": children.nats(data, ports), "postgres": children.postgres(data, ports)},
        )
        server = self._postgres()
        await databases.provide(server, data, self.report.doing)
        operator = children.operator(data)
        await streams.provide(children.nats_url(ports), operator)
        await self._start(
            ports,
            (*SERVICES, "mailbox", "smtp", "lmtp", "gateway"),
            lambda: {
                **{name: children.service(name, data, ports, server, clock) for name in SERVICES},
                "mailbox": children.mailbox(data, ports),
                "caddy": children.caddy(data, ports),
            },
        )
        self.report.ready(self._addresses(ports), str(data.directory / "logs"))
        work = [self._keep_running(name) for name in self.children]
        work.append(streams.keep(children.nats_url(ports), operator, say=self.report.say))
        if clock is not None:
            work.append(self._save_time(clock))
        if options.demo:
            work.append(self._demo(ports))
        await asyncio.gather(*work)

    async def _start(
        self, ports: dict[str, int], names: Iterable[str], build: Callable[[], dict[str, LocalProcess]]
    ) -> None:
        """
        Start a group of children and wait until all are ready; on other ports if one was taken meanwhile.

        Args:
            ports: All ports; those that were taken are replaced in place.
            names: The ports that the group listens on.
            build: Returns the group for the present ports, not started.

        Raises:
            LocalError: A child cannot be started.
        """
        for attempt in range(PORT_TRIES):
            group = build()
            try:
                await self._start_once(group)
            except PortTakenError as error:
                if attempt + 1 == PORT_TRIES:
                    raise
                self.report.say(f"{error}; trying another port")
                await self._stop_these(group)
                self.data.replace_taken_ports(ports, names, self.options.port)
            else:
                return

    async def _start_once(self, group: dict[str, LocalProcess]) -> None:
        """Start all children of a group at once and wait for the slowest; the first that fails ends the wait."""
        started_at = time.monotonic()
        waiting = list(group)
        self._report_waiting(waiting)

        async def wait_for(name: str) -> None:
            await self._wait_ready(group[name])
            waiting.remove(name)
            self.report.done(LABELS[name], time.monotonic() - started_at)
            self._report_waiting(waiting)

        for name, child in group.items():
            self.children[name] = child
            child.spawn()  # from the main thread, see LocalProcess
        self._save_pids()
        tasks = [asyncio.create_task(wait_for(name)) for name in group]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait_ready(self, child: LocalProcess) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(child.ready):
            if not child.alive:
                self._raise_ended(child)
            if time.monotonic() > deadline:
                raise LocalError(f"{child.name} is not ready after {READY_SECONDS:.0f} s (see {child.log})")
            await asyncio.sleep(POLL_SECONDS / 2)

    def _raise_ended(self, child: LocalProcess) -> None:
        message = f"{child.name} stopped ({exit_reason(child.status)}): {child.last_line()} (see {child.log})"
        try:
            child.check_alive()
        except LocalError as error:
            raise type(error)(message) from None

    def _report_waiting(self, names: list[str]) -> None:
        if names:
            self.report.doing("starting " + ", ".join(LABELS[name] for name in names))

    # Watch.

    async def _keep_running(self, name: str) -> None:
        """Restart a child whenever it ends."""
        child = self.children[name]
        pause = FIRST_PAUSE_SECONDS
        started_at = time.monotonic()
        while True:
            await child.wait_ended()
            if time.monotonic() - started_at > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self.report.say(f"{LABELS[name]} stopped unexpectedly ({exit_reason(child.status)}) and is restarted")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            started_at = time.monotonic()
            try:
                child.spawn()
                self._save_pids()
                await self._wait_ready(child)
            except LocalError as error:
                self.report.say(str(error))
            else:
                self.report.done(f"{LABELS[name]} again", time.monotonic() - started_at)

    async def _save_time(self, clock: FastClock) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.data.save_time(clock)

    async def _demo(self, ports: dict[str, int]) -> None:
        """Run `selvhjelp demo` as a person would in another window, and show its output here."""
        command = [sys.executable, "-m", "selvhjelp", "demo", "--url", children.public_url(ports)]
        command += ["--mailbox", f"http://localhost:{ports['mailbox']}"]
        demo = LocalProcess("the demo", command, log=self.data.log("demo"))
        demo.log.write_bytes(b"")
        self.children["demo"] = demo
        with demo.log.open() as output:
            demo.spawn()
            alive = True
            while alive:
                alive = demo.alive
                for line in output:
                    self.report.say(line.rstrip())
                await asyncio.sleep(POLL_SECONDS)
        if demo.status:
            self.report.say(f"the demo stopped ({exit_reason(demo.status)})")

    # Stop.

    async def _stop_all(self) -> None:
        """Stop the services first, so that they can still finish their writes; then the servers they use."""
        if not self.children:
            return
        self.report.say("Stopping …")
        await self._stop_these(["demo", *SERVICES])
        for name in ("caddy", "mailbox", "nats", "postgres"):
            await self._stop_these([name])
        self.data.update_state(pids={})
        self.report.say("Everything is stopped.")

    async def _stop_these(self, names: Iterable[str]) -> None:
        group = [self.children[name] for name in names if name in self.children]
        await asyncio.gather(*(asyncio.to_thread(child.stop, SERVICE_STOP_SECONDS) for child in group))

    # State.

    def _postgres(self) -> Postgres:
        server = self.children["postgres"]
        assert isinstance(server, Postgres)
        return server

    def _addresses(self, ports: dict[str, int]) -> dict[str, Any]:
        server, data = self._postgres(), self.data
        return {
            "ready": True,
            "url": children.public_url(ports),
            "mailbox": f"http://localhost:{ports['mailbox']}",
            "smtp": f"smtp://{LOOPBACK}:{ports['smtp']}",
            "lmtp": f"lmtp://{LOOPBACK}:{ports['lmtp']}",
            "nats": children.nats_url(ports),
            "postgres": {name: databases.url(server, data, name) for name in SERVICES},
            "pids": {name: child.pid for name, child in self.children.items()},
            "staff": {"username": databases.STAFF_USERNAME, "password": data.password("staff_password")},
        }

    def _save_pids(self) -> None:
        self.data.update_state(pids={name: child.pid for name, child in self.children.items() if child.alive})

    def _end_orphans(self) -> None:
        """
        End children left behind by an `up` that was killed.

        On Linux the kernel has ended them already, and at most a moment is still needed; elsewhere it is done here.
        """
        for name, pid in self.data.state().get("pids", {}).items():
            deadline = time.monotonic() + 5
            while _is_child(pid, name, self.data) and time.monotonic() < deadline:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
                time.sleep(POLL_SECONDS / 5)


def _is_child(pid: int, name: str, data: DataDirectory) -> bool:
    """Return whether the process is the child of that name, and not a later process with the same id."""
    marks = {"postgres": str(data.postgres_directory()), "nats": str(data.directory), "mailbox": str(data.directory)}
    mark = marks.get(name, "caddyfile" if name == "caddy" else f"-m {name}")
    return mark in _command(pid)


def _command(pid: int) -> str:
    """Return the command line of a process; empty if it has ended."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout
