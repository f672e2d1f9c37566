"""What is heard of a page is compared: the same page twice is the same, and a change is told with its lines."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser import spoken
from tests.browser.chromium import launched
from tests.browser.spoken import Spoken

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="nb"><title>Siden</title><style>
body { font: 16px/1.5 sans-serif; margin: 16px }
button { background: #1d4d3a; border: 0; color: #fff; padding: 12px 24px }
</style><body><main><h1>Vil du være med?</h1><p>Det er en plass til deg.</p>
<p class="actions"><button>Ja</button></p></main></body></html>"""

HEARD = {
    "heading": ("Vil du være med?", "Er du med?"),
    "words_added": ("<main><h1>Vil du være med?</h1>", "<p>Hei.</p><main><h1>Vil du være med?</h1>"),
    "role": ("<button>Ja</button>", "<a href='/ja'>Ja</a>"),
    "name": ("<button>Ja</button>", "<button aria-label='Nei'>Ja</button>"),
    "title": ("<title>Siden</title>", "<title></title>"),
}


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spoken, "FOLDER", tmp_path / "spoken")


async def recorded(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write down the page as it is."""
    await page.set_content(PAGE)
    monkeypatch.setattr(spoken, "RECORD", True)
    assert await Spoken().faults(page, "siden") == []
    monkeypatch.setattr(spoken, "RECORD", False)
    assert await Spoken().faults(page, "siden") == []


@pytest.mark.usefixtures("folders")
async def test_changed_page_is_told_with_lines_and_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    async with launched() as browser:
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
