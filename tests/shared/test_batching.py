"""Batches: events that share a transaction are handled once each, and none is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from devtools.testing.fixtures import Databases
from shared.errors import DomainError, NotYet
from shared.events import people
from shared.kit.messaging import batching, retry
from shared.kit.messaging.causes import Cause
from tests.shared.support import toy as toys
from tests.shared.support.eventually import eventually
from tests.shared.support.toy import Toy, new_person

MAX_IN_FLIGHT = 16


@pytest.fixture
async def toy(database_url: Databases, nats_url: str) -> AsyncIterator[Toy]:
    url = await database_url("toy", toys.Base.metadata)
    async with Toy(url, nats_url, max_in_flight=MAX_IN_FLIGHT, batches=True).running() as toy:
        yield toy


async def reasons(toy: Toy) -> list[str]:
    async with toy.service.database.transaction() as session:
        return [str(row["reason"]) for row in await toys.dead_letters.all(session)]


async def each_once(toy: Toy, crowd: list[UUID]) -> bool:
    return [await toy.times(person) for person in crowd] == [1] * len(crowd)


def crowd_of(count: int) -> list[UUID]:
    return [new_person() for _ in range(count)]


async def test_batch_holds_at_most_max_in_flight_events(toy: Toy) -> None:
    crowd = crowd_of(50)
    await toy.publish(*crowd)
    assert await eventually(lambda: each_once(toy, crowd))
    assert 1 < max(toy.batch_sizes) <= MAX_IN_FLIGHT


async def test_batch_with_refused_event_handles_the_others(toy: Toy) -> None:
    crowd = crowd_of(30)
    toy.fail_with[crowd[7]] = [DomainError("group_closed")] * 3
    await toy.publish(*crowd)
    assert await eventually(lambda: each_once(toy, crowd[:7] + crowd[8:]))
    assert await eventually(lambda: reasons(toy)) == ["group_closed"]
    assert await toy.times(crowd[7]) == 0


@pytest.mark.parametrize("error", [RuntimeError("first"), NotYet(), OperationalError("", None, Exception())])
async def test_batch_transient_failure_is_retried_and_handled_once(toy: Toy, error: Exception) -> None:
    crowd = crowd_of(30)
    toy.fail_with |= {crowd[3]: [error] * 2, crowd[20]: [error]}
    await toy.publish(*crowd)
    assert await eventually(lambda: each_once(toy, crowd))
    assert await reasons(toy) == []


async def test_batch_over_timeout_is_delivered_again(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = crowd_of(20)
    toy.blocked[crowd[5]] = asyncio.Event()
    with monkeypatch.context() as impatient:
        impatient.setattr(batching, "HANDLER_TIMEOUT_SECONDS", 0.2)
        await toy.publish(*crowd)
        await eventually(lambda: _shared(toy, 2))
    toy.blocked[crowd[5]].set()
    assert await eventually(lambda: each_once(toy, crowd))
    assert await reasons(toy) == []


async def _shared(toy: Toy, count: int) -> bool:
    return len(toy.batch_sizes) >= count


async def test_cancelled_drain_task_cancels_waiting_events(toy: Toy) -> None:
    """Otherwise the message would be acknowledged and a sign-up lost."""
    crowd = crowd_of(MAX_IN_FLIGHT + 1)
    toy.blocked[crowd[0]] = asyncio.Event()
    now, queue = datetime.now(UTC), toy.consumer.batch_queue(toy.service.database, toys.inbox)
    events = [
        people.Erased(**Cause.fresh().stamp(people.Erased, id_, now), person_id=id_, signup_ids=()) for id_ in crowd
    ]
    waiting = [asyncio.create_task(queue.enqueue(event)) for event in events]
    await eventually(lambda: _shared(toy, 1))
    assert queue._drain_task is not None
    queue._drain_task.cancel()

    ended = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(error) for error in ended] == [asyncio.CancelledError] * len(crowd)
    assert await toy.handled_count() == 0


async def test_events_that_are_always_slow_end_as_dead_letters(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also several in one batch; the others of it are handled, however often they come again."""
    crowd = crowd_of(40)
    slow = [crowd[place] for place in (0, 1, 9, 18, 39)]
    toy.blocked |= {person: asyncio.Event() for person in slow}
    monkeypatch.setattr(batching, "HANDLER_TIMEOUT_SECONDS", 0.6)
    monkeypatch.setattr(retry, "DELAYS_SECONDS", (0.05, 0.05))
    monkeypatch.setattr(retry, "SLOW_ATTEMPTS", 3)
    await toy.publish(*crowd)
    assert await eventually(lambda: each_once(toy, [person for person in crowd if person not in slow]))
    assert await eventually(lambda: _letters(toy, 5))
    assert set(await reasons(toy)) == {"HandlerTimeout"}


async def _letters(toy: Toy, count: int) -> bool:
    return len(await reasons(toy)) == count
