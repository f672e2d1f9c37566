"""
The sign-up in a real Chromium: accessible, without JavaScript, on a small phone, by keyboard, and left quickly.

Set ``SCREENSHOTS`` to a folder to keep a picture of every page.
"""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect

from intake.app import build
from shared.reference.centres import Centres
from tests.browser import axe
from tests.browser.chromium import launched
from tests.intake.support.browser import settings
from tests.intake.support.world import World
from tests.intake.test_meeting_guests import PAGE as GUEST_PAGE
from tests.intake.test_meeting_guests import announce
from tests.shared.test_web_browser import listen

pytestmark = pytest.mark.browser

KEEP = os.environ.get("SCREENSHOTS")
NEUTRAL = "https://www.yr.no/"
SLOT = "[name=slots][value=tue-evening]"


@asynccontextmanager
async def served(world: World, change: Callable[[Centres], Centres] = lambda centres: centres) -> AsyncIterator[str]:
    """Serve intake's pages, with changed centres, and yield the address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = build(settings(world, public_url=address), world.clock)
    app.state.deps.directory.replace(change(app.state.deps.centres))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield address
    finally:
        server.should_exit = True
        await running
        listener.close()
        await app.state.deps.database.dispose()
        await app.state.deps.vault._transaction.__self__.dispose()


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    """Intake's pages at an address."""
    async with served(world) as address:
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


async def phone(browser: Browser, *, width: int = 360, javascript: bool = True) -> BrowserContext:
    context = await browser.new_context(viewport={"width": width, "height": 640}, java_script_enabled=javascript)
    for address in (f"{NEUTRAL}**", "**/ut"):  # "/ut" leads there, and redirects cannot be caught
        await context.route(address, lambda route: route.fulfill(body="været", content_type="text/html"))
    return context


