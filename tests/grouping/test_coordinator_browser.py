"""
The coordinator's pages in a real browser: why somebody is here, why somebody waits, what would help.

Every number on them is counted again from the database by :mod:`tests.grouping.support.recount`. Set ``SCREENSHOTS``
to a folder to keep a picture of every page.
"""

import html
import math
import os
import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from grouping.domain.insight.forecast import VAGUE_DAYS
from grouping.domain.matching.objective import IF_NEEDED_AS_KM
from grouping.queries.wait_forecast import RECENT_DAYS
from shared.timezone import OSLO_TZ
from tests.browser import axe
from tests.grouping.support import scene
from tests.grouping.support.browser import KARI
from tests.grouping.support.recount import LEAST, MOST, Cell, Recount, Row
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait
from tests.grouping.support.world import World, signup_id
from tests.grouping.test_pages_browser import browser, url
from tests.shared.support.staff import signed

__all__ = ["browser", "url"]

pytestmark = pytest.mark.browser

KEEP = os.environ.get("SCREENSHOTS")
DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
PARTS = {"morning": "formiddag", "day": "dag", "evening": "kveld"}
SPOKEN = {"nb": "norsk", "en": "engelsk", "es": "spansk"}
LACKS = {
    ("room",): "mangler rom",
    ("starter",): "mangler en igangsetter som snakker språket",
    ("room", "starter"): "mangler rom og en igangsetter som snakker språket",
}
WHY = {"asked": "ønsker det selv", "talk_first": "vil snakke med dere først", "acquainted": "kjenner noen i gruppa"}
CELLS = [Cell("bergen-sentrum", "wed-evening", "es"), Cell("bergen-sentrum", "thu-evening", "nb")]


def slot(key: str) -> str:
    day, part = key.split("-")
    return f"{DAYS[('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun').index(day)]} {PARTS[part]}"


def days(count: int) -> str:
    return f"{count} dag" if count == 1 else f"{count} dager"


def short(row: Row) -> str:
    local = row.signed_up_at.astimezone(OSLO_TZ)
    return f"påmeldt {local:%d.%m.%Y} kl. {local:%H.%M}"


def comma(km: float) -> str:
    return f"{km:.1f}".replace(".", ",")


def when(moment: datetime) -> str:
    local = moment.astimezone(OSLO_TZ)
    month = ("januar", "februar")[local.month - 1]
    return f"{DAYS[local.weekday()]} {local.day}. {month} {local.year} kl. {local:%H.%M}"


def named(now: Recount, cell: Cell) -> str:
    return f"{slot(cell.slot).capitalize()}, {SPOKEN[cell.language]}, {now.spots[cell.place].name}"


def lacks(now: Recount, cell: Cell) -> str:
    return LACKS.get(tuple(sorted(now.missing(cell))), "")


def of_five(count: int) -> str:
    return f"{count} av {LEAST}" if count < LEAST else str(count)


def binds(now: Recount, row: Row) -> str:
    cell = now.best(row)
    if cell is None:
        return "Når ikke fram til noe møtested."
    count, what = now.count(row, cell), lacks(now, cell)
    if count >= LEAST and what:
        return f"{count} kan møtes ({named(now, cell)}), men gruppa {what}."
    return f"{count} av {LEAST}: {named(now, cell)}" + (f" ({what})" if what else "")


def helps(now: Recount, row: Row) -> list[str]:
    said = []
    for one in now.helps(row):
        change = f"Med {one.to} km lenger reisevei" if one.kind == "km" else f"Med {slot(one.to)} i tillegg"
        brings = "en ledig plass med en gang" if one.free_seat else "en gruppe med en gang"
        if not one.now:
            brings = f"{one.count} av {LEAST}"
        said.append(f"{change}: {brings} ({named(now, one.cell)})")
    return said


def seated(now: Recount, row: Row) -> str:
    seat, group = now.seat(row)
    km = comma(now.km(row, group.place))
    waited = (group.created_at - row.signed_up_at).days
    assert (seat.distance_km, seat.waited_days) == (now.km(row, group.place), waited)
    return f"Kan {slot(group.slot)}, snakker norsk, har {km} km hit og hadde ventet {days(waited)}."


