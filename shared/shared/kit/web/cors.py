"""CORS: the installation's named origins may call the API from a browser, and nothing else."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class ApiCorsMiddleware:
    """Answers CORS requests under ``/api/`` for the origins that the installation names."""

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
        under_api = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self.guarded if under_api else self.app)(scope, receive, send)
