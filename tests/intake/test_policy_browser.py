"""The pages of a centre's rules and texts in a real Chromium: accessible, narrow, and without JavaScript."""

import pytest
from playwright.async_api import Browser, Page

from shared.kit.staff import StaffMember
from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, go_on, look, url
from tests.intake.test_policies import seed
from tests.intake.test_policy_pages import hear, proposed
from tests.intake.test_policy_texts import INFORMATION, NOT_NOW, QUOTES
from tests.shared.support.staff import signed

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser

SEE = "#policy button[value=se]"
PAGE = "/stab/regler/link-bergen"
KARI = StaffMember(
    "kari", frozenset({"koordinator"}), frozenset({"link-bergen", "link-oslo"}), "00000000-0000-0000-0000-000000000001"
)


async def staff_page(browser: Browser, width: int, *, javascript: bool) -> Page:
    """Open a page as the gateway would send it."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=javascript,
        extra_http_headers=signed(KARI, "intake"),
    )
    return await context.new_page()


@pytest.mark.parametrize(("width", "name"), [(320, "nojs"), (320, "small"), (1100, "wide")])
async def test_rules_are_changed_accessibly(browser: Browser, url: str, world: World, width: int, name: str) -> None:
    await seed(world)
    await hear(world, *(proposed(world, number) for number in (1, 2, 3)))
    page = await staff_page(browser, width, javascript=name != "nojs")
    await page.goto(f"{url}/stab/regler")
    await look(page, f"rules-{name}-0-centres")
    await page.goto(f"{url}{PAGE}")
    await look(page, f"rules-{name}-1-page")
    await page.goto(f"{url}{PAGE}/endre")
    await look(page, f"rules-{name}-2-form")
    await page.locator("#size_max").fill("4")
    await go_on(page, SEE)
    await look(page, f"rules-{name}-3-errors")
    await page.locator("#size_max").fill("9")
    await page.locator("[name=confidentiality][value=signed]").check()
    await go_on(page, SEE)
    await look(page, f"rules-{name}-4-difference")
    await go_on(page, "#policy button[value=lagre]")
    await look(page, f"rules-{name}-5-saved")
    await page.goto(f"{url}{PAGE}/utgaver")
    await look(page, f"rules-{name}-6-history")
    assert await world.count("policies", "source = 'web'") == 1


@pytest.mark.parametrize(("width", "name"), [(320, "nojs"), (320, "small"), (1100, "wide")])
async def test_texts_are_written_accessibly(browser: Browser, url: str, world: World, width: int, name: str) -> None:
    await seed(world)
    page = await staff_page(browser, width, javascript=name != "nojs")
    await page.goto(f"{url}{PAGE}/tekster")
    await look(page, f"texts-{name}-0-form")
    for field, text in {**INFORMATION, **NOT_NOW}.items():
        await page.locator(f"#{field}").fill(text)
    await page.locator("#quotes_nb").fill(QUOTES["quotes_nb"])
    await go_on(page, "#texts button[value=se]")
    await look(page, f"texts-{name}-1-errors")
    for field, text in QUOTES.items():
        await page.locator(f"#{field}").fill(text)
    await go_on(page, "#texts button[value=se]")
    await look(page, f"texts-{name}-2-preview")
    await go_on(page, "#texts button[value=lagre]")
    await page.goto(f"{url}/informasjon/link-bergen")
    await look(page, f"texts-{name}-3-information")
    assert "Vi er LINK Bergen." in await page.locator("main").inner_text()