def limits(now: Recount, row: Row) -> str:
    spoken = ", ".join(SPOKEN[code] for code in row.languages)
    step_free = ", trinnfritt" if row.wheelchair else ""
    return f"{spoken} {row.max_travel_km} km{step_free}"


def said_on_country(now: Recount) -> list[str]:
    ways = sum(group.state in {"drafted", "proposed", "confirmed"} for group in now.groups)
    kommuner = {"4601": "Bergen", "4626": "Øygarden"}
    said = [f"Venter {len(now.on_list)} Grupper på vei {ways} Områder på vent 0"]
    for number, name in kommuner.items():
        here = [row for row in now.on_list if row.kommune == number]
        oldest = days(max(now.days(row) for row in here))
        said += [f"{name}: {len(here)}", f"{name} Bergen og omegn {len(here)} {oldest}"]
    could = {slot: sum(slot in row.slots for row in now.on_list) for row in now.on_list for slot in row.slots}
    most = sorted(could.items(), key=lambda one: (-one[1], one[0]))[:4]
    slots = " , ".join(f"{slot(one)} {count}" for one, count in most)
    oldest = days(max(now.days(row) for row in now.on_list))
    said.append(f"Bergen og omegn LINK Bergen {len(now.on_list)} {oldest} {slots} {ways}")
    nearly = [(cell, who) for cell, who in now.possible() if len(who) >= LEAST - 2][:3]
    for cell, who in nearly:
        missing = LEAST - len(who)
        people = [f"{missing} person" if missing == 1 else f"{missing} personer"] if missing > 0 else []
        what = ", ".join([*people, *filter(None, [lacks(now, cell)])])
        said.append(f"Bergen og omegn {named(now, cell)} {of_five(len(who))} {what}")
    return said


def divides(people: int) -> bool:
    return any(LEAST * groups <= people <= MOST * groups for groups in range(people + 1))


def left_over(now: Recount) -> list[str]:
    said = []
    for group in now.groups:
        here, more = len(now.taken(group)), len(now.members(now.cell_of(group)))
        if here == group.capacity and more and not divides(here + more):
            said += [f"{here + more} kan møtes, men ikke alle på en gang"]
            said += [f"{here} har plass i en full gruppe ({slot(group.slot)}), og {more} til kunne vært med."]
            for size in range(MOST, LEAST - 1, -1):
                rest = here + more - size
                missing = next(number for number in range(MOST) if divides(rest + number))
                needed = "én" if missing == 1 else missing
                says = f"{size} møtes nå. {rest} venter, og trenger {needed} til for å få en gruppe."
                said.append(f"{size} + {rest}: {says}")
    return said


def said_on_area(now: Recount) -> list[str]:
    said = [f"grupper på {LEAST} til {MOST}", f"Så snart {LEAST} kan møtes", *left_over(now)]
    for cell, who in now.possible():
        nearly = " nesten nok" if LEAST - 2 <= len(who) < LEAST else ""
        does = f"{lacks(now, cell)} Gruppa lages med en gang det er på plass."
        if len(who) < LEAST:
            does = " ".join(filter(None, [f"Mangler {LEAST - len(who)} til.", lacks(now, cell)]))
        said.append(f"{named(now, cell)} {of_five(len(who))}{nearly} {does} Hva om?")
    said += [f"De som venter ({len(now.on_list)})", f"{len(now.on_list)} personer står på ventelisten her."]
    said += area_history(now)
    drafted = {seat.person_id for seat in now.seats}
    for row in now.on_list:
        what = "Er med i et forslag" if row.person_id in drafted else "Holdt tilbake"
        if row in now.line:
            what = binds(now, row)
        slots = ", ".join(map(slot, row.slots))
        said.append(f"{short(row)} {days(now.days(row))} {slots} {limits(now, row)} {what}")
    return said


