"""The whole service on the real broker: events in by the stream, groups out by it."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from devtools.testing.identities import connect, provide_streams
from grouping.app import build
from grouping.store import dead_letters
from shared.events import Event, groups
from shared.events.base import GroupEvent
from tests.grouping.support.browser import Browser, settings
from tests.grouping.support.world import World
from tests.shared.support.eventually import eventually

SLOTS = ("mon-day", "tue-day", "wed-day", "thu-day")


@asynccontextmanager
async def running(world: World, nats_url: str) -> AsyncIterator[FastAPI]:
    app = build(settings(world, nats_url), world.clock)
    async with app.router.lifespan_context(app):
        await eventually(lambda: _is(app.state.service.listening))
        yield app


async def _is(what: object) -> bool:
    return bool(what)


class Stream:
    """A publisher of intake's events that reads grouping's."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def publish(self, *events: Event, raw: dict[str, bytes] | None = None) -> None:
        connection = await connect(self._url)
        stream = connection.jetstream()
        messages = [(event.subject, event.model_dump_json().encode(), event.stream.value) for event in events]
        messages += [(subject, payload, "SIGNUPS") for subject, payload in (raw or {}).items()]
        for subject, payload, name in messages:
            await stream.publish(subject, payload, stream=name, timeout=60)
        await connection.close()

    async def stored(self, name: str) -> int:
        connection = await connect(self._url)
        info = await connection.jsm().stream_info(name)
        await connection.close()
        return int(info.state.messages)

    async def forget(self, name: str, durable: str) -> None:
        connection = await connect(self._url)
        await connection.jsm().delete_consumer(name, durable)
        await connection.close()


async def handled(app: FastAPI) -> bool:
    """True if nothing waits to be delivered, acknowledged or sent."""
    answer = (await Browser(app).get("/status.json")).json()
    consumers = [answer[name] for name in ("grouping-signups", "grouping-people")]
    return all(consumer == {"pending": 0, "unacked": 0} for consumer in consumers) and not answer["outbox_age_seconds"]


async def test_stream_shuffled_and_doubled_events_keep_every_rule(world: World, nats_url: str) -> None:
    events: list[Event] = [world.ready(number) for number in range(1, 30)]
    events += [world.withdrawn(3), world.erased(4), world.changed(5, slots=("wed-day",))]
    events *= 2
    random.Random(5).shuffle(events)
    stream = Stream(nats_url)
    async with running(world, nats_url) as app:
        await stream.publish(*events)
        await eventually(lambda: handled(app))

        await world.check()
        published = [event for event in await world.published() if isinstance(event, GroupEvent)]
        assert len(await world.statuses()) == 28
        assert await stream.stored("GROUPS") == len(published) > 24
        before = await world.dump()

        # BR-11: the whole stream once more.
        for name, durable in (("SIGNUPS", "grouping-signups"), ("PEOPLE", "grouping-people")):
            await stream.forget(name, durable)
        await provide_streams(nats_url)
        await eventually(lambda: handled(app))
        assert await world.dump() == before
        assert await stream.stored("GROUPS") == len(published)


async def test_stream_unreadable_event_is_a_dead_letter(world: World, nats_url: str) -> None:
    stream = Stream(nats_url)
    async with running(world, nats_url) as app:
        await stream.publish(raw={"signups.ready.v1": b"{", "signups.ready.v9": b"{}"})
        await stream.publish(world.ready(1, area="atlantis"), *(world.ready(number) for number in range(2, 7)))
        await eventually(lambda: handled(app))

        async with world.database.transaction() as session:
            reasons = [str(letter["reason"]).split(" ")[0] for letter in await dead_letters.all(session)]
        assert sorted(reasons) == ["not_json", "unknown_area", "unknown_event"]
        assert len(await world.published_of(groups.SeatOffered)) == 5


async def test_metrics_show_waiting_and_groups(world: World, app: FastAPI) -> None:
    await world.deliver(*(world.ready(number) for number in range(1, 7)), world.ready(7, slots=("sun-day",)), times=1)

    text = (await Browser(app).get("/metrics")).text

    assert 'selvhjelp_groups{state="started"} 0.0' in text
    assert "selvhjelp_board_differences 0.0" in text
    # One person waits and one group is proposed: so few are left out.
    assert "selvhjelp_waiting" not in text
    assert 'state="proposed"' not in text

    await world.deliver(*(world.ready(8 + n, slots=(slot,)) for n, slot in enumerate(SLOTS)), times=1)
    text = (await Browser(build(settings(world), world.clock)).get("/metrics")).text
    assert "selvhjelp_waiting 5.0" in text
    assert 'selvhjelp_waiting_days{quantile="0.9"} 10.0' in text


async def test_pages_without_broker_answer(world: World) -> None:
    app = build(settings(world), world.clock)
    async with app.router.lifespan_context(app):
        assert (await Browser(app).get("/livez")).status_code == 200
        assert (await Browser(app).get("/readyz")).status_code == 200
        assert (await Browser(app).get("/status.json")).status_code == 503
