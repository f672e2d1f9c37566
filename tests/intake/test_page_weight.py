"""The bytes that a phone must have before a public page can be drawn: page, style, and scripts that block."""

import re
from typing import Final

import pytest

from tests.intake.support.browser import Browser

LIMIT: Final = 60_000
"""Bytes over the wire, without headers; a weak mobile connection has them in a second."""

PAGES: Final = (
    "/",
    "/?sted=5003",
    "/pamelding",
    "/passer-det",
    "/se/",
    "/personvern",
    "/informasjon/link-oslo",
    "/link-bergen/",
)

BLOCKING: Final = re.compile(
    r'<link rel="stylesheet" href="(?P<style>[^"]+)"|<script src="(?P<script>[^"]+)"(?![^>]*\b(?:defer|async)\b)'
)
FONT: Final = re.compile(rb"@font-face\s*{[^}]*}")


async def weight(browser: Browser, path: str) -> dict[str, int]:
    """Return the bytes of each part as they are sent to a browser that takes gzip."""
    parts = {}
    page = await browser.get(path)
    assert page.status_code == 200
    for part in (path, *(found["style"] or found["script"] for found in BLOCKING.finditer(page.text))):
        async with browser.client.stream("GET", part, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200
            parts[part] = sum([len(piece) async for piece in answer.aiter_raw()])
    return parts


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
@pytest.mark.parametrize("path", PAGES)
async def test_public_page_is_light_before_it_is_drawn(browser: Browser, prefix: str, path: str) -> None:
    parts = await weight(browser, prefix + path)
    assert len(parts) > 4
    assert sum(parts.values()) < LIMIT, parts


async def test_letters_are_drawn_before_the_font_has_come(browser: Browser) -> None:
    page = await browser.get("/")
    styles = [found["style"] for found in BLOCKING.finditer(page.text) if found["style"]]
    fonts = [font for style in styles for font in FONT.findall((await browser.get(style)).content)]
    assert fonts
    assert all(b"font-display: swap" in font for font in fonts)
    assert 'rel="preload"' not in page.text