def said_on_person(now: Recount, row: Row) -> list[str]:
    slots, spoken = ", ".join(map(slot, row.slots)), ", ".join(SPOKEN[code] for code in row.languages)
    step_free = ", trinnfritt" if row.wheelchair else ""
    said = [f"En person, {short(row)}", "Åpne navn og nummer, oppslaget skrives ned"]
    said += [f"Har ventet {days(now.days(row))} Kan møtes {slots} Språk {spoken}"]
    said += [f"Reisevei {row.max_travel_km} km{step_free}"]
    cell = now.best(row) if row in now.line else None
    if row in now.line:
        away = f" · {comma(now.km(row, cell.place))} km unna" if cell else ""
        said += [f"Hvorfor personen venter {binds(now, row)}{away}", *helps(now, row)]
        wait = now.wait(row)
        said.append(said_on_wait(now, row, wait) if wait else "Hva som ville hjulpet")
    elif row.excluded_reason:
        said.append(f"Grunn: {WHY[row.excluded_reason]}.")
    else:
        said.append(seated(now, row))
    excluded = {person_id for pair in now.exclusions if row.person_id in pair for person_id in pair - {row.person_id}}
    for person in now.waiting:
        if person.person_id in excluded:
            said.append(f"{short(person)} La dem møtes")
        elif person.person_id != row.person_id:
            said.append(short(person))
    for group in now.open_groups():
        if row.status == "waiting" and now.fits(row, now.cell_of(group)):
            raise AssertionError("nobody in this scene could be moved")
    return said


def said_on_wait(now: Recount, row: Row, wait: tuple[int, int]) -> str:
    if wait[1] - wait[0] <= VAGUE_DAYS:
        return f"Møtes trolig om {wait[0]} til {wait[1]} dager."
    cell = now.best(row)
    assert cell
    others = [one for one in now.waiting if one.signup_id != row.signup_id]
    return f"Av andre som meldte seg på {still_there(now, others, cell)}"


def still_there(now: Recount, people: list[Row], cell: Cell) -> str:
    able = [one for one in people if cell.slot in one.slots and now.days(one) < RECENT_DAYS]
    return f"de siste {RECENT_DAYS} dagene og fortsatt er med, kan {len(able)} på {slot(cell.slot)}."


def said_on_one_more(now: Recount, cell: Cell) -> str:
    able = len(now.at_peace(now.members(cell))) + 1
    if able < LEAST:
        return f"Da er det {able} av {LEAST}."
    if what := lacks(now, cell):
        return f"Da er det {able} som kan møtes, men gruppa {what}."
    first = now.first_meeting(cell.slot)
    return f"Da kan gruppa begynne med {able}. Det første møtet kan tidligst bli {when(first)}."


def said_on_completions(now: Recount, cell: Cell) -> list[str]:
    """The people who lack one thing; too simple where somebody has refused the change."""
    if len(now.at_peace(now.members(cell))) != LEAST - 1:
        return []
    found = []
    for row in now.line:
        further = math.ceil(now.km(row, cell.place) - row.max_travel_km)
        changes = [
            (further, f"reiser {further} km lenger", now.fits(row, cell, max(0, further))),
            (IF_NEEDED_AS_KM, f"sier ja til {slot(cell.slot)}, i alle fall", now.fits(row, cell, any_slot=True)),
        ]
        together = len(now.at_peace([*now.members(cell), row]))
        if not now.fits(row, cell) and together == LEAST:
            found += [(effort, row.signed_up_at, f"{short(row)} {says}") for effort, says, able in changes if able]
    return [says for _, _, says in sorted(found)[:10]]


def said_on_alternatives(now: Recount, cell: Cell) -> list[str]:
    here = {row.signup_id for row in now.members(cell)}
    said = []
    for field in ("slot", "place", "language"):
        others = [one for one in now.cells() if one._replace(**{field: getattr(cell, field)}) == cell and one != cell]
        found: dict[frozenset[UUID], Cell] = {}
        for one in sorted(others, key=lambda one: -len(now.members(one))):
            there = frozenset(row.signup_id for row in now.members(one))
            if there - here:
                found.setdefault(there, one)
        for there, one in list(found.items())[:3]:
            gains, loses = ids_in_order(now, there - here), ids_in_order(now, here - there)
            missing = f" ({lacks(now, one)})" if lacks(now, one) else ""
            said.append(f"{named(now, one)} {of_five(len(there))}{missing} {gains} {loses}")
    return said


