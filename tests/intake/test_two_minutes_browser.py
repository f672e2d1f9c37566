"""Tests that a sign-up on a phone takes less than two minutes of the pauses that people make."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

import pytest
from playwright.async_api import Browser, Page

from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, phone, served

__all__ = ["browser"]

pytestmark = pytest.mark.browser

SECONDS: Final = {"look": 9.0, "tap": 1.5, "scroll": 1.0, "key": 0.35}
"""
How long people take: to look over a page, to find and tap something, to scroll by one screen, to type one letter.

The last is what 37,000 people took on phones: 36 words a minute (Palin and others, 2019, MobileHCI).
"""
MOST_SECONDS: Final = 120.0
MOST_SCREENS: Final = 4.0
NAME: Final = "Kari"
EMAIL: Final = "kari.nordmann@example.org"


@dataclass
class Person:
    """
    Somebody with a phone.

    Attributes:
        seconds: Of pauses so far.
        screens: Height of each page that was seen, down to the button that sends it, in screens.
    """

    page: Page
    seconds: float = 0.0
    screens: dict[str, float] = field(default_factory=dict)

    async def look(self, name: str) -> None:
        """Look over a page, and scroll to the button that sends it, or to its end where it has none."""
        height: float = await self.page.evaluate(
            """() => {
                const end = [...document.querySelectorAll("#signup .actions")].at(-1) ?? document.documentElement;
                return (scrollY + end.getBoundingClientRect().bottom) / innerHeight;
            }"""
        )
        self.screens[name] = round(height, 1)
        self.seconds += SECONDS["look"] + SECONDS["scroll"] * height

    async def tap(self, selector: str) -> None:
        self.seconds += SECONDS["tap"]
        await self.page.locator(selector).first.click()

    async def go(self, selector: str) -> None:
        """Tap what leads to another page."""
        async with self.page.expect_navigation():
            await self.tap(selector)

    async def write(self, selector: str, text: str) -> None:
        self.seconds += SECONDS["tap"] + SECONDS["key"] * len(text)
        await self.page.locator(selector).fill(text)


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    async with served(world) as address:
        yield address


@pytest.mark.parametrize("javascript", [True, False])
async def test_sign_up_on_a_phone_takes_less_than_two_minutes(
    browser: Browser, url: str, world: World, javascript: bool
) -> None:
    context = await phone(browser, javascript=javascript)
    page = await context.new_page()
    kari = Person(page)
    await page.goto(f"{url}/")
    await kari.look("front")
    await kari.go("main a[href$='/pamelding']")
    await kari.look("place")
    await kari.write("#place", "5003")
    await kari.go("#signup .actions button")
    await kari.look("times")
    for slot in ("tue-evening", "wed-evening", "thu-evening"):
        await kari.tap(f"[name=slots][value={slot}]")
    await kari.go("#signup .actions button")
    await kari.look("about")
    await kari.write("#first_name", NAME)
    await kari.tap("#channel")
    await kari.write("#email", EMAIL)
    for box in ("#adult", "#consent_version", "#information_version"):
        if await page.locator(box).count():
            await kari.tap(box)
    while "/takk/" not in page.url:  # the browser is faster than a person, and is asked once more
        await kari.go("#signup .actions button")
    await kari.look("thanks")
    assert await world.count("people") + await world.count("submissions") == 1
    assert {name: height for name, height in kari.screens.items() if height > MOST_SCREENS} == {}
    assert kari.seconds < MOST_SECONDS
    await context.close()
