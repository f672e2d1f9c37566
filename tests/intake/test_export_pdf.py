"""The export as a PDF: every field of the JSON, in words of the reader's language, under a neutral name."""

import io
from importlib import resources
from typing import Any

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from intake.usecases import export
from intake.web import export_pdf
from shared.kit.clock import ManualClock
from shared.kit.pdf import FONT
from shared.reference import places
from tests.intake.support.browser import Browser
from tests.intake.support.talks import book
from tests.intake.support.talks import opened as opened_times
from tests.intake.support.world import World
from tests.intake.test_own_pages import opened


async def exported(world: World, person_id: Any) -> dict[str, Any]:
    async with world.transaction() as session:
        return await export.export_person(session, world.vault, person_id, reader="owner", now=world.clock.now())


async def test_every_field_of_the_export_has_a_line(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed(mobile="+4791234567")
    person_id = await world.person_of(signup_id)
    (time_id,) = await opened_times(world, 1)
    await book(world, signup_id, time_id)
    await exported(world, person_id)  # leaves a reading of the contact details
    data = await exported(world, person_id)
    texts = browser.app.state.deps.pages.texts
    fields = [
        field
        for entries in data.values()
        for entry in ([entries] if isinstance(entries, dict) else entries)
        for field in entry
    ]
    assert {"email", "slots", "text_version", "purpose"} <= set(fields)
    for locale in ("nb", "nn", "en"):
        rows = list(export_pdf.rows(data, locale, texts, world.centres, places.load()))
        lines = [row for row in rows if len(row) == 2]
        assert [label for label, _ in lines] == [texts.gettext(locale, export_pdf.FIELDS[field]) for field in fields]
        values = " ".join(value for _, value in lines)
        for said in ("Kari", "kari@example.org", "+4791234567", "LINK Bergen", "2026-11-1", str(person_id)):
            assert said in values
        assert "tue-evening" not in values


@pytest.mark.asvs("5.4.1", "5.4.2")
async def test_own_export_as_pdf_is_a_file_with_a_neutral_name(browser: Browser, world: World) -> None:
    await world.confirmed()
    await opened(browser, world)
    answer = await browser.press(await browser.get("/min-side/oversikt"), "/eksport", som="pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="selvhjelp.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert b"kari" not in answer.content.lower()


async def test_staff_export_as_pdf_is_recorded_and_names_nobody(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    page = await browser.get(f"/stab/personer/{person_id}")
    answer = await browser.press(page, "/eksport", som="pdf")
    assert answer.headers["content-disposition"] == f'attachment; filename="{person_id}.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert await world.rows("select count(*) from audit_log where action = 'person.exported'") == [(1,)]


@pytest.mark.parametrize(
    "name", ["Åse Bjørnæs", "Łukasz", "Сергій", "Δήμητρα", "Nguyễn", "Çağla", "أمينة", "Marja-Áile"]
)
async def test_pdf_has_letters_for_names(browser: Browser, world: World, manual_clock: ManualClock, name: str) -> None:
    data = await exported(world, await world.person_of(await world.confirmed(first_name=name)))
    texts = browser.app.state.deps.pages.texts
    pdf = export_pdf.document(data, "nb", texts, world.centres, places.load(), now=manual_clock.now())
    assert pdf.startswith(b"%PDF-")
    with resources.as_file(FONT) as path:
        letters = TTFont(io.BytesIO(path.read_bytes())).getBestCmap()
    assert {char for char in name if char != " "} <= {chr(code) for code in letters}
