"""A coordinator edits the words of a mail, and writes, sends and takes back a message, in a real browser."""

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.chromium import launched
from tests.notify.support.browser import KARI
from tests.notify.support.desk import Desk
from tests.notify.support.events import Group, Person
from tests.shared.support.staff import signed

pytestmark = pytest.mark.browser

KEEP = os.environ.get("KEEP_SCREENSHOTS", "")
"""A folder for screenshots, to look at."""

WAIT_MS = 60_000
MAIL = "/stab/brev/link-bergen/on_the_list"


async def look(page: Page, name: str) -> None:
    """Check the page for barriers and for its width, and keep a picture of it."""
    if KEEP:
        await page.screenshot(path=Path(KEEP) / f"{name}.png", full_page=True)
    assert await axe.violations(page) == [], name
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") == size["width"], name


async def press(page: Page, name: str, then: str, role: Literal["button", "link"] = "button") -> None:
    """Press a button or a link, and wait for the words of the page that follows."""
    await page.get_by_role(role, name=name).click()
    await expect(page.locator("main")).to_contain_text(then, timeout=WAIT_MS)


async def edit(page: Page, url: str, width: int) -> None:
    """Change a closing; the preview follows what is typed, and a fault is answered while typing."""
    await page.goto(f"{url}/stab/brev")
    await look(page, f"letters-{width}")
    await press(page, "Står på ventelisten", "Slik blir e-posten", "link")
    await look(page, f"letter-{width}")
    preview = page.locator("#preview")
    await page.locator("[name=closing_nb]").fill("Hvorfor vil du være med?")
    await expect(preview).to_contain_text("Vi spør aldri hvorfor", timeout=WAIT_MS)
    for language in ("nb", "nn", "en"):
        await page.locator(f"[name=closing_{language}]").fill(f"Hilsen {{senter}} ({language})")
    mails = page.frame_locator("#preview iframe")
    # What was typed last is in the last drawing alone; after it nothing moves.
    await expect(mails.nth(2).get_by_text("Hilsen LINK Bergen (en)")).to_be_visible(timeout=WAIT_MS)
    await expect(mails.first.get_by_text("Hilsen LINK Bergen (nb)")).to_be_visible(timeout=WAIT_MS)
    assert await mails.first.locator("h1").evaluate("title => getComputedStyle(title).fontSize") == "26px"
    await expect(preview).not_to_contain_text("Vi spør aldri hvorfor", timeout=WAIT_MS)
    await look(page, f"letter-typed-{width}")
    await page.locator("[name=subject_nb]").fill("Om gruppa di")
    await press(page, "Gå videre og se forskjellen", "ting må rettes")
    await look(page, f"letter-errors-{width}")
    for language in ("nb", "nn", "en"):
        await page.locator(f"[name=subject_{language}]").fill(f"Du er med ({language})")
    await press(page, "Gå videre og se forskjellen", "Dette blir annerledes")
    await look(page, f"letter-difference-{width}")
    await page.locator("[name=reason]").fill("Kortere emne")
    await press(page, "Lagre den nye teksten", "Kortere emne")
    await look(page, f"letter-versions-{width}")


async def write(page: Page, url: str, group: Group, width: int) -> None:
    """Write a message to a group with a slip first, read it, send it and take it back."""
    await page.goto(f"{url}/stab/meldinger")
    await look(page, f"messages-empty-{width}")
    await press(page, "Skriv en melding", "Ingenting blir sendt ennå", "link")
    await press(page, "Lagre og se hvordan den blir", "må rettes")
    await look(page, f"message-errors-{width}")
    await page.locator("[name=to]").select_option(f"gruppe:{group.id}")
    await page.locator("[name=subject_nb]").fill("Huset er stengt på torsdag")
    await page.locator("[name=body_nb]").fill("Huset er stengt på torsdag.\n\nVi flytter til biblioteket.")
    await look(page, f"message-form-{width}")
    await press(page, "Lagre og se hvordan den blir", "Hvem som får den hvis dere sender nå")
    await look(page, f"message-draft-{width}")
    await press(page, "Send meldingen", "Ingen har fått den ennå")
    await look(page, f"message-sent-{width}")
    await press(page, "Trekk den tilbake", "De som ikke har fått den ennå")
    await press(page, "Ja, trekk den tilbake", "Fikk den ikke likevel")
    await look(page, f"message-taken-back-{width}")
    await page.goto(f"{url}/stab/meldinger")
    await look(page, f"messages-{width}")


async def without_script(page: Page, url: str) -> None:
    """See the preview, the difference and the saved version by buttons alone."""
    await page.goto(url + MAIL)
    for language in ("nb", "nn", "en"):
        await page.locator(f"[name=opening_{language}]").fill(f"Velkommen på listen ({language}).")
    await press(page, "Se hvordan det blir", "Slik blir e-posten")
    mails = page.frame_locator("#preview iframe")
    await expect(mails.nth(1).get_by_text("Velkommen på listen (nn).").last).to_be_visible(timeout=WAIT_MS)
    await press(page, "Gå videre og se forskjellen", "Dette blir annerledes")
    await press(page, "Lagre den nye teksten", "Tekst 2")
    await press(page, "Ta i bruk tekst 1 igjen", "Dette blir annerledes")
    await press(page, "Lagre den nye teksten", "Tatt i bruk igjen fra tekst 1.")


async def group_of(desk: Desk, size: int) -> Group:
    people = [desk.intake.add(Person()) for _ in range(size)]
    group = Group(people)
    for person in people:
        await desk.deliver(person.received(), person.confirmed(), person.ready())
        await desk.deliver(group.offered(person), group.taken(person))
    await desk.deliver(group.called())
    return group


async def test_words_and_messages_in_a_browser(desk: Desk, url: str) -> None:
    width = int(os.environ.get("SCREEN_WIDTH", "360"))
    group = await group_of(desk, 3)
    async with launched() as browser:
        context = await browser.new_context(
            viewport={"width": width, "height": 740}, extra_http_headers=signed(KARI, "notify"), locale="nb-NO"
        )
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        await edit(page, url, width)
        await write(page, url, group, width)
        plain = await browser.new_context(
            java_script_enabled=False, extra_http_headers=signed(KARI, "notify"), locale="nb-NO"
        )
        bare = await plain.new_page()
        bare.set_default_timeout(WAIT_MS)
        await without_script(bare, url)
