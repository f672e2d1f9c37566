"""Naming whom one must not meet, in a real Chromium: accessible, plain words, and a history that tells nothing."""

import pytest
from playwright.async_api import Browser
from pydantic import SecretStr

from devtools.readability import LIX_LIMIT, SENTENCE_LIMIT, readability, running_text
from intake import jobs
from shared.events import people
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.intake.support.browser import KEY
from tests.intake.support.world import World, decide_all
from tests.intake.test_form_browser import browser, go_on, look, phone, url

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser

SAVED = {"nb": "Det er lagret.", "nn": "Det er lagra.", "en": "It is saved."}


@pytest.mark.parametrize(("language", "javascript"), [("nb", True), ("nn", False), ("en", True)])
async def test_person_names_somebody_and_the_history_tells_nothing(
    browser: Browser, url: str, world: World, language: str, *, javascript: bool
) -> None:
    await world.confirmed(email="ola@example.org")
    await world.confirmed()
    page = await (await phone(browser, width=320, javascript=javascript)).new_page()
    await page.emulate_media(color_scheme="dark" if language == "en" else "light")
    name = f"hensyn-{language}{'' if javascript else '-nojs'}"
    prefix = "" if language == "nb" else f"/{language}"
    await page.goto(f"{url}{prefix}/min-side")
    await page.locator("#email").fill("kari@example.org")
    await go_on(page, "#request button")
    await decide_all(world.db, world.vault, world.directory, world.clock)
    asked = [event for event in await world.events() if isinstance(event, people.PageLinkAsked)]
    links = Links.under_one_key(SecretStr(KEY), LINK_PATHS)
    await page.goto(f"{url}{links.url('', language, 'my_page', asked[-1].link_id)}")
    await go_on(page, "#open button")
    await go_on(page, "main a[href$='/hensyn']")
    await look(page, f"{name}-0-form")
    seen = {(page.url, await page.title())}
    found = readability(running_text(await page.content()))
    assert found.lix < LIX_LIMIT
    assert found.longest_words <= SENTENCE_LIMIT, found.longest

    await page.locator("#quiet_name").fill("ingen adresse")
    await go_on(page, "#quiet-name button")
    await look(page, f"{name}-1-error")
    for contact in ("ola@example.org", "nobody@example.org"):
        await page.locator("#quiet_name").fill(contact)
        await go_on(page, "#quiet-name button")
        assert await page.locator("[role=status]").inner_text() == SAVED[language]
        assert await page.locator("#quiet_name").input_value() == ""
        seen.add((page.url, await page.title()))
    await look(page, f"{name}-2-saved")
    await page.goto(page.url)
    assert await page.locator("[role=status]").count() == 0
    await go_on(page, "#quiet-none button")
    assert await page.locator("[role=status]").inner_text() == SAVED[language]
    seen.add((page.url, await page.title()))
    assert len(seen) == 1
    assert "ola@" not in await page.content()

    await jobs.SETTLE_QUIET_NAMES.run(world.jobs)
    assert await world.count("quiet_pairs") == 1
