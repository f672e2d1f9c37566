"""Every mail in a real browser: as it was last looked at, nothing cut off on a small phone, legible in the dark."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from notify.examples import EXAMPLES
from selvhjelp.gallery.comparison import difference
from selvhjelp.gallery.pictures import ARGUMENTS, View, browser, drawn, font, pictures, views
from selvhjelp.gallery.samples import PHONE, samples
from tests.browser import axe
from tests.browser.chromium import launched
from tests.notify.support.contents import LANGUAGES, content, renderer

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "docs" / "mails"
PARTS = 2
SMALL_PHONE = 320


@pytest.mark.parametrize("part", range(PARTS))
async def test_mails_look_as_in_their_pictures(part: int) -> None:
    """After a deliberate change: `just gallery` draws them anew; look at what it has drawn."""
    sheets = {kind: views(list(samples(kind))) for kind in sorted(EXAMPLES)[part::PARTS]}
    faults = []
    async with browser() as started:
        async for kind, picture in pictures(started, sheets):
            file = PICTURES / f"{kind}.png"
            change = difference(Image.open(file), picture) if file.exists() else "has no picture"
            faults += [f"{kind} {change}"] if change else []
    assert faults == []


def test_every_picture_is_of_a_mail() -> None:
    assert {file.stem for file in PICTURES.glob("*.png")} == set(EXAMPLES)


def _with_style(style: str) -> Callable[[str], str]:
    return lambda page: page.replace("</head>", f"<style>{style}</style></head>")


FAULTS: dict[str, Callable[[str], str]] = {
    "text_is_clipped": _with_style(".words div { overflow: hidden; max-height: 40px }"),
    "lines_are_clipped": _with_style(".words div { overflow: hidden; line-height: 9px !important }"),
    "text_is_too_wide": _with_style(".words div { white-space: nowrap }"),
    "button_is_missing": _with_style(".press { visibility: hidden }"),
    "button_has_no_colour": _with_style(".press td, .press a { background: #fff !important }"),
    "dark_text_on_dark": lambda page: page.replace("#e7ede9", "#1d2b26"),
    "a_line_is_missing": lambda page: re.sub(r"<dt[^>]*>Sted</dt><dd[^>]*>[^<]*</dd>", "", page),
    "another_date": lambda page: page.replace("12.\u00a0mars", "30.\u00a0juni"),
}


async def test_faults_of_a_mail_change_its_picture() -> None:
    mail = next(samples("seat_offered")).mails["nb"].html
    changed = {"right": mail, "again": mail} | {name: change(mail) for name, change in FAULTS.items()}
    sheets = {
        name: [View("nb", drawn(page), PHONE), View("nb", drawn(page, dark=True), PHONE)]
        for name, page in changed.items()
    }
    async with browser() as started:
        drawings = {name: picture async for name, picture in pictures(started, sheets)}
    same = [name for name, picture in drawings.items() if difference(drawings["right"], picture) is None]
    assert same == ["right", "again"]


@pytest.mark.parametrize("right", [0, 1])
@pytest.mark.parametrize("down", [0, 1])
def test_shift_by_one_pixel_of_the_screen_is_no_change(right: int, down: int) -> None:
    for file in sorted(PICTURES.glob("*.png"))[::10]:
        screen = Image.open(file).convert("L")
        screen = screen.resize((screen.width * 2, screen.height * 2), Image.Resampling.BICUBIC)
        if not (right and down):
            assert difference(screen.reduce(2), ImageChops.offset(screen, right, down).reduce(2)) is None


FITS = """async () => {
  await document.fonts.load('17px "Segoe UI"');
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll("[data-mail] *")].filter(part => {
    const box = part.getBoundingClientRect();
    return box.width && (box.right > width || box.left < 0 || part.scrollWidth > Math.max(part.clientWidth, 1) + 1
      && getComputedStyle(part).display !== "inline");
  }).map(part => `${part.closest("[data-mail]").dataset.mail}: ${part.tagName} ${part.textContent.trim()}`);
}"""
LONG = "https://moter.example/" + "rom-for-alle-som-vil-vare-med-" * 5
HOSTILE: dict[str, dict[str, Any]] = {
    "kontaktmote_invited": {"place_text": LONG},
    "kontaktmote_reminder": {"place_text": LONG},
    "group_confirmed": {"place_text": "Samfunnshusbiblioteksbygningen/" * 3, "first_name": "Kari" * 25},
    "weekly_reminder": {"place_text": LONG},
    "seat_offered": {"offer_place": "Kulturhusetmedetsvaertlangtnavn" * 3},
    "starter_asked": {"place_text": "W" * 60},
}


def together(pages: Iterable[tuple[str, str]]) -> str:
    """Return one page with the bodies of several mails, which all have the same head."""
    pages = list(pages)
    heads = {
        re.sub(r"<title>.*?</title>", "", page.partition("</head>")[0].partition("<head>")[2]) for _, page in pages
    }
    assert len(heads) == 1
    bodies = [
        f'<div data-mail="{name}">{page.partition("<body")[2].partition(">")[2].removesuffix("</body></html>")}</div>'
        for name, page in pages
    ]
    head = f"<head><title>Alle</title><style>{font()}</style>{heads.pop()}</head>"
    return f'<!doctype html><html lang="nb">{head}<body style="margin: 0">{"".join(bodies)}</body></html>'


async def test_no_mail_is_wider_than_a_small_phone() -> None:
    pages = [
        (f"{kind} {sample.name} {language}", mail.html)
        for kind in EXAMPLES
        for sample in samples(kind)
        for language, mail in sample.mails.items()
    ]
    pages += [
        (f"{kind} {language}", renderer().render(content(kind, language, **changes)).html)
        for kind, changes in HOSTILE.items()
        for language in LANGUAGES
    ]
    wide = [("too wide", pages[0][1].replace("<h1", '<p style="width: 400px">x</p><h1', 1))]
    async with launched(*ARGUMENTS) as started:
        page = await started.new_page(viewport={"width": SMALL_PHONE, "height": 640})
        await page.set_content(together(pages))
        assert await page.evaluate(FITS) == []
        await page.set_content(together(wide))
        assert "too wide: P x" in await page.evaluate(FITS)


def differently_built() -> Iterator[tuple[str, str]]:
    """Yield mails until every element, with its classes and styles, has been in one."""
    seen: set[str] = set()
    for kind in EXAMPLES:
        mail = next(samples(kind)).mails["nb"].html
        elements = set(re.findall(r"<\w[^>]*>", re.sub(r'(href|aria-label)="[^"]*"', "", mail)))
        if elements - seen:
            yield kind, mail
        seen |= elements


async def test_mails_are_legible_in_light_and_dark() -> None:
    async with launched(*ARGUMENTS) as started:
        page = await started.new_page(viewport={"width": 360, "height": 640})
        for scheme, card in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(32, 41, 37)")):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
            await page.set_content(together(differently_built()))
            assert await page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == card
            assert await axe.violations(page, axe.STANDARD) == []
