"""The pages of a centre's rules and texts in a real Chromium: accessible, narrow, and without JavaScript."""

import pytest
from playwright.async_api import Browser, FilePayload, Page

from shared.kit.staff import StaffMember
from tests.intake.support.world import World
from tests.intake.test_form_browser import browser, go_on, look, url
from tests.intake.test_look_pictures import ALTS, PNG
from tests.intake.test_policies import seed
from tests.intake.test_policy_pages import hear, proposed
from tests.intake.test_policy_texts import INFORMATION, NOT_NOW, QUOTES
from tests.shared.support.staff import signed
from tests.shared.test_reference_branding import SVG

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


@pytest.mark.parametrize(("width", "name"), [(320, "nojs"), (1100, "wide")])
async def test_look_is_decided_accessibly(browser: Browser, url: str, world: World, width: int, name: str) -> None:
    """A colour that cannot be read is refused, what was uploaded with it is kept, and the public page has it all."""
    await seed(world)
    page = await staff_page(browser, width, javascript=name != "nojs")
    await page.goto(f"{url}{PAGE}/utseende")
    await look(page, f"look-{name}-0-form")
    logo = FilePayload(name="logo.svg", mimeType="image/svg+xml", buffer=SVG.encode())
    picture = FilePayload(name="hus.png", mimeType="image/png", buffer=PNG)
    await page.locator("#logo").set_input_files(logo)
    await page.locator("#picture").set_input_files(picture)
    await page.locator("#color").fill("#ffcc00")
    await go_on(page, "#look button[value=se]")
    await look(page, f"look-{name}-1-errors")
    assert "Fargen er for lys til å leses" in await page.locator("#error-summary").inner_text()
    await page.locator("#color").fill("#004488")
    for field, text in ALTS.items():
        await page.locator(f"#{field}").fill(text)
    await go_on(page, "#look button[value=se]")
    await look(page, f"look-{name}-2-preview")
    shown = "[...document.querySelectorAll('main img')].map(each => each.naturalWidth > 0)"
    assert await page.evaluate(shown) == [True, True]
    await go_on(page, "#look button[value=lagre]")
    await page.goto(f"{url}/link-bergen/")
    await page.locator(".centre-picture").scroll_into_view_if_needed()
    await page.wait_for_function("[...document.querySelectorAll('img')].every(each => each.naturalWidth > 0)")
    assert await page.locator("img.logo").count() == 1
    assert await page.locator(".centre-picture").get_attribute("alt") == ALTS["alt_nb"]
    color = "getComputedStyle(document.documentElement).getPropertyValue('--ds-color-accent-base-default')"
    assert await page.evaluate(color) == "#004488"
    await look(page, f"look-{name}-3-centre")
