"""Sign-in with an identity provider in a real Chromium: there and back, the refusal, and the sign-out."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.intake.support.browser import add_berit
from tests.intake.support.gateway import served
from tests.intake.support.provider import provider_settings, running
from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, go_on, look, phone

__all__ = ["browser"]

pytestmark = pytest.mark.browser


async def test_member_of_staff_signs_in_and_out_with_the_provider(browser: Browser, world: World) -> None:
    await add_berit(world, "link-bergen")
    async with running() as provider, served(world, **provider_settings(provider)) as url:
        page = await (await phone(browser)).new_page()
        await page.goto(f"{url}/stab/personer")
        await look(page, "provider-sign-in")
        await page.get_by_role("link", name="Logg inn med Inngang").click()
        await expect(page).to_have_url(f"{url}/stab/")
        await expect(page.locator(".who")).to_have_text("berit")
        await go_on(page, ".sign-out button")
        await look(page, "provider-left")
        await page.get_by_role("link", name="Logg ut hos Inngang").click()
        await expect(page).to_have_url(re.compile(f"^{provider.issuer}/end"))
        assert provider.signed_out["post_logout_redirect_uri"] == f"{url}/stab/logg-inn"
        provider.denies = True
        await page.goto(f"{url}/nn/stab/logg-inn")
        await page.get_by_role("link", name="Logg inn med Inngang").click()
        await expect(page).to_have_url(re.compile("/nn/stab/logg-inn/tilbyder/nei"))
        await look(page, "provider-refused")
