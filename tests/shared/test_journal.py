"""The journal of erasures reaches databases that were restored, before their service serves."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from nats.aio.client import Client
from nats.js.api import StreamConfig

from devtools.local.nats import Nats
from devtools.testing.fixtures import Databases
from devtools.testing.identities import connect, provide_streams
from shared.events import Stream, people
from shared.events.base import ERASURE_KEPT, JOURNAL
from shared.kit.messaging import journal as journals
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.handled_events import HandledEvents
from shared.kit.messaging.journal import Journal, JournalUnavailable, entries
from shared.reference.retention import Data, kept_for
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually
from tests.shared.support.toy import Toy

journal = Journal(toys.Base.metadata)


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[Client]:
    client = await connect(nats_url)
    yield client
    await client.close()


@pytest.fixture
async def url(database_url: Databases) -> str:
    return await database_url("journal", toys.Base.metadata)


def erased(person_id: UUID, days_ago: int = 0) -> people.Erased:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return people.Erased(**Cause.fresh().stamp(people.Erased, person_id, at), person_id=person_id, signup_ids=())


async def publish(broker: Client, *events: people.Erased) -> None:
    """Publish, and wait until the broker has copied it."""
    for event in events:
        await broker.jetstream().publish(event.subject, event.model_dump_json().encode())

    async def copied() -> bool:
        state = (await broker.jetstream().stream_info(JOURNAL)).state
        return state.messages >= len(events)

    await eventually(copied)


def toy(url: str, nats_url: str) -> Toy:
    one = Toy(url, nats_url)
    one.service.journal = journal
    return one


async def restore(one: Toy) -> None:
    """Make the tables others than those that looked last, with events that they have handled."""
    async with one.service.database.transaction() as session:
        await session.execute(sa.text("truncate inbox, seen"))
        await session.execute(sa.insert(toys.inbox.table).values(consumer="toy-people", event_id=uuid4()))


async def test_entries_are_read_in_order_and_in_several_answers(
    broker: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "AT_ONCE", 3)
    events = [erased(uuid4()) for _ in range(10)]
    await publish(broker, *events)
    other = people.PageLinkAsked(
        **Cause.fresh().stamp(people.PageLinkAsked, 1, datetime.now(UTC)),
        person_id=uuid4(), link_id=uuid4(), expires_at=datetime.now(UTC), language="nb",
    )  # fmt: skip
    await broker.jetstream().publish(other.subject, other.model_dump_json().encode())
    assert [event async for event in entries(broker, None)] == events
    assert [event async for event in entries(broker, datetime.now(UTC) - timedelta(hours=1))] == events
    assert [event async for event in entries(broker, datetime.now(UTC) + timedelta(hours=1))] == []


async def test_entries_without_a_journal_are_unavailable(broker: Client, nats_url: str) -> None:
    await broker.jetstream().delete_stream(JOURNAL)
    with pytest.raises(JournalUnavailable):
        _ = [event async for event in entries(broker, None)]
    await provide_streams(nats_url)
    assert [event async for event in entries(broker, None)] == []


async def test_journal_keeps_erasures_for_their_retention(broker: Client) -> None:
    config: StreamConfig = (await broker.jetstream().stream_info(JOURNAL)).config
    assert timedelta(seconds=config.max_age or 0) == kept_for(Data.JOURNAL_ENTRY) == ERASURE_KEPT


async def test_restored_database_is_erased_before_it_is_served(broker: Client, url: str, nats_url: str) -> None:
    person = uuid4()
    async with toy(url, nats_url).running() as one:
        await one.publish(person)
        await eventually(lambda: one.times(person))
        await eventually(lambda: _copied(broker))
    for _ in range(3):
        again = toy(url, nats_url)
        await restore(again)
        async with again.running():
            assert await again.times(person) == 1, "though its consumer has read the event long ago"
    same = toy(url, nats_url)
    async with same.running():
        assert await same.times(person) == 1


async def _looked(one: Toy) -> bool:
    async with one.service.database.transaction() as session:
        return await session.scalar(sa.select(journal.table.c.identity)) is not None


async def _copied(broker: Client) -> bool:
    return bool((await broker.jetstream().stream_info(JOURNAL)).state.messages)


async def test_restored_database_waits_for_the_broker(url: str, nats_url: str, nats_server: Nats) -> None:
    person = uuid4()
    client = await connect(nats_url)
    async with toy(url, nats_url).running() as one:
        await one.publish(person)
        await eventually(lambda: one.times(person))
        await eventually(lambda: _copied(client))
    await client.close()
    await restore(again := toy(url, nats_url))
    nats_server.kill()
    served = asyncio.Event()

    async def serve() -> None:
        async with again.running():
            assert await again.times(person) == 1
            served.set()

    serving = asyncio.create_task(serve())
    _, pending = await asyncio.wait({serving}, timeout=journals.CONNECT_SECONDS + 1)
    assert pending
    assert not served.is_set()
    nats_server.start()
    await serving
    assert served.is_set()


async def test_other_database_serves_without_the_broker(url: str, nats_url: str, nats_server: Nats) -> None:
    async with toy(url, nats_url).running() as one:
        await one.publish(uuid4())
        await eventually(one.handled_count)
        await eventually(lambda: _looked(one))
    nats_server.kill()
    async with toy(url, nats_url).running() as again:
        assert not again.service.listening
    nats_server.start()


async def test_apply_twice_handles_once_and_reports_only_what_is_new(broker: Client, url: str, nats_url: str) -> None:
    new, old = uuid4(), uuid4()
    asked = erased(new).model_copy(update={"wants_receipt": True})
    await publish(broker, asked, erased(old, days_ago=20).model_copy(update={"wants_receipt": True}))
    one = toy(url, nats_url)
    seen: dict[UUID, bool] = {}

    async def handle(_session: object, event: people.Erased) -> None:
        seen[event.person_id] = event.wants_receipt

    one.consumer.handlers[people.Erased] = handle
    await one.service.connection.start()
    parts = one.service.database, toys.inbox, one.consumer, one.service.connection
    assert [await journal.apply(*parts) for _ in range(2)] == [2, 0]
    assert seen == {new: True, old: False}
    await one.service.connection.stop()
    await one.service.database.dispose()


@pytest.mark.asvs("14.2.4")
async def test_erasure_is_forgotten_by_its_stream_and_kept_in_the_journal(
    broker: Client, url: str, nats_url: str
) -> None:
    person = uuid4()
    async with toy(url, nats_url).running() as one:
        await one.publish(person)
        await eventually(lambda: one.times(person))
        for other in ("grouping-people", "notify-people"):
            await broker.jetstream().delete_consumer("PEOPLE", other)
        handled = HandledEvents(one.service.connection, {Stream.PEOPLE: {"toy-people"}})

        async def forgotten() -> bool:
            await handled.forget()
            return not (await broker.jetstream().stream_info("PEOPLE")).state.messages

        await eventually(forgotten)
    assert [event.person_id async for event in entries(broker, None)] == [person]


async def test_stream_of_people_without_a_journal_forgets_nothing(broker: Client, url: str, nats_url: str) -> None:
    person = uuid4()
    async with toy(url, nats_url).running() as one:
        await one.publish(person)
        await eventually(lambda: one.times(person))
        await broker.jetstream().delete_stream(JOURNAL)
        handled = HandledEvents(one.service.connection, {Stream.PEOPLE: {"toy-people"}})
        for _ in range(3):
            await handled.forget()
    assert (await broker.jetstream().stream_info("PEOPLE")).state.messages == 1
