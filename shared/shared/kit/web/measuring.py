"""Count requests and measure how long they take, by the template of their route."""

import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit.metrics import REQUEST_DURATION, REQUESTS

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE: Final = "none"
"""The route of a request that matches none; its path could say anything."""

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

        try:
            await self.app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            template = route[-1] if route else NO_ROUTE
            REQUESTS.labels(method, template, f"{status // 100}xx").inc()
            REQUEST_DURATION.labels(method, template).observe(time.monotonic() - began_at)


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
