"""Times for a talk, and the pages to decide by, in a real Chromium: accessible, narrow, and without JavaScript."""

from uuid import UUID

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr

from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS, TALK
from tests.intake.support.browser import KEY
from tests.intake.support.talks import book, missed, opened
from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, go_on, look, phone, url
from tests.intake.test_policy_browser import staff_page

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser


def talk_path(signup_id: UUID, language: str = "nb") -> str:
    return Links.under_one_key(SecretStr(KEY), LINK_PATHS).url("", language, TALK, signup_id)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
async def test_pages_to_decide_by_are_accessible(browser: Browser, url: str, language: str) -> None:
    prefix = "" if language == "nb" else f"/{language}"
    page = await (await phone(browser, width=320)).new_page()
    for name in ("passer-det", "under-18"):
        await page.goto(f"{url}{prefix}/{name}")
        await look(page, f"{name}-{language}")


@pytest.mark.parametrize(("language", "javascript"), [("nb", False), ("nn", True), ("en", True)])
async def test_person_picks_a_time_accessibly(
    browser: Browser, url: str, world: World, language: str, *, javascript: bool
) -> None:
    await opened(world, 4)
    await opened(world, 2, days=9, way="office", held_by="Ola")
    signup_id = await world.confirmed()
    page = await (await phone(browser, width=320, javascript=javascript)).new_page()
    name = f"talk-{language}{'' if javascript else '-nojs'}"
    await page.goto(f"{url}{talk_path(signup_id, language)}")
    await look(page, f"{name}-0-times")
    await go_on(page, "#pick [name=tid] >> nth=0")
    await look(page, f"{name}-1-number-missing")
    await page.locator("#mobile").fill("912 34 567")
    await go_on(page, "#pick [name=tid] >> nth=0")
    await look(page, f"{name}-2-booked")
    await page.locator("summary").click()
    await look(page, f"{name}-3-other-times")
    await go_on(page, "#pick [name=tid] >> nth=4")  # at the office
    await look(page, f"{name}-4-moved")
    await go_on(page, "#give-up button")
    await look(page, f"{name}-5-given-up")
    await go_on(page, "#pick [name=svar]")
    await look(page, f"{name}-6-asked")
    for _ in range(3):
        await missed(world, signup_id)
    await page.reload()
    await look(page, f"{name}-7-silent")
    assert await page.locator("h1").count() == 1


@pytest.mark.parametrize(("width", "name"), [(320, "nojs"), (1100, "wide")])
async def test_staff_open_times_and_hold_talks_accessibly(
    browser: Browser, url: str, world: World, width: int, name: str
) -> None:
    page = await staff_page(browser, width, javascript=name != "nojs")
    await page.goto(f"{url}/stab/forsamtaler")
    await look(page, f"talks-{name}-0-none")
    await go_on(page, "#open-times button")
    await look(page, f"talks-{name}-1-errors")
    await page.locator("#dag").fill("2026-01-08")
    await page.locator("#antall").select_option("3")
    await page.locator("#hos").fill("Berit")
    await go_on(page, "#open-times button")
    await look(page, f"talks-{name}-2-opened")
    times = await world.rows("select time_id from talk_times order by starts_at")
    signup_id = await world.confirmed(mobile="+4791234567")
    await book(world, signup_id, times[0][0])
    await page.reload()
    await look(page, f"talks-{name}-3-booked")
    await page.get_by_role("link", name="Kari", exact=True).click()
    await look(page, f"talks-{name}-4-talk")
    await go_on(page, "#missed button")
    await look(page, f"talks-{name}-5-missed")
    await go_on(page, "#book [name=tid] >> nth=1")
    await go_on(page, "#outcome-klar button")
    await look(page, f"talks-{name}-6-held")
