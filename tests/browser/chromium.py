"""A Chromium without a screen, patient enough for a busy machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, async_playwright, expect

PROGRAM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that reaches only the pages under test."""

PATIENCE_MS: Final = 60_000

expect.set_options(timeout=PATIENCE_MS)


@asynccontextmanager
async def launched(*arguments: str) -> AsyncIterator[Browser]:
    """Start a browser, with these further arguments."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            await browser.close()
