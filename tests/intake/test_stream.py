"""Intake with a real broker: published events, consumed seat changes, and the contacts service."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import nats
import pytest
from fastapi import FastAPI
from nats.aio.client import Client

from devtools.testing.identities import connect
from intake.app import build
from shared.events import Event, contacts, groups
from shared.kit.messaging.causes import Cause
from tests.intake.support.browser import settings
from tests.intake.support.world import World


@asynccontextmanager
async def running(world: World, nats_url: str) -> AsyncIterator[FastAPI]:
    app = build(settings(world, nats_url=nats_url), world.clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[Client]:
    client = await connect(nats_url)
    yield client
    await client.close()


async def until(condition: Any, seconds: float = 60) -> None:
    """Wait until ``await condition()`` is true."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def stored(broker: Client, stream: str) -> list[dict[str, Any]]:
    js = broker.jetstream()
    try:
        info = await js.stream_info(stream)
    except nats.js.errors.NotFoundError:
        return []
    return [
        {"subject": message.subject, **json.loads(message.data or b"{}")}
        for sequence in range(info.state.first_seq, info.state.last_seq + 1)
        if (message := await js.get_msg(stream, sequence))
    ]


async def test_relay_publishes_events_without_personal_data(world: World, nats_url: str, broker: Client) -> None:
    async with running(world, nats_url):
        signup_id = await world.confirmed(first_name="Hemmelignavn", email="hemmelig@example.org")
        await until(lambda: _is_ready(broker))
        published = [event for event in await stored(broker, "SIGNUPS") if event["subject"] != "signups.listed.v1"]
    assert [event["subject"] for event in published] == [
        "signups.received.v1",
        "signups.confirmed.v1",
        "signups.ready.v1",
    ]
    assert {str(signup_id)} == {event["signup_id"] for event in published}
    assert "emmelig" not in json.dumps(published)


async def _is_ready(broker: Client) -> bool:
    return any(event["subject"] == "signups.ready.v1" for event in await stored(broker, "SIGNUPS"))


async def _has(broker: Client, stream: str, count: int) -> bool:
    return len(await stored(broker, stream)) >= count


def _seat(signup_id: UUID) -> groups.Seat:
    return groups.Seat(seat_id=uuid4(), signup_id=signup_id, person_id=uuid4(), language="nb")


def history(world: World, signup_id: UUID) -> list[Event]:
    """Return the events of a group that was cancelled, and of one that started."""
    seat, first, second = _seat(signup_id), uuid4(), uuid4()
    now = world.clock.now()
    events: list[Event] = []

    def add(kind: type[Any], group: UUID, version: int, **fields: Any) -> None:
        at = now + timedelta(minutes=len(events))
        common = {"group_id": group, "version": version, "centre": "link-bergen", "area": "bergen"}
        events.append(kind(**Cause.fresh().stamp(kind, (group, version), at), **common, **fields))

    offer = {
        "seat": seat,
        "slot": "tue-evening",
        "spoken_language": "nb",
        "size": 5,
        "deadline": now + timedelta(days=3),
    }
    add(groups.SeatOffered, first, 1, **offer)
    add(groups.SeatTaken, first, 2, seat=seat)
    add(groups.Cancelled, first, 3, reason="too_few", seats=(seat,))
    add(groups.SeatOffered, second, 1, **offer)
    add(groups.SeatReleased, second, 2, seat=seat, reason="moved", waits=True)
    add(groups.SeatOffered, second, 3, **offer)
    add(groups.SeatTaken, second, 4, seat=seat)
    add(groups.Started, second, 5, size=5, policy_version="2026-11-1", started_at=now, seats=(seat,))
    return events


@pytest.mark.parametrize("steps", range(1, 9))
async def test_seat_changes_twice_and_in_any_order_same_state(world: World, steps: int) -> None:
    """Bypass the inbox, so that the rules alone must make a copy harmless."""
    from intake.handlers import consumers
    from intake.store import signups

    signup_id = await world.confirmed()
    consumer, *_ = consumers(world.clock)
    seat_changes = history(world, signup_id)[:steps]
    expected = ["offered", "seated", "ready", "offered", "ready", "offered", "seated", "member"][steps - 1]
    shuffled = seat_changes * 2
    random.Random(steps).shuffle(shuffled)
    for event in shuffled:
        async with world.transaction() as session:
            await consumer.handlers[type(event)](session, event)
    async with world.transaction() as session:
        row = await signups.get(session, signup_id)
    assert row is not None
    assert expected == row.state


async def test_consumer_poison_messages_become_dead_letters(world: World, nats_url: str, broker: Client) -> None:
    signup_id = await world.confirmed()
    async with running(world, nats_url):
        js = broker.jetstream()
        await until(lambda: _stream_is_there(broker))
        await js.publish("groups.seat_offered.v1", b'{"broken": tru', stream="GROUPS")
        await js.publish("groups.seat_offered.v9", b"{}", stream="GROUPS")
        for event in history(world, signup_id) * 2:
            await js.publish(event.subject, event.model_dump_json().encode(), stream="GROUPS")
        await until(lambda: _state_is(world, "member"))
        await until(lambda: _buried(world, 2))


async def _stream_is_there(broker: Client) -> bool:
    try:
        await broker.jetstream().consumer_info("GROUPS", "intake-groups")
    except nats.errors.Error:
        return False
    return True


async def _state_is(world: World, state: str) -> bool:
    return await world.count("signups", f"state = '{state}'") == 1


async def _buried(world: World, count: int) -> bool:
    return await world.count("dead_letters") == count


async def test_contacts_service_answers_known_people_and_records_it(
    world: World, nats_url: str, broker: Client
) -> None:
    kari = await world.person_of(await world.confirmed())
    ola = await world.person_of(await world.confirmed(email="ola@example.org", first_name="Ola"))
    await world.erase(ola)

    notify = await connect(nats_url, "notify")

    async def ask(*ids: UUID) -> contacts.Answer:
        reply = await notify.request(contacts.subject_of("notify"), _question(*ids), timeout=60)
        return contacts.Answer.model_validate_json(reply.data)

    async with running(world, nats_url):
        await until(lambda: _answers(notify))
        answer = await ask(kari, ola, uuid4())
        (contact,) = answer.contacts
        assert (kari, "Kari", "kari@example.org", "nb") == (
            contact.person_id, contact.first_name, contact.email, contact.language,
        )  # fmt: skip
        assert await world.count("contact_readings", "reader = 'notify' and service = 'notify'") == 1
        with pytest.raises(nats.errors.TimeoutError):
            await notify.request(contacts.subject_of("notify"), b'{"person_ids": []}', timeout=0.5)
        with pytest.raises(nats.errors.TimeoutError):  # the answer would go to another than the one that is named
            await broker.request(contacts.subject_of("notify"), _question(kari), timeout=0.5)
        assert len((await ask(kari)).contacts) == 1
    await notify.close()


def _question(*ids: UUID) -> bytes:
    return contacts.Question(person_ids=ids, purpose="mail").model_dump_json().encode()


async def _answers(notify: Client) -> bool:
    try:
        await notify.request(contacts.subject_of("notify"), _question(uuid4()), timeout=1)
    except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
        return False
    return True


async def test_register_without_broker_fills_outbox(world: World) -> None:
    async with running(world, "nats://127.0.0.1:1"):
        await world.confirmed()
        assert (
            await world.count(
                "outbox", "sent_at is null and subject like 'signups.%' and subject <> 'signups.listed.v1'"
            )
            == 3
        )
