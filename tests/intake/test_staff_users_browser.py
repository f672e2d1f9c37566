"""The pages of admins about users in a real Chromium: on a phone, without a violation that axe finds."""

import pytest
from playwright.async_api import Browser, expect

from tests.intake.support.browser import add_berit
from tests.intake.support.gateway import served, sign_in
from tests.intake.support.staff import PASSWORD
from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, go_on, look, phone
from tests.intake.test_staff_users import add

__all__ = ["browser"]

pytestmark = pytest.mark.browser


async def test_admin_gives_a_one_time_password_on_a_phone(browser: Browser, world: World) -> None:
    await add_berit(world, "link-bergen", roles=["koordinator", "admin"])
    await add(world, "ola", "koordinator", "link-bergen")
    async with served(world) as url:
        page = await (await phone(browser)).new_page()
        await sign_in(page, url, PASSWORD)
        await page.goto(f"{url}/stab/brukere")
        await look(page, "users")
        await page.get_by_role("link", name="ola").click()
        await look(page, "user")
        await page.get_by_role("link", name="Endre roller og sentre").click()
        await look(page, "user-access")
        await page.get_by_role("link", name="Nei, gå tilbake").click()
        await page.get_by_role("link", name="Lag engangspassord").click()
        await look(page, "user-question")
        await go_on(page, "main .actions button")
        await look(page, "user-password")
        await expect(page.locator("code")).to_be_visible()
