"""Asks axe-core, in Norwegian, what on a page keeps somebody out."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

_VENDOR = Path(__file__).parent / "vendor"

STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 AA."""
RULES = (*STANDARD, "best-practice")
"""And what axe calls good practice."""

LAYOUT = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
"""Rules whose answer depends on the width of the window, also where the same elements are visible in it."""

_RUN = """async ([locale, only]) => {
  axe.configure({ locale });
  const found = await axe.run(document, { runOnly: only, resultTypes: ["violations"] });
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${rule.help} (${node.target.join(" ")}) ${node.failureSummary}`));
}"""

_VISIBLE = """() => [...document.querySelectorAll("body *")].map(
  node => Number(node.checkVisibility({ visibilityProperty: true, opacityProperty: true }))).join("")"""


@cache
def _vendored(name: str) -> str:
    return (_VENDOR / name).read_text("utf-8")


async def violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """Return one sentence for each thing that is wrong on the page; empty when nothing is."""
    return await _run(page, {"type": "tag", "values": list(rules)})


async def layout_violations(page: Page) -> list[str]:
    """Return what is wrong by the rules of layout and colour alone."""
    return await _run(page, {"type": "rule", "values": list(LAYOUT)})


async def violations_at(page: Page, widths: Sequence[int]) -> list[str]:
    """
    Return what is wrong on the page in each of these widths, with the width; the page keeps the last one.

    All rules are asked at the first width, and again wherever other elements are visible; elsewhere those of layout.
    """
    seen: set[str] = set()
    wrong: list[str] = []
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 800})
        visible: str = await page.evaluate(_VISIBLE)
        if visible in seen:
            sentences = await layout_violations(page)
        else:
            sentences = await violations(page)
        seen.add(visible)
        wrong += [f"at {width}: {sentence}" for sentence in sentences]
    return wrong


async def _run(page: Page, only: dict[str, Any]) -> list[str]:
    """Ask axe; the script goes in by the debugger, since the page's own policy rightly refuses it."""
    if not await page.evaluate("'axe' in window"):
        debugger = await page.context.new_cdp_session(page)
        await debugger.send("Runtime.evaluate", {"expression": _vendored("axe.min.js")})
        await debugger.detach()
    result: list[str] = await page.evaluate(_RUN, [json.loads(_vendored("nb.json")), only])
    return result
