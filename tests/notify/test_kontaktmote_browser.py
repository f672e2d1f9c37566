"""A coordinator plans, sends, changes and closes a meeting in a real browser; a member replies on a small phone."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page
from pydantic import SecretStr

from shared.kit.links import Links
from shared.reference.link_purposes import KONTAKTMOTE, LINK_PATHS, NO_INVITATIONS
from shared.timezone import OSLO_TZ
from tests.browser import axe
from tests.browser.chromium import launched
from tests.notify.support.browser import KARI
from tests.notify.support.contents import KEY
from tests.notify.support.desk import Desk
from tests.notify.support.events import CENTRE
from tests.notify.support.kontaktmoter import PLACE, Circle, Office, allow, on_its_own
from tests.shared.support.staff import signed

pytestmark = pytest.mark.browser

KEEP = os.environ.get("KEEP_SCREENSHOTS", "")
"""A folder for screenshots, to look at."""

LINKS = Links.under_one_key(SecretStr(KEY), LINK_PATHS)


async def look(page: Page, name: str) -> None:
    """Check the page for barriers and for its width, and keep a picture of it."""
    assert await axe.violations(page) == [], name
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") == size["width"], name
    if KEEP:
        await page.screenshot(path=Path(KEEP) / f"{name}.png", full_page=True)


async def plan(page: Page, desk: Desk, url: str, width: int) -> str:
    """Fill in the form with a slip first, and return the path of the draft."""
    await page.goto(f"{url}/stab/moter")
    await look(page, f"list-empty-{width}")
    await page.get_by_role("link", name="Planlegg et møte").click()
    await look(page, f"form-{width}")
    await page.get_by_role("button", name="Lagre og se hvem det gjelder").click()
    await look(page, f"form-errors-{width}")
    day = (desk.clock.now() + timedelta(days=30)).astimezone(OSLO_TZ).date().isoformat()
    for name, value in (("day", day), ("begins", "18:00"), ("ends", "20:00"), ("place", PLACE), ("capacity", "3")):
        await page.locator(f"[name={name}]").fill(value)
    await page.locator("[name=topics][value=absence]").check()
    await page.locator("[name=is_public]").check()
    for language in ("nb", "nn", "en"):
        await page.locator(f"[name=text_{language}]").fill(f"Kaffe og kake ({language}).")
    await page.get_by_role("button", name="Lagre og se hvem det gjelder").click()
    await look(page, f"draft-{width}")
    return page.url.removeprefix(url)


async def reply(phone: Page, eyes: Page, office: Office, url: str, meeting: UUID) -> None:
    """Answer as two members without JavaScript, and look at the same pages with it, for axe needs it."""
    first, second = (await office.invitations(meeting))[:2]
    link = f"{url}/mote/{LINKS.token(KONTAKTMOTE, first.id)}"

    async def seen(name: str) -> None:
        await eyes.goto(phone.url)
        await look(eyes, name)

    for language in ("/mote/", "/nn/mote/", "/en/mote/"):
        await phone.goto(link.replace("/mote/", language))
        await seen(f"invitation{language.replace('/', '-')}")
    await phone.goto(link)
    await phone.locator("[name=antall]").fill("mange")
    await phone.get_by_role("button", name="Vi kommer så mange").click()
    assert "Skriv hvor mange dere er" in await phone.inner_text("main")
    await phone.locator("[name=antall]").fill("3")
    await phone.get_by_role("button", name="Vi kommer så mange").click()
    assert "Dere er ventet, 3 personer" in await phone.inner_text("main")
    await seen("invitation-coming")
    await phone.goto(f"{url}/mote/{LINKS.token(KONTAKTMOTE, second.id)}")
    await phone.get_by_role("button", name="Jeg kommer", exact=True).click()
    await seen("invitation-waiting")
    await phone.get_by_role("button", name="Ta meg av ventelisten").click()
    await seen("invitation-declined")
    await phone.goto(f"{url}/mote-nei-takk/{LINKS.token(NO_INVITATIONS, second.id)}")
    await seen("no-invitations")
    await phone.get_by_role("button", name="Ikke inviter meg flere ganger").click()
    await seen("no-invitations-done")
    await phone.goto(f"{url}/moter/{CENTRE}")
    await seen("public")


@pytest.mark.parametrize("width", [320, 1280])
async def test_meeting_from_plan_to_held_in_a_browser(desk: Desk, url: str, width: int) -> None:
    allow(desk)
    office = Office(desk)
    await on_its_own(desk, "opt_in")
    sealed = await on_its_own(desk, "sealed_alias")
    await sealed.forget()
    await Circle(desk, "opt_in").start()
    await on_its_own(desk, "none")
    headers = signed(KARI, "notify")
    async with launched() as browser:
        context = await browser.new_context(
            viewport={"width": width, "height": 700}, extra_http_headers=headers, locale="nb-NO"
        )
        page = await context.new_page()
        page.set_default_timeout(60_000)
        path = await plan(page, desk, url, width)
        meeting = UUID(path.rpartition("/")[2])
        await page.get_by_role("button", name="Send invitasjonene").click()
        await office.settle()

        phone = await browser.new_context(
            viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="nb-NO"
        )
        small = await browser.new_context(viewport={"width": 320, "height": 640}, locale="nb-NO")
        await reply(await phone.new_page(), await small.new_page(), office, url, meeting)
        await phone.close()
        await small.close()

        await page.goto(url + path)
        await look(page, f"replies-{width}")
        await page.get_by_role("link", name="Endre møtet").click()
        await look(page, f"change-{width}")
        await page.locator("[name=begins]").fill("17:30")
        await page.get_by_role("button", name="Lagre og gi beskjed").click()
        assert "kontaktmote_changed" in {kind for kind, _ in await office.settle()}
        await page.goto(f"{url}{path}/avlys")
        await look(page, f"cancel-{width}")
        desk.clock.set((await office.meeting(meeting)).ends_at)
        await page.goto(url + path)
        await page.locator("[name=attendance]").fill("3")
        await page.get_by_role("button", name="Møtet er holdt").click()
        await look(page, f"held-{width}")
        await page.goto(f"{url}/stab/moter")
        await page.get_by_role("link", name="Før").click()
        await look(page, f"list-{width}")
        assert "holdt" in await page.inner_text("main")
