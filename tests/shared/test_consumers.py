"""Guarantees of a consumer, on a real broker and a real database."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from nats.js import JetStreamContext
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError

from devtools.local.nats import Nats
from devtools.local.postgres import Postgres
from devtools.testing.fixtures import Databases
from devtools.testing.identities import TOY, connect, provide_streams
from shared.errors import DomainError, NotYet
from shared.events import STREAMS, Stream, people
from shared.kit import health, service
from shared.kit.messaging.causes import Cause
from shared.kit.observation import Observer
from shared.reference.retention import Data, kept_for
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually
from tests.shared.support.toy import Toy, new_person


@pytest.fixture
async def toy(database_url: Databases, nats_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Toy]:
    monkeypatch.setattr(service, "CONSUMER_CHECK_SECONDS", 1)
    async with Toy(await database_url("toy", toys.Base.metadata), nats_url).running() as toy:
        yield toy


async def letters(toy: Toy) -> list[dict[str, object]]:
    async with toy.service.database.transaction() as session:
        return [dict(row) for row in await toys.dead_letters.all(session)]


async def publish(toy: Toy, subject: str, payload: bytes) -> None:
    connection = await connect(toy.service.settings.nats_url)
    await eventually(lambda: _listening(toy))
    await connection.jetstream().publish(subject, payload, stream="PEOPLE")
    await connection.close()


async def _listening(toy: Toy) -> bool:
    return toy.service.listening


async def test_event_travels_from_outbox_to_handler(toy: Toy) -> None:
    person = new_person()
    await toy.publish(person)
    assert await eventually(lambda: toy.times(person)) == 1


async def test_event_published_twice_is_handled_once(toy: Toy) -> None:
    person, last = new_person(), new_person()
    (event,) = await toy.publish(person)
    await eventually(lambda: toy.times(person))
    payload = event.model_dump_json().encode()
    await publish(toy, event.subject, payload)
    await publish(toy, event.subject, payload)
    await toy.publish(last)
    await eventually(lambda: toy.times(last))
    assert await toy.times(person) == 1


async def test_event_published_twice_is_stored_once(toy: Toy) -> None:
    """As when the relay published an event, and died before it noted that."""
    (event,) = await toy.publish(new_person())
    connection = await connect(toy.service.settings.nats_url)
    await eventually(lambda: _listening(toy))

    async def stored() -> int:
        state = (await connection.jetstream().stream_info("PEOPLE")).state
        return state.last_seq

    before = await eventually(stored)
    payload = event.model_dump_json().encode()
    await toy.service.connection.publish("PEOPLE", event.subject, payload, str(event.event_id))
    assert await stored() == before
    await connection.close()


async def test_transient_failure_is_retried(toy: Toy) -> None:
    person = new_person()
    toy.fail_with[person] = [RuntimeError("first"), NotYet()]
    await toy.publish(person)
    assert await eventually(lambda: toy.times(person)) == 1
    assert await letters(toy) == []


@pytest.mark.asvs("1.5.2")
@pytest.mark.parametrize(
    ("subject", "payload", "reason"),
    [
        ("people.erased.v1", b"\xff\xfe", "not_json"),
        ("people.erased.v1", b'{"event_id": ', "not_json"),
        ("people.erased.v1", b"[" * 9000, "not_json"),
        ("people.erased.v1", b'{"event_id": NaN}', "not_json"),
        ("people.erased.v1", b'{"event_id": "kari@example.org"}', "invalid correlation_id:missing"),
        ("people.erased.v9", b"{}", "unknown_event"),
        ("people.gone.v1", b"{}", "unknown_event"),
        ("people.kari@example.org", b"kari@example.org", "unknown_event"),
        ("people.erased.kari@example.org", b'{"event_id": "kari@example.org"}', "unknown_event"),
    ],
)
async def test_unreadable_message_is_a_dead_letter_at_once(toy: Toy, subject: str, payload: bytes, reason: str) -> None:
    await publish(toy, subject, payload)
    after = new_person()
    await toy.publish(after)
    await eventually(lambda: toy.times(after))
    (letter,) = await eventually(lambda: letters(toy))
    assert str(letter["reason"]).startswith(reason)
    assert "example.org" not in str(letter)
    assert letter["attempts"] == 1


async def test_domain_error_is_a_dead_letter_that_can_be_replayed(toy: Toy) -> None:
    person = new_person()
    toy.fail_with[person] = [DomainError("group_closed"), DomainError("still_closed")]
    await toy.publish(person)
    (letter,) = await eventually(lambda: letters(toy))
    assert letter["reason"] == "group_closed"

    async def reason_is(text: str) -> bool:
        return [row["reason"] for row in await letters(toy)] == [text]

    await _ask_replay(toy, letter["id"])
    await eventually(lambda: reason_is("still_closed"))
    assert await toy.times(person) == 0
    await _ask_replay(toy, letter["id"])
    assert await eventually(lambda: toy.times(person)) == 1

    async def no_letter() -> bool:
        return not await letters(toy)

    await eventually(no_letter)


async def _ask_replay(toy: Toy, letter_id: object) -> None:
    assert isinstance(letter_id, int)
    async with toy.service.database.transaction() as session:
        letter = await toys.dead_letters.get(session, letter_id)
        assert letter is not None
        assert await toys.dead_letters.ask_replay(session, letter_id, datetime.now(UTC))
        assert await toys.outbox.resend(session, letter["event_id"])


async def test_event_with_new_fields_is_handled(toy: Toy) -> None:
    person = new_person()
    stamp = Cause.fresh().stamp(people.Erased, person, datetime.now(UTC))
    event = people.Erased(**stamp, person_id=person, signup_ids=())
    await publish(toy, event.subject, json.dumps(json.loads(event.model_dump_json()) | {"new": "field"}).encode())
    assert await eventually(lambda: toy.times(person)) == 1


async def test_event_added_without_broker_is_delivered_later(toy: Toy, nats_server: Nats) -> None:
    before, meanwhile = new_person(), new_person()
    await toy.publish(before)
    await eventually(lambda: toy.times(before))
    nats_server.kill()
    await toy.publish(meanwhile)
    observation = await Observer(toy.service).latest()
    assert not observation.well
    assert observation.database
    nats_server.start()
    assert await eventually(lambda: toy.times(meanwhile)) == 1


async def test_service_started_without_broker_delivers_later(
    database_url: Databases, nats_url: str, nats_server: Nats
) -> None:
    nats_server.kill()
    person = new_person()
    async with Toy(await database_url("toy", toys.Base.metadata), nats_url).running() as toy:
        await toy.publish(person)
        assert await toy.handled_count() == 0
        nats_server.start()
        assert await eventually(lambda: toy.times(person)) == 1


@pytest.mark.parametrize("subscribed", [0, 1])
async def test_service_whose_broker_goes_away_at_start_delivers_later(
    database_url: Databases, nats_url: str, nats_server: Nats, monkeypatch: pytest.MonkeyPatch, *, subscribed: int
) -> None:
    """The broker ends after the service has connected, before all that it subscribes to."""
    subscribe, asked = JetStreamContext.pull_subscribe, 0

    async def subscribe_without_broker(*given: Any, **named: Any) -> JetStreamContext.PullSubscription:
        nonlocal asked
        asked += 1
        if asked > subscribed + 1:
            return await subscribe(*given, **named)
        if asked == subscribed + 1:
            nats_server.kill()
        try:
            return await subscribe(*given, **named)
        finally:
            if asked == subscribed + 1:
                nats_server.start()

    monkeypatch.setattr(JetStreamContext, "pull_subscribe", subscribe_without_broker)
    person = new_person()
    async with Toy(await database_url("toy", toys.Base.metadata), nats_url, batches=True).running() as toy:
        await eventually(lambda: _listening(toy))
        await toy.publish(person)
        assert await eventually(lambda: toy.times(person)) == 1
    assert asked == 3, "two subscriptions, one of them asked for twice"


async def test_service_recovers_after_database_crash(toy: Toy, postgres_server: Postgres) -> None:
    first, second = new_person(), new_person()
    await toy.publish(first)
    await eventually(lambda: toy.times(first))
    # In a thread, so that this process sees its connections end, as a service does; but a server dies with the
    # thread that started it.
    await asyncio.to_thread(postgres_server.kill)
    postgres_server.start()

    async def published() -> bool:
        # The first use of a dead connection fails; the second gets a new one.
        try:
            await toy.publish(second)
        except InterfaceError:
            return False
        return True

    await eventually(published)
    assert await eventually(lambda: toy.times(second)) == 1


async def test_deleted_consumer_is_reported_and_skips_nothing_once_made(toy: Toy, nats_url: str) -> None:
    first, second = new_person(), new_person()
    await toy.publish(first)
    await eventually(lambda: toy.times(first))
    connection = await connect(nats_url)
    await connection.jetstream().delete_consumer("PEOPLE", "toy-people")
    await connection.close()
    await toy.publish(second)
    observation = await Observer(toy.service).latest()
    assert (observation.well, observation.missing) == (False, ("toy-people",))
    await provide_streams(nats_url, TOY.durables)
    assert await eventually(lambda: toy.times(second)) == 1
    assert await toy.times(first) == 1


async def test_two_copies_handle_each_event_once_and_relay_in_order(database_url: Databases, nats_url: str) -> None:
    url = await database_url("toy", toys.Base.metadata)
    crowd = [new_person() for _ in range(200)]
    async with Toy(url, nats_url, max_in_flight=10).running() as one, Toy(url, nats_url, max_in_flight=10).running():
        for person in crowd:
            await one.publish(person)

        async def all_handled() -> bool:
            return await one.handled_count() == len(crowd)

        await eventually(all_handled)
        assert {await one.times(person) for person in crowd} == {1}
        connection = await connect(nats_url)
        stored = connection.jetstream()
        messages = [await stored.get_msg("PEOPLE", n + 1) for n in range(len(crowd))]
        order = [json.loads(message.data or b"")["person_id"] for message in messages]
        assert order == [str(person) for person in crowd]
        await connection.close()


async def test_metrics_count_runs_of_periodic_jobs(toy: Toy) -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(health.routes(toy.service, Observer(toy.service)))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy") as client:

        async def replay_is_counted() -> bool:
            metrics = (await client.get("/metrics")).text
            return 'selvhjelp_job_runs_total{outcome="done",periodic_job="delete_replayed_letters"}' in metrics

        assert await eventually(replay_is_counted)


async def test_streams_drop_events_after_their_retention(toy: Toy) -> None:
    await eventually(lambda: _listening(toy))
    connection = await connect(toy.service.settings.nats_url)
    for stream in STREAMS:
        config = (await connection.jetstream().stream_info(stream.value)).config
        kept = timedelta(seconds=config.max_age or 0)
        assert kept == (timedelta() if stream is Stream.CENTRES else kept_for(Data.STREAM_EVENT))
    await connection.close()


async def test_events_and_letters_end_at_their_retention(toy: Toy) -> None:
    person = new_person()
    await toy.publish(person)
    await eventually(lambda: toy.times(person))
    await publish(toy, "people.gone.v1", b"{}")
    await eventually(lambda: letters(toy))
    ends = {
        "outbox": ("sent_at", Data.SENT_EVENT),
        "inbox": ("seen_at", Data.HANDLED_EVENT),
        "dead_letters": ("buried_at", Data.DEAD_LETTER),
    }
    (delete_old,) = [job for job in toy.service._own_jobs() if job.name == "delete_old_events"]
    for table, (column, data) in ends.items():
        for more, left in ((timedelta(hours=-1), 1), (timedelta(hours=1), 0)):
            age = kept_for(data) + more
            async with toy.service.database.transaction() as session:
                statement = f"update {table} set {column} = now() - make_interval(secs => {age.total_seconds()})"
                await session.execute(text(statement))
            await delete_old.run()
            async with toy.service.database.transaction() as session:
                assert min(1, (await session.execute(text(f"select count(*) from {table}"))).scalar_one()) == left
