"""
Pictures of the mails: one sheet for each kind, made in Chromium.

A sheet has the first example in three languages, on a dark ground and on a wide screen, and the other ones on a phone.

All that could make two machines draw differently is fixed: the font (the one the pages ship with takes the place of
whatever the machine has), the scale, hinting, colours, animations and the clock of the examples.
"""

import base64
import html
import io
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from PIL import Image, ImageColor
from playwright.async_api import Browser, async_playwright

from selvhjelp.gallery.samples import DESKTOP, PHONE, Sample

PROGRAM: Final = Path("/usr/bin/chromium")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
"""Options with which Chromium draws letters the same everywhere."""

_DARK: Final = "(prefers-color-scheme: dark)"
_SETTLE: Final = """async () => {
  const frames = [...document.querySelectorAll("iframe")];
  await Promise.all(frames.map(async frame => {
    const page = frame.contentDocument;
    await Promise.all([400, 600, 700].map(weight => page.fonts.load(`${weight} 17px "Segoe UI"`)));
    await page.fonts.ready;
    frame.style.height = page.documentElement.scrollHeight + "px";
  }));
}"""


_INKS: Final = {
    "#ffffff": ("#1d2b26", "#143b2f", "#3f4f49", "#1f5e4b"),
    "#f4f1ea": ("#3f4f49", "#143b2f", "#1f5e4b"),
    "#202925": ("#e7ede9", "#b7c3bd"),
    "#151b18": ("#b7c3bd", "#e7ede9", "#8fd3b6"),
    "#1f5e4b": ("#ffffff",),
    "#2a7a60": ("#ffffff",),
    "#9a9a9a": ("#000000",),
}
"""The colours of text on each ground; the pictures have these and the steps between them, and no others."""
_STEPS: Final = 4
_SCALE: Final = 0.5
"""Pictures are half as large as on a screen, at which all can still be read."""


@dataclass(frozen=True)
class View:
    """One mail on a sheet."""

    title: str
    page: str
    width: int


def views(samples: Sequence[Sample]) -> list[View]:
    """Return what is on the sheet of a kind: the first sample in every dress, the others on a light phone."""
    first, *others = samples
    return [
        View("nb", drawn(first.mails["nb"].html), PHONE),
        View("nb, mørk", drawn(first.mails["nb"].html, dark=True), PHONE),
        View("nn", drawn(first.mails["nn"].html), PHONE),
        View("en", drawn(first.mails["en"].html), PHONE),
        View("nb, bred", drawn(first.mails["nb"].html), DESKTOP),
        *(View(sample.name, drawn(sample.mails["nb"].html, foot=False), PHONE) for sample in others),
    ]


def drawn(page: str, *, dark: bool = False, foot: bool = True) -> str:
    """Return a mail's HTML with the font of the pages; dark as mail programs with a dark ground show it."""
    style = font() if foot else f"{font()} .card ~ * {{ display: none }}"
    return (page.replace(_DARK, "all") if dark else page).replace("<head>", f"<head><style>{style}</style>", 1)


@cache
def font() -> str:
    """Return the font of the pages under the name of the first one that mails ask for and Linux does not have."""
    file = resources.files("shared.kit.web").joinpath("static/vendor/inter-latin.woff2").read_bytes()
    data = base64.b64encode(file).decode()
    return f'@font-face {{ font-family: "Segoe UI"; font-weight: 100 900; src: url(data:font/woff2;base64,{data}) }}'


def _sheet(shown: Sequence[View]) -> str:
    """Return a page with all views beside each other."""
    columns = "".join(
        f"<div><p>{html.escape(view.title)}</p>"
        f'<iframe style="width:{view.width}px" srcdoc="{html.escape(view.page)}"></iframe></div>'
        for view in shown
    )
    style = (
        "body { align-items: start; background: #9a9a9a; display: flex; font: 600 15px 'Segoe UI'; gap: 16px; "
        "margin: 16px; width: max-content } p { margin: 0 0 8px } iframe { border: 0; display: block; height: 100px }"
    )
    return f"<!doctype html><style>{font()} {style}</style><body>{columns}"


def _palette() -> Image.Image:
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in dict.fromkeys(_colours()) for part in colour])
    return palette


def _colours() -> Iterator[tuple[int, ...]]:
    for ground, inks in _INKS.items():
        for ink in inks:
            ends = ImageColor.getrgb(ground), ImageColor.getrgb(ink)
            for step in range(_STEPS + 1):
                yield tuple(round(a + (b - a) * step / _STEPS) for a, b in zip(*ends, strict=True))


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Start a Chromium that draws letters the same everywhere."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=PROGRAM, args=list(ARGUMENTS))
        try:
            yield started
        finally:
            await started.close()


async def pictures(browser: Browser, sheets: Mapping[str, Sequence[View]]) -> AsyncIterator[tuple[str, Image.Image]]:
    """Yield each sheet drawn, with its name."""
    context = await browser.new_context(
        viewport={"width": 1200, "height": 800},
        color_scheme="light",
        reduced_motion="reduce",
        device_scale_factor=_SCALE,
    )
    page = await context.new_page()
    for name, shown in sheets.items():
        await page.set_content(_sheet(shown), wait_until="load")
        await page.evaluate(_SETTLE)
        screenshot = Image.open(io.BytesIO(await page.screenshot(full_page=True, animations="disabled")))
        yield name, screenshot.convert("RGB").quantize(palette=_palette(), dither=Image.Dither.NONE)
    await context.close()
