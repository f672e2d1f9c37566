"""The pages of staff that a press on a list shows, and that have no address: an act on several people, seen first."""

from collections.abc import AsyncIterator
from typing import Final

from playwright.async_api import Page

from tests.scenarios.support.furnished import AREA
from tests.scenarios.support.town import URL

CHOSEN: Final = 6
"""The first people of a list."""

PRESSES: Final = (
    ("stab-personer-flere-pause", "/stab/personer", "Ta en pause …"),
    ("stab-personer-flere-avmeld", "/stab/personer", "Meld av …"),
    ("stab-omrader-area-id-flere", f"/stab/omrader/{AREA}", "Hold tilbake …"),
)
"""Name of a page, the list that it comes from, and the button."""


async def chosen_pages(page: Page) -> AsyncIterator[str]:
    """Choose people in the browser of a member of staff; yield the name of each page, on which nothing is pressed."""
    for name, path, button in PRESSES:
        await page.goto(f"{URL}{path}")
        for box in (await page.locator("input[name=person]").all())[:CHOSEN]:
            await box.check()
        async with page.expect_navigation():
            await page.get_by_role("button", name=button, exact=True).click()
        yield name
