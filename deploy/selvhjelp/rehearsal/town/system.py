"""
The whole system in this process, on real servers, with a clock that only the rehearsal moves.

No setting of a service can do this: the clock is handed over as an object, so no real installation can be moved.
"""

import asyncio
import base64
import logging as stdlib_logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import nats
import uvicorn
from fastapi import FastAPI
from nats.aio.client import Client
from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

import grouping.app
import intake.app
import notify.app
from devtools.local.authority import new_authority
from devtools.local.nats import Nats
from devtools.local.ports import LOOPBACK, free_port, release_port, reserve_port
from devtools.local.postgres import Postgres
from devtools.testing.servers import discard, new_nats, new_postgres
from grouping.settings import Settings as GroupingSettings
from intake.settings import Settings as IntakeSettings
from intake.usecases.staff import add_staff
from notify.settings import Settings as NotifySettings
from notify.store.mails import CHANNEL
from selvhjelp.console import CommandError
from selvhjelp.installation import SERVICES
from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import mail_server
from selvhjelp.mailbox.store import Store
from selvhjelp.mailbox.web import create_app
from selvhjelp.operations import streams
from selvhjelp.rehearsal.town.quiet import is_quiet, next_due
from selvhjelp.up import children, contents, databases
from selvhjelp.up.data_directory import DataDirectory
from shared.events.broker_access import OPERATOR
from shared.kit import logging
from shared.kit.assertions import new_keys
from shared.kit.clock import ManualClock
from shared.kit.database.connect import connect
from shared.kit.database.engine import Database
from shared.kit.database.scripts import migration_scripts
from shared.kit.jobs import PeriodicJob
from shared.kit.keys import KeyVersion
from shared.kit.messaging.identities import Identity, new_seed, public_key
from shared.kit.messaging.permissions import PERMISSIONS, authorization
from shared.reference.key_rings import RINGS
from shared.reference.log_fields import LOG_FIELDS

STAFF: Final = "koordinator"
REST_SECONDS: Final = 60.0
"""How long the system may take to come to rest before the rehearsal stops."""

LOOK_SECONDS: Final = 0.02
GATEWAY_SECONDS: Final = 30.0
USUAL_PORT: Final = 8080


