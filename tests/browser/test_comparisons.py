"""Comparisons of a page as heard and as seen: the same page twice is no difference, what people notice is one."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser import seen, spoken
from tests.browser.chromium import launched
from tests.browser.seen import Seen
from tests.browser.spoken import Spoken

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="nb"><title>Siden</title><style>
body { font: 16px/1.5 sans-serif; margin: 16px; background: #fff; color: #1a1a1a }
button { background: #1d4d3a; border: 0; color: #fff; padding: 12px 24px }
@media (prefers-color-scheme: dark) { body { background: #121a16; color: #e6ece8 } button { background: #2f7d5f } }
</style><body><main><h1>Vil du være med?</h1><p>Det er en plass til deg.</p>
<p class="actions"><button>Ja</button></p></main></body></html>"""

HEARD = {
    "heading": ("Vil du være med?", "Er du med?"),
    "words_added": ("<main><h1>Vil du være med?</h1>", "<p>Hei.</p><main><h1>Vil du være med?</h1>"),
    "role": ("<button>Ja</button>", "<a href='/ja'>Ja</a>"),
    "name": ("<button>Ja</button>", "<button aria-label='Nei'>Ja</button>"),
    "title": ("<title>Siden</title>", "<title></title>"),
}
SEEN = {
    "button_is_moved": ("<button>", "<button style='margin-left: 12px'>"),
    "button_is_lower": ("<button>", "<button style='position: relative; top: 6px'>"),
    "button_is_missing": ("<button>", "<button style='visibility: hidden'>"),
    "button_has_no_colour": ("<button>", "<button style='background: #eee'>"),
    "other_colour_is_as_bright": ("<button>", "<button style='background: #6b3a1d'>"),
    "line_is_missing": ("<p>Det er en plass til deg.</p>", ""),
    "line_is_clipped": ("<p>Det", "<p style='height: 0; overflow: hidden'>Det"),
    "line_wraps": ("<p>Det", "<p style='max-width: 6em'>Det"),
    "heading_is_smaller": ("<h1>", "<h1 style='font-size: 26px'>"),
    "heading_is_under_the_text": ("<h1>", "<h1 style='margin-bottom: -1em'>"),
    "page_is_longer": ("</main>", "</main><p>Mer</p>"),
    "page_is_wider": ("<main>", "<main style='padding-left: 8px'>"),
}
SEEN_IN = {
    "box_is_white_in_the_dark": ("<p>Det", "<p style='background: #fff'>Det", ("360 wide, dark", "1280 wide, dark")),
    "button_is_lost_on_a_phone": (
        "<button>",
        "<style>@media (max-width: 400px) { button { display: none } }</style><button>",
        ("360 wide, light", "360 wide, dark"),
    ),
}
"""Faults that are seen in some views only, with these."""
UNNOTICED = {
    "half_a_pixel": ("<button>", "<button style='position: relative; left: 0.5px'>"),
    "smoother_letters": ("<p>Det", "<p style='transform: rotate(0.0001deg)'>Det"),
    "a_shade": ("#1d4d3a", "#1f4f3c"),
    "a_cursor": ("<button>", "<input autofocus style='border: 0; outline: 0; width: 0; padding: 0'><button>"),
    "something_that_moves": (
        "<button>",
        "<style>@keyframes go { to { left: 90px } } button { position: relative; animation: go 1s }</style><button>",
    ),
}


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spoken, "FOLDER", tmp_path / "spoken")
    monkeypatch.setattr(seen, "FOLDER", tmp_path / "seen")


async def recorded(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write down and draw the page as it is."""
    await page.set_content(PAGE)
    for module in (spoken, seen):
        monkeypatch.setattr(module, "RECORD", True)
    assert await Spoken().faults(page, "siden") + await Seen(seen.OWN).faults(page, "siden") == []
    for module in (spoken, seen):
        monkeypatch.setattr(module, "RECORD", False)
    assert await Spoken().faults(page, "siden") + await Seen(seen.OWN).faults(page, "siden") == []


@pytest.mark.usefixtures("folders")
async def test_changed_page_is_told_with_lines_and_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    async with launched(*seen.ARGUMENTS) as browser:
        page = await browser.new_page()
        await recorded(page, monkeypatch)
        for fault, (old, new) in HEARD.items():
            await page.set_content(PAGE.replace(old, new))
            assert await Spoken().faults(page, "siden"), fault
        await page.set_content(PAGE.replace(*HEARD["heading"]))
        (sentence,) = await Spoken().faults(page, "siden")
        assert "siden says something else" in sentence
        assert "`just pages`" in sentence
        assert "-heading, Vil du være med?, level 1\n+heading, Er du med?, level 1" in sentence
    assert Spoken().left_over() == ["siden is no page any longer; `just pages` removes its file"]


@pytest.mark.usefixtures("folders")
async def test_other_look_of_a_page_is_told_with_its_view(monkeypatch: pytest.MonkeyPatch) -> None:
    async with launched(*seen.ARGUMENTS) as browser:
        page = await browser.new_page()
        await recorded(page, monkeypatch)
        for fault, (old, new) in SEEN.items():
            await page.set_content(PAGE.replace(old, new))
            told = await Seen(seen.OWN).faults(page, "siden")
            assert len(told) == 4, fault
            assert all("`just pages`" in sentence for sentence in told)
        for fault, (old, new, views) in SEEN_IN.items():
            await page.set_content(PAGE.replace(old, new))
            told = await Seen(seen.OWN).faults(page, "siden")
            assert [sentence.split(": ")[1].split(", between")[0] for sentence in told] == list(views), fault
        for same, (old, new) in UNNOTICED.items():
            await page.set_content(PAGE.replace(old, new))
            assert await Seen(seen.OWN).faults(page, "siden") == [], same
    assert Seen(seen.OWN).left_over() == ["siden.nb.webp is of no page any longer; `just pages` removes it"]


def test_turns_look_at_every_page_in_as_many_commits() -> None:
    names = [f"side-{number}" for number in range(200)]
    assert {seen.turn_of(name) for name in names} == set(range(seen.TURNS))
    assert seen.turn_of_commit() in range(seen.TURNS)
