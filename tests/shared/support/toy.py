"""A minimal service, to test the kit on a real broker and a real database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Column, Integer, Table, Uuid, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from devtools.testing.identities import AUTHORITY, SEEDS
from shared.events import Stream, people
from shared.kit.clock import SystemClock
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.inbox import Inbox
from shared.kit.messaging.known_streams import KnownStreams
from shared.kit.messaging.outbox import Outbox
from shared.kit.service import Service
from shared.kit.settings import ServiceSettings
from tests.shared.support.staff import STAFF_KEYS

KEY = "k" * 32


class Base(SQLModel, registry=registry()):
    pass


outbox = Outbox(Base.metadata)
inbox = Inbox(Base.metadata)
dead_letters = DeadLetters(Base.metadata, inbox)
known_streams = KnownStreams(Base.metadata, [Stream.PEOPLE])
seen = Table("seen", Base.metadata, Column("person_id", Uuid, primary_key=True), Column("times", Integer))


class Toy:
    """
    Publishes people.erased and counts the events that it handles for each person.

    Attributes:
        fail_with: Errors that its handler raises for a person, in turn.
        blocked: For one of these people its handler waits until the event is set.
        batch_sizes: The number of events in each batch.
    """

    def __init__(self, database_url: str, nats_url: str, *, max_in_flight: int = 1, batches: bool = False) -> None:
        settings = ServiceSettings(
            database_url=SecretStr(database_url),
            nats_url=nats_url,
            common_key=SecretStr(KEY),
            nats_seed=SEEDS["toy"],
            nats_authority=AUTHORITY.certificate,
            staff_keys=STAFF_KEYS,
        )
        self.fail_with: dict[UUID, list[Exception]] = {}
        self.blocked: dict[UUID, asyncio.Event] = {}
        self.batch_sizes: list[int] = []
        consumer = Consumer("toy-people", Stream.PEOPLE, max_in_flight=max_in_flight)

        @consumer.on(people.Erased)
        async def erased(session: AsyncSession, event: people.Erased) -> None:
            if event.person_id in self.blocked:
                await self.blocked[event.person_id].wait()
            waiting = self.fail_with.get(event.person_id)
            if waiting:
                raise waiting.pop(0)
            row = insert(seen).values(person_id=event.person_id, times=1)
            await session.execute(
                row.on_conflict_do_update(index_elements=["person_id"], set_={"times": seen.c.times + 1})
            )

        if batches:

            @consumer.on_batch(people.Erased)
            async def all_erased(session: AsyncSession, events: Sequence[people.Erased]) -> None:
                self.batch_sizes.append(len(events))
                for event in events:
                    await erased(session, event)

        self.consumer = consumer
        self.service = Service(
            "toy",
            settings,
            Database(settings.database_url),
            SystemClock(),
            outbox=outbox,
            inbox=inbox,
            dead_letters=dead_letters,
            consumers=(consumer,),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Toy"]:
        async with self.service.lifespan(FastAPI()):
            yield self

    async def publish(self, *person_ids: UUID) -> list[people.Erased]:
        events = [
            people.Erased(**Cause.fresh().stamp(people.Erased, id_, datetime.now(UTC)), person_id=id_, signup_ids=())
            for id_ in person_ids
        ]
        async with self.service.database.transaction() as session:
            await outbox.add(session, *events)
        return events

    async def times(self, person_id: UUID) -> int:
        async with self.service.database.transaction() as session:
            return await session.scalar(select(seen.c.times).where(seen.c.person_id == person_id)) or 0

    async def handled_count(self) -> int:
        async with self.service.database.transaction() as session:
            return int(await session.scalar(select(func.count()).select_from(seen)) or 0)


def new_person() -> UUID:
    return uuid4()
