"""
Igangsettere from their invitation to the handover of a group, as decided in decision 22.

"Igangsetter hjelper gruppa i gang, og trekker seg ut når den klarer seg selv": from then on nobody can be reached.
"""

from datetime import timedelta

import pytest

from tests.scenarios.support.igangsettere import joined, signs_in
from tests.scenarios.support.people import Visitor, confirmed_group, signed_in, today
from tests.scenarios.support.town import Town

pytestmark = pytest.mark.system

NAMES = ("Anette", "Bodil", "Cecilie", "Dagfinn", "Evelyn")


async def test_igangsettere_from_invitation_to_handover(town: Town) -> None:
    staff = await signed_in(town, "berit", "link-bergen")
    helpers = [await joined(town, staff, name) for name in ("Iga", "Ivar")]
    assert "LINK Bergen" in helpers[0][0].read[0].text
    assert "ledig" in (await staff.open("/stab/igangsettere")).text

    people = await confirmed_group(town, *NAMES, slots=["tue-evening"])
    await town.run_jobs()
    await town.at_rest()
    asked = [pair for pair in helpers if pair[0].new_subjects()]
    assert len(asked) == 1  # one is asked, and the other only after a no
    ((first, _),) = asked
    page = await first.press_link("igangsettersvar", "Nei, ikke denne")
    assert page.heading == "Takk for svaret"
    ((second, browser),) = [pair for pair in helpers if pair[0] is not first]
    assert len(second.new_subjects()) == 1
    page = await second.press_link("igangsettersvar", "Ja, jeg starter den")
    assert page.heading == "Du starter gruppa"
    (subject,) = second.new_subjects()
    assert subject.startswith("Avtalt")
    assert "mangler igangsetter" not in (await today(staff)).text

    (meeting,) = await town.rows("grouping", "SELECT starts_at, group_id FROM meetings")
    own_group = f"/igangsetter/grupper/{meeting['group_id']}"
    if (early := meeting["starts_at"] - timedelta(days=7, minutes=5)) > town.clock.now():
        await town.move_to(early)
        await signs_in(town, second, browser)
        assert "Anette" not in (await browser.open(own_group)).text
        second.new_mails()
    await town.move_to(meeting["starts_at"] - timedelta(days=6))
    await signs_in(town, second, browser)
    page = await browser.open(own_group)
    for name in NAMES:
        assert name in page.text
        assert f"{name.lower()}@example.org" in page.text
    page = await browser.open(f"{own_group}/ark")
    assert "Sett stolene i ring." in page.text
    assert "Anette" in page.text
    stranger = Visitor(town)
    await signs_in(town, first, stranger)
    assert (await stranger.open(own_group)).status == 404

    await town.move_to(meeting["starts_at"] + timedelta(hours=4))
    await signs_in(town, second, browser)
    page = await browser.open(own_group)
    assert "Anette" in page.text
    await browser.press("Skriv ned datoen", pledge_on=meeting["starts_at"].date().isoformat())
    await browser.click("Gruppa er enig")
    page = await browser.press("Ja, gruppa er enig")
    assert "Gruppa fortsetter på egen hånd" in page.text
    await town.at_rest()
    for path in (own_group, f"{own_group}/ark"):
        page = await browser.open(path)
        assert page.status == 410
        assert not [name for name in NAMES if name in page.text]
    assert any("egen" in mail.text for person in people for mail in town.mails(person.email or ""))
    text = (await staff.open(f"/stab/grupper/{meeting['group_id']}")).text if (await today(staff)) else ""
    assert "Igangsetteren skrev at gruppa går videre alene" in text
    for secret in ("iga@example.org", "Iga Igesen"):
        assert await town.places_of(secret) == []
