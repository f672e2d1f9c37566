"""The history of a person: what happened and what staff did, in sentences, the newest first."""

import re

import pytest

from tests.intake.support.browser import Browser
from tests.intake.support.world import World


def lines(html: str) -> tuple[list[str], list[str]]:
    """Return the lines that are shown, and those that are folded."""
    section = html.partition('id="history"')[2].partition("</section>")[0]
    shown, _, folded = section.partition("<details")
    recent, rest = (
        [line.partition(": ")[2] for line in re.findall(r"<li>(.*?)</li>", part)] for part in (shown, folded)
    )
    return recent, rest


@pytest.mark.parametrize("looks", [0, 3])
async def test_person_page_tells_what_has_happened(browser: Browser, world: World, looks: int) -> None:
    person_id = await world.person_of(await world.confirmed(mobile="+4791234567"))
    browser.sign_in_as_member("link-bergen")
    page = f"/stab/personer/{person_id}"
    for _ in range(looks):
        await browser.get(page)
    world.later(days=1)
    await browser.press(await browser.get(page), "/pause")

    text = (await browser.get(page)).text

    recent, folded = lines(text)
    assert recent[0] == "berit satte påmeldingen på pause"
    assert recent[-1] == "Meldte seg på"
    assert folded == ["berit åpnet siden om personen"] * (looks + 2), "looks are folded"


async def test_person_history_has_no_acts_of_other_centres(browser: Browser, world: World) -> None:
    person_id = await world.person_of(await world.confirmed())
    browser.sign_in_as_member("link-bergen")
    await browser.get(f"/stab/personer/{person_id}")
    await world.rows("update signups set centre = 'link-oslo' returning centre")
    browser.sign_in_as_member("link-oslo")
    recent, folded = lines((await browser.get(f"/stab/personer/{person_id}")).text)
    assert "Meldte seg på" in recent
    assert folded == ["berit åpnet siden om personen"], "only the look of now"
