"""The whole system as processes of its own, each of which can be killed."""

import asyncio
import base64
import itertools
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import asyncpg
import httpx
from pydantic import SecretStr

from devtools.local.nats import Nats
from devtools.local.ports import free_port, release_port
from devtools.local.postgres import Postgres
from devtools.local.process import PORT_TRIES, LocalError, LocalProcess, PortTakenError, ProcessLog
from devtools.testing import servers
from devtools.testing.identities import AUTHORITY, SEEDS, provide_streams
from selvhjelp.rehearsal.visitor import Mailbox, Visitor
from shared.kit.assertions import new_keys
from shared.kit.database.migrations import upgrade
from shared.kit.database.scripts import migration_scripts
from tests.shared.support.keys import ring_environment

SERVICES = ("intake", "grouping", "notify")
PORTS = (*SERVICES, "gateway", "mailbox", "smtp")
MAIL_DOMAIN = "motested.example"
DATABASES = ("intake", "intake_keys", "grouping", "notify")
READY_SECONDS = 180
POLL_SECONDS = 0.05


@dataclass
class Child:
    """One running service; its status is negative for a signal, None while it runs."""

    name: str
    pid: int
    log: ProcessLog
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    status: int | None = None

    @property
    def killed(self) -> bool:
        """True if SIGKILL ended it, from outside or at a failpoint."""
        return self.status == -signal.SIGKILL

    def end(self, status: int) -> None:
        """Set the status of a process that has ended."""
        self.status = status
        self.gone.set()

    def check_alive(self) -> None:
        """
        Raise if the process has ended.

        Raises:
            LocalError: It has ended; PortTakenError if the reason was its port.
        """
        if self.gone.is_set():
            raise self.log.early_end(self.name, self.status)