async def look(page: Page, name: str) -> None:
    """Assert accessibility, where axe can run, and that nothing is wider than the screen; keep a picture."""
    if KEEP:
        await page.screenshot(path=f"{KEEP}/{name}.png", full_page=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
    if "nojs" not in name:
        assert await axe.violations(page) == [], name


async def go_on(page: Page, button: str = "#signup .actions button") -> None:
    """Press a button, and wait for the page that it leads to."""
    async with page.expect_navigation():
        await page.locator(button).first.click()


async def to_times(page: Page, url: str) -> None:
    await page.goto(f"{url}/")
    await page.locator("main a[href$='/pamelding']").first.click()
    await page.locator("#place").fill("5003")
    await page.locator("#place").press("Enter")
    await expect(page).to_have_url(re.compile("/tider$"))
    await page.wait_for_load_state("load")  # until then the boxes may still move under the pointer


async def to_about(page: Page, url: str) -> None:
    await to_times(page, url)
    await page.locator(SLOT).check()
    await go_on(page)
    await expect(page).to_have_url(re.compile("/om-deg$"))


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_sign_up_on_a_small_phone_is_accessible(
    browser: Browser, url: str, world: World, prefix: str, javascript: bool
) -> None:
    name = f"{prefix[1:] or 'nb'}-{'js' if javascript else 'nojs'}"
    context = await phone(browser, width=320, javascript=javascript)
    page = await context.new_page()
    said = listen(page)
    await page.goto(f"{url}{prefix}/")
    await look(page, f"{name}-0-front")
    await go_on(page, "main a[href$='/pamelding']")
    await look(page, f"{name}-1-place")
    await page.locator("#place").fill("Nes")
    await go_on(page)
    await look(page, f"{name}-1-place-choices")
    await page.locator("#place_choice").check()
    await page.locator("#place").fill("5003")
    await go_on(page)
    await page.goto(page.url.replace("/tider", "/sted"))
    await go_on(page)
    await look(page, f"{name}-2-times")
    await go_on(page)
    await look(page, f"{name}-2-times-errors")
    await page.locator("[name=slots]").nth(5).check()
    await go_on(page)
    await look(page, f"{name}-3-about")
    await go_on(page)
    await look(page, f"{name}-3-about-errors")
    await page.locator("#first_name").fill("Kari")
    await page.locator("#channel").check()
    await page.locator("#email").fill("kari@gmial.con")
    for tick in ("adult", "consent_version", "information_version"):
        if await page.locator(f"#{tick}").count():
            await page.locator(f"#{tick}").check()
    await go_on(page)
    await look(page, f"{name}-3-about-slip")
    await go_on(page, "[name=_email][value=use]")
    if "/takk/" not in page.url:
        await go_on(page)
    await expect(page).to_have_url(re.compile("/takk/"))
    await look(page, f"{name}-4-thanks")
    assert await page.get_by_text("kari@gmail.com").count() == 1
    await page.reload()
    await page.go_back()
    await expect(page).to_have_url(re.compile("/takk/"))
    assert await context.cookies() == []
    assert await world.count("people") + await world.count("submissions") == 1
    assert [line for line in said if "status of 4" not in line] == []
    await context.close()


async def test_script_of_the_form_brings_proof_of_work(browser: Browser, url: str, world: World) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await to_about(page, url)
    await page.locator("#first_name").fill("Kari")
    await page.locator("#channel").check()
    await page.locator("#email").fill("kari@example.org")
    for tick in ("adult", "consent_version", "information_version"):
        if await page.locator(f"#{tick}").count():
            await page.locator(f"#{tick}").check()
    while "/takk/" not in page.url:  # a form that comes at once is shown once more
        await expect(page.locator("[data-challenge]")).not_to_have_value("")
        await go_on(page)
    assert await world.rows("select proven from submissions") == [(True,)]
    await context.close()


async def test_guest_of_a_meeting_signs_up_on_a_small_phone(browser: Browser, url: str, world: World) -> None:
    await announce(world)
    context = await phone(browser, width=320)
    page = await context.new_page()
    await page.goto(url + GUEST_PAGE)
    await look(page, "guest")
    await page.locator("#guest .actions button").click()
    await look(page, "guest-wrong")
    await page.locator("[name=email]").fill("eva@example.org")
    await page.locator("#guest .actions button").click()
    await page.get_by_role("heading", name="Se i e-posten din").wait_for()
    await look(page, "guest-sent")
    await context.close()


async def test_sign_up_by_keyboard_alone(browser: Browser, url: str, world: World) -> None:
    context = await phone(browser, width=1280)
    page = await context.new_page()
    await page.goto(f"{url}/pamelding")

    async def tab_to(selector: str) -> None:
        for _ in range(80):
            if await page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
                return
            await page.keyboard.press("Tab")
        raise AssertionError(selector)

    await tab_to("#place")
    await page.keyboard.type("5003")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/tider$"))
    await tab_to(SLOT)
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/om-deg$"))
    await tab_to("#first_name")
    await page.keyboard.type("Kari")
    await tab_to("[name=channel]")
    await page.keyboard.press("Space")
    await tab_to("#email")
    await page.keyboard.type("kari@example.org")
    for box in ("#adult", "#consent_version"):
        await tab_to(box)
        await page.keyboard.press("Space")
    while "/takk/" not in page.url:
        await tab_to("#signup .actions button")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/takk/"))
    assert await world.count("people") + await world.count("submissions") == 1
    await context.close()


async def test_back_reload_and_forward_lose_nothing(browser: Browser, url: str) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await to_about(page, url)
    async with page.expect_response(lambda answer: answer.status == 204):
        await page.locator("#first_name").fill("Åse")
        await page.locator("#first_name").blur()
    await page.reload()
    assert await page.locator("#first_name").input_value() == "Åse"
    await page.go_back()
    await expect(page.locator(SLOT)).to_be_checked()
    await page.go_forward()
    assert await page.locator("#first_name").input_value() == "Åse"
    await page.get_by_role("button", name="English").click()
    await expect(page).to_have_url(re.compile("/en/pamelding/.*/om-deg$"))
    assert await page.locator("#first_name").input_value() == "Åse"
    await context.close()


async def test_only_the_chosen_contact_field_is_shown(browser: Browser, url: str) -> None:
    for javascript in (True, False):
        context = await phone(browser, javascript=javascript)
        page = await context.new_page()
        await to_about(page, url)
        for choice, email, mobile in (
            (None, True, True),
            ("", True, False),
            ("-mobile", False, True),
            ("-both", True, True),
        ):
            if choice is not None:
                await page.locator(f"#channel{choice}").check()
            assert (await page.locator("#email").is_visible(), await page.locator("#mobile").is_visible()) == (
                email,
                mobile,
            )
        await context.close()


@pytest.mark.asvs("14.3.3")
@pytest.mark.parametrize("how", ["button", "keys"])
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
async def test_quick_exit_leaves_no_step_behind(browser: Browser, url: str, world: World, how: str, depth: int) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await page.goto("about:blank")
    if depth == 0:
        await page.goto(f"{url}/pamelding")
    elif depth == 1:
        await to_times(page, url)
    else:
        await to_about(page, url)
        await page.locator("#first_name").fill("Åse")
    if depth == 3:
        await page.get_by_role("link", name="Endre tidene").click()
        await page.locator("#max_travel_km").select_option("50")
    await page.wait_for_load_state("load")  # the script listens for the keys from then on
    if how == "button":
        await page.get_by_role("link", name="Forlat siden").click()
    else:
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
    await page.wait_for_url(NEUTRAL)
    for _ in range(depth + 4):
        await page.go_back()
        assert page.url in {NEUTRAL, f"{url}/ut", "about:blank"}
        if page.url == "about:blank":
            break
    await page.goto(f"{url}/personvern")
    assert await page.evaluate("sessionStorage.length + localStorage.length") == 0
    async with asyncio.timeout(60):
        while await world.count("drafts"):
            await asyncio.sleep(0)
    await context.close()


async def test_quick_exit_without_script_is_a_link_to_a_neutral_page(browser: Browser, url: str) -> None:
    context = await phone(browser, javascript=False)
    page = await context.new_page()
    await to_about(page, url)
    await page.get_by_role("link", name="Forlat siden").click()
    await page.wait_for_url(NEUTRAL)
    await context.close()


async def test_page_after_a_quick_exit_works_again(browser: Browser, url: str) -> None:
    context = await phone(browser)
    page = await context.new_page()
    await to_about(page, url)
    await page.get_by_role("link", name="Forlat siden").click()
    await page.wait_for_url(NEUTRAL)
    await to_about(page, url)
    await page.go_back()
    await expect(page).to_have_url(re.compile("/tider$"))
    await context.close()
