"""
The whole system in one process: the three services behind the gateway's routes, real servers, a clock moved by hand.

People reach it through pages, links and mails only. :meth:`Town.at_rest` returns when every event is handled and every
due mail is sent; :meth:`Town.move` lets time pass with all periodic jobs.

No story depends on how fast the system is: a form waits for the rest after the form before it, and rows and addresses
are read at rest.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
from fastapi import FastAPI
from nats.aio.client import Client
from nats.js.errors import NotFoundError
from pydantic import SecretStr

import grouping.app
import intake.app
import notify.app
from devtools.testing.fixtures import Databases
from devtools.testing.identities import AUTHORITY, SEEDS, connect
from grouping.settings import Settings as GroupingSettings
from intake.settings import Settings as IntakeSettings
from intake.usecases.staff import add_staff
from notify.settings import Settings as NotifySettings
from notify.store import mails
from selvhjelp.installation import SERVICES
from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import mail_server
from selvhjelp.mailbox.store import Mail, Store
from selvhjelp.rehearsal.town.quiet import DEADLINES, UNDECIDED, next_due
from selvhjelp.rehearsal.town.system import read_rows, run_jobs
from selvhjelp.up.databases import DATABASES
from shared.events import STREAMS
from shared.kit.assertions import HEADER
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.reference.key_rings import RINGS
from tests.shared.support.staff import SIGNING_KEY, STAFF_KEYS

URL: Final = "http://selvhjelp.example"
PASSWORD: Final = "et-langt-passord-til-prøver"
KEY: Final = SecretStr("k" * 40)
STEP: Final = timedelta(days=1)
"""
The longest piece of time that passes between two runs of the periodic jobs; it ends where something is due.

Quiet months go faster with a longer one.
"""

_BEFORE_START: Final = (
    "SELECT min(starts_at) - interval '{hours} h' AS due FROM meetings"
    " WHERE kind = 'start' AND starts_at - interval '{hours} h' > $1"
)

_DUE: Final = (
    *DEADLINES,
    (
        "intake",
        "SELECT min(forgotten_at) + interval '2 d' AS due FROM signups WHERE forgotten_at + interval '2 d' > $1",
    ),
    ("grouping", "SELECT min(ends_at) AS due FROM meetings WHERE state IN ('called', 'moved') AND ends_at > $1"),
    (
        "notify",
        "SELECT min(starts_at) - interval '24 h' AS due FROM kontaktmoter WHERE starts_at - interval '24 h' > $1",
    ),
    ("grouping", _BEFORE_START.format(hours=48)),
    ("grouping", _BEFORE_START.format(hours=12)),
)
"""The next moment at which each kind of thing is due, after a moment."""

REST_SECONDS: Final = 180.0
"""How long the system may take to come to rest before the test fails."""

_LOOK_SECONDS: Final = 0.02

_UNSENT_MAIL: Final = """
    SELECT status FROM mails WHERE status = 'sending' OR next_at <= $1 ORDER BY status = 'sending' DESC LIMIT 1
"""

_HOLDS: Final = "strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0"


def _routes() -> Iterator[tuple[str, "re.Pattern[str]"]]:
    """Yield name and pattern of each matcher in the gateway's configuration, in its order."""
    text = resources.files("selvhjelp.gateway").joinpath("Caddyfile").read_text()
    for name, pattern in re.findall(r"^\s*@(\w+) path_regexp (\S+)$", text, re.MULTILINE):
        yield name, re.compile(pattern)


