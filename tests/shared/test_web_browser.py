"""The kit's pages in a real browser: accessible, with visible help lines and a quick exit."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Literal

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from shared.kit.staff import wall_now
from tests.browser import axe
from tests.browser.chromium import launched
from tests.shared.support.web_demo import demo
from tests.shared.support.web_demo.client import signed

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(demo.build(address), log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    yield address
    server.should_exit = True
    await running
    listener.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


async def phone(browser: Browser, scheme: Scheme = "light", *, javascript: bool = True) -> BrowserContext:
    return await browser.new_context(
        viewport={"width": 360, "height": 640}, color_scheme=scheme, java_script_enabled=javascript
    )


async def in_sight(page: Page) -> bool:
    lines = page.locator(".helplines a")
    boxes = [await lines.nth(i).bounding_box() for i in range(await lines.count())]
    return len(boxes) == 3 and all(box and box["y"] >= 0 and box["y"] + box["height"] <= 640 for box in boxes)


def listen(page: Page) -> list[str]:
    said: list[str] = []

    def console(message: ConsoleMessage) -> None:
        said.append(message.text)

    def failure(error: Error) -> None:
        said.append(str(error))

    page.on("console", console)
    page.on("pageerror", failure)
    return said


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_have_no_accessibility_faults(browser: Browser, url: str, scheme: Scheme) -> None:
    for width, paths in ((360, ("/", "/nn/pamelding", "/stab/")), (1280, ("/pamelding", "/en/stab/"))):
        context = await browser.new_context(
            viewport={"width": width, "height": 640}, color_scheme=scheme, extra_http_headers=signed(now=wall_now())
        )
        page = await context.new_page()
        said = listen(page)
        for path in paths:
            await page.goto(url + path)
            assert await axe.violations(page) == []
            assert await page.evaluate("document.documentElement.scrollWidth") == width
        assert said == []
        await page.goto(f"{url}/pamelding")
        await page.get_by_role("button", name="Send påmeldingen").click()
        await page.wait_for_selector("#error-summary:focus")
        assert await axe.violations(page) == []
        await context.close()


async def test_help_lines_are_visible_on_a_small_phone_after_errors(browser: Browser, url: str) -> None:
    for javascript in (True, False):
        context = await phone(browser, javascript=javascript)
        page = await context.new_page()
        for path in ("/", "/en/pamelding", "/nn/finnes-ikke", "/feil/borte"):
            await page.goto(url + path)
            assert await in_sight(page), path
        await page.goto(f"{url}/pamelding")
        await page.get_by_role("button", name="Send påmeldingen").click()
        await page.wait_for_selector("#error-summary")
        assert await in_sight(page)
        await context.close()


async def test_language_buttons_keep_values_and_enter_submits(browser: Browser, url: str) -> None:
    for javascript in (True, False):
        context = await phone(browser, javascript=javascript)
        page = await context.new_page()
        await page.goto(f"{url}/pamelding")
        await page.get_by_label("Fornavn").fill("Åse")
        await page.get_by_label("Søndag kveld").check()
        await page.get_by_role("button", name="Nynorsk").click()
        await page.wait_for_selector('html[lang="nn"]')
        assert await page.locator("#first_name").input_value() == "Åse"
        assert await page.locator('input[value="sun-evening"]').is_checked()
        assert await page.locator("#error-summary").count() == 0
        await page.locator("#first_name").press("Enter")
        await page.wait_for_selector("#error-summary")
        assert page.url == f"{url}/nn/pamelding"
        await context.close()


@pytest.mark.parametrize("how", ["button", "keys"])
async def test_quick_exit_leaves_no_history(browser: Browser, url: str, how: str) -> None:
    context = await phone(browser)
    await context.route("https://www.yr.no/**", lambda route: route.fulfill(body="været", content_type="text/html"))
    page = await context.new_page()
    await page.goto("about:blank")
    await page.goto(f"{url}/pamelding")
    await page.get_by_label("Fornavn").fill("Åse")
    if how == "button":
        await page.get_by_role("link", name="Forlat siden").click()
    else:
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
    await page.wait_for_url("https://www.yr.no/")
    await page.go_back()

    assert page.url == "about:blank"
    await context.close()


async def test_browser_without_sec_fetch_site_can_submit_forms(url: str) -> None:
    # Browsers send Sec-Fetch-Site to safe addresses only, and old ones never; then only the Origin is left, which is
    # "null" from a page with the policy no-referrer.
    port = url.rsplit(":", 1)[1]
    async with launched("--host-resolver-rules=MAP hjelp.test 127.0.0.1") as browser:
        page = await browser.new_page()
        await page.goto(f"http://hjelp.test:{port}/knapp")
        async with page.expect_request(lambda request: request.method == "POST") as sent:
            await page.locator("main form button").first.click()
        request = await sent.value
        answer = await request.response()
        headers = await request.all_headers()
    assert "sec-fetch-site" not in headers
    assert headers["origin"] == f"http://hjelp.test:{port}"
    assert answer is not None
    assert answer.status == 303


OPEN = """async () => {
  const details = document.createElement("details");
  details.className = "ds-details";
  details.innerHTML = "<summary>Mer</summary><div><button>En</button><p>To</p><button>Tre</button></div>";
  document.querySelector("main").append(details);
  const closed = details.offsetHeight;
  details.open = true;
  const at_once = details.offsetHeight;
  await Promise.all(document.getAnimations().map(animation => animation.finished));
  return [closed, at_once, details.offsetHeight];
}"""


async def test_what_is_opened_is_there_at_once(browser: Browser, url: str) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await page.goto(url)
    closed, at_once, later = await page.evaluate(OPEN)
    assert closed < at_once == later
    await context.close()
