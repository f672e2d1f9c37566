"""The coming weeks of the igangsettere: what they have ahead, and who is free."""

import re
from datetime import timedelta

from fastapi import FastAPI

from grouping.queries.igangsetter_weeks import WEEKS, coming_weeks
from grouping.usecases import igangsettere
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.pages import IGANGSETTERE, confirmed
from tests.grouping.support.staff_acts import decide, hand_over
from tests.grouping.support.world import World

WEEKS_PAGE = f"{IGANGSETTERE}/uker"
FIRST_MEETING = "Tirsdag 13. januar 2026 kl. 18.00"


async def row_of(app: FastAPI, label: str) -> dict[str, str]:
    """Return the cells of an igangsetter by the heading of their column."""
    page = (await Browser(app, KARI).get(WEEKS_PAGE)).text
    row = next(row for row in page.split("<tr>") if f">{label}</a>" in row)
    cells = re.findall(r'<td data-label="([^"]+)">(.*?)</td>', row, re.DOTALL)
    return {heading: " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for heading, cell in cells}


async def test_weeks_show_meetings_ahead_and_who_is_free_first(world: World, app: FastAPI) -> None:
    await resources.add_igangsetter(world, label="Busy")
    await confirmed(world)
    resting = await resources.add_igangsetter(world, label="Away", groups_at_once=2)
    await decide(world, igangsettere.pause_igangsetter, resting, active=False)
    await resources.add_igangsetter(world, label="Free", slots=("mon-evening",))

    text = words(await Browser(app, KARI).get(WEEKS_PAGE))

    assert text.index("Free") < text.index("Busy") < text.index("Away")
    busy = await row_of(app, "Busy")
    assert busy["Uke 3"] == FIRST_MEETING
    assert busy["Tilstand"] == "opptatt 1 av 1"
    assert {cell for week, cell in busy.items() if week not in {"Uke 3", "Tilstand"}} == {"–"}
    assert (await row_of(app, "Free"))["Tilstand"] == "ledig 0 av 1"
    assert (await row_of(app, "Away"))["Tilstand"] == "pause 0 av 2"
    assert len(busy) == WEEKS + 2


async def test_group_without_a_date_stands_under_later(world: World, app: FastAPI) -> None:
    await resources.add_igangsetter(world, label="Busy")
    path = await confirmed(world)
    await Browser(app, KARI).press(path, f"{path}/ikke-holdt")

    assert (await row_of(app, "Busy"))["Senere"] == "Tirsdag kveld (uten dato)"


async def test_started_group_shows_meetings_until_it_goes_on_alone(world: World, app: FastAPI) -> None:
    await resources.add_igangsetter(world, label="Busy")
    await confirmed(world)
    await world.pass_time(days=20)
    await world.live(days=0)
    ahead = await row_of(app, "Busy")
    assert sum("kl. 18.00" in cell for cell in ahead.values()) >= 1

    await hand_over(world)

    assert not any("kl." in cell for cell in (await row_of(app, "Busy")).values())


async def test_weeks_of_another_centre_are_not_shown(world: World, app: FastAPI) -> None:
    await resources.add_igangsetter(world, label="Busy")
    assert "Busy" not in words(await Browser(app, OLA).get(WEEKS_PAGE))
    assert (await Browser(app, None).get(WEEKS_PAGE)).status_code == 303


def test_coming_weeks_begin_on_mondays_in_oslo(world: World) -> None:
    weeks = coming_weeks(world.clock.now())
    assert all(monday.weekday() == 0 for monday in weeks)
    assert weeks[-1] - weeks[0] == timedelta(weeks=WEEKS - 1)
