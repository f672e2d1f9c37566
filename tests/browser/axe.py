"""Asks axe-core, in Norwegian, what on a page keeps somebody out."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Page

_VENDOR = Path(__file__).parent / "vendor"

STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 AA."""
RULES = (*STANDARD, "best-practice")
"""And what axe calls good practice."""

_RUN = """async ([locale, tags]) => {
  axe.configure({ locale });
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${rule.help} (${node.target.join(" ")}) ${node.failureSummary}`));
}"""


async def violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """
    One sentence for each thing that is wrong on the page; empty when nothing is.

    The script goes in by the debugger, since the page's own policy rightly refuses it.
    """
    debugger = await page.context.new_cdp_session(page)
    await debugger.send("Runtime.evaluate", {"expression": (_VENDOR / "axe.min.js").read_text("utf-8")})
    await debugger.detach()
    locale: Any = json.loads((_VENDOR / "nb.json").read_text("utf-8"))
    result: list[str] = await page.evaluate(_RUN, [locale, list(rules)])
    return result
