"""A stream that was lost is noticed by its publisher and filled again, and nothing is handled twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from devtools.testing.fixtures import Databases
from devtools.testing.identities import TOY, connect, provide_streams, renew_streams
from shared.events import Stream
from shared.kit.database.engine import Database
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually
from tests.shared.support.toy import Toy, new_person


@pytest.fixture
async def toy(database_url: Databases, nats_url: str) -> AsyncIterator[Toy]:
    async with Toy(await database_url("toy", toys.Base.metadata), nats_url).running() as toy:
        yield toy


async def refill(toy: Toy) -> int:
    service = toy.service
    return await toys.known_streams.refill(service.database, toys.outbox, service.connection)


async def lose_streams(nats_url: str) -> None:
    await renew_streams(nats_url)
    await provide_streams(nats_url, TOY.durables)


async def handled(toy: Toy, *people: UUID) -> None:
    async def all_handled() -> bool:
        return [await toy.times(person) for person in people] == [1] * len(people)

    assert await eventually(all_handled)


async def publish_and_look(toy: Toy, count: int = 3) -> list[UUID]:
    people = [new_person() for _ in range(count)]
    await toy.publish(*people)
    await handled(toy, *people)
    assert await refill(toy) == 0
    return people


async def forget_that_it_was_handled(toy: Toy, person: UUID) -> None:
    """As if the message had been lost before it was read."""
    async with toy.service.database.transaction() as session:
        await session.execute(toys.seen.delete().where(toys.seen.c.person_id == person))
        rows = (await session.execute(select(toys.outbox.table.c.event_id, toys.outbox.table.c.payload))).all()
        (event_id,) = [row.event_id for row in rows if str(person).encode() in row.payload]
        await session.execute(toys.inbox.table.delete().where(toys.inbox.table.c.event_id == event_id))


async def test_refill_leaves_a_stream_as_it_was_alone(toy: Toy) -> None:
    await publish_and_look(toy)
    assert await refill(toy) == 0


async def test_refill_of_a_new_stream_brings_back_what_was_lost_once(toy: Toy, nats_url: str) -> None:
    people = await publish_and_look(toy)
    await lose_streams(nats_url)
    await forget_that_it_was_handled(toy, people[1])
    assert await refill(toy) == 3
    assert await refill(toy) == 0
    await handled(toy, *people)


async def test_refill_of_an_older_copy_of_the_stream_sends_again(toy: Toy) -> None:
    await publish_and_look(toy)
    database = Database(toy.service.settings.database_url)  # of a process that starts later
    async with database.transaction() as session:
        await session.execute(update(toys.known_streams.table).values(last_sequence=999))
    for expected in (3, 0):
        assert await toys.known_streams.refill(database, toys.outbox, toy.service.connection) == expected
    await database.dispose()


async def test_refill_of_an_empty_stream_at_the_first_look_sends_again(toy: Toy, nats_url: str) -> None:
    people = await publish_and_look(toy)
    async with toy.service.database.transaction() as session:
        await session.execute(toys.known_streams.table.delete())
    assert await refill(toy) == 0, "the version before has filled it"
    async with toy.service.database.transaction() as session:
        await session.execute(toys.known_streams.table.delete())
    await lose_streams(nats_url)
    await forget_that_it_was_handled(toy, people[0])
    assert await refill(toy) == 3
    await handled(toy, *people)


async def test_refill_by_two_copies_at_once_fills_once(toy: Toy, nats_url: str) -> None:
    await publish_and_look(toy)
    await lose_streams(nats_url)
    assert sorted(await asyncio.gather(refill(toy), refill(toy))) == [0, 3]


async def test_refill_without_streams_or_broker_waits(toy: Toy, nats_url: str) -> None:
    people = await publish_and_look(toy)
    client = await connect(nats_url)
    for stream in ("JOURNAL", Stream.PEOPLE.value):
        await client.jetstream().delete_stream(stream)
    await client.close()
    assert await refill(toy) == 0
    await lose_streams(nats_url)
    await forget_that_it_was_handled(toy, people[2])
    assert await refill(toy) == 3
    await handled(toy, *people)


async def rebuilt(session: AsyncSession) -> int:
    del session
    return 7


async def test_refill_publishes_what_the_tables_have(toy: Toy, nats_url: str) -> None:
    await publish_and_look(toy)
    await lose_streams(nats_url)
    service = toy.service
    sent = await toys.known_streams.refill(
        service.database, toys.outbox, service.connection, {Stream.PEOPLE: rebuilt, Stream.CENTRES: rebuilt}
    )
    assert sent == 10


@pytest.mark.parametrize(
    ("changes", "since", "expected"),
    [
        ({}, None, 1),
        ({"created_at": timedelta(days=-6)}, None, 1),
        ({"created_at": timedelta(days=-8)}, None, 0),
        ({"created_at": timedelta(days=-8)}, timedelta(days=-30), 0),
        ({"created_at": timedelta(hours=-3)}, timedelta(hours=-2), 0),
        ({"created_at": timedelta(hours=-1)}, timedelta(hours=-2), 1),
        ({"sent_at": None}, None, 0),
        ({"parked_at": timedelta()}, None, 0),
        ({"payload": b""}, None, 0),
        ({"stream": "GROUPS"}, None, 0),
    ],
)
async def test_replay_sends_what_is_kept_and_was_sent(
    database_url: Databases, changes: dict[str, object], since: timedelta | None, expected: int
) -> None:
    now = datetime.now(UTC)
    given = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    row = {
        "event_id": new_person(),
        "stream": "PEOPLE",
        "subject": "people.erased.v1",
        "payload": b"{}",
        "created_at": now,
        "sent_at": now,
    }
    toy = Toy(await database_url("toy", toys.Base.metadata), "nats://127.0.0.1:9")
    async with toy.service.database.transaction() as session:
        await session.execute(insert(toys.outbox.table).values(row | given))
        sent = await toys.outbox.replay(session, streams=[Stream.PEOPLE], since=now + since if since else None)
        unsent, _ = await toys.outbox.unsent(session)
    await toy.service.database.dispose()
    assert sent == expected
    assert unsent == expected + (changes == {"sent_at": None})


async def test_dead_letter_of_a_new_stream_is_kept_beside_the_old_one(toy: Toy) -> None:
    """A new stream counts from one again."""
    async with toy.service.database.transaction() as session:
        for payload in (b'{"event_id": "%s"}' % str(new_person()).encode() for _ in range(2)):
            for _ in range(2):
                await toys.dead_letters.store(
                    session,
                    consumer="toy-people",
                    stream="PEOPLE",
                    stream_sequence=1,
                    subject="people.erased.v1",
                    payload=payload,
                    reason="no",
                    attempts=1,
                )
        assert await toys.dead_letters.count(session) == 2
