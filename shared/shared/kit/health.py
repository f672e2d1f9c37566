"""
Health of a service for machines: the process lives, the process can answer, all its work goes on.

``/livez`` asks nobody and decides whether the process is started anew. ``/readyz`` asks the database only, and decides
whether pages and forms are sent here: while the broker is away a form writes rows as ever. What people and monitoring
need to know besides is in ``/status`` and ``/metrics``.
"""

import os
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from shared.kit import collector
from shared.kit.metrics import BUILD
from shared.kit.observation import Observation, Observer
from shared.kit.service import Service


def routes(service: Service, observer: Observer) -> APIRouter:
    """Return ``/livez``, ``/readyz``, ``/status.json`` and ``/metrics``; the last two on the own port only."""
    router = APIRouter(include_in_schema=False)
    version, revision = (os.environ.get(f"SELVHJELP_{name}", "unknown") for name in ("VERSION", "REVISION"))
    BUILD.labels(service.name, version, revision).set(1)

    @router.get("/livez")
    @router.get("/healthz")
    async def livez() -> JSONResponse:
        """Tell whether the process lives; ``/healthz`` is its name of before."""
        fault = service.pulse.fault()
        return JSONResponse({"status": fault or "alive"}, 503 if fault else 200)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """Tell whether pages and forms work; the gateway shows this to anybody, so it tells no more."""
        ready = await observer.can_answer()
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    @router.get("/status.json")
    async def status() -> JSONResponse:
        """Tell whether all work goes on, and the state of each part."""
        observation = await observer.latest()
        return JSONResponse(as_json(observation), 200 if observation.well else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Return every figure; also while the database or the broker is away, with those of before."""
        state = collector.render(await observer.latest(), service.database.engine.pool)
        return Response(generate_latest(REGISTRY) + state, media_type=CONTENT_TYPE_LATEST)

    return router


def as_json(observation: Observation) -> dict[str, Any]:
    """Return an observation for programs."""
    parts: dict[str, Any] = {
        "well": observation.well,
        "database": observation.database,
        "broker": observation.broker,
        "listening": observation.listening,
        **{f"{part}_error": error for part, error in observation.errors.items()},
    }
    if observation.queues is not None:
        parts["outbox_age_seconds"] = round(observation.queues.outbox_age_seconds, 1)
        parts["dead_letters"] = observation.queues.dead_letters
    for durable, state in observation.consumers.items():
        parts[durable] = state and {"pending": state.pending, "unacked": state.unacknowledged}
    return parts
