"""The menu of staff: a row on a desk, and on a phone a button that opens it, without JavaScript."""

import os

import pytest
from playwright.async_api import Browser, expect

from tests.browser import axe
from tests.grouping.support.browser import KARI
from tests.grouping.support.staff_acts import BERGEN_PAGE
from tests.grouping.test_pages_browser import browser, url
from tests.shared.support.staff import signed

__all__ = ["browser", "url"]
KEEP = os.environ.get("SCREENSHOTS")


@pytest.mark.browser
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("prefix", "menu", "areas"), [("", "Meny", "Områder"), ("/en", "Menu", "Areas")])
async def test_menu_on_a_phone_is_folded_and_opens_by_keyboard(
    url: str, browser: Browser, prefix: str, menu: str, areas: str
) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
        extra_http_headers=signed(KARI, "grouping"),
    )
    page = await context.new_page()
    await page.goto(url + prefix + BERGEN_PAGE)
    navigation = page.get_by_role("navigation", name="Hovedmeny" if not prefix else "Main menu")
    box = await navigation.bounding_box()
    assert box is not None
    assert box["height"] < 60
    assert await navigation.get_by_role("link").all_inner_texts() == [areas]
    assert await navigation.get_by_role("link").get_attribute("aria-current") == "true"
    await navigation.get_by_role("button", name=menu, exact=True).press("Enter")
    listed = navigation.get_by_role("listitem")
    await expect(listed.first).to_be_visible()
    assert await listed.count() > 8
    await expect(listed.get_by_role("link", name=areas, exact=True)).to_have_attribute("aria-current", "true")
    if KEEP:
        await page.screenshot(path=f"{KEEP}/menu-open.png")
    await page.keyboard.press("Escape")
    await expect(listed.first).to_be_hidden()
    if KEEP:
        await page.screenshot(path=f"{KEEP}/menu-folded.png")
    await navigation.get_by_role("button", name=menu, exact=True).click()
    await listed.get_by_role("link", name=areas, exact=True).click()
    await expect(page).to_have_url(f"{url}{prefix}/stab/omrader")
    await context.close()


@pytest.mark.browser
@pytest.mark.usefixtures("world")
async def test_menu_on_a_desk_is_a_row_without_a_button(url: str, browser: Browser) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, extra_http_headers=signed(KARI, "grouping")
    )
    page = await context.new_page()
    await page.goto(url + BERGEN_PAGE)
    navigation = page.get_by_role("navigation", name="Hovedmeny")
    assert await navigation.get_by_role("button").count() == 0
    assert await navigation.get_by_role("link", name="Områder").count() == 1
    if KEEP:
        await page.screenshot(path=f"{KEEP}/menu-desk.png")
    await page.set_viewport_size({"width": 360, "height": 740})
    await navigation.get_by_role("button", name="Meny").click()
    assert await axe.violations(page) == []
    await context.close()
