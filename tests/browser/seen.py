"""
How each page looks, in `docs/pages/seen`: on a phone and at a desk, by day and in the dark, in three languages.

One file for each page and language holds its views beside each other. `just pages` draws anew what has changed, on
purpose; look at it. The letters are those of the font that the pages ship, so the fonts of a machine do not matter.
"""

import io
import os
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zlib import crc32

from PIL import Image
from playwright.async_api import CDPSession, Page

from devtools.testing.turns import number_of_commit
from tests.browser.pictures import PICTURE_WIDTHS, View, Views, differences, in_few_colours, sheet

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pages" / "seen"
RECORD: Final = "RECORD_PAGES" in os.environ
EVERY: Final = RECORD or "ALL_PAGES" in os.environ
"""Look at every page, not only at those of a turn."""

ARGUMENTS: Final = (
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
"""Options with which Chromium draws letters the same everywhere."""

VARIES: Final = ("svg.qr", "p:has(> strong + br)")
"""Selectors of parts that differ from run to run, a code and the time of a sign-in: hidden in the pictures."""

ALL: Final[Views] = (View(360, "light"), View(360, "dark"), View(1280, "light"), View(1280, "dark"))
OWN: Final[Mapping[str, Views]] = {"nb": ALL}
"""Views by language, of each page in the visit that the walk of all pages makes."""
TRANSLATED: Final[Mapping[str, Views]] = {"nn": ALL, "en": ALL}
"""And in visits of their own."""
TURNS: Final = 4
"""The walks look at one page of so many, in bokmål; which ones changes with each commit."""

_MOST_PIXELS: Final = 4_000
"""Height of the page that a picture shows; the rest of a longer one is not in it."""
_STILL: Final = """async selectors => {
  scrollTo(0, 0);
  document.activeElement?.blur();
  const still = new CSSStyleSheet();
  still.replaceSync(`*, ::before, ::after { animation: none !important; transition: none !important;
    caret-color: transparent !important } ${selectors} { visibility: hidden !important }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
  await document.fonts.ready;
}"""
_MOVING: Final = "() => { document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1); }"
_HEIGHT: Final = """async () => {
  await document.fonts.ready;
  for (const image of document.images) image.loading = "eager";
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
  return Math.ceil(document.documentElement.getBoundingClientRect().height);
}"""


@dataclass
class Seen:
    """
    The pages that one walk has been on.

    Attributes:
        languages: In which it looks at pages, with their views.
        turn: The walk looks at the pages of this turn only; at all if it is None.
        names: Of all pages so far.
        files: Of the pictures that it has looked at.
    """

    languages: Mapping[str, Views]
    turn: int | None = None
    names: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)

    async def faults(self, page: Page, name: str) -> list[str]:
        """
        Return how a page differs from its pictures, once for each name.

        In bokmål the page is looked at as it is on screen; in others it is opened again, and stays in the last.
        """
        if name in self.names:
            return []
        self.names.add(name)
        if self.turn is not None and turn_of(name) != self.turn:
            return []
        before, original = page.viewport_size, page.url
        faults = []
        for language, views in self.languages.items():
            if language not in OWN:
                address = in_language(original, language)
                await page.goto(address)
                if page.url != address:
                    faults.append(f"{name} is not there in {language}")
            file = f"{name}.{language}"
            self.files.add(file)
            faults += compared(file, views, await pictures(page, views))
        if before:
            await page.set_viewport_size(before)
        return faults

    def left_over(self) -> list[str]:
        """Return the pictures of pages that are gone, and pages without any, of whichever turn."""
        files = sorted(file for file in FOLDER.glob("*.webp") if file.stem.rpartition(".")[2] in self.languages)
        kept = self.files if self.turn is None else {file.stem for file in files if _name(file) in self.names}
        gone = [file for file in files if file.stem not in kept]
        if RECORD:
            for file in gone:
                file.unlink()
            return []
        without = sorted(self.names - {_name(file) for file in files})
        return [
            *(f"{file.name} is of no page any longer; `just pages` removes it" for file in gone),
            *(f"{name} has no picture; `just pages` draws it" for name in without),
        ]


def _name(file: Path) -> str:
    return file.stem.partition(".")[0]


def turn_of(page: str) -> int:
    """Return the turn in which the walks look at a page."""
    return crc32(page.encode()) % TURNS


def turn_of_commit() -> int:
    """Return the number of the turn of this commit; the first where the history is not there."""
    return number_of_commit() % TURNS


def in_language(address: str, language: str) -> str:
    """Return the address of the same page in another language."""
    parts = urlsplit(address)
    return parts._replace(path=f"/{language}{parts.path}").geturl()


def is_translated(address: str) -> bool:
    """Return True for the address of a page in nynorsk or English."""
    return urlsplit(address).path.startswith(("/nn/", "/en/"))


async def pictures(page: Page, views: Views) -> list[Image.Image]:
    """Return a small picture of the whole page in each of these views."""
    debugger = await page.context.new_cdp_session(page)
    await page.evaluate(_STILL, ", ".join(VARIES))
    taken = [await _picture(page, debugger, view) for view in views]
    await page.evaluate(_MOVING)
    await page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    await debugger.detach()
    return taken


async def _picture(page: Page, debugger: CDPSession, view: View) -> Image.Image:
    await page.set_viewport_size({"width": view.width, "height": 800})
    await page.emulate_media(color_scheme=view.scheme, reduced_motion="reduce")
    height = min(_MOST_PIXELS, await page.evaluate(_HEIGHT))
    clip = {"x": 0, "y": 0, "width": view.width, "height": height, "scale": PICTURE_WIDTHS[view.width] / view.width}
    options: dict[str, Any] = {"format": "png", "captureBeyondViewport": True, "optimizeForSpeed": True, "clip": clip}
    answer = await debugger.send("Page.captureScreenshot", options)
    with Image.open(io.BytesIO(b64decode(answer["data"]))) as picture:
        return picture.convert("RGB").crop((0, 0, PICTURE_WIDTHS[view.width], picture.height))


def compared(name: str, views: Views, taken: Sequence[Image.Image]) -> list[str]:
    """Return how pictures of a page differ from those that were last looked at; draw these anew on purpose."""
    file = FOLDER / f"{name}.webp"
    new = sheet(taken)
    changes = [f"{name} has no picture"]
    if file.exists():
        with Image.open(file) as kept:
            changes = [f"{name} looks different: {change}" for change in differences(kept.convert("RGB"), new, views)]
    if changes and RECORD:
        file.parent.mkdir(parents=True, exist_ok=True)
        in_few_colours(new, views).save(file, lossless=True, quality=60, method=4)
        return []
    return [f"{change}; `just pages` draws it anew" for change in changes]
