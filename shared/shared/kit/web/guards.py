"""Middleware in front of the routes: security headers, a limit on bodies, and an answer to every failure."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit.logging import get_logger
from shared.kit.web.locale import split

BODY_LIMIT_BYTES = 16 * 1024
LARGE_BODY_LIMIT_BYTES = 160_000
"""For forms with pictures, or with all people of a list, 44 to 60 bytes each; the gateway has both limits."""

BODY_TIMEOUT_SECONDS = 10.0
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_POLICY: Final = "Content-Security-Policy"
_RESOURCE_POLICY: Final = "Cross-Origin-Resource-Policy"
_NO_FRAMES: Final = "frame-ancestors 'none'"
SECURITY_HEADERS: Final = {
    _POLICY: CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Other sites learn nothing, as with no-referrer; but that would also make the Origin of our own forms "null", and
    # browsers without Sec-Fetch-Site (older ones, and any on plain HTTP) could not send them.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
}
HSTS = "max-age=63072000; includeSubDomains"

Frames = Callable[[str], Collection[str]]
Renderer = Callable[[Request, int], Awaitable[Response]]

log = get_logger(__name__)


class HeadersMiddleware:
    """
    Adds the time and the security headers to every response, and forbids caching unless the response allows it.

    A page that needs another policy for its content, as for the styles of a mail that it shows, states it itself.

    Args:
        app: What it surrounds.
        https: Whether browsers must come by HTTPS.
        frames: Returns the origins that may show a path, without language, in a frame.
    """

    def __init__(self, app: ASGIApp, *, https: bool, frames: Frames = lambda _path: ()) -> None:
        self.app = app
        self.frames = frames
        self.fixed = SECURITY_HEADERS | ({"Strict-Transport-Security": HSTS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.fixed.items():
                    if name == _POLICY:
                        headers.setdefault(name, self._policy(scope["path"]))
                    elif name == _RESOURCE_POLICY:
                        headers.setdefault(name, value)
                    else:
                        headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                headers["Date"] = formatdate(usegmt=True)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)

    def _policy(self, path: str) -> str:
        if origins := " ".join(self.frames(split(path)[1])):
            return CONTENT_SECURITY_POLICY.replace(_NO_FRAMES, f"frame-ancestors {origins}")
        return CONTENT_SECURITY_POLICY


class HeadMiddleware:
    """Answers HEAD as GET without the body (RFC 9110, 9.3.2): a GET changes nothing here, so neither does a HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)


class BodyLimitMiddleware:
    """
    Reads the whole body, at most 16 KiB within 10 seconds, before the request goes on; routes never meet a half body.

    Args:
        large_forms: Patterns of paths, without language, that take 160 kB; all others take 16 KiB.
    """

    def __init__(self, app: ASGIApp, *, render: Renderer, large_forms: Sequence[re.Pattern[str]] = ()) -> None:
        self.app = app
        self.render = render
        self.large_forms = large_forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        is_large = any(pattern.fullmatch(scope["path"]) for pattern in self.large_forms)
        limit = LARGE_BODY_LIMIT_BYTES if is_large else BODY_LIMIT_BYTES
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            await self._refuse(413, scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
                body = await _read(receive, limit)
        except TimeoutError:
            await self._refuse(408, scope, receive, send)
            return
        if body is None:
            return
        if len(body) > limit:
            await self._refuse(413, scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _refuse(self, status: int, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self.render(Request(scope, receive), status)
        response.headers["Connection"] = "close"
        await response(scope, receive, send)


class FailureMiddleware:
    """
    Answers uncaught exceptions, and logs their class and place only.

    The text of an exception can quote a person, so it is never logged.
    """

    def __init__(self, app: ASGIApp, *, render: Renderer) -> None:
        self.app = app
        self.render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as failure:
            if scope["type"] != "http":
                raise
            log.error(  # noqa: TRY400 - log.exception would add the text of the error
                "request_failed",
                error=type(failure).__name__,
                sqlstate=getattr(getattr(failure, "orig", None), "sqlstate", None),
                where=where(failure),
                method=scope["method"],
            )
            if not started:
                response = await self.render(Request(scope, receive), 500)
                await response(scope, receive, send)


def where(failure: BaseException) -> str:
    """Return files and lines of the last frames, the innermost first."""
    places = []
    step = failure.__traceback__
    while step is not None:
        places.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
        step = step.tb_next
    return " < ".join(reversed(places[-4:]))


async def _read(receive: Receive, limit: int) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit or not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
