"""
Every page of every service, in a real browser and with data in it: at a desk, on a phone, in the dark, read aloud.

The pages of staff come from the routes of the services: a new one without data fails. Set ``SCREENSHOTS`` to a folder
to keep a picture of every page.
"""

import os
import re
from collections.abc import AsyncIterator, Mapping
from itertools import product
from typing import Final
from urllib.parse import quote

import pytest
from playwright.async_api import Page

from tests.browser import axe
from tests.browser.chromium import PATIENCE_MS
from tests.browser.seen import ARGUMENTS, EVERY, OWN, Seen, is_translated, turn_of_commit
from tests.browser.spoken import HOMES, Spoken
from tests.scenarios.support.chosen_pages import chosen_pages
from tests.scenarios.support.desk import desk_of, served
from tests.scenarios.support.furnished import AREA, CENTRE, Centre, furnished
from tests.scenarios.support.later_pages import later_pages
from tests.scenarios.support.open_pages import open_pages, unopened
from tests.scenarios.support.staff_routes import staff_routes
from tests.scenarios.support.town import URL, Town

pytestmark = [pytest.mark.browser, pytest.mark.system]

WIDTHS: Final = (1280, 320)
KEEP: Final = os.environ.get("SCREENSHOTS")

ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "/stab/": ("?slag=call", "?haster=ja"),
    "/stab/grupper": ("?vis=startet", "?vis=avlyst", "?mangler=adresse&rekke=-neste&per=25"),
    "/stab/personer": ("?tilstand=ready", "?rekke=-dato"),
    "/stab/moter": ("?vis=for",),
    "/stab/post": ("?vis=ring", "?vis=feil", "?vis=sendt", "?vis=stoppet"),
}
"""Other forms of a page, by their query."""

ONLY: Final[Mapping[str, tuple[str, ...]]] = {"/stab/post/alle": ("?gjor=hold&vis=ko", "?gjor=igjen&vis=feil")}
"""Forms of a page that has no plain address."""

NO_PAGE: Final = frozenset(
    {
        "/stab",
        "/stab/logg-inn",
        "/stab/logg-inn/bekreft",
        "/stab/logg-inn/tilbyder",
        "/stab/logg-inn/tilbyder/svar",
        "/stab/logg-inn/tilbyder/nei",
        "/stab/logg-inn/tilbyder/ut",
        "/stab/grupper/sok",
        "/stab/grupper/{group_id}/startark.pdf",
        "/stab/omrader/{area_id}/flere",
        "/stab/omrader/{area_id}/personer/{signup_id}/flytt",
        "/stab/personer/flere",
        "/stab/tall/{centre_id}/{year}/{name}",
    }
)
"""Redirects, pages before the session (the town has no identity provider), one of tests/grouping, and files."""

LINKED: Final[Mapping[str, tuple[str, str, str]]] = {
    "/stab/omrader/{area_id}/hva-om": (f"/stab/omrader/{AREA}", "area_id", "/hva-om"),
    "/stab/grupper/{group_id}/moter/flytt": ("/stab/grupper/{}", "group_id", "/moter/flytt"),
}
"""Pages without a plain address: the pages that have links to them, the ids of these, and a part of the link."""

CODE: Final = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}|\b(?=[0-9]*[a-f])[0-9a-f]{8,}\b|\b[a-z]+_[a-z_]+\b|%\(|\bNone\b|\b[45]\d\d \d\.\d"
    r"|\b(mon|tue|wed|thu|fri|sat|sun)-"
)
"""What is written for machines: ids, slots, names of fields and states."""

ENGLISH: Final = re.compile(r"\b(the|and|group|person is|meeting|waiting|seat|failed|unknown)\b")

NORWEGIAN: Final = """() => {
  const english = [...document.querySelectorAll("main [lang=en]")];
  english.forEach(node => { node.hidden = true; });
  const words = document.querySelector("main").innerText;
  english.forEach(node => { node.hidden = false; });
  return words;
}"""
"""What is not marked as English."""

