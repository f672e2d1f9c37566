"""Count requests, measure how long they take and trace them, by the template of their route."""

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit import tracing
from shared.kit.correlation import current
from shared.kit.metrics import REQUEST_DURATION, REQUESTS

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE: Final = "none"
"""The route of a request that matches none; its path could say anything."""

NOT_TRACED: Final = ("/livez", "/readyz", "/healthz", "/status", "/metrics", "/static/")
"""Paths that machines ask all the time, and files."""

_ROUTE: Final = "measured_route"


class MeasuringMiddleware:
    """Counts each answer, also those of the middleware behind it; :class:`RouteNotingMiddleware` tells it the route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began_at, status = time.monotonic(), 500
        route: list[str] = []  # the inner middleware sees a copy of the scope, but the same list
        scope = {**scope, "state": {**scope.get("state", {}), _ROUTE: route}}

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "other"
        with _traced(method, scope["path"]) as span:
            try:
                await self.app(scope, receive, watched)
            finally:
                template = route[-1] if route else NO_ROUTE
                REQUESTS.labels(method, template, f"{status // 100}xx").inc()
                REQUEST_DURATION.labels(method, template).observe(time.monotonic() - began_at)
                _tell(span, method, template, status)


def _traced(method: str, path: str) -> AbstractContextManager[Span]:
    correlation_id = current()
    if correlation_id is None or path.startswith(NOT_TRACED):
        return nullcontext(INVALID_SPAN)
    return tracing.span(method, SpanKind.SERVER, correlation_id, {"http.request.method": method}, is_root=True)


def _tell(span: Span, method: str, template: str, status: int) -> None:
    if not span.is_recording():
        return
    span.update_name(f"{method} {template}")
    span.set_attribute("http.route", template)
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))


class RouteNotingMiddleware:
    """Notes the template of the route that answered; it stands next to the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            noted = scope.get("state", {}).get(_ROUTE)
            path = getattr(scope.get("route"), "path", None)
            if noted is not None and path is not None:
                noted.append(path)
