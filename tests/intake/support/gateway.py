"""Intake on a port of this machine, behind what the gateway does for pages of staff."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from playwright.async_api import Page
from starlette.types import ASGIApp, Receive, Scope, Send

from intake.app import build
from shared.kit.assertions import HEADER
from tests.intake.support.browser import settings
from tests.intake.support.world import World


class Gateway:
    """Asks intake about the session of each request for a staff page, as the gateway does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if re.search("/stab(/|$)", path) and "/stab/logg-inn" not in path:
            cookie = next((value.decode() for name, value in scope["headers"] if name == b"cookie"), "")
            asked = await self._client.get("/-/session/intake", headers={"Cookie": cookie, "X-Forwarded-Uri": path})
            if asked.status_code != 204:
                location = asked.headers["location"].encode()
                await send({"type": "http.response.start", "status": 303, "headers": [(b"location", location)]})
                await send({"type": "http.response.body"})
                return
            added = (HEADER.encode(), asked.headers[HEADER].encode())
            scope = {**scope, "headers": [*scope["headers"], added]}
        await self._app(scope, receive, send)


@asynccontextmanager
async def served(world: World, **changes: Any) -> AsyncIterator[str]:
    """Serve intake with these settings; yield its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://localhost:{listener.getsockname()[1]}"  # passkeys are for names, not for numbers
    app = build(settings(world, **{"public_url": address, **changes}), world.clock)
    server = uvicorn.Server(uvicorn.Config(Gateway(app), log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    yield address
    server.should_exit = True
    await running
    listener.close()
    await app.state.deps.database.dispose()
    await app.state.deps.vault._transaction.__self__.dispose()


async def sign_in(page: Page, url: str, password: str) -> None:
    await page.goto(f"{url}/stab/")
    await page.locator("#username").fill("berit")
    await page.locator("#password").fill(password)
    async with page.expect_navigation():
        await page.locator("main .actions button").first.click()