KEYBOARD: Final = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  return all.filter(node => node.tabIndex > 0).map(node => node.outerHTML);
}"""


NEEDS_SCRIPT: Final = """html => {
  const plain = new DOMParser().parseFromString(html, "text/html");
  return plain.querySelectorAll("main h1").length !== 1 || plain.querySelectorAll("main [hidden]").length > 0;
}"""
"""Whether the page as it is sent, which is what a browser without scripts shows, lacks or hides something."""

WIDE: Final = """() => [...document.querySelectorAll(".scroll")].some(box => box.scrollWidth > box.clientWidth + 1)"""


async def paths_of(centre: Centre) -> dict[str, str]:
    """Return the name of every page by its address: each route with each object that the centre has for it."""
    paths: dict[str, str] = {}
    for route in staff_routes(centre.town, "GET"):
        if route.path in NO_PAGE:
            continue
        shown = await variants(route.path, centre)
        assert shown, f"no data for {route.path}: add it to tests/scenarios/support/furnished.py"
        paths |= {address: name_of(route.path, address) for address in shown}
    return dict(sorted(paths.items(), key=lambda page: page[1] not in HOMES))


def name_of(route: str, address: str) -> str:
    """Return the same name for all objects of a page, and one of their own for its other forms."""
    query = address.partition("?")[2] if route in ALSO or route in ONLY else ""
    return re.sub(r"[^a-z]+", "-", f"{route}-{query}").strip("-")


async def variants(path: str, centre: Centre) -> list[str]:
    """Return the addresses of one page; none if the centre has no object for it."""
    if path in LINKED:  # of a meeting, a group or a cell, which the link names
        pattern, ids, part = LINKED[path]
        pages = [await centre.staff.open(pattern.format(id_)) for id_ in centre.ids[ids]]
        return [href for page in pages for _, href in page.links if part in href][:2]
    if "{signup_id}" in path:
        pattern = path.replace("{area_id}", AREA)
        return [pattern.replace("{signup_id}", signup_id) for signup_id in centre.ids["signup_id"][:6]]
    names = re.findall(r"{(\w+)}", path)
    if path in ONLY:
        return [path + query for query in ONLY[path]]
    if not names:
        return [path, *(path + query for query in ALSO.get(path, ()))]
    found = []
    for values in product(*(centre.ids.get(name, ()) for name in names)):
        of_name = dict(zip(names, map(quote, values), strict=True))
        address = re.sub(r"{(\w+)}", lambda match: of_name[match[1]], path)  # noqa: B023 - used at once
        answer = await centre.staff.client.get(address)
        if answer.status_code == 200:
            found.append(address)
        if len(found) == MOST.get(names[0], 3):
            break
    return found


MOST: Final = {"group_id": 10, "person_id": 4, "mail_id": 8, "area_id": 1}
"""Objects that are looked at; groups are in different states."""


async def look(page: Page, path: str, number: int) -> list[str]:
    """Go to a page of staff; return what is wrong with it."""
    answer = await page.goto(f"{URL}{path}")
    assert answer is not None
    if answer.status != 200:
        return [f"{path}: {answer.status}"]
    faults = [f"{path} needs a script"] if await page.evaluate(NEEDS_SCRIPT, await answer.text()) else []
    faults += await kept_out(page, path, number)
    text = await page.locator("body").inner_text()
    faults += [f"{path} shows {match.group()!r}" for match in CODE.finditer(text)]
    words = await page.evaluate(NORWEGIAN)
    faults += [f"{path} says {match.group()!r}" for match in ENGLISH.finditer(words)]
    if await page.locator("form.sign-out button").count() != 1:
        faults.append(f"{path} cannot be signed out of")
    inside = len([part for part in path.split("?", maxsplit=1)[0].split("/") if part]) > 2
    if inside and await page.locator("main a[href^='/stab']").count() == 0:
        faults.append(f"{path} has no way back")
    return faults


async def kept_out(page: Page, path: str, number: int) -> list[str]:
    """Return what on the page keeps somebody out, at a desk, on a phone, in the dark, by keyboard."""
    faults = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        if KEEP:
            name = re.sub(r"[0-9a-f]{8}-[-0-9a-f]+", "", path).strip("/").replace("/", "-").replace("?", "-") or "stab"
            await page.screenshot(path=f"{KEEP}/{number:03}-{name[:60]}-{width}.png", full_page=True)
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{path} is wider than {width}")
        if width < 400 and await page.evaluate(WIDE):
            faults.append(f"{path}: a table is wider than a phone")
    faults += [f"{path} {violation}" for violation in await axe.violations_at(page, WIDTHS)]
    await page.emulate_media(color_scheme="dark")
    faults += [f"{path} in the dark {violation}" for violation in await axe.layout_violations(page)]
    await page.emulate_media(color_scheme="light")
    if await page.locator("h1").count() != 1:
        faults.append(f"{path} has no single heading")
    if await page.evaluate(KEYBOARD):
        faults.append(f"{path} changes the order of the keyboard")
    return faults


@pytest.mark.asvs("7.4.4")
async def test_every_page_is_for_everybody(town: Town) -> None:
    centre = await furnished(town)
    paths = await paths_of(centre)
    spoken, faults, opened = Spoken(), list[str](), set[str]()
    seen = Seen(OWN, None if EVERY else turn_of_commit())

    async def as_recorded(page: Page, name: str) -> list[str]:
        await page.set_viewport_size({"width": WIDTHS[0], "height": 800})  # where the menu is not folded
        faults = await spoken.faults(page, name)
        return faults if is_translated(page.url) else faults + await seen.faults(page, name)

    async def open_to_everybody(pages: AsyncIterator[str], page: Page) -> None:
        async for name in pages:
            opened.add(page.url)
            faults.extend(await kept_out(page, name, len(spoken.names)))
            faults.extend(await as_recorded(page, name))

    async with served(town, *ARGUMENTS) as browser:
        context = await browser.new_context(locale="nb-NO")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        await open_to_everybody(open_pages(centre, page), page)
        desk = await desk_of(town, browser, "arne", CENTRE, role="koordinator admin")
        await desk.today()
        for number, (address, name) in enumerate(paths.items()):
            faults += await look(desk.page, address, number)
            faults += await as_recorded(desk.page, name)
        await open_to_everybody(chosen_pages(desk.page), desk.page)
        await open_to_everybody(later_pages(centre, page), page)
    faults += spoken.left_over()
    faults += seen.left_over()
    faults += [f"no page of {path} was looked at" for path in unopened(opened)]
    assert not faults, "\n".join(faults)
