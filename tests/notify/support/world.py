"""Notify on a real database, with a real broker, a mail server and a stand-in for intake."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from uuid import UUID, uuid4

import sqlalchemy as sa
from fastapi import FastAPI
from faststream.nats import NatsBroker
from pydantic import SecretStr

from devtools.testing.identities import AUTHORITY, SEEDS, identity
from notify.handlers import consumers
from notify.mails.registry import MailRegistry, mail_registry
from notify.settings import Settings
from notify.store import Mail, inbox, outbox
from notify.store.tables import task_book
from notify.web.deps import Deps
from selvhjelp.mailbox.faults import Faults
from selvhjelp.mailbox.store import Store
from shared.events import Event, Stream, contacts
from shared.events.tasks import Closed, Opened
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.messaging.consumer import Consumer
from shared.reference.centres import CentreDirectory
from tests.notify.support.contents import KEY, MAIL_DOMAIN, PUBLIC_URL
from tests.notify.support.events import Person
from tests.shared.support.keys import rings_of
from tests.shared.support.staff import STAFF_KEYS

MAIL_FROM = "hei@post.example"
MOBILE = "+4791234567"


class Feed:
    """Delivers events to notify's own handlers, each in its own transaction, and reads the queue."""

    def __init__(self, database: Database, clock: ManualClock, registry: MailRegistry | None = None) -> None:
        self.database, self.clock = database, clock
        self.directory = CentreDirectory.from_file(None)
        handlers = consumers(clock, registry or mail_registry(), self.directory)
        self._consumers = {consumer.stream: consumer for consumer in handlers}

    def consumer(self, stream: Stream) -> Consumer:
        """The consumer of a stream."""
        return self._consumers[stream]

    async def deliver(self, *events: Event, times: int = 2) -> None:
        for event in events:
            for _ in range(times):
                async with self.database.transaction() as session:
                    await self._consumers[event.stream].handle(session, inbox, event)

    async def mails(self, **where: object) -> list[Mail]:
        query = sa.select(Mail).filter_by(**where).order_by(sa.text("created_at, id"))
        async with self.database.transaction() as session:
            return list((await session.execute(query)).scalars())

    async def open_tasks(self) -> list[tuple[str, dict[str, object]]]:
        """The kind and facts of each open task, sorted by kind."""
        query = sa.select(task_book.table).order_by(task_book.table.c.kind)
        async with self.database.transaction() as session:
            return [(row.kind, row.payload["facts"]) for row in await session.execute(query)]

    async def tasks(self) -> list[Opened]:
        """The open tasks of staff as their events state them, by kind."""
        query = sa.select(outbox.table.c.subject, outbox.table.c.payload).order_by(outbox.table.c.id)
        async with self.database.transaction() as session:
            rows = (await session.execute(query)).all()
        opened: dict[UUID, Opened] = {}
        for subject, payload in rows:
            if subject == Opened.subject:
                event = Opened.model_validate_json(payload)
                opened[event.task_id] = event
            elif subject == Closed.subject:
                opened.pop(Closed.model_validate_json(payload).task_id, None)
        return sorted(opened.values(), key=lambda event: (event.kind, event.path))

    async def queued(self, person: Person | None = None) -> list[str]:
        """The kinds of the mails that may still be sent, sorted."""
        rows = await self.mails(**({"person_id": person.id} if person else {}))
        return sorted(row.kind for row in rows if row.delivery.open)


@dataclass
class Intake:
    """Answers ``contacts.resolve`` like intake."""

    by_person: dict[UUID, contacts.Contact] = field(default_factory=dict)
    questions: list[contacts.Question] = field(default_factory=list)
    sealed: dict[UUID, list[contacts.GroupAddress]] = field(default_factory=dict)

    def add(self, person: Person, *, email: str | None = "", first_name: str = "Kari") -> Person:
        address = f"p{person.id.hex[:8]}@example.org" if email == "" else email
        self.by_person[person.id] = contacts.Contact(
            person_id=person.id, first_name=first_name, email=address, language="nb", mobile=MOBILE
        )
        return person

    def answer(self, question: contacts.Question) -> contacts.Answer:
        """The answer of intake: numbers for calls only."""
        if question.purpose == "kontaktmote":
            opened = [address for id_ in question.group_ids for address in self.sealed.get(id_, [])]
            return contacts.Answer(contacts=(), addresses=tuple(opened))
        found = [self.by_person[id_] for id_ in question.person_ids if id_ in self.by_person]
        if question.purpose == "sms":
            found = [contact.model_copy(update={"first_name": None}) for contact in found if contact.email is None]
        if question.purpose == "mail":
            found = [
                contact.model_copy(update={"mobile": None, "has_mobile": contact.mobile is not None})
                for contact in found
            ]
        return contacts.Answer(contacts=tuple(found))

    def seal(self, group_id: UUID, *people: Person) -> list[UUID]:
        """Seal the addresses of people for a group, and forget the people; return the ids of the addresses."""
        rows = []
        for person in people:
            email = self.by_person.pop(person.id).email
            assert email
            row = contacts.GroupAddress(group_id=group_id, address_id=uuid4(), email=email, language=person.language)
            rows.append(row)
        self.sealed[group_id] = rows
        return [row.address_id for row in rows]

    def address(self, person: Person) -> str:
        email = self.by_person[person.id].email
        assert email
        return email

    @asynccontextmanager
    async def answering(self, nats_url: str) -> AsyncIterator[None]:
        intake = identity("intake")
        broker = NatsBroker(nats_url, logger=None, **intake.broker_options())

        @broker.subscriber(contacts.SUBJECTS, queue="intake")
        async def resolve(question: contacts.Question) -> contacts.Answer:
            self.questions.append(question)
            return self.answer(question)

        async with broker:
            await broker.start()
            yield


class World(Feed):
    """Notify, running, with an intake and a mail server."""

    def __init__(self, app: FastAPI, settings: Settings, intake: Intake, store: Store, faults: Faults) -> None:
        self.deps: Deps = app.state.deps
        clock = self.deps.clock
        assert isinstance(clock, ManualClock)
        super().__init__(self.deps.database, clock)
        self.app, self.settings = app, settings
        self.intake, self.store, self.faults = intake, store, faults


def settings_of(database_url: str, nats_url: str, smtp_port: int, **changes: object) -> Settings:
    values: dict[str, object] = {
        "database_url": SecretStr(database_url),
        "nats_url": nats_url,
        "public_url": PUBLIC_URL,
        **rings_of("notify", KEY),
        "nats_seed": SEEDS["notify"],
        "nats_authority": AUTHORITY.certificate,
        "staff_keys": STAFF_KEYS,
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_security": "none",
        "mail_from": MAIL_FROM,
        "mail_domain": MAIL_DOMAIN,
    }
    return Settings.model_validate(values | changes)


async def status(world: World, person: Person, kind: str) -> str:
    """The state of a person's only mail of a kind."""
    (mail,) = await world.mails(person_id=person.id, kind=kind)
    return mail.status


def has_status(world: World, person: Person, kind: str, *statuses: str) -> Callable[[], Awaitable[bool]]:
    """A condition: the mail is in one of these states."""

    async def condition() -> bool:
        return await status(world, person, kind) in statuses

    return condition


def inbox_of(world: World, person: Person) -> list[EmailMessage]:
    """The messages that the mail server has for a person, oldest first."""
    address = world.intake.address(person)
    ids = [mail.id for mail in reversed(world.store.newest_first()) if mail.recipients == (address,)]
    return [mail.message for id_ in ids if (mail := world.store.get(id_))]
