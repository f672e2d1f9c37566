"""Give each request an id, for the log, its answer and everything that follows from it."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit.correlation import correlated
from shared.kit.ids import new_id

HEADER: Final = "X-Request-ID"


class CorrelationMiddleware:
    """Stands before all other middleware. An id that comes with a request is not believed: events take ours over."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id()

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = str(request_id)
            await send(message)

        with correlated(request_id):
            await self.app(scope, receive, with_id)
