"""The what-if page of a possible group: which person, one more, another day, another place; nothing changes by it."""

import re

import pytest
from fastapi import FastAPI

from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait
from tests.grouping.support.world import World, signup_id

PLACE = "bergen-sentrum"
AWAY = {"latitude": 60.323, "longitude": 5.32, "max_travel_km": 5}


def page(slot: str = "tue-evening") -> str:
    return f"{BERGEN_PAGE}/hva-om?cell={PLACE}|{slot}|nb"


async def test_what_if_four_of_five_names_people_who_complete_it(world: World, app: FastAPI) -> None:
    await wait(world, 4)
    await wait(world, 1, first=10, slots=("wed-evening",))
    await wait(world, 1, first=11, **AWAY)
    await wait(world, 1, first=12, languages=("en",))
    await wait(world, 1, first=13, slots=("wed-evening",), languages=("en",))
    before = await world.dump()
    reader = Browser(app, KARI)

    answer = await reader.get(page())

    table = re.search(r'<section id="who">.*?</section>', answer.text, re.DOTALL)
    assert table
    rows = re.findall(r"<tr data-kind=\"(\w+)\">.*?/personer/([0-9a-f-]+)\"", table.group(), re.DOTALL)
    assert rows == [
        ("travel", str(signup_id(11))),
        ("slot", str(signup_id(10))),
        ("language", str(signup_id(12))),
    ]
    text = words(answer)
    assert "Med 1 person til som kan da og der, blir det en gruppe." in text
    assert re.search(r"reiser \d+ km lenger", text)
    assert "sier ja til tirsdag kveld, i alle fall om nødvendig" in text
    assert "sier ja til å snakke norsk" in text
    assert re.search(r"Da kan gruppa begynne med 5\. Det første møtet kan tidligst bli tirsdag \d+\. \w+ \d{4}", text)
    assert "Av dem som meldte seg på de siste 90 dagene og fortsatt er med, kan 6 på tirsdag kveld." in text
    assert (await reader.get(f"{BERGEN_PAGE}/personer/{rows[0][1]}")).status_code == 200
    assert await world.dump() == before


async def test_what_if_another_day_says_who_comes_and_who_cannot(world: World, app: FastAPI) -> None:
    await wait(world, 2, slots=("tue-evening", "wed-evening"))
    await wait(world, 1, first=3)
    await wait(world, 2, first=10, slots=("wed-evening",))

    answer = await Browser(app, KARI).get(page())

    table = re.search(r'<section id="others">.*?</section>', answer.text, re.DOTALL)
    assert table
    cells = re.findall(r"<td[^>]*>(.*?)</td>", table.group(), re.DOTALL)
    assert "4 av 5" in cells[0]
    assert {str(signup_id(10)), str(signup_id(11))} == set(re.findall(r"personer/([0-9a-f-]+)", cells[1]))
    assert [str(signup_id(3))] == re.findall(r"personer/([0-9a-f-]+)", cells[2])
    assert "Da er det 4 av 5." in words(answer)
    assert "Hvem som kunne gjort gruppa hel" not in answer.text


async def test_what_if_lacking_igangsetter_says_what_one_more_gives(world: World, app: FastAPI) -> None:
    await resources.add_igangsetter(world, languages=("es",))
    await wait(world, 4, slots=("wed-evening",))

    text = words(await Browser(app, KARI).get(page("wed-evening")))

    assert "Da er det 5 som kan møtes, men gruppa mangler en igangsetter som snakker språket." in text
    assert "Ingen av dem som venter, mangler bare én ting." in text


@pytest.mark.parametrize("prefix", ["", "/nn", "/en"])
async def test_what_if_of_another_centre_is_not_found(world: World, app: FastAPI, prefix: str) -> None:
    await wait(world, 4)

    assert (await Browser(app, OLA).get(prefix + page())).status_code == 404
    assert (await Browser(app, KARI).get(prefix + page())).status_code == 200
    assert (await Browser(app, KARI).get(prefix + page().replace(PLACE, "oslo-sentrum"))).status_code == 404


@pytest.mark.parametrize("prefix", ["/nn", "/en"])
async def test_what_if_speaks_the_language_of_its_reader(world: World, app: FastAPI, prefix: str) -> None:
    await wait(world, 4)
    await wait(world, 1, first=10, slots=("wed-evening",))

    text = words(await Browser(app, KARI).get(prefix + page()))

    for bokmal in ("Hvis én til", "Hvem som kunne gjort gruppa hel", "Hvis personen", "sier ja til", "fortsatt er med"):
        assert bokmal not in text