def ids_in_order(now: Recount, ids: Collection[UUID]) -> str:
    return " , ".join(short(row) for row in now.on_list if row.signup_id in ids) or "ingen"


def said_on_what_if(now: Recount, cell: Cell) -> list[str]:
    here = now.at_peace(now.members(cell))
    rows: list[tuple[str, set[UUID]]] = [("venter", set())]
    most = min(MOST, now.spots[cell.place].seats) if "room" not in now.missing(cell) else 0
    sizes = range(min(len(here), most), LEAST - 1, -1)
    rows += [(f"begynner med {size} nå", {row.signup_id for row in here[:size]}) for size in sizes]
    rows += [(f"ber alle reise {km} km lenger", now.further(km)) for km in (10, 20)]
    for other in {slot for row in now.line for slot in row.slots} - {cell.slot}:
        moved = cell._replace(slot=other)
        assert len(now.members(moved)) < LEAST or now.missing(moved)
    said = [f"{named(now, cell)}: {len(now.members(cell))} passer nå. {lacks(now, cell)}"]
    said += [said_on_one_more(now, cell), still_there(now, now.waiting, cell), *said_on_alternatives(now, cell)]
    said += said_on_completions(now, cell)
    if len(here) < LEAST:
        said.append(f"Med {LEAST - len(here)} person")
    for what, gains in rows if any(gains for _, gains in rows) else ():
        if not gains and what != "venter":
            continue
        rest = [row for row in now.line if row.signup_id not in gains]
        ids = ids_in_order(now, gains)
        oldest = days(max(now.days(row) for row in rest))
        said.append(f"{what} {ids} ingen {len(rest)} {oldest}")
    return said


def said_on_group(now: Recount, group: Row) -> list[str]:
    seats = in_order(now.taken(group))
    said = [f"{slot(group.slot).capitalize()}, kl. 18.00"]
    said += [f"{len(seats)} av {group.capacity} plasser er i bruk. Minst {LEAST} må si ja."]
    if group.state == "drafted":
        said.append(f"får tilbud om plass {when(group.publish_at)}.")
    else:
        taken = sum(seat.state == "taken" for seat in seats)
        said.append(f"{taken} har sagt ja. Minst {LEAST} må si ja før gruppa får en dato.")
    for number, seat in enumerate(seats, 1):
        answer = "har sagt ja Kan ikke likevel" if seat.state == "taken" else "har ikke fått beskjed"
        if seat.deadline and seat.state == "offered":
            answer = f"ikke svart ennå, frist {when(seat.deadline)} Sa ja Sa nei"
        if seat.pinned:
            answer += ", holdt fast"
        said.append(f"Person {number} {answer} {comma(seat.distance_km)} km, ventet {days(seat.waited_days)}")
    return said


def history(now: Recount, group: Row, acts: list[str]) -> list[str]:
    """Return the lines of what has happened with a group."""
    seats = in_order(now.taken(group))
    said = [*acts, f"{when(group.created_at)}: Gruppa ble foreslått"]
    if group.state != "drafted":
        said.append(f"{when(min(seat.offered_at for seat in seats))}: Tilbud om plass ble sendt")
    said += [f"{when(seat.taken_at)}: Person {no} sa ja" for no, seat in enumerate(seats, 1) if seat.taken_at]
    return [*said, f"{len(said) - 5} linje"] if len(said) > 5 else said


def area_history(now: Recount) -> list[str]:
    """Return the lines of what has happened in an area."""
    said = [
        f"{when(at)}: En gruppe ble {what}: {slot(group.slot)}, {now.spots[group.place].name}"
        for group in now.groups
        for at, what in ((group.created_at, "foreslått"), (group.ended_at, "avlyst"))
        if at
    ]
    return [*said, f"{len(said) - 5} linje"] if len(said) > 5 else said


