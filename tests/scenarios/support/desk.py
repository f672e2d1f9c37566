"""A coordinator at a real browser, in front of the whole system in this process."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import httpx
from playwright.async_api import Browser, Page
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from selvhjelp.rehearsal.town import system
from tests.browser import axe
from tests.browser.chromium import PATIENCE_MS, launched
from tests.scenarios.support.town import PASSWORD, URL, Gateway, Town

WIDTHS: Final = (1280, 360)
KEEP: Final = os.environ.get("SCREENSHOTS")


@dataclass(frozen=True)
class Row:
    """One task on the list of today, as a member of staff sees it, with its kind as its event states it."""

    task_id: str
    kind: str
    sentence: str
    urgent: bool


@dataclass
class Desk:
    """
    One browser and who sits at it.

    Attributes:
        clicks: Presses of links, buttons and boxes so far.
        seen: Names of the pages that were looked at.
    """

    town: Town
    page: Page
    username: str
    clicks: int = 0
    seen: set[str] = field(default_factory=set)

    async def today(self) -> list[Row]:
        """Open the list of today, sign in first if the session is over, and return the rows."""
        await self.page.goto(f"{URL}/stab/")
        if "/logg-inn" in self.page.url:
            await self.page.locator("[name=username]").fill(self.username)
            await self.page.locator("[name=password]").fill(PASSWORD)
            await self.page.locator("main button[type=submit]").click()
            await self.page.goto(f"{URL}/stab/")
        return await self.rows()

    async def rows(self) -> list[Row]:
        """Return the rows of the list that is on screen."""
        kinds = await self.kinds()
        rows = []
        for item in await self.page.locator("li.task").all():
            task_id = (await item.get_attribute("id") or "").removeprefix("task-")
            sentence = " ".join((await item.locator(".what").inner_text()).split())
            urgent = "urgent" in (await item.get_attribute("class") or "").split()
            rows.append(Row(task_id, kinds[task_id], sentence, urgent))
        return rows

    async def kinds(self) -> Mapping[str, str]:
        """Return the kind of each open task; the page shows it in words only."""
        rows = await self.town.rows("intake", "SELECT task_id, kind FROM listed_tasks WHERE closed_at IS NULL")
        return {str(row["task_id"]): row["kind"] for row in rows}

    async def begin(self, task_id: str) -> None:
        """Press the main button of a row."""
        self.clicks += 1
        await self.page.locator(f"#task-{UUID(task_id)} a.ds-button").click()

    async def press(self, label: str) -> None:
        """Press the first button with this text."""
        self.clicks += 1
        await self.page.get_by_role("button", name=label).first.click()

    async def follow(self, label: str) -> None:
        """Press the first link with this text."""
        self.clicks += 1
        await self.page.get_by_role("link", name=label).first.click()

    async def tick(self, selector: str) -> None:
        """Tick the first box."""
        self.clicks += 1
        await self.page.locator(selector).first.check()

    async def look(self, name: str) -> None:
        """Look at the page on a desk and on a phone: nobody is kept out and nothing overflows. Each name once."""
        if name in self.seen:
            return
        self.seen.add(name)
        before = self.page.viewport_size
        await look(self.page, name, *WIDTHS)
        if before is not None:
            await self.page.set_viewport_size(before)


async def look(page: Page, name: str, *widths: int) -> None:
    """Look at a page in these widths, or in the one that it has: nobody is kept out and nothing overflows."""
    await page.wait_for_load_state()
    assert page.viewport_size is not None
    widths = widths or (page.viewport_size["width"],)
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 800})
        if KEEP:
            await page.screenshot(path=f"{KEEP}/{name}-{width}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    violations = await axe.violations_at(page, widths)
    assert violations == [], f"{name}: {violations}"


@asynccontextmanager
async def served(town: Town, *arguments: str) -> AsyncIterator[Browser]:
    """Serve the system to a Chromium with these arguments; it finds it at :data:`URL`, by the gateway's own routes."""
    gateway = Gateway(town, "203.0.113.9")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        headers = [(name, value) for name, value in request.headers.raw if name not in {b"host", b"accept-encoding"}]
        answer = await gateway.handle_async_request(
            httpx.Request(
                request.method,
                f"{URL}{request.url.path}?{request.url.query}".removesuffix("?"),
                headers=[*headers, (b"host", URL.removeprefix("http://").encode())],
                content=await request.body(),
            )
        )
        response = Response(await answer.aread(), answer.status_code)
        response.raw_headers = [(name.lower(), value) for name, value in answer.headers.raw]
        await response(scope, receive, send)

    with system.listener() as bound:
        rules = f"--host-resolver-rules=MAP {URL.removeprefix('http://')} 127.0.0.1:{bound.getsockname()[1]}"
        async with system.served(app, bound), launched(rules, *arguments) as browser:
            yield browser


async def desk_of(town: Town, browser: Browser, username: str, *centres: str, role: str = "koordinator") -> Desk:
    """Give a member of staff access and a browser of their own."""
    await town.add_staff(username, *centres, role=role)
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="nb-NO")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return Desk(town, page, username)