class Gateway(httpx.AsyncBaseTransport):
    """Sends each request to its service by the gateway's own patterns, with the session checked as there."""

    def __init__(self, town: "Town", address: str) -> None:
        self._town = town
        self._patterns = dict(_routes())
        self._services = {name: httpx.ASGITransport(app, client=(address, 50000)) for name, app in town.apps.items()}

    def _matches(self, prefix: str, path: str) -> bool:
        return any(name.startswith(prefix) and pattern.search(path) for name, pattern in self._patterns.items())

    def _service_of(self, path: str) -> str:
        if self._matches("signing_in", path) or self._matches("staff_intake", path):
            return "intake"
        if self._matches("staff_grouping", path) or self._matches("grouping", path):
            return "grouping"
        of_notify = self._matches("staff_notify", path) or self._matches("notify", path)
        return "notify" if of_notify else "intake"

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method in {"GET", "HEAD"}:
            return await self._pass_on(request)
        await self._town.rest()
        self._town.restless = True
        answer = await self._pass_on(request)
        if answer.is_client_error:
            self._town.restless = False  # a refused form changes nothing
        return answer

    async def _pass_on(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        service = self._service_of(path)
        assert not self._matches("inside", path), path
        request.headers.pop(HEADER, None)
        if self._matches("staff", path) and not self._matches("signing_in", path):
            asking = {"Cookie": request.headers.get("Cookie", ""), "X-Forwarded-Uri": request.url.raw_path.decode()}
            asked = httpx.Request("GET", f"{URL}/-/session/{service}", headers=asking)
            answer = await self._services["intake"].handle_async_request(asked)
            if not answer.is_success:
                return answer
            request.headers[HEADER] = answer.headers[HEADER]
        return await self._services[service].handle_async_request(request)


@dataclass
class Town:
    """
    The running system; see the module.

    Attributes:
        looks: A connection to each database of its own, to see whether the system is at rest.
        restless: True from a form or a job until the system has come to rest.
    """

    apps: dict[str, FastAPI]
    clock: ManualClock
    mailbox: Store
    faults: Faults
    databases: dict[str, Database]
    broker: Client
    looks: Mapping[str, "asyncpg.Connection[Any]"]
    restless: bool = False
    rested_at: datetime | None = None
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _parsed: dict[str, Mail] = field(default_factory=dict)

    def client(self, address: str = "203.0.113.9") -> httpx.AsyncClient:
        """Return a browser without cookies."""
        return httpx.AsyncClient(transport=Gateway(self, address), base_url=URL)

    async def rows(self, service: str, query: str, *arguments: object) -> list[dict[str, Any]]:
        """Read rows at rest, to check what no page shows."""
        await self.rest()
        return await self._rows(service, query, *arguments)

    async def _rows(self, service: str, query: str, *arguments: object) -> list[dict[str, Any]]:
        return await read_rows(self.databases[service], query, *arguments)

    async def places_of(self, text: str) -> list[str]:
        """Return the tables and streams in which a text, or its bytes, can be found."""
        found = [
            f"{service}.{table}"
            for service in self.databases
            for table in await self._tables(service)
            if await self.rows(service, f'SELECT 1 FROM "{table}" t WHERE {_HOLDS} LIMIT 1', text, text.encode().hex())
        ]
        for stream in STREAMS:
            state = (await self.broker.jsm().stream_info(stream.value)).state
            for number in range(max(1, state.first_seq), state.last_seq + 1):  # an empty stream begins at 0
                try:
                    message = await self.broker.jsm().get_msg(stream.value, number)
                except NotFoundError:  # forgotten by now
                    continue
                if text.encode() in (message.data or b""):
                    found.append(stream.value)
        return found

    async def _tables(self, service: str) -> list[str]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        return [row["tablename"] for row in await self.rows(service, query)]

    async def add_staff(self, username: str, *centres: str, role: str = "koordinator") -> None:
        """Give a member of staff access, in a role or in several with spaces between."""
        async with self.databases["intake"].transaction() as session:
            now = self.clock.now()
            await add_staff(session, username, PASSWORD, role.split(), centres, now, all_centres=not centres)

    def mails(self, address: str) -> list[Mail]:
        """Return the mails to an address, oldest first; read them when the system is at rest."""
        ids = [summary.id for summary in self.mailbox.newest_first() if summary.recipients == (address,)]
        for mail_id in ids:
            if mail_id not in self._parsed and (mail := self.mailbox.get(mail_id)):
                self._parsed[mail_id] = mail
        return [self._parsed[mail_id] for mail_id in reversed(ids)]

    async def move(self, by: timedelta, step: timedelta = STEP) -> None:
        """Move the clock in steps; after each, run all periodic jobs and come to rest."""
        await self.move_to(self.clock.now() + by, step)

    async def move_to(self, moment: datetime, step: timedelta = STEP) -> None:
        """Move the clock to a moment, in steps of at most this length; see :meth:`move`."""
        await self.at_rest()  # what was pressed last may be due within hours, and is known once it is handled
        while (left := moment - self.clock.now()) > timedelta(0):
            self.clock.move(min(left, await self._step(step)))
            await self.run_jobs()
            await self.at_rest()

    async def _step(self, longest: timedelta) -> timedelta:
        """Return the time until something is due, or the longest step."""
        now = self.clock.now()
        due = await next_due(self._rows, now, _DUE)
        return longest if due is None else min(longest, due - now)

    async def run_jobs(self) -> None:
        """Run every periodic job once, those of one service after each other."""
        self.restless = True
        await run_jobs(self.apps.values())

    async def forget_events(self) -> None:
        """Let streams and outboxes forget who is erased, as they do every ten seconds."""
        await self.rest()
        for app in self.apps.values():
            (forget,) = [job for job in app.state.service._own_jobs() if job.name == "forget_erased"]
            await forget.run()
        for _ in range(2):
            await self.apps["intake"].state.service.forget_handled_events()

    async def rest(self) -> None:
        """Come to rest, if anything has been sent or time has passed since the last rest."""
        if self.restless or self.rested_at != self.clock.now():
            await self.at_rest()

    async def at_rest(self) -> None:
        """Return when no event waits to be published or handled, and no mail is due."""
        async with asyncio.timeout(REST_SECONDS), self.looking:
            while not await self._is_quiet():
                await asyncio.sleep(_LOOK_SECONDS)
        self.restless, self.rested_at = False, self.clock.now()

    async def _is_quiet(self) -> bool:
        """Look from the sources of events to their ends; between two equal looks at the broker nothing was handled."""
        before = await self._handled()
        # The worker has still to decide about a form, or about a link that was asked for.
        if await self._any("intake", UNDECIDED):
            return False
        if status := await self.looks["notify"].fetchval(_UNSENT_MAIL, self.clock.now()):
            if status != "sending":  # the mailer does not know that the clock has been moved
                await self.looks["notify"].execute("SELECT pg_notify($1, '')", mails.CHANNEL)
            return False
        for service in SERVICES:
            if await self._any(service, "SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 1"):
                return False
        return before is not None and before == await self._handled()

    async def _any(self, service: str, query: str, *arguments: object) -> bool:
        return await self.looks[service].fetchval(query, *arguments) is not None

    async def _handled(self) -> list[int] | None:
        """Return the last number of each stream; None if a consumer has not acknowledged everything up to it."""
        numbers = []
        for stream in STREAMS:
            last = (await self.broker.jsm().stream_info(stream.value)).state.last_seq
            for consumer in await self.broker.jsm().consumers_info(stream.value):
                if consumer.ack_floor is None or consumer.ack_floor.stream_seq < last:
                    return None
            numbers.append(last)
        return numbers


@asynccontextmanager
async def running_town(
    database_url: Databases,
    nats_url: str,
    clock: ManualClock,
    folder: Path,
    centres_file: Path | None = None,
) -> AsyncIterator[Town]:
    """Start the three services in this process, with the presets or centres of one's own."""
    urls = {name: SecretStr(await database_url(name)) for name in DATABASES}
    common: dict[str, Any] = {
        "nats_url": nats_url,
        "public_url": URL,
        "centres_file": centres_file,
        **dict.fromkeys(RINGS, KEY),
        "staff_keys": STAFF_KEYS,
    }
    async with AsyncExitStack() as stack:
        port, store, faults = await stack.enter_async_context(mail_server(folder))
        apps = {
            "intake": intake.app.build(
                IntakeSettings(
                    **common,
                    nats_seed=SEEDS["intake"],
                    nats_authority=AUTHORITY.certificate,
                    database_url=urls["intake"],
                    keys_database_url=urls["intake_keys"],
                    key_encryption_key=SecretStr("one:" + "A" * 43 + "="),
                    blind_index_key=SecretStr("index-key-of-the-tests-0123456789"),
                    staff_signing_key=SIGNING_KEY,
                    signups_per_address=0,
                    unproven_mails_per_hour=0,
                ),
                clock,
            ),
            "grouping": grouping.app.build(
                GroupingSettings(
                    **common,
                    nats_seed=SEEDS["grouping"],
                    nats_authority=AUTHORITY.certificate,
                    database_url=urls["grouping"],
                ),
                clock,
            ),
            "notify": notify.app.build(
                NotifySettings(
                    **common,
                    nats_seed=SEEDS["notify"],
                    nats_authority=AUTHORITY.certificate,
                    database_url=urls["notify"],
                    smtp_host="127.0.0.1",
                    smtp_port=port,
                    smtp_security="none",
                    mail_from="hei@post.example",
                    mail_domain="post.example",
                ),
                clock,
            ),
        }
        for app in apps.values():
            await stack.enter_async_context(app.router.lifespan_context(app))
        databases = {name: app.state.service.database for name, app in apps.items()}
        databases["intake_keys"] = keys = Database(urls["intake_keys"])
        stack.push_async_callback(keys.dispose)
        broker = await connect(nats_url)
        stack.push_async_callback(broker.close)
        looks = {name: await asyncpg.connect(databases[name].dsn) for name in SERVICES}
        for look in looks.values():
            stack.push_async_callback(look.close)
        town = Town(apps, clock, store, faults, databases, broker, looks)
        async with asyncio.timeout(REST_SECONDS):
            while not all(app.state.service.listening for app in apps.values()):
                await asyncio.sleep(_LOOK_SECONDS)
        yield town
