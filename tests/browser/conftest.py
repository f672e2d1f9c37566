"""A real Chromium, and people with phones."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import launched

Visit = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a screen."""
    async with launched() as started:
        yield started


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """A page of somebody's own: ``await visit(width=360, javascript=False)``; what its console says is an error."""
    said: list[str] = []

    async def begin(*, width: int = 1280, height: int = 800, javascript: bool = True, dark: bool = False) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            locale="nb-NO",
        )
        page = await context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield begin
    # Chromium says so itself of a page that is answered with 4xx, as a dead link rightly is.
    assert [line for line in said if "the server responded with a status of 4" not in line] == []
