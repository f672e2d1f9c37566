"""
The pages of a centre in a real Chromium: with its own look at two widths in both schemes, and on paper.

Set ``SCREENSHOTS`` to a folder to keep a picture of every page.
"""

import re

import pytest
from playwright.async_api import Browser

from tests.browser import axe
from tests.intake.support.world import World
from tests.intake.test_branding import with_look
from tests.intake.test_form_browser import KEEP, browser, served, url
from tests.shared.test_reference_branding import GOOD

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser

PAGES = ("/link-bergen/", "/?sted=5003", "/?sted=9999", "/informasjon/link-bergen", "/pamelding?sted=5003")


async def test_pages_with_the_look_of_a_centre_are_accessible(browser: Browser, world: World) -> None:
    async with served(world, lambda centres: with_look(centres, **GOOD)) as address:
        await look_at(browser, address)


async def look_at(browser: Browser, url: str) -> None:
    """Look at each page in both schemes, three languages and three widths."""
    for scheme in ("light", "dark"):
        context = await browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
        page = await context.new_page()
        for path in PAGES:
            for language in ("", "/nn", "/en"):
                await page.goto(f"{url}{language}{path}")
                for width in (1280, 360, 320):
                    await page.set_viewport_size({"width": width, "height": 800})
                    assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
                    if KEEP and width > 320:
                        name = re.sub(r"\W+", "-", f"{path}{language}")
                        await page.screenshot(path=f"{KEEP}/{name}-{width}-{scheme}.png", full_page=True)
                assert await axe.violations_at(page, (1280, 320)) == [], f"{language}{path} {scheme}"
        await page.goto(f"{url}/link-bergen/")
        assert await page.evaluate("document.querySelector('img.logo').naturalWidth") > 0
        assert await context.cookies() == []
        await context.close()


@pytest.mark.parametrize("centre", ["link-bergen", "link-oslo", "link", "selvhjelp-norge"])
async def test_information_is_printed_in_large_letters_on_two_sheets(url: str, browser: Browser, centre: str) -> None:
    page = await browser.new_page()
    for language in ("", "/nn", "/en"):
        await page.goto(f"{url}{language}/informasjon/{centre}")
        await page.emulate_media(media="print")
        size = await page.evaluate("getComputedStyle(document.querySelector('main p')).fontSize")
        assert float(size.removesuffix("px")) >= 14 / 72 * 96 - 0.01
        printed = await page.pdf(path=f"{KEEP}/{centre}{language[1:]}.pdf" if KEEP else None, format="A4")
        assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) <= 2, f"{language} {centre}"
        await page.emulate_media(media="screen")
