"""The page of a private calendar feed on a small phone."""

import os
from pathlib import Path

import pytest

from tests.browser import axe
from tests.browser.chromium import launched
from tests.notify.support.desk import Desk
from tests.notify.test_calendar_feeds import member, page_of

pytestmark = pytest.mark.browser

KEEP = os.environ.get("KEEP_SCREENSHOTS", "")
"""A folder for screenshots, to look at."""


async def test_calendar_link_fits_a_small_phone(desk: Desk, url: str) -> None:
    _, seat_id = await member(desk)
    async with launched() as browser:
        context = await browser.new_context(viewport={"width": 320, "height": 640}, locale="nb-NO")
        page = await context.new_page()
        page.set_default_timeout(60_000)
        await page.goto(url + page_of(seat_id))
        for name, button in (("offer", "Lag en adresse"), ("made", "Slutt å dele møtene"), ("revoked", None)):
            assert await axe.violations(page) == [], name
            assert await page.evaluate("document.documentElement.scrollWidth") == 320, name
            if KEEP:
                await page.screenshot(path=Path(KEEP) / f"calendar-{name}.png", full_page=True)
            if button:
                await page.get_by_role("button", name=button).click()
        assert "Lag en adresse" in await page.inner_text("main")
