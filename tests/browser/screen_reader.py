"""Listens to a page as a screen reader says it, from its top to its end."""

from functools import cache
from pathlib import Path
from typing import Final

from playwright.async_api import Page

_LIBRARY: Final = Path(__file__).parent / "vendor" / "virtual-screen-reader.js"
_EXPORT: Final = "export{"

MOST_PHRASES: Final = 5_000
"""A page with more is not read to its end, and fails."""

_READ: Final = """async most => {
  const reader = window.virtualScreenReader;
  const values = [...new Set([...document.querySelectorAll("button[value], option[value]")].map(node => node.value))]
    .filter(value => value !== "");
  const named = phrase => {
    if (!/^(button|combobox|option), /.test(phrase)) return phrase;
    for (const value of values) {
      const at = `${phrase}, `.indexOf(`, ${value}, `, phrase.indexOf(", ") + 1);
      if (at >= 0) return phrase.slice(0, at) + phrase.slice(at + value.length + 2);
    }
    return phrase;
  };
  await reader.start({ container: document.body });
  try {
    for (let number = 0; number < most; number++) {
      if (await reader.lastSpokenPhrase() === "end of document") return (await reader.spokenPhraseLog()).map(named);
      await reader.next();
    }
    throw new Error("the page has no end");
  } finally {
    await reader.stop();
  }
}"""


@cache
def _script() -> str:
    """Return the library as a plain script: a debugger runs no modules, and the page's own policy refuses it."""
    text, _, names = _LIBRARY.read_text("utf-8").partition(_EXPORT)
    (reader,) = [name.split()[0] for name in names.partition("}")[0].split(",") if name.endswith(" as virtual")]
    return f"(() => {{{text};window.virtualScreenReader = {reader}}})()"


async def phrases(page: Page) -> list[str]:
    """Return what is said, one phrase for each element or text; not the value of a button or option, for forms only."""
    if not await page.evaluate("'virtualScreenReader' in window"):
        debugger = await page.context.new_cdp_session(page)
        answer = await debugger.send("Runtime.evaluate", {"expression": _script()})
        assert "exceptionDetails" not in answer, answer
        await debugger.detach()
    spoken: list[str] = await page.evaluate(_READ, MOST_PHRASES)
    return spoken
