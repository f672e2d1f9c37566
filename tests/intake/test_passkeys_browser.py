"""Passkeys in a real Chromium with an authenticator of its own: the first sign-in, and the next."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from intake.usecases.staff import add_staff, new_one_time_password
from shared.kit.staff import wall_now
from tests.intake.support.gateway import served, sign_in
from tests.intake.support.staff import NEW_PASSWORD
from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, go_on, look, phone

__all__ = ["browser"]

pytestmark = pytest.mark.browser

AUTHENTICATOR: Final = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    """Intake behind a gateway; everybody on the staff needs a second factor."""
    async with served(world, second_factor_from=date(2020, 1, 1)) as address:
        yield address


async def test_passkey_is_made_at_the_first_sign_in_and_used_at_the_next(
    browser: Browser, url: str, world: World
) -> None:
    password = new_one_time_password()
    async with world.transaction() as session:
        await add_staff(session, "berit", password, ["koordinator"], ["link-bergen"], wall_now(), one_time=True)
    page = await (await phone(browser, width=320)).new_page()
    await sign_in(page, url, password)
    await look(page, "staff-0-password")
    await page.locator("#new").fill(NEW_PASSWORD)
    await page.locator("#repeated").fill(NEW_PASSWORD)
    await go_on(page, "main .actions button")
    await look(page, "staff-1-choice")
    await page.goto(f"{url}/stab/konto/kodeapp")
    await look(page, "staff-2-app")
    await page.goto(f"{url}/stab/konto/passnokkel")
    await page.locator("#name").fill("Telefonen")
    await look(page, "staff-3-passkey")

    # A look ends the authenticator, so nothing is looked at until the passkey was made and used.
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await go_on(page, "main .actions button")
    assert await page.locator("main code").count() == 8
    await go_on(page, "main .actions a")
    await expect(page).to_have_url(f"{url}/stab/")
    await go_on(page, ".sign-out button")
    await sign_in(page, url, NEW_PASSWORD)
    await go_on(page, "[data-passkeys] button")
    await expect(page).to_have_url(f"{url}/stab/")

    await page.goto(f"{url}/stab/konto")
    await expect(page.locator("main")).to_contain_text("Telefonen")
    await expect(page.locator("main")).to_contain_text("med passnøkkel")
    await look(page, "staff-4-account")
    await go_on(page, "form[action='/stab/konto/reservekoder'] button")
    await look(page, "staff-5-codes")
    await go_on(page, ".sign-out button")
    await sign_in(page, url, NEW_PASSWORD)
    await look(page, "staff-6-second-step")
