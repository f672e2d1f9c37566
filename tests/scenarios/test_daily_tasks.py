"""Fifteen daily tasks of a coordinator, each in the number of clicks that docs/daily-tasks.md promises."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.support.desk import Desk, desk_of, served
from tests.scenarios.support.furnished import CENTRE, Centre, furnished
from tests.scenarios.support.town import URL, Town

pytestmark = [pytest.mark.browser, pytest.mark.system]

TABLE: Final = Path(__file__).parents[2] / "docs" / "daily-tasks.md"

Task = Callable[[Desk], Awaitable[None]]


def promised() -> dict[str, int]:
    """Return the clicks of each task, as the table has them."""
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| (\d+) \|$", TABLE.read_text("utf-8"), re.MULTILINE)
    return {name: int(clicks) for name, clicks in rows}


async def menu(desk: Desk, name: str) -> None:
    desk.clicks += 1
    await desk.page.locator(".staff-nav").get_by_role("link", name=name, exact=True).click()


async def says(desk: Desk, text: str) -> None:
    await desk.page.locator("main").get_by_text(text).first.wait_for()


async def begin(desk: Desk, kind: str) -> None:
    await desk.begin(next(row.task_id for row in await desk.rows() if row.kind == kind))


async def find(desk: Desk, name: str) -> None:
    await menu(desk, "Personer")
    await desk.page.locator("#tekst").fill(name)
    await desk.press("Søk")
    await desk.follow(name)


async def group(desk: Desk, slot: str) -> None:
    await menu(desk, "Grupper")
    await desk.follow(slot)


async def see_today(desk: Desk) -> None:
    assert await desk.rows()


async def confirm(desk: Desk) -> None:
    await begin(desk, "call")
    await desk.press("Sa ja")
    await says(desk, "Takk, den er gjort.")


async def take_answer(desk: Desk) -> None:
    """Come before the calls, since an offer to a phone is one of them."""
    await group(desk, "torsdag kveld")
    await desk.press("Sa ja")


async def give_address(desk: Desk) -> None:
    await begin(desk, "meeting_lacks_address")
    await desk.page.locator("#place_text").fill("Strandgaten 6, rom 2")
    await desk.press("Lagre og gi beskjed")
    await says(desk, "Takk, den er gjort.")


async def set_date(desk: Desk) -> None:
    await begin(desk, "meeting_without_date")
    await desk.page.locator("#day").fill(f"{desk.town.clock.now() + timedelta(days=20):%Y-%m-%d}")
    await desk.page.locator("#clock").fill("18:00")
    await desk.press("Lagre og gi beskjed")
    await says(desk, "Takk, den er gjort.")


async def find_person(desk: Desk) -> None:
    await find(desk, "Vigdis")
    await says(desk, "vigdis@example.org")


async def see_why(desk: Desk) -> None:
    await find(desk, "Vigdis")
    await desk.follow("Se hvorfor personen venter")
    await says(desk, "Hvorfor personen venter")


async def change_times(desk: Desk) -> None:
    await find(desk, "Vigdis")
    await desk.follow("Endre")
    await desk.tick("[name=slots]:not(:checked)")
    await desk.press("Lagre")
    await says(desk, "Vigdis")


async def pause(desk: Desk) -> None:
    await find(desk, "Vigdis")
    await desk.press("Ta en pause")
    await desk.press("Ja, gi personen en pause")
    await says(desk, "Pause siden")


async def see_people(desk: Desk) -> None:
    await group(desk, "torsdag kveld")
    await desk.follow("Se hvem som er i gruppa")
    assert await desk.page.locator("a[href^='tel:'], a[href^='mailto:']").count() >= 3


async def write(desk: Desk) -> None:
    await group(desk, "7. mai")
    await desk.follow("Skriv til gruppa")
    await desk.page.locator("#subject_nb").fill("Nøkkel")
    await desk.page.locator("#body_nb").fill("Nøkkelen ligger i skranken.")
    await desk.press("Lagre og se hvordan den blir")
    await desk.press("Send")
    await says(desk, "sendt")


async def put_off(desk: Desk) -> None:
    await group(desk, "7. mai")
    await desk.press("Utsett møtet")
    await desk.press("Ja, utsett møtet og gi beskjed")
    await says(desk, "ny dato mangler")


async def cancel(desk: Desk) -> None:
    await group(desk, "mandag kveld")
    await desk.follow("Avlys gruppa")
    await desk.press("Avlys")
    await says(desk, "Gruppa er avlyst")


async def take_out(desk: Desk) -> None:
    await menu(desk, "Personer")
    await desk.follow("På ventelisten")
    async with desk.page.expect_download() as download:
        await desk.press("Hent som Excel")
    assert (await download.value).suggested_filename.endswith(".xlsx")


async def see_acts(desk: Desk) -> None:
    await menu(desk, "Historikk")
    await desk.page.locator("td", has_text="arne").first.wait_for()


TASKS: Final[Mapping[str, Task]] = {
    "See what there is to do today": see_today,
    "Take a person's answer to an offer on the phone": take_answer,
    "Confirm a sign-up on the phone": confirm,
    "Give a first meeting its address": give_address,
    "Give a group that was put off a new date": set_date,
    "Find a person by name or number": find_person,
    "See why a person waits": see_why,
    "Change the times of a person": change_times,
    "Give a person a pause": pause,
    "See who is in a group, with numbers": see_people,
    "Write to a group": write,
    "Put a first meeting off": put_off,
    "Cancel a group": cancel,
    "Take the waiting list out as a file": take_out,
    "See who has done what": see_acts,
}


TOLD: Final = (write, put_off, cancel)
"""Tasks of which the same group is told, hours apart as in an office."""


async def test_fifteen_daily_tasks_take_the_clicks_of_the_table(town: Town) -> None:
    assert set(TASKS) == set(promised())
    assert len(TASKS) == 15
    centre: Centre = await furnished(town)
    taken: dict[str, int] = {}
    async with served(centre.town) as browser:
        desk = await desk_of(town, browser, "arne", CENTRE)
        for name, task in TASKS.items():
            if task in TOLD:
                await town.move(timedelta(hours=2))
            await desk.today()
            desk.clicks = 0
            try:
                await task(desk)
            except Exception as error:
                error.add_note(f"{name}: {(await desk.page.locator('main').inner_text())[:1500]}")
                raise
            taken[name] = desk.clicks
            await town.at_rest()
        await keys_lead_and_can_be_turned_off(desk)
    assert taken == promised()


async def keys_lead_and_can_be_turned_off(desk: Desk) -> None:
    page = desk.page
    await desk.today()
    for key in ("g", "p"):
        await page.keyboard.press(key)
    await page.wait_for_url("**/stab/personer")
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "tekst"
    await page.keyboard.type("gg?")
    assert await page.locator("#tekst").input_value() == "gg?"
    await page.goto(f"{URL}/stab/hjelp")
    await desk.press("Slå av tastene")
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await page.keyboard.press("/")
    await desk.press("Slå på tastene")
    assert page.url.endswith("/stab/hjelp")
    await desk.look("help")
