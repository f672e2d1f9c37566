"""Notify on a real database, and where a test asks for it with a real broker, a mail server and a stand-in intake."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from faststream.nats import NatsBroker
from pydantic import SecretStr

from devtools.testing.fixtures import Databases
from notify import mailer
from notify.app import Notify, assemble
from notify.handlers import consumers
from notify.settings import Settings
from notify.store import Mail, inbox
from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.smtp import Handler, SmtpProtocol
from selvhjelp.mailbox.store import Store
from shared.events import Event, contacts
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from tests.notify.events import Person
from tests.notify.letters import KEY, MAIL_DOMAIN, PUBLIC_URL

MAIL_FROM = "hei@post.example"


class Hearing:
    """Hands events to notify's own handlers, each in its own transaction, and shows the queue."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self._consumers = {consumer.stream: consumer for consumer in consumers(clock)}

    async def hear(self, *events: Event, times: int = 2) -> None:
        for event in events:
            for _ in range(times):
                async with self.database.transaction() as session:
                    await self._consumers[event.stream].handle(session, inbox, event)

    async def mails(self, **where: object) -> list[Mail]:
        query = sa.select(Mail).filter_by(**where).order_by(sa.text("created_at, id"))
        async with self.database.transaction() as session:
            return list((await session.execute(query)).scalars())

    async def queued(self, person: Person | None = None) -> list[str]:
        """The kinds of mail that are still to go out, sorted."""
        rows = await self.mails(**({"person_id": person.id} if person else {}))
        return sorted(row.kind for row in rows if row.delivery.open)


@pytest.fixture
async def hearing(database_url: Databases, manual_clock: ManualClock) -> AsyncIterator[Hearing]:
    database = Database(SecretStr(await database_url("notify")))
    yield Hearing(database, manual_clock)
    await database.dispose()


@dataclass
class Intake:
    """Answers ``contacts.resolve`` as intake does."""

    known: dict[UUID, contacts.Contact] = field(default_factory=dict)
    questions: list[contacts.Question] = field(default_factory=list)

    def knows(self, person: Person, *, email: str | None = "", first_name: str = "Kari") -> Person:
        address = f"p{person.id.hex[:8]}@example.org" if email == "" else email
        self.known[person.id] = contacts.Contact(
            person_id=person.id, first_name=first_name, email=address, language="nb"
        )
        return person

    def address(self, person: Person) -> str:
        email = self.known[person.id].email
        assert email
        return email

    @asynccontextmanager
    async def answering(self, nats_url: str) -> AsyncIterator[None]:
        broker = NatsBroker(nats_url, logger=None)

        @broker.subscriber(contacts.SUBJECT)
        async def resolve(question: contacts.Question) -> contacts.Answer:
            self.questions.append(question)
            found = tuple(self.known[id_] for id_ in question.person_ids if id_ in self.known)
            return contacts.Answer(contacts=found)

        async with broker:
            await broker.start()
            yield


class World(Hearing):
    """All of notify, running."""

    notify: Notify
    intake: Intake
    store: Store
    faults: Faults
    nats_url: str

    def __init__(self, notify: Notify, intake: Intake, store: Store, faults: Faults, clock: ManualClock) -> None:
        super().__init__(notify.service.database, clock)
        self.notify, self.intake, self.store, self.faults = notify, intake, store, faults


@asynccontextmanager
async def mail_server(directory: Path) -> AsyncIterator[tuple[int, Store, Faults]]:
    """A real SMTP server with a folder behind it."""
    store, faults = Store(directory), Faults()
    handler = Handler(store, faults)
    server = await asyncio.get_running_loop().create_server(lambda: SmtpProtocol(handler, faults), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], store, faults


def settings(database_url: str, nats_url: str, smtp_port: int, **changes: object) -> Settings:
    values: dict[str, object] = {
        "database_url": SecretStr(database_url),
        "nats_url": nats_url,
        "public_url": PUBLIC_URL,
        "link_key": SecretStr(KEY),
        "form_key": SecretStr(KEY),
        "staff_key": SecretStr(KEY),
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_security": "none",
        "mail_from": MAIL_FROM,
        "mail_domain": MAIL_DOMAIN,
        "smtp_data_timeout_seconds": 0.5,
    }
    return Settings.model_validate(values | changes)


@pytest.fixture
async def world(
    database_url: Databases, nats_url: str, manual_clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    monkeypatch.setattr(mailer, "POLL_SECONDS", 0.05)  # or a test that moves the clock waits until it is looked at
    intake = Intake()
    url = await database_url("notify")
    async with mail_server(tmp_path) as (port, store, faults), intake.answering(nats_url):
        notify = assemble(settings(url, nats_url, port), manual_clock)
        async with notify.service.lifespan(notify.app):
            yield World(notify, intake, store, faults, manual_clock)
