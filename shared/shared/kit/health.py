"""Health and metrics of a service over HTTP."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, TypeVar

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from shared.kit import jobs
from shared.kit.service import Service

OUTBOX_AGE_LIMIT_SECONDS: Final = 60
CHECK_SECONDS: Final = 2
CACHE_SECONDS: Final = 1

T = TypeVar("T")


async def readiness(service: Service) -> tuple[bool, dict[str, Any]]:
    """
    Return True if the service can do all its work, and the state of each part.

    The connection to the broker is not enough, since it stays up when a consumer has been deleted: the state of each
    durable is read.
    """
    parts: dict[str, Any] = {"database": False, "broker": service.listening and service.connection.connected}
    try:
        async with asyncio.timeout(CHECK_SECONDS), service.database.transaction() as session:
            await session.execute(text("SELECT 1"))
            _, age_seconds = await service.outbox.unsent(session)
        parts["database"] = True
        parts["outbox_age_seconds"] = round(age_seconds, 1)
    except Exception as error:  # noqa: BLE001 - every error means not ready
        parts["database_error"] = type(error).__name__
    for consumer in service.consumers:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                info = await service.connection.consumer(consumer.stream.value, consumer.durable)
            parts[consumer.durable] = info is not None and {
                "pending": info.num_pending,
                "unacked": info.num_ack_pending,
            }
        except Exception as error:  # noqa: BLE001 - as above
            parts[consumer.durable] = False
            parts["broker_error"] = type(error).__name__
    ready = (
        parts["database"]
        and parts["broker"]
        and parts["outbox_age_seconds"] < OUTBOX_AGE_LIMIT_SECONDS
        and all(parts[consumer.durable] for consumer in service.consumers)
    )
    return bool(ready), parts


class CachedAnswer(Generic[T]):
    """
    Cache an answer for a second: anybody may ask for it, and each look costs a query and a question to the broker.

    Args:
        look: Returns a new answer.
        monotonic: A clock in seconds that never goes back.
    """

    def __init__(self, look: Callable[[], Awaitable[T]], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._look = look
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._latest: tuple[float, T] | None = None

    async def latest(self) -> T:
        """Return the answer of the last second, or a new one."""
        async with self._lock:
            if self._latest is None or self._monotonic() - self._latest[0] >= CACHE_SECONDS:
                self._latest = (self._monotonic(), await self._look())
            return self._latest[1]


def routes(service: Service) -> APIRouter:
    """Return ``/healthz`` (the process), ``/readyz`` (its work), ``/metrics`` (on the service's own port only)."""
    router = APIRouter(include_in_schema=False)
    registry = CollectorRegistry()
    unsent = Gauge("selvhjelp_outbox_unsent", "Events that wait for the relay", registry=registry)
    age = Gauge("selvhjelp_outbox_oldest_seconds", "Age of the oldest unsent event", registry=registry)
    dead = Gauge("selvhjelp_dead_letters", "Messages that a person must look at", registry=registry)
    pending = Gauge("selvhjelp_consumer_pending", "Events not yet delivered", ["consumer"], registry=registry)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    look = CachedAnswer(lambda: readiness(service))

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        ready, parts = await look.latest()
        return JSONResponse({"ready": ready, **parts}, status_code=200 if ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        async with service.database.transaction() as session:
            count, oldest_seconds = await service.outbox.unsent(session)
            dead.set(await service.dead_letters.count(session))
        unsent.set(count)
        age.set(oldest_seconds)
        for consumer in service.consumers:
            if service.connection.connected:
                info = await service.connection.consumer(consumer.stream.value, consumer.durable)
                pending.labels(consumer.durable).set((info and info.num_pending) or 0)
        return Response(generate_latest(registry) + generate_latest(jobs.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
