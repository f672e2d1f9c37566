"""The form in a frame on a page of another origin that has a strict policy of its own."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn
from playwright.async_api import Browser, FrameLocator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from shared.reference.centres import Centres
from tests.browser import axe
from tests.intake.support.world import World
from tests.intake.test_form_browser import KEEP, NEUTRAL, SLOT, browser, phone, served
from tests.intake.test_public import ANSWERS

__all__ = ["browser"]

pytestmark = pytest.mark.browser

SNIPPET = '<script src="{form}/ramme.js" defer></script><selvhjelp-pamelding place="5003"></selvhjelp-pamelding>'
AWAY = re.compile(rf"{NEUTRAL}|/ut$")
"""Where the quick exit leads to, or what leads on to it: `phone` answers both itself."""
PLAIN = '<iframe src="{form}/pamelding?sted=5003" title="Påmelding" width="100%" height="900"></iframe>'


@asynccontextmanager
async def outer(form: str, listener: socket.socket) -> AsyncIterator[str]:
    """Serve a centre's own site: it allows the form's script and frame, no style and nothing else."""
    policy = f"default-src 'none'; script-src {form}; frame-src {form}"

    async def page(request: Request) -> HTMLResponse:
        pages = f'<iframe src="{form}/link-bergen/" title="x"></iframe>'
        what = {"script": SNIPPET, "plain": PLAIN, "front": pages}[request.path_params["how"]]
        body = what.format(form=form)
        text = f'<!doctype html><html lang="nb"><title>Vårt senter</title><main><h1>Meld deg på</h1>{body}</main>'
        return HTMLResponse(text, headers={"Content-Security-Policy": policy})

    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Route("/{how}", page)]), log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


def embedded(origin: str, centres: Centres) -> Centres:
    """Return the centres, with the form of the one in Bergen on one site."""
    change = {"embedded_on": (origin,)}
    return Centres(tuple(each.model_copy(update=change) if each.id == "link-bergen" else each for each in centres.all))


@asynccontextmanager
async def sites(world: World, *, allowed: bool = True) -> AsyncIterator[str]:
    """Serve both sites; yield the address of the outer one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listener.getsockname()[1]}" if allowed else "https://other.example"
        async with served(world, partial(embedded, origin)) as form, outer(form, listener) as address:
            yield address


async def sign_up(frame: FrameLocator) -> None:
    """Go through all steps in the frame."""
    await frame.get_by_role("button", name="Gå videre").click()
    await frame.locator(SLOT).check()
    await frame.get_by_role("button", name="Gå videre").click()
    await frame.locator("#first_name").fill(ANSWERS["first_name"])
    await frame.locator("#channel").check()
    await frame.locator("#email").fill(ANSWERS["email"])
    await frame.locator("#adult").check()
    await frame.locator("#consent_version").check()
    send = frame.get_by_role("button", name="Send påmeldingen")
    await send.click()
    quick = frame.get_by_role("status")  # so fast a person is asked once more
    await expect(quick.or_(frame.get_by_role("heading", name="Takk"))).to_be_visible()
    if await quick.count():
        await send.click()


async def height(page: Page) -> float:
    box = await page.locator("iframe").bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.asvs("3.4.6")
async def test_form_in_frame_of_another_site_takes_a_sign_up(world: World, browser: Browser) -> None:
    async with sites(world) as address:
        context = await browser.new_context(viewport={"width": 360, "height": 740})
        page = await context.new_page()
        refused: list[str] = []
        page.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
        await page.goto(f"{address}/script")
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_role("heading", name="Hvor bor du?")).to_be_visible()
        await expect(frame.get_by_text("116 123").first).to_be_visible()
        assert await frame.locator("[data-quick-exit]").get_attribute("target") == "_top"
        await page.wait_for_function("document.querySelector('iframe').style.height.endsWith('px')")
        first = await height(page)
        assert await axe.violations_at(page, (360,)) == []
        if KEEP:
            await page.screenshot(path=f"{KEEP}/embedded.png", full_page=True)
        await sign_up(frame)
        await expect(frame.get_by_role("heading", name="Takk")).to_be_visible()
        await page.wait_for_function("before => document.querySelector('iframe').offsetHeight !== before", arg=first)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await context.cookies() == []
        assert refused == []
        await context.close()