def in_order(seats: list[Row]) -> list[Row]:
    """The order of the rows on the page of a group."""
    return sorted(seats, key=lambda seat: (seat.offered_at, -seat.waited_days, str(seat.id)))


def accounted_for(text: str, said: list[str], page: str) -> None:
    """Each of these is on the page, and besides them there is no number on it."""
    for one in sorted(said, key=len, reverse=True):
        assert one in text, f"{page}: {one!r} is not in {text!r}"
        text = text.replace(one, "·", 1)
    assert not re.search(r"\d", text), f"{page}: not accounted for: {text!r}"


async def words(page: Page) -> str:
    inside = await page.locator("main").inner_html()
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", inside).split()))


def headers() -> dict[str, str]:
    return signed(KARI, "grouping")


def actions(now: datetime, *said: str) -> list[str]:
    return [f"{when(now)}: kari {one}" for one in said]


async def test_coordinator_pages_show_the_numbers_of_the_database(world: World, url: str, browser: Browser) -> None:
    await scene.build(world)
    now = await Recount.of(world)
    people = [1, 2, scene.LEFT_OVER, 20, scene.TOO_FAR, 30, 40, scene.ISLAND, scene.HELD]
    pages = {"/stab/omrader": said_on_country(now), BERGEN_PAGE: said_on_area(now)}
    logged = {
        2: "holdt fast på plassen",
        40: "holdt personen fra en annen (kjenner noen i gruppa)",
        scene.HELD: "holdt personen tilbake (vil snakke med dere først)",
    }
    for number in people:
        done = actions(now.now, logged[number]) if number in logged else []
        row = now.person(signup_id(number))
        pages[f"{BERGEN_PAGE}/personer/{row.signup_id}"] = said_on_person(now, row) + done
    for cell in CELLS:
        pages[f"{BERGEN_PAGE}/hva-om?cell={'|'.join(cell)}"] = said_on_what_if(now, cell)
    for group in now.groups:
        numbers = {seat.signup_id: number for number, seat in enumerate(in_order(now.taken(group)), 1)}
        pinned = f"holdt fast på plassen (person {numbers.get(signup_id(2))})"
        done = actions(now.now, pinned) if group.state == "drafted" else []
        pages[f"/stab/grupper/{group.id}"] = said_on_group(now, group) + history(now, group, done)

    everything = " ".join(one for said in pages.values() for one in said)
    for kind in ("Møtes trolig om", "mangler en igangsetter", "ledig plass med en gang", "km lenger", "Mangler 1 til."):
        assert kind in everything

    context = await browser.new_context(java_script_enabled=False, extra_http_headers=headers())
    page = await context.new_page()
    for path, said in pages.items():
        await page.goto(url + path)
        accounted_for(await words(page), said, path)
    await context.close()


async def test_country_map_has_a_circle_for_each_row_of_its_table(world: World, url: str, browser: Browser) -> None:
    await scene.build(world)
    context = await browser.new_context(extra_http_headers=headers())
    page = await context.new_page()
    await page.goto(f"{url}/stab/omrader")

    circles = page.locator(".country-map circle")
    rows = page.locator("#kommuner tbody tr")
    await expect(rows.first).to_be_visible()
    assert await circles.count() == await rows.count() == 2
    sizes, across = [], []
    for number in range(2):
        name, _, count, _ = [cell.strip() for cell in await rows.nth(number).locator("th, td").all_inner_texts()]
        assert await circles.nth(number).locator("title").text_content() == f"{name}: {count}"
        sizes.append((int(count), float(await circles.nth(number).get_attribute("r") or 0)))
        across.append(float(await circles.nth(number).get_attribute("cx") or 0))
    assert sizes == sorted(sizes, reverse=True)
    assert across[0] > across[1], "Øygarden lies west of Bergen"
    box = await page.locator(".country-map").bounding_box()
    assert box is not None
    assert box["height"] > box["width"] > 200
    await context.close()


