"""A coordinator does the same for several people of the list, after a round of phone calls."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser import axe
from tests.browser.chromium import PATIENCE_MS
from tests.scenarios.support.desk import Desk, served
from tests.scenarios.support.people import all_read, waiting
from tests.scenarios.support.town import URL, Town

pytestmark = [pytest.mark.browser, pytest.mark.system]

PHONE = ViewportSize(width=360, height=740)


async def look(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_several_get_a_pause_on_a_phone_without_scripts(town: Town) -> None:
    ane, bo, cia = people = await waiting(town, "Ane", "Bo", "Cia", place="5003")
    all_read(people)
    await town.add_staff("arne", "link-bergen")
    async with served(town) as browser:
        context = await browser.new_context(viewport=PHONE, java_script_enabled=False, locale="nb-NO")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await Desk(town, page, "arne").today()
        await page.goto(f"{URL}/stab/personer")
        await look(page)
        assert await page.locator("main [data-tick]").is_hidden()
        for name in ("Ane", "Bo"):
            await page.get_by_label(f"Velg personen, {name}").press("Space")
        await page.get_by_role("button", name="Ta en pause …").press("Enter")
        await expect(page.get_by_role("heading", name="Gi 2 personer en pause?")).to_be_visible()
        await look(page)
        await page.get_by_role("button", name="Ja, gi dem en pause").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Det er gjort for 2 personer.")
        await look(page)
    await town.at_rest()
    assert ane.new_subjects() == bo.new_subjects() == ["Du har tatt en pause"]
    assert cia.new_subjects() == []


async def test_one_press_ticks_all_and_the_next_none(town: Town) -> None:
    await waiting(town, "Ane", "Bo", place="5003")
    await town.add_staff("arne", "link-bergen")
    async with served(town) as browser:
        page = await (await browser.new_context(viewport=PHONE, locale="nb-NO")).new_page()
        page.set_default_timeout(PATIENCE_MS)
        await Desk(town, page, "arne").today()
        await page.goto(f"{URL}/stab/personer")
        ticked = page.locator("input[name=person]:checked")
        await page.get_by_role("button", name="Velg alle på siden").press("Enter")
        await expect(ticked).to_have_count(2)
        assert await axe.violations(page) == []
        await page.get_by_role("button", name="Fjern alle kryssene").click()
        await expect(ticked).to_have_count(0)
        await page.get_by_label("Velg personen, Ane").check()
        await page.get_by_role("button", name="Meld av …").click()
        await expect(page.get_by_role("heading", name="Melde av 1 person?")).to_be_visible()
        assert await axe.violations(page) == []