async def test_minor_in_a_frame_sees_whom_to_talk_with(world: World, browser: Browser) -> None:
    async with sites(world) as address:
        page = await browser.new_page()
        await page.goto(f"{address}/script")
        frame = page.frame_locator("iframe")
        await frame.get_by_role("button", name="Gå videre").click()
        await frame.locator(SLOT).check()
        await frame.get_by_role("button", name="Gå videre").click()
        await frame.get_by_role("button", name="under 18").click()
        await expect(frame.get_by_role("heading", name="Er du under 18 år?")).to_be_visible()
        leading = await frame.locator("main a[href]:not([href^='tel:']):not([target='_top'])").all()
        assert [await link.get_attribute("href") for link in leading] == []
        await page.close()


@pytest.mark.parametrize("how", ["button", "keys"])
@pytest.mark.parametrize("depth", [0, 1, 2])
async def test_quick_exit_in_a_frame_leaves_no_form_behind(
    world: World, browser: Browser, how: str, depth: int
) -> None:
    async with sites(world) as address:
        context = await phone(browser)
        page = await context.new_page()
        await page.goto("about:blank")
        await page.goto(f"{address}/script")
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_role("heading", name="Hvor bor du?")).to_be_visible()
        if depth > 0:
            await frame.get_by_role("button", name="Gå videre").click()
            await frame.locator(SLOT).check()
        if depth > 1:
            await frame.get_by_role("button", name="Gå videre").click()
            await frame.locator("#first_name").fill("Åse")
        await page.frames[1].wait_for_load_state("load")
        if how == "button":
            await frame.get_by_role("link", name="Forlat siden").click()
        else:
            await frame.locator("main h1").click()  # which gives the frame the keyboard, and nothing the focus
            await page.keyboard.press("Escape")
            await page.keyboard.press("Escape")
        await page.wait_for_url(AWAY)
        for _ in range(depth + 4):
            await page.go_back()
            await page.wait_for_url(re.compile(f"{AWAY.pattern}|about:blank"))
            if page.url == "about:blank":
                break
        assert page.url == "about:blank"
        await context.close()


async def test_page_seen_again_on_purpose_after_a_quick_exit_has_the_form(world: World, browser: Browser) -> None:
    async with sites(world) as address:
        context = await phone(browser)
        page = await context.new_page()
        await page.goto(f"{address}/script")
        await page.frame_locator("iframe").get_by_role("link", name="Forlat siden").click()
        await page.wait_for_url(AWAY)
        await page.goto(f"{address}/script")
        await expect(page.frame_locator("iframe").get_by_role("heading", name="Hvor bor du?")).to_be_visible()
        await context.close()


async def test_quick_exit_in_a_plain_frame_changes_the_whole_page(world: World, browser: Browser) -> None:
    async with sites(world) as address:
        context = await phone(browser)
        page = await context.new_page()
        await page.goto(f"{address}/plain")
        await page.frame_locator("iframe").get_by_role("link", name="Forlat siden").click()
        await page.wait_for_url(AWAY)
        await context.close()


async def test_only_the_form_itself_makes_the_outer_page_leave(world: World, browser: Browser) -> None:
    async with sites(world) as address:
        context = await phone(browser)
        page = await context.new_page()
        await page.goto(f"{address}/script")
        frame = page.frame_locator("iframe")
        await expect(frame.get_by_role("heading", name="Hvor bor du?")).to_be_visible()
        await page.evaluate("postMessage({ leave: true }, '*')")
        await page.evaluate("dispatchEvent(new MessageEvent('message', { data: { leave: true } }))")
        await frame.locator("#place").fill("5003")
        assert page.url == f"{address}/script"
        await context.close()


async def test_form_in_plain_frame_works_without_scripts(world: World, browser: Browser) -> None:
    async with sites(world) as address:
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"{address}/plain")
        frame = page.frame_locator("iframe")
        await frame.get_by_role("button", name="Gå videre").click()
        await expect(frame.locator("h1")).to_contain_text("Når og hvor passer det?")
        await context.close()


@pytest.mark.parametrize(("allowed", "how"), [(False, "script"), (False, "plain"), (True, "front")])
async def test_other_sites_and_other_pages_are_not_shown_in_frames(
    world: World, browser: Browser, how: str, *, allowed: bool
) -> None:
    async with sites(world, allowed=allowed) as address:
        page = await browser.new_page()
        async with page.expect_console_message(lambda line: "frame-ancestors" in line.text):
            await page.goto(f"{address}/{how}")
        for frame in page.frames[1:]:
            assert frame.url == "" or frame.url.startswith("chrome-error:"), "nothing of ours is in it"