class StaffPages:
    """
    Notes when a member of staff last did something.

    Attributes:
        pressed_at: By :func:`time.monotonic`; 0 before the first time.
    """

    def __init__(self) -> None:
        self.pressed_at = 0.0

    def watched(self, app: ASGIApp) -> ASGIApp:
        """Return an application that notes each request for a staff page."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and "/stab" in scope["path"]:
                self.pressed_at = time.monotonic()
            await app(scope, receive, send)

        return watched


@dataclass(frozen=True)
class System:
    """
    The running system.

    Attributes:
        url: The address of the pages.
        mailbox_url: The page with all mails.
        password: Of the member of staff :data:`STAFF`.
    """

    url: str
    mailbox_url: str
    password: str
    clock: ManualClock
    mailbox: Store
    faults: Faults
    databases: dict[str, Database]
    broker: Client
    services: dict[str, FastAPI]
    staff: StaffPages

    async def rows(self, service: str, query: str, *arguments: object) -> list[dict[str, Any]]:
        """Read rows of a service."""
        return await read_rows(self.databases[service], query, *arguments)

    async def next_due(self) -> datetime | None:
        """Return the next moment at which something is due."""
        return await next_due(self.rows, self.clock.now())

    async def move_to(self, moment: datetime) -> None:
        """Move the clock, run every periodic job once, and let the system come to rest."""
        self.clock.set(moment)
        await run_jobs(self.services.values())
        await self.at_rest()

    async def at_rest(self) -> None:
        """
        Return when no event waits to be published or handled, and no mail is due.

        Raises:
            CommandError: It does not come to rest.
        """
        await self.rows("notify", "SELECT pg_notify($1, '')", CHANNEL)  # the mailer looks at the moved clock at once
        quiet = 0
        try:
            async with asyncio.timeout(REST_SECONDS):
                while quiet < 2:  # what was under way at the first look has come to its end by the second
                    quiet = quiet + 1 if await is_quiet(self.rows, self.broker, self.clock.now()) else 0
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise CommandError("the system does not come to rest; --log FILE keeps what the services say") from None


async def read_rows(database: Database, query: str, *arguments: object) -> list[dict[str, Any]]:
    """Return the rows of a query in a transaction of its own."""
    async with database.transaction() as session:
        answer = await (await session.connection()).exec_driver_sql(query, arguments)
        return [dict(row) for row in answer.mappings()]


async def run_jobs(services: Iterable[FastAPI]) -> None:
    """Run every periodic job of services once, those of one service after each other."""
    async with asyncio.TaskGroup() as work:
        for app in services:
            work.create_task(_run_all(app.state.service.jobs))


async def _run_all(jobs: Iterable[PeriodicJob]) -> None:
    for job in jobs:
        await job.run()


@asynccontextmanager
async def running_system(directory: Path, clock: ManualClock, centre: str, port: int | None) -> AsyncIterator[System]:
    """
    Start everything, give one member of staff access to a centre, and leave nothing behind.

    Args:
        directory: An empty folder for what cannot be in memory.
        clock: Its only mover is the caller.
        centre: The centre at which the coordinator works.
        port: That of the pages; None takes the usual one if it is free, 0 any.

    Raises:
        CommandError: The port is in use.
        LocalError: A server cannot be started.
    """
    data = DataDirectory(directory)
    async with AsyncExitStack() as stack:
        stack.enter_context(data.lock())
        ports = {"gateway": _port(port)}
        stack.callback(release_port, ports["gateway"])
        postgres = new_postgres()
        stack.callback(discard, postgres)
        authority = new_authority()
        identities = {name: Identity(name, SecretStr(new_seed()), authority.certificate) for name in PERMISSIONS}
        keys = {name: public_key(identity.seed.get_secret_value()) for name, identity in identities.items()}
        broker_server = new_nats(authorization=authorization(keys), authority=authority)
        stack.callback(discard, broker_server)
        await streams.provide(broker_server.url, identities[OPERATOR])
        urls = await _databases(postgres)
        sockets = {name: stack.enter_context(listener()) for name in (*SERVICES, "mailbox")}
        ports |= {name: bound.getsockname()[1] for name, bound in sockets.items()}
        smtp_port, store, faults = await stack.enter_async_context(mail_server(directory / "mails"))
        apps = _apps(urls, broker_server, identities, children.public_url(ports), smtp_port, clock)
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        own = {name: app.state.service.database for name, app in apps.items()}
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        async with own["intake"].transaction() as session:
            await add_staff(session, STAFF, password, ("koordinator",), (centre,), clock.now())
        staff = StaffPages()
        for name, app in apps.items():
            await stack.enter_async_context(served(staff.watched(app), sockets[name]))
        await stack.enter_async_context(served(create_app(store, faults), sockets["mailbox"]))
        gateway = children.caddy(data, ports)
        gateway.spawn()
        stack.callback(gateway.stop)
        broker = await nats.connect(broker_server.url, **identities[OPERATOR].client_options())
        stack.push_async_callback(broker.close)
        async with asyncio.timeout(GATEWAY_SECONDS):
            while not all(app.state.service.listening for app in apps.values()):
                await asyncio.sleep(LOOK_SECONDS)
            while not await asyncio.to_thread(gateway.ready):
                gateway.check_alive()
                await asyncio.sleep(LOOK_SECONDS)
        mailbox_url = f"http://localhost:{ports['mailbox']}"
        yield System(children.public_url(ports), mailbox_url, password, clock, store, faults, own, broker, apps, staff)


def _port(wanted: int | None) -> int:
    if wanted:
        if not reserve_port(wanted):
            raise CommandError(f"port {wanted} is in use; choose another with --port")
        return wanted
    return USUAL_PORT if wanted is None and reserve_port(USUAL_PORT) else free_port()


async def _databases(server: Postgres) -> dict[str, SecretStr]:
    """Create the databases with their tables; return the address of each."""
    connection = await connect(server.url())
    try:
        for name in databases.DATABASES:
            await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    urls = {name: server.driver_url(name) for name in databases.DATABASES}
    await contents.migrate({urls[name]: migration_scripts(name) for name in databases.DATABASES})
    return {name: SecretStr(url) for name, url in urls.items()}


def _apps(
    urls: dict[str, SecretStr],
    broker: Nats,
    identities: dict[str, Identity],
    public_url: str,
    smtp_port: int,
    clock: ManualClock,
) -> dict[str, FastAPI]:
    keys = {name: SecretStr(str(KeyVersion.new(1, date.today()))) for name in RINGS}  # noqa: DTZ011 - any day
    signing_key, staff_keys = new_keys()
    common: dict[str, Any] = {
        **keys,
        "staff_keys": staff_keys,
        "nats_url": broker.url,
        "nats_authority": identities[OPERATOR].authority,
        "public_url": public_url,
        "centres_file": None,
        "environment_label": "Øving",
    }
    kek, index_key = secrets.token_bytes(32), SecretStr(secrets.token_urlsafe(32))
    settings = IntakeSettings(
        **common,
        nats_seed=identities["intake"].seed,
        database_url=urls["intake"],
        keys_database_url=urls["intake_keys"],
        key_encryption_key=SecretStr(f"rehearsal:{base64.b64encode(kek).decode()}"),
        blind_index_key=index_key,
        staff_signing_key=SecretStr(signing_key),
        signups_per_address=0,
        unproven_mails_per_hour=0,
    )
    mails = NotifySettings(
        **common,
        nats_seed=identities["notify"].seed,
        database_url=urls["notify"],
        smtp_host=LOOPBACK,
        smtp_port=smtp_port,
        smtp_security="none",
        mail_from="post@motested.example",
        mail_domain="motested.example",
    )
    groups = GroupingSettings(**common, nats_seed=identities["grouping"].seed, database_url=urls["grouping"])
    return {
        "intake": intake.app.build(settings, clock),
        "grouping": grouping.app.build(groups, clock),
        "notify": notify.app.build(mails, clock),
    }


class _Server(uvicorn.Server):
    """A server that leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def listener() -> Iterator[socket.socket]:
    """Yield a socket on a free port of this machine."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((LOOPBACK, 0))
        yield bound


@asynccontextmanager
async def served(app: ASGIApp, bound: socket.socket) -> AsyncIterator[None]:
    """Serve an application on a bound socket for as long as the body runs; its lifespan is that of the caller."""
    config = uvicorn.Config(
        app, lifespan="off", access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve([bound]))
    try:
        yield
    finally:
        server.should_exit = True
        await running


@contextmanager
def logged_to(path: Path) -> Iterator[None]:
    """Write the log of all services to a file instead of the terminal."""
    try:
        file = path.open("a")
    except OSError as error:
        raise CommandError(
            f"cannot write the log to {path} ({error.strerror}); choose another file with --log"
        ) from None
    logging.configure("rehearsal", "json", LOG_FIELDS)
    with file:
        for handler in stdlib_logging.getLogger().handlers:
            if isinstance(handler, stdlib_logging.StreamHandler):
                handler.setStream(file)
        try:
            yield
        finally:
            stdlib_logging.getLogger().handlers.clear()
