"""The return ticket and the receipt of an erasure in a real Chromium, from a person's own page: accessible, narrow."""

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr

from shared.events import people
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.intake.support.browser import KEY
from tests.intake.support.world import World, decide_all
from tests.intake.test_form_browser import browser, go_on, look, phone, url

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "javascript"), [("nb", True), ("nn", False), ("en", True)])
async def test_person_takes_a_ticket_and_a_receipt_along(
    browser: Browser, url: str, world: World, language: str, *, javascript: bool
) -> None:
    await world.confirmed(mobile="+4791234567")
    page = await (await phone(browser, width=320, javascript=javascript)).new_page()
    await page.emulate_media(color_scheme="dark" if language == "en" else "light")
    name = f"ticket-{language}{'' if javascript else '-nojs'}"
    prefix = "" if language == "nb" else f"/{language}"
    await page.goto(f"{url}{prefix}/min-side")
    await page.locator("#email").fill("kari@example.org")
    await go_on(page, "#request button")
    await decide_all(world.db, world.vault, world.directory, world.clock)
    asked = [event for event in await world.events() if isinstance(event, people.PageLinkAsked)]
    await page.goto(
        f"{url}{Links.under_one_key(SecretStr(KEY), LINK_PATHS).url('', language, 'my_page', asked[-1].link_id)}"
    )
    await go_on(page, "#open button")
    await go_on(page, "#ticket button")
    await look(page, f"{name}-0-ticket")
    ticket = await page.locator("a[href*='/tilbake/']").first.get_attribute("href")
    assert ticket is not None
    await page.goto(f"{url}{prefix}/min-side/slett")
    await look(page, f"{name}-1-erase")
    await go_on(page, "#erase button")
    await look(page, f"{name}-2-erased")
    await go_on(page, "main a[href*='/kvittering/']")
    await look(page, f"{name}-3-receipt")

    await page.goto(ticket)
    await look(page, f"{name}-4-return")
    await go_on(page, "#return button")
    await look(page, f"{name}-5-form")
    assert await page.locator("[name=email]").input_value() == "kari@example.org"
    await page.goto(f"{ticket[:-9]}AAAAAAAAA")
    await look(page, f"{name}-6-no-ticket")
