"""The coordinator's page of a group after its start in a real browser; set ``SCREENSHOTS`` to keep pictures."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser

from grouping.usecases import lives, members
from tests.browser import axe
from tests.grouping.support.browser import KARI
from tests.grouping.support.pages import group_page
from tests.grouping.support.world import World
from tests.grouping.test_lives import ahead, as_member, as_staff, hand_over, start_group
from tests.grouping.test_pages_browser import browser, url
from tests.shared.support.staff import signed

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser

KEEP = os.environ.get("SCREENSHOTS")


async def nobody_kept_out(browser: Browser, url: str, name: str, paths: list[str]) -> None:
    headers = signed(KARI, "grouping")
    for width in (320, 1280):
        context = await browser.new_context(viewport={"width": width, "height": 640}, extra_http_headers=headers)
        page = await context.new_page()
        for number, path in enumerate(paths):
            await page.goto(url + path)
            if KEEP:
                await page.screenshot(path=Path(KEEP) / f"{name}-{number}-{width}.png", full_page=True)
            assert await axe.violations(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") == width, path
            ids = await page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
            assert len(ids) == len(set(ids)), path
        await context.close()


async def test_page_of_each_state_of_a_group_passes_axe(world: World, url: str, browser: Browser) -> None:
    group_id = await start_group(world)
    path, meeting = await group_page(world), (await ahead(world))[1]
    pages = [path, f"/en{path}", f"{path}/moter/flytt?mote={meeting.id}", f"{path}/tider", f"{path}/avslutt"]
    await nobody_kept_out(browser, url, "start", pages)

    await world.live(days=22)
    await nobody_kept_out(browser, url, "question", [path])

    return_id = await hand_over(world)
    await as_member(world, members.act_by_return_link, return_id, "visit")
    await nobody_kept_out(browser, url, "visit", [path, f"/nn{path}"])

    await as_staff(world, lives.dissolve_group, group_id)
    await nobody_kept_out(browser, url, "ended", [path, "/stab/grupper?vis=ferdig"])
