"""The pages of an igangsetter, and those of staff about them, on a small phone in a real browser."""

import re
from datetime import timedelta

import pytest

from tests.browser.chromium import PATIENCE_MS
from tests.scenarios.support.desk import KEEP, Desk, desk_of, look, served
from tests.scenarios.support.people import Participant, confirmed_group
from tests.scenarios.support.town import URL, Town

pytestmark = [pytest.mark.system, pytest.mark.browser]

WIDTH = 320
NAMES = ("Anette", "Bodil", "Cecilie", "Dagfinn", "Evelyn", "Frida", "Gunvor", "Henrik")
"""As many as a group can be."""


async def invited(desk: Desk, helper: Participant) -> None:
    """Invite an igangsetter as staff, looking at each page."""
    page = desk.page
    await desk.today()
    for name, path in (("register", "/stab/igangsettere"), ("accounts", "/stab/kontoer"), ("form", "/stab/kontoer/ny")):
        await page.goto(f"{URL}{path}")
        await look(page, f"staff-{name}")
    await desk.press("Inviter")
    await look(page, "staff-form-errors")
    await page.locator("[name=name]").fill("Iga Igesen")
    await page.locator("[name=email]").fill(helper.email or "")
    await desk.press("Inviter")
    await look(page, "staff-account")
    await desk.town.at_rest()


async def test_pages_of_an_igangsetter_on_a_small_phone(town: Town) -> None:
    helper = Participant(town, "Iga", "iga@example.org")
    async with served(town) as browser:
        desk = await desk_of(town, browser, "berit", "link-bergen")
        await desk.page.set_viewport_size({"width": WIDTH, "height": 700})
        await invited(desk, helper)

        context = await browser.new_context(viewport={"width": WIDTH, "height": 700}, locale="nb-NO")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        for name, path in (("sign-in", "/igangsetter/logg-inn"), ("sign-in-sent", "/en/igangsetter/logg-inn/sendt")):
            await page.goto(f"{URL}{path}")
            await look(page, name)
        await page.goto(f"{URL}{helper.link('igangsetter/invitasjon')}")
        await look(page, "invitation")
        await page.get_by_role("button", name="Ja, jeg vil være igangsetter").click()
        await town.at_rest()
        await page.goto(f"{URL}/igangsetter")
        await look(page, "welcome")
        await page.goto(f"{URL}/igangsetter/tider")
        await look(page, "times")
        for name, value in (("label", "Iga"), ("place", "5003"), ("reach_km", "30")):
            await page.locator(f"[name={name}]").fill(value)
        await page.locator("[name=slots][value=tue-evening]").check()
        await page.get_by_role("button", name="Lagre").click()

        await confirmed_group(town, *NAMES, slots=["tue-evening"])
        await town.run_jobs()
        await town.at_rest()
        await page.goto(f"{URL}/igangsetter")
        await look(page, "asked")
        await page.goto(f"{URL}{helper.link('igangsettersvar')}")
        await look(page, "question")
        await page.get_by_role("button", name="Ja, jeg starter den").click()
        await look(page, "question-accepted")
        await town.at_rest()

        (meeting,) = await town.rows("grouping", "SELECT starts_at, group_id FROM meetings")
        group = f"/igangsetter/grupper/{meeting['group_id']}"
        await town.move_to(meeting["starts_at"] - timedelta(days=6))
        for name, path in (
            ("group", group),
            ("group-nn", f"/nn{group}"),
            ("group-en", f"/en{group}"),
            ("sheet", f"{group}/ark"),
            ("account", "/igangsetter/konto"),
            ("stop", "/igangsetter/konto/slett"),
        ):
            await page.goto(f"{URL}{path}")
            await look(page, name)
        assert "Anette" in await (await page.goto(f"{URL}{group}/ark")).text()  # type: ignore[union-attr]
        await page.emulate_media(media="print")
        printed = await page.pdf(path=f"{KEEP}/igangsetter-sheet.pdf" if KEEP else None, format="A4")
        assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == 1
        await page.emulate_media(media="screen")
        await town.move_to(meeting["starts_at"] + timedelta(hours=4))
        await page.goto(f"{URL}{group}")
        await look(page, "group-started")
        await page.get_by_role("link", name="Flytt møtet").first.click()
        await look(page, "move")
        await page.goto(f"{URL}{group}/overlat")
        await look(page, "hand-over")
        await page.get_by_role("button", name="Ja, gruppa er enig").click()
        await page.goto(f"{URL}{group}")
        await look(page, "over")
