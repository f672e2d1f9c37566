"""Start everything in order, keep it running, stop everything in order."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from devtools.local.ports import LOOPBACK
from devtools.local.postgres import Postgres
from devtools.local.process import LocalError, LocalProcess
from selvhjelp.up import children, databases
from selvhjelp.up.children import LABELS, SERVICES
from selvhjelp.up.data_directory import TICK_SECONDS, Place
from selvhjelp.up.report import Report
from shared.kit.clock import FastClock

LOOK_SECONDS: Final = 0.1
READY_SECONDS: Final = 60.0
FIRST_PAUSE_SECONDS: Final = 0.2  # before a child that ended is started again; doubles up to the longest
LONGEST_PAUSE_SECONDS: Final = 10.0
STEADY_SECONDS: Final = 30.0  # a child that ran so long starts anew without a pause
SERVICE_STOP_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Wishes:
    """The options of `selvhjelp up`."""

    data: Path
    port: int | None = None
    speed: float | None = None
    demo: bool = False
    as_json: bool = False


def up(wishes: Wishes) -> int:
    """Run until SIGTERM or Ctrl-C; the exit status."""
    place = Place(wishes.data)
    with place.lock():
        try:
            return asyncio.run(Everything(place, wishes).run())
        except (LocalError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001 - the whole of it is in the log
            log = place.log("up")
            log.parent.mkdir(exist_ok=True)
            log.write_text(traceback.format_exc())
            reason = (str(error).splitlines() or [""])[0]
            raise LocalError(f"{type(error).__name__}: {reason} (se {log})") from None


class Everything:
    """All children of one `selvhjelp up`."""

    def __init__(self, place: Place, wishes: Wishes) -> None:
        self.place = place
        self.wishes = wishes
        self.report = Report(as_json=wishes.as_json)
        self.children: dict[str, LocalProcess] = {}
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Start, watch, stop."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(each) is not signal.SIG_IGN:  # `nohup` means it
                loop.add_signal_handler(each, self._asked_to_stop)
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
            self.report.quiet()
            await self._stop_all()
        return 0

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():  # a second time: at once
            for child in self.children.values():
                child.signal(child.orphan_signal)
        self._stop.set()

    # Start.

    async def _start_and_watch(self) -> None:
        place, wishes = self.place, self.wishes
        self._end_orphans()
        clock = place.clock(wishes.speed)
        ports = place.ports(children.PORTS, wishes.port)
        server = children.postgres(place, ports)
        await self._start({"nats": children.nats(place, ports), "postgres": server})
        await databases.provide(server, place, self._doing)
        services: dict[str, LocalProcess] = {
            name: children.service(name, place, ports, server, clock) for name in SERVICES
        }
        doors = {"mailbox": children.mailbox(place, ports), "caddy": children.caddy(place, ports)}
        await self._start({**services, **doors})
        self._note_pids()
        self.report.ready(self._where(ports), str(place.directory / "logs"))
        work = [self._keep(name) for name in self.children]
        if clock is not None:
            work.append(self._keep_time(clock))
        if wishes.demo:
            work.append(self._demo(ports))
        await asyncio.gather(*work)

    async def _start(self, group: dict[str, LocalProcess]) -> None:
        """Start them all at once and wait for the slowest."""
        began = time.monotonic()
        waiting = list(group)
        self._doing(", ".join(LABELS[name] for name in waiting) + " starter")

        async def one(name: str) -> None:
            await self._wait_ready(group[name])
            waiting.remove(name)
            self.report.done(LABELS[name], time.monotonic() - began)
            if waiting:
                self._doing(", ".join(LABELS[each] for each in waiting) + " starter")

        for name, child in group.items():
            self.children[name] = child
            child.spawn()  # from the main thread, see LocalProcess
        self._note_pids()
        await asyncio.gather(*(one(name) for name in group))

    async def _wait_ready(self, child: LocalProcess) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(child.ready):
            if not child.alive:
                raise LocalError(f"{child.name} stoppet ({_why(child.status)}): {child.last_line()} (se {child.log})")
            if time.monotonic() > deadline:
                raise LocalError(f"{child.name} er ikke klar etter {READY_SECONDS:.0f} s (se {child.log})")
            await asyncio.sleep(LOOK_SECONDS / 2)

    def _doing(self, what: str) -> None:
        self.report.doing(what)

    # Watch.

    async def _keep(self, name: str) -> None:
        """Start a child again whenever it ends."""
        child = self.children[name]
        pause = FIRST_PAUSE_SECONDS
        began = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if child.alive:
                continue
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self.report.say(f"{LABELS[name]} stoppet uventet ({_why(child.status)}) og startes igjen")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            began = time.monotonic()
            try:
                child.spawn()
                self._note_pids()
                await self._wait_ready(child)
            except LocalError as error:
                self.report.say(str(error))
            else:
                self.report.done(f"{LABELS[name]} igjen", time.monotonic() - began)

    async def _keep_time(self, clock: FastClock) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.place.tick(clock)

    async def _demo(self, ports: dict[str, int]) -> None:
        """The same command as a person would give in another window; what it says is shown here."""
        command = [sys.executable, "-m", "selvhjelp", "demo", "--url", children.public_url(ports)]
        command += ["--mailbox", f"http://localhost:{ports['mailbox']}"]
        demo = LocalProcess("the demo", command, log=self.place.log("demo"))
        demo.log.write_bytes(b"")
        self.children["demo"] = demo
        with demo.log.open() as said:
            demo.spawn()
            alive = True
            while alive:
                alive = demo.alive
                for line in said:
                    self.report.say(line.rstrip())
                await asyncio.sleep(LOOK_SECONDS)
        if demo.status:
            self.report.say(f"øvingen stoppet ({_why(demo.status)})")

    # Stop.

    async def _stop_all(self) -> None:
        """Services first, so that what they have begun can still be written; then what they stand on."""
        if not self.children:
            return
        self.report.say("Stopper …")
        await self._stop_these(["demo", *SERVICES], SERVICE_STOP_SECONDS)
        for name in ("caddy", "mailbox", "nats", "postgres"):
            await self._stop_these([name], SERVICE_STOP_SECONDS)
        self.place.keep(pids={})
        self.report.say("Alt er stoppet.")

    async def _stop_these(self, names: list[str], seconds: float) -> None:
        group = [self.children[name] for name in names if name in self.children]
        await asyncio.gather(*(asyncio.to_thread(child.stop, seconds) for child in group))

    # What is told.

    def _where(self, ports: dict[str, int]) -> dict[str, Any]:
        server = self.children["postgres"]
        assert isinstance(server, Postgres)
        place = self.place
        return {
            "ready": True,
            "url": children.public_url(ports),
            "mailbox": f"http://localhost:{ports['mailbox']}",
            "smtp": f"smtp://{LOOPBACK}:{ports['smtp']}",
            "nats": f"nats://{LOOPBACK}:{ports['nats']}",
            "postgres": {name: databases.url(server, place, name) for name in SERVICES},
            "pids": {name: child.pid for name, child in self.children.items()},
            "staff": {"username": databases.STAFF, "password": place.password("staff_password")},
        }

    def _note_pids(self) -> None:
        self.place.keep(pids={name: child.pid for name, child in self.children.items() if child.alive})

    def _end_orphans(self) -> None:
        """
        End what an `up` that was killed has left behind.

        On Linux the kernel has done so already, and at most a moment is still needed; elsewhere it is done here.
        """
        for name, pid in self.place.state().get("pids", {}).items():
            deadline = time.monotonic() + 5
            while _is_ours(pid, name, self.place) and time.monotonic() < deadline:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
                time.sleep(LOOK_SECONDS / 5)


def _is_ours(pid: int, name: str, place: Place) -> bool:
    """Whether the process is the child of that name, and not another that got its number later."""
    marks = {"postgres": str(place.postgres_directory()), "nats": str(place.directory), "mailbox": str(place.directory)}
    mark = marks.get(name, "caddyfile" if name == "caddy" else f"-m {name}")
    return mark in _command(pid)


def _command(pid: int) -> str:
    """The command line of a process; empty for one that is gone or only waits to be forgotten."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout


def _why(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"status {status}"
