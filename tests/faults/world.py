"""The whole system as processes of its own, each of which can be killed."""

import asyncio
import base64
import itertools
import json
import secrets
import signal
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import asyncpg
import httpx
from pydantic import SecretStr

from devtools.local.nats import Nats
from devtools.local.ports import free_port
from devtools.local.postgres import Postgres
from devtools.testing import servers
from selvhjelp.rehearsal.visitor import Mailbox, Visitor
from shared.kit.database.migrations import upgrade
from shared.kit.database.scripts import migration_scripts

SERVICES = ("intake", "grouping", "notify")
MAIL_DOMAIN = "motested.example"
DATABASES = ("intake", "intake_keys", "grouping", "notify")


@dataclass
class Child:
    """One running service."""

    name: str
    pid: int
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    status: int | None = None

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it, from outside or at a failpoint."""
        return self.status is not None and self.status & 0x7F == signal.SIGKILL


class World:
    """
    PostgreSQL, NATS, the mailbox, a gateway and the three services.

    Args:
        directory: For logs.
        sabotage: Which safety net is cut, as ``no-inbox``.
        clock: The clock of the services, as ``shared.kit.clock.clock_from`` reads it.
        durable: Whether PostgreSQL writes through to disk, as in production; a killed process needs no more than not.
        forked: Whether services are forked from one process (quick to kill) or started each by itself (real memory).
    """

    def __init__(
        self, directory: Path, *, sabotage: str = "", clock: str = "", durable: bool = False, forked: bool = True
    ) -> None:
        self.directory = directory
        self.sabotage = sabotage
        self.clock = clock
        self.durable = durable
        self.forked = forked
        self.ports = {name: free_port() for name in (*SERVICES, "gateway", "mailbox", "smtp")}
        self.postgres: Postgres
        self.nats: Nats
        self.children: dict[str, Child] = {}
        self.deaths: list[Child] = []
        self._keys = {name: secrets.token_hex(32) for name in ("link", "form", "staff", "kek", "index")}
        self._ids = itertools.count()
        self._born: dict[int, asyncio.Future[int]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._helpers: list[asyncio.subprocess.Process] = []
        self._open = ExitStack()
        self._clients: list[Visitor | Mailbox] = []
        self._watchers: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The public address."""
        return f"http://127.0.0.1:{self.ports['gateway']}"

    def database(self, name: str) -> str:
        """The address of a database, for asyncpg."""
        return self.postgres.url(name)

    async def __aenter__(self) -> Self:
        self.postgres = servers.new_postgres({} if self.durable else None)
        self.nats = servers.new_nats(sync="always")
        for name in DATABASES:
            connection = await asyncpg.connect(self.postgres.url())
            await connection.execute(f'CREATE DATABASE "{name}"')
            await connection.close()
            await upgrade(SecretStr(self._sqlalchemy(name)), migration_scripts(name))
        try:
            await self._start_helpers()
            for name in SERVICES:
                await self.spawn(name)
            await self.ready()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
        for process in self._helpers:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        for client in self._clients:
            await client.close()
        self._open.close()
        servers.discard(self.nats)
        servers.discard(self.postgres)

    async def _start_helpers(self) -> None:
        mailbox = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "selvhjelp.mailbox",
            "--dir", str(self.directory / "mails"), "--port", str(self.ports["mailbox"]),
            "--smtp-port", str(self.ports["smtp"]),
            stdout=self._log("mailbox"), stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        gateway = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.gateway",
            *(f"{name}={self.ports[name]}" for name in ("gateway", *SERVICES)),
            stdout=self._log("gateway"), stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        zygote = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.zygote",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env=self._env(), start_new_session=True,
        )  # fmt: skip
        self._helpers = [mailbox, gateway, zygote]
        assert zygote.stdout is not None
        assert json.loads(await zygote.stdout.readline()) == {"ready": True}
        self._reader = asyncio.create_task(self._read(zygote.stdout))

    async def _read(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            told = json.loads(line)
            if "id" in told:
                self._born[told["id"]].set_result(told["pid"])
                continue
            for child in [*self.children.values(), *self.deaths]:
                if child.pid == told["pid"]:
                    child.status = told["status"]
                    child.gone.set()

    async def spawn(self, name: str, failpoint: tuple[str, int] | None = None) -> Child:
        """Start a service, to die at the n-th passing of a failpoint if one is named."""
        if not self.forked:
            return await self._start_alone(name)
        zygote = self._helpers[2]
        assert zygote.stdin is not None
        id_ = next(self._ids)
        self._born[id_] = asyncio.get_running_loop().create_future()
        order = {
            "id": id_, "name": name, "env": {}, "log": str(self.directory / f"{name}.log"), "failpoint": failpoint,
        }  # fmt: skip
        order["env"] = {"INTAKE_CLOCK": self.clock, "GROUPING_CLOCK": self.clock, "NOTIFY_CLOCK": self.clock}
        zygote.stdin.write(json.dumps(order).encode() + b"\n")
        child = Child(name, await self._born[id_])
        self.children[name] = child
        return child

    async def _start_alone(self, name: str) -> Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", name, env=self._env(), stdout=self._log(name), stderr=asyncio.subprocess.STDOUT
        )
        self._helpers.append(process)
        child = Child(name, process.pid)
        self.children[name] = child

        async def watch() -> None:
            child.status = -(await process.wait())
            child.gone.set()

        self._watchers.append(asyncio.create_task(watch()))
        return child

    async def stop_mailbox(self) -> None:
        """Free the SMTP port for another server."""
        self._helpers[0].kill()
        await self._helpers[0].wait()

    async def kill(self, name: str) -> Child:
        """SIGKILL, now."""
        child = self.children[name]
        import os

        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        await child.gone.wait()
        self.deaths.append(child)
        return child

    def _log(self, name: str) -> IO[bytes]:
        return self._open.enter_context((self.directory / f"{name}.log").open("ab"))

    async def ready(self, within_seconds: float = 60) -> None:
        """Wait until every service says that it can do all its work."""
        async with asyncio.timeout(within_seconds), httpx.AsyncClient(timeout=5) as client:
            for name in SERVICES:
                while True:
                    with suppress(httpx.TransportError):
                        answer = await client.get(f"http://127.0.0.1:{self.ports[name]}/readyz")
                        if answer.status_code == 200:
                            break
                    await asyncio.sleep(0.05)

    def visitor(self) -> Visitor:
        """Somebody at the public address."""
        return self._visitor(self.url)

    def visitor_at(self, name: str) -> Visitor:
        """Somebody who speaks to one service without the gateway."""
        return self._visitor(f"http://127.0.0.1:{self.ports[name]}")

    def mailbox(self) -> Mailbox:
        """The mails."""
        mailbox = Mailbox(f"http://127.0.0.1:{self.ports['mailbox']}")
        self._clients.append(mailbox)
        return mailbox

    def _visitor(self, url: str) -> Visitor:
        visitor = Visitor(url)
        self._clients.append(visitor)
        return visitor

    def _sqlalchemy(self, name: str) -> str:
        return self.database(name).replace("postgresql://", "postgresql+asyncpg://", 1)

    def _env(self) -> dict[str, str]:
        import os

        env: dict[str, Any] = {**os.environ, "SELVHJELP_SABOTAGE": self.sabotage}
        for name in SERVICES:
            common = {
                "PORT": self.ports[name],
                "DATABASE_URL": self._sqlalchemy(name),
                "NATS_URL": self.nats.url,
                "PUBLIC_URL": self.url,
                "LINK_KEY": self._keys["link"],
                "FORM_KEY": self._keys["form"],
                "STAFF_KEY": self._keys["staff"],
            }
            env |= {f"{name.upper()}_{key}": str(value) for key, value in common.items()}
        return env | {
            "INTAKE_KEYS_DATABASE_URL": self._sqlalchemy("intake_keys"),
            "INTAKE_KEY_ENCRYPTION_KEY": base64.b64encode(bytes.fromhex(self._keys["kek"])).decode(),
            "INTAKE_BLIND_INDEX_KEY": self._keys["index"],
            "INTAKE_SIGNUPS_PER_ADDRESS": "0",
            "NOTIFY_SMTP_HOST": "127.0.0.1",
            "NOTIFY_SMTP_PORT": str(self.ports["smtp"]),
            "NOTIFY_SMTP_SECURITY": "none",
            "NOTIFY_MAIL_FROM": f"post@{MAIL_DOMAIN}",
            "NOTIFY_MAIL_DOMAIN": MAIL_DOMAIN,
        }
