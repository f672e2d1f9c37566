"""CORS: the installation's named origins may call the API from a browser, and nothing else."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class ApiCorsMiddleware:
    """
    Answers CORS requests under ``/api/`` for the origins that the installation names.

    Requests without an origin, as from a centre's own server, have nothing to do with it.
    """

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...]) -> None:
        self.app = app
        self.guarded = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Accept-Language", "Idempotency-Key"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_a_page = scope["type"] == "http" and scope["path"].startswith("/api/") and "origin" in Headers(scope=scope)
        await (self.guarded if of_a_page else self.app)(scope, receive, send)