async def test_coordinator_pages_pass_axe(world: World, url: str, browser: Browser) -> None:
    await scene.build(world)
    now = await Recount.of(world)
    people = (1, scene.LEFT_OVER, 30, 40, scene.HELD)
    pages = {"country": "/stab/omrader", "area": BERGEN_PAGE}
    pages |= {f"person-{number}": f"{BERGEN_PAGE}/personer/{signup_id(number)}" for number in people}
    pages |= {"what-if": f"{BERGEN_PAGE}/hva-om?cell={'|'.join(CELLS[0])}"}
    pages |= {f"group-{group.state}": f"/stab/grupper/{group.id}" for group in now.groups}
    for width, scheme in ((1280, "light"), (360, "light"), (1280, "dark")):
        context = await browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            extra_http_headers=headers(),
        )
        page = await context.new_page()
        for name, path in pages.items():
            await page.goto(url + path)
            if KEEP:
                await page.screenshot(path=f"{KEEP}/{name}-{width}-{scheme}.png", full_page=True)
            assert await axe.violations(page) == [], (name, width, scheme)
            assert await page.evaluate("document.documentElement.scrollWidth") == width, name
        await context.close()


async def test_coordinator_decides_on_a_phone_without_javascript(world: World, url: str, browser: Browser) -> None:
    await scene.build(world)
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False, extra_http_headers=headers()
    )
    page = await context.new_page()
    await page.goto(url + BERGEN_PAGE)
    await page.locator(f"main a[href$='/personer/{signup_id(scene.LEFT_OVER)}']").click()
    await page.locator("summary", has_text="Hold tilbake").click()
    await page.locator("#hold-reason").select_option("asked")
    await page.get_by_role("button", name="Hold tilbake").click()
    await expect(page.get_by_role("heading", name="Holdt tilbake")).to_be_visible()
    await page.get_by_role("button", name="La personen få plass igjen").click()
    await expect(page.get_by_role("heading", name="Hvorfor personen venter")).to_be_visible()
    await page.get_by_role("link", name="Hva om dere gjør noe med denne gruppa?").click()
    await expect(page.get_by_role("heading", name="Hva om?")).to_be_visible()

    await page.goto(f"{url}{BERGEN_PAGE}/personer/{signup_id(1)}")
    await page.get_by_role("link", name="Se gruppa").click()
    await page.get_by_role("button", name="Forkast forslaget").click()
    await page.get_by_role("button", name="Ja, forkast forslaget").click()
    await expect(page.get_by_role("heading", name="Området er på vent")).to_be_visible()
    await page.get_by_role("button", name="Begynn med 6").click()
    await page.get_by_role("button", name="Ja, lag gruppa").click()
    await expect(page.get_by_text("utkast, ingen har fått beskjed")).to_be_visible()
    await page.get_by_role("button", name="Send tilbud nå").click()
    await page.get_by_role("button", name="Ja, send tilbudene").click()
    await expect(page.get_by_text("venter på svar")).to_be_visible()

    made = await world.groups(slot="tue-evening")
    assert {(group.state, group.live) for group in made} == {("cancelled", 0), ("proposed", 6)}
    await context.close()
    await world.check()


async def test_person_dragged_to_a_group_opens_a_page_that_asks(world: World, url: str, browser: Browser) -> None:
    await wait(world, 5)
    for number in (1, 2, 3):
        await world.answer(number)
    await world.answer(4, yes=False)
    await world.pass_time(days=1)
    context = await browser.new_context(extra_http_headers=headers())
    page = await context.new_page()
    await page.goto(url + BERGEN_PAGE)
    row = page.locator(f"tr[data-person='{signup_id(4)}']")

    await row.drag_to(page.locator("[data-board]").first)

    await page.wait_for_url("**/flytt?gruppe=*")
    assert "Ingenting har skjedd ennå." in await page.locator("main").inner_text()
    assert await world.status(4) != "offered"
    assert await axe.violations_at(page, (1280, 360)) == []
    await context.close()