class RunningSystem:
    """
    PostgreSQL, NATS, the mailbox, a gateway and the three services.

    Args:
        directory: For logs.
        sabotage: The safety net to cut, such as ``no-inbox``.
        forgetful: Whether streams forget what is handled, as in production; the checker reads whole streams.
        clock: The clock of the services, as ``shared.kit.clock.clock_from`` reads it.
        durable: Whether PostgreSQL writes through to disk, as in production; surviving a kill does not need it.
        forked: Whether services are forked from one process (quick to kill) or each started by itself (real memory).
        postgres_settings: Further settings of a PostgreSQL that writes through to disk.
        disk: The folder for what PostgreSQL and NATS store; one in memory by default.
    """

    def __init__(
        self,
        directory: Path,
        *,
        sabotage: str = "",
        forgetful: bool = False,
        clock: str = "",
        durable: bool = False,
        forked: bool = True,
        postgres_settings: Mapping[str, str] | None = None,
        disk: Path | None = None,
    ) -> None:
        self.directory = directory
        self.sabotage = sabotage if forgetful else f"forget-handled,{sabotage}"
        self.clock = clock
        self.durable = durable
        self.forked = forked
        self.postgres_settings = dict(postgres_settings or {})
        self.disk = disk
        self.ports = {name: free_port() for name in PORTS}
        self.postgres: Postgres
        self.nats: Nats
        self.children: dict[str, Child] = {}
        self.deaths: list[Child] = []
        self._keys = {name: secrets.token_hex(32) for name in ("link", "form", "kek", "index")}
        self._signing_key, self._staff_keys = new_keys()
        self._ids = itertools.count()
        self._births: dict[int, tuple[Child, asyncio.Future[None]]] = {}
        self._helpers: dict[str, LocalProcess] = {}
        self._zygote: asyncio.subprocess.Process | None = None
        self._zygote_log = ProcessLog(directory / "zygote.log")
        self._processes: list[asyncio.subprocess.Process] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._open = ExitStack()
        self._clients: list[Visitor | Mailbox] = []

    @property
    def url(self) -> str:
        """The public address."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def broker_url(self) -> str:
        """The address of the broker, as services get it."""
        return self.nats.url

    async def start_broker(self) -> None:
        """Start the broker and make its streams."""
        self.nats = servers.new_nats(sync="always", disk=self.disk)
        await provide_streams(self.nats.url)

    def discard_broker(self) -> None:
        """Stop the broker and remove what it stored."""
        if hasattr(self, "nats"):
            servers.discard(self.nats)

    def database(self, name: str) -> str:
        """Return the address of a database, for asyncpg."""
        return self.postgres.url(name)

    # Start and stop.

    async def __aenter__(self) -> Self:
        self.postgres = servers.new_postgres(self.postgres_settings if self.durable else None, disk=self.disk)
        try:
            await self.start_broker()
            for name in DATABASES:
                connection = await asyncpg.connect(self.postgres.url())
                await connection.execute(f'CREATE DATABASE "{name}"')
                await connection.close()
                await upgrade(SecretStr(self._sqlalchemy(name)), migration_scripts(name))
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()
        for client in self._clients:
            await client.close()
        self._open.close()
        self.discard_broker()
        servers.discard(self.postgres)
        for port in self.ports.values():
            release_port(port)

    async def _start(self) -> None:
        """Start everything but the servers; on other ports if one was taken meanwhile."""
        for attempt in range(PORT_TRIES):
            try:
                self._start_helpers()
                if self.forked:
                    await self._start_zygote()
                for name in SERVICES:
                    await self.spawn(name)
                await self.ready()
            except PortTakenError:
                await self._stop()
                if attempt + 1 == PORT_TRIES:
                    raise
                for name, port in self.ports.items():
                    release_port(port)
                    self.ports[name] = free_port()
            else:
                return

    def _start_helpers(self) -> None:
        mailbox, gateway, smtp = (self.ports[name] for name in ("mailbox", "gateway", "smtp"))
        routes = [f"{name}={self.ports[name]}" for name in ("gateway", *SERVICES)]
        for name, command, listen in (
            ("mailbox", ["selvhjelp.mailbox", "--dir", str(self.directory / "mails")], [mailbox, smtp]),
            ("gateway", ["tests.faults.support.gateway", *routes], [gateway]),
        ):
            log = self.directory / f"{name}.log"
            helper = LocalProcess(name, [sys.executable, "-m", *command], log=log, listen=listen)
            self._helpers[name] = helper
            helper.spawn()  # needs no wait: connections queue in the socket that was handed over

    async def _start_zygote(self) -> None:
        self._zygote_log.begin()
        self._zygote = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.support.zygote",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=self._open.enter_context(self._zygote_log.path.open("ab")),
            env=self._env(), start_new_session=True,
        )  # fmt: skip
        self._processes.append(self._zygote)
        assert self._zygote.stdout is not None
        if not await self._zygote.stdout.readline():
            raise self._zygote_log.early_end("the zygote", await self._zygote.wait())
        self._tasks.append(asyncio.create_task(self._read(self._zygote.stdout)))

    async def _read(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            message = json.loads(line)
            if "id" in message:
                child, birth = self._births.pop(message["id"])
                child.pid = message["pid"]
                self.children[child.name] = child  # here, since the next line may say that it has ended
                if not birth.done():  # whoever asked for it may have been cancelled
                    birth.set_result(None)
                continue
            for child in [*self.children.values(), *self.deaths]:
                if child.pid == message["pid"]:
                    child.end(message["status"])
        for _, birth in self._births.values():
            birth.set_exception(LocalError(f"the zygote ended: {self._zygote_log.last_line()}"))

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for helper in self._helpers.values():
            helper.kill()
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        self._tasks.clear()
        self._processes.clear()
        self.children.clear()

    # Services.

    async def spawn(self, name: str, failpoint: tuple[str, int] | None = None) -> Child:
        """Start a service without waiting, to die at the n-th passing of a failpoint if one is named."""
        log = ProcessLog(self.directory / f"{name}.log")
        log.begin()
        if self.forked:
            return await self._fork(name, log, failpoint)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", name, env=self._env(),
            stdout=self._open.enter_context(log.path.open("ab")), stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._processes.append(process)
        child = Child(name, process.pid, log)

        async def watch() -> None:
            child.end(await process.wait())

        self._tasks.append(asyncio.create_task(watch()))
        self.children[name] = child
        return child

    async def _fork(self, name: str, log: ProcessLog, failpoint: tuple[str, int] | None) -> Child:
        assert self._zygote is not None
        assert self._zygote.stdin is not None
        id_, child, birth = next(self._ids), Child(name, 0, log), asyncio.get_running_loop().create_future()
        self._births[id_] = child, birth
        env = {f"{service.upper()}_CLOCK": self.clock for service in SERVICES}
        order = {"id": id_, "name": name, "env": env, "log": str(log.path), "failpoint": failpoint}
        self._zygote.stdin.write(json.dumps(order).encode() + b"\n")
        await birth
        return child

    async def kill(self, name: str) -> Child:
        """Kill a service with SIGKILL and wait until it has ended."""
        child = self.children[name]
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        await child.gone.wait()
        self.deaths.append(child)
        return child

    async def stop_mailbox(self) -> None:
        """Stop the mailbox, so that another server can have its SMTP port."""
        self._helpers.pop("mailbox").kill()

    async def answers(self, name: str, within_seconds: float = 10) -> None:
        """Return when a service answers requests, has ended, or the seconds have passed."""
        child, deadline = self.children[name], time.monotonic() + within_seconds
        async with httpx.AsyncClient(timeout=1, verify=False) as client:  # no TLS: nothing to load
            while not child.gone.is_set() and time.monotonic() < deadline:
                with suppress(httpx.TransportError):
                    await client.get(f"http://127.0.0.1:{self.ports[name]}/livez")
                    return
                await asyncio.sleep(POLL_SECONDS)

    async def ready(self, within_seconds: float = READY_SECONDS) -> None:
        """
        Return when every service says that it can do all its work.

        Raises:
            LocalError: A process has ended, or the seconds passed; the message has the last line of its log.
        """
        deadline = time.monotonic() + within_seconds
        async with httpx.AsyncClient(timeout=60) as client:
            for name in SERVICES:
                answer = "no answer"
                while True:
                    with suppress(httpx.TransportError):
                        response = await client.get(f"http://127.0.0.1:{self.ports[name]}/status.json")
                        if response.status_code == 200:
                            break
                        answer = response.text
                    processes: list[Child | LocalProcess] = [self.children[name], *self._helpers.values()]
                    for process in processes:
                        process.check_alive()
                    if time.monotonic() > deadline:
                        last_line = self.children[name].log.last_line()
                        raise LocalError(f"{name} is not ready after {within_seconds:.0f} s: {answer} ({last_line})")
                    await asyncio.sleep(POLL_SECONDS)

    # Clients.

    def visitor(self) -> Visitor:
        """Return a visitor at the public address."""
        return self._visitor(self.url)

    def visitor_at(self, name: str) -> Visitor:
        """Return a visitor that talks to one service without the gateway."""
        return self._visitor(f"http://127.0.0.1:{self.ports[name]}")

    def mailbox(self) -> Mailbox:
        """Return a reader of the mails."""
        mailbox = Mailbox(f"http://127.0.0.1:{self.ports['mailbox']}")
        self._clients.append(mailbox)
        return mailbox

    def _visitor(self, url: str) -> Visitor:
        visitor = Visitor(url)
        self._clients.append(visitor)
        return visitor

    # Settings.

    def environment(self) -> dict[str, str]:
        """Return the settings of all services, as in containers."""
        settings: dict[str, Any] = {}
        for name in SERVICES:
            common = {
                "PORT": self.ports[name],
                "DATABASE_URL": self._sqlalchemy(name),
                "NATS_URL": self.broker_url,
                "NATS_SEED": SEEDS[name].get_secret_value(),
                "NATS_AUTHORITY": AUTHORITY.certificate,
                "PUBLIC_URL": self.url,
                "STAFF_KEYS": self._staff_keys,
            }
            settings |= {f"{name.upper()}_{key}": str(value) for key, value in common.items()}
        settings |= ring_environment(self._keys["link"])
        return settings | {
            "OPERATOR_NATS_SEED": SEEDS["operator"].get_secret_value(),
            "OPERATOR_NATS_AUTHORITY": AUTHORITY.certificate,
            "INTAKE_KEYS_DATABASE_URL": self._sqlalchemy("intake_keys"),
            "INTAKE_KEY_ENCRYPTION_KEY": base64.b64encode(bytes.fromhex(self._keys["kek"])).decode(),
            "INTAKE_STAFF_SIGNING_KEY": self._signing_key,
            "INTAKE_BLIND_INDEX_KEY": self._keys["index"],
            "INTAKE_SIGNUPS_PER_ADDRESS": "0",
            "INTAKE_UNPROVEN_MAILS_PER_HOUR": "0",
            "INTAKE_CONFIRMATIONS_PER_HOUR": "0",
            "NOTIFY_SMTP_HOST": "127.0.0.1",
            "NOTIFY_SMTP_PORT": str(self.ports["smtp"]),
            "NOTIFY_SMTP_SECURITY": "none",
            "NOTIFY_MAIL_FROM": f"post@{MAIL_DOMAIN}",
            "NOTIFY_MAIL_DOMAIN": MAIL_DOMAIN,
        }

    def _env(self) -> dict[str, str]:
        return {**os.environ, "SELVHJELP_SABOTAGE": self.sabotage, **self.environment()}

    def _sqlalchemy(self, name: str) -> str:
        return self.database(name).replace("postgresql://", "postgresql+asyncpg://", 1)
