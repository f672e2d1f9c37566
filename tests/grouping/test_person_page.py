"""The page of one person, and its buttons."""

import re

from fastapi import FastAPI

from grouping.usecases import groups as groups_commands
from shared.kit.ids import new_id
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, form_token, words
from tests.grouping.support.staff_acts import BERGEN_PAGE, decide, log_of, wait, with_drafts
from tests.grouping.support.world import OSLO, World, person_id, signup_id


def page(number: int) -> str:
    return f"{BERGEN_PAGE}/personer/{signup_id(number)}"


async def test_person_page_buttons_carry_out_each_decision(world: World, app: FastAPI) -> None:
    world = with_drafts(world)
    await wait(world, 5, slots=("mon-evening",))
    group = await world.group()
    await wait(world, 2, first=6, slots=("mon-evening", "wed-evening"))
    reader = Browser(app, KARI)

    async def press(number: int, action: str, **fields: str) -> None:
        answer = await reader.press(page(number), f"{page(number)}/{action}", **fields)
        assert (answer.status_code, answer.headers["location"]) == (303, page(number))

    assert "Er med i et forslag" in words(await reader.get(page(6)))
    await press(6, "fest", pinned="ja")
    assert "Plassen er låst" in words(await reader.get(page(6)))
    await press(6, "vent", reason="talk_first")
    assert "Grunn: vil snakke med dere først." in words(await reader.get(page(6)))
    await press(6, "skill", other_id=str(signup_id(7)), reason="acquainted")
    text = words(await reader.get(page(6)))
    assert re.search(r"påmeldt \d\d\.\d\d\.\d{4} kl\. \d\d\.\d\d La dem møtes", text)
    assert "Flytt til en gruppe" not in text
    await press(6, "videre")
    await press(6, "samle", person_id=str(person_id(7)))
    await press(6, "vent", reason="asked")
    asked = f"{page(6)}/flytt?gruppe={group.id}"
    moved = await reader.press(asked, f"{page(6)}/flytt", group_id=str(group.id), reason="fits_better")
    assert moved.headers["location"] == page(6)
    text = words(await reader.get(page(6)))
    assert "kari ga personen plass i gruppa (passer bedre slik)" in text
    assert "kari holdt personen fra en annen (kjenner noen i gruppa)" in text
    assert "ga personen plass i gruppa (person 2) (passer bedre slik)" in words(
        await reader.get(f"/stab/grupper/{group.id}")
    )
    assert [action for _, action, _ in await log_of(world)] == [
        "person.pinned",
        "person.excluded",
        "person.exclusion_added",
        "person.included",
        "person.exclusion_removed",
        "person.excluded",
        "person.moved",
    ]
    await world.check()


async def test_person_page_explains_refusals_and_hides_other_centres(world: World, app: FastAPI) -> None:
    world = with_drafts(world)
    await wait(world, 5)
    await wait(world, 1, first=6, slots=("mon-evening",))
    await world.deliver(world.ready(30, **OSLO), times=1)
    group = await world.group()
    kari, ola = Browser(app, KARI), Browser(app, OLA)
    token = form_token((await kari.get(page(1))).text, f"{page(1)}/fest")
    await decide(world, groups_commands.publish_draft_now, group.id)
    before = await world.dump()

    async def says(number: int, action: str, sentence: str, status: int = 409, **fields: str) -> None:
        answer = await kari.post(f"{page(number)}/{action}", _csrf=token, **fields)
        assert answer.status_code == status
        assert sentence in answer.text

    await says(1, "vent", "Alle har fått beskjed", reason="asked")
    await says(1, "fest", "Alle har fått beskjed", pinned="ja")
    await says(6, "fest", "Personen har ingen plass i et utkast lenger.", pinned="ja")
    await says(6, "flytt", "Den gruppa passer ikke med tid", reason="asked", group_id=str(group.id))
    await says(6, "flytt", "Gruppa er ikke her lenger.", 404, reason="asked", group_id=str(new_id()))
    await says(1, "skill", "De to har alt fått beskjed", reason="asked", other_id=str(signup_id(2)))
    await says(77, "vent", "Personen venter ikke her lenger.", 404, reason="asked")
    for fields in ({"reason": "livet"}, {}):
        assert (await kari.post(f"{page(6)}/vent", _csrf=token, **fields)).status_code == 422
    assert (await kari.post(f"{page(6)}/vent", reason="asked")).status_code == 403

    assert (await ola.get(page(6))).status_code == 404
    astray = f"/stab/omrader/oslo/personer/{signup_id(6)}"
    assert (await ola.get(astray)).status_code == 404
    assert (await kari.get(page(30))).status_code == 404
    answers = {"pinned": "ja", "reason": "asked", "group_id": str(group.id), "other_id": str(signup_id(1))}
    theirs = form_token((await ola.get("/stab/omrader/oslo")).text, "/stab/omrader/oslo/vent")
    for action in ("vent", "videre", "flytt", "fest", "skill", "samle"):
        fields = answers | {"person_id": str(person_id(1)), "_csrf": theirs}
        assert (await ola.post(f"{page(6)}/{action}", **fields)).status_code == 404
        assert (await ola.post(f"{astray}/{action}", **fields)).status_code == 404
    assert await world.dump() == before
    assert len(await log_of(world)) == 1


async def test_person_page_shows_forecast_only_with_enough_signups(world: World, app: FastAPI) -> None:
    await wait(world, 2)
    reader = Browser(app, KARI)
    page = f"{BERGEN_PAGE}/personer/{signup_id(1)}"
    assert "Hvor lenge det blir, vet vi ikke ennå." in words(await reader.get(page))

    await resources.run(
        world, "INSERT INTO arrivals SELECT 'bergen', date '2025-12-31' - n, 2 FROM generate_series(1, 99) n"
    )

    match = re.search(r"Møtes trolig om (\d+) til (\d+) dager", words(await reader.get(page)))
    assert match
    assert 7 <= int(match[1]) < int(match[2]) <= 187
