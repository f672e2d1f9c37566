"""What coordinators see and decide, and what they never see of another centre."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from grouping.store import StaffAction
from shared.events import groups
from tests.grouping.support.reader import IGA, KARI, OLA, Reader, form_token, words
from tests.grouping.support.world import OSLO, World, signup_id

BERGEN_PAGE = "/stab/omrader/bergen"


async def waiting(world: World, count: int, first: int = 1) -> None:
    await world.deliver(*(world.ready(number) for number in range(first, first + count)), times=1)


async def held_nine(world: World, app: FastAPI) -> Reader:
    reader = Reader(app, KARI)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    await waiting(world, 9)
    return reader


async def confirmed(world: World) -> str:
    await waiting(world, 5)
    await world.all_say_yes()
    return f"/stab/grupper/{(await world.group()).id}"


async def test_nobody_gets_in_without_signing_in(world: World, app: FastAPI) -> None:
    for path in ("/stab/omrader", BERGEN_PAGE, "/stab/grupper"):
        answer = await Reader(app).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
    assert (await Reader(app, IGA).get("/stab/omrader")).status_code == 403


async def test_areas_with_how_many_wait_and_for_how_long(world: World, app: FastAPI) -> None:
    await waiting(world, 4)
    await world.deliver(world.ready(50, **OSLO), times=1)

    text = words(await Reader(app, KARI).get("/stab/omrader"))

    assert "Bergen og omegn LINK Bergen 4 4 dager tirsdag kveld 4 0" in text
    assert "Oslo" not in text


async def test_an_area_shows_each_who_waits_by_a_short_id_and_what_is_missing(world: World, app: FastAPI) -> None:
    await waiting(world, 3)
    await world.deliver(world.ready(4, latitude=60.9, wheelchair=True), times=1)

    text = words(await Reader(app, KARI).get(BERGEN_PAGE))

    assert str(signup_id(1))[-8:] in text
    assert "3 av 5: Tirsdag kveld, norsk, Bergen sentrum" in text
    assert "nesten nok" in text
    assert "Mangler 2 til." in text
    assert "5 km, trinnfritt Når ikke fram til noe møtested." in text


async def test_nine_held_people_are_four_choices_with_consequences(world: World, app: FastAPI) -> None:
    reader = await held_nine(world, app)

    text = words(await reader.get(BERGEN_PAGE))

    assert "Området er på vent" in text
    assert "Tirsdag kveld, norsk, Bergen sentrum 9 Begynn med 8" in text
    assert "Mange nok: Tirsdag kveld" in text
    for said in (
        "Begynn med 8 8 møtes nå. 1 venter, og trenger 4 til",
        "Begynn med 7 7 møtes nå. 2 venter, og trenger 3 til",
        "Begynn med 6 6 møtes nå. 3 venter, og trenger 2 til",
        "Begynn med 5 5 møtes nå. 4 venter, og trenger én til",
    ):
        assert said in text
    assert await world.groups() == []


@pytest.mark.parametrize("size", [8, 7, 6, 5])
async def test_staff_begin_with_the_number_they_choose(world: World, app: FastAPI, size: int) -> None:
    reader = await held_nine(world, app)

    answer = await reader.press(
        BERGEN_PAGE, f"{BERGEN_PAGE}/grupper", cell="bergen-sentrum|tue-evening|nb", size=str(size)
    )

    group = await world.group()
    assert answer.headers["location"] == f"/stab/grupper/{group.id}"
    assert (group.state, group.live, group.capacity) == ("drafted", size, size)
    assert list((await world.statuses()).values()).count("waiting") == 9
    assert await world.told_of(groups.Proposed) == []
    await world.check()

    await reader.press(f"/stab/grupper/{group.id}", f"/stab/grupper/{group.id}/si-fra")
    assert list((await world.statuses()).values()).count("waiting") == 9 - size
    assert {await world.status(number) for number in range(10 - size, 10)} == {"offered"}
    await world.check()


async def test_when_the_area_goes_on_the_four_who_are_left_need_one_more(world: World, app: FastAPI) -> None:
    reader = await held_nine(world, app)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/grupper", cell="bergen-sentrum|tue-evening|nb", size="5")
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/videre")
    assert len(await world.groups()) == 1

    await waiting(world, 1, first=10)

    assert [group.live for group in await world.groups()] == [5, 5]
    await world.check()


async def test_a_choice_that_is_no_longer_possible(world: World, app: FastAPI) -> None:
    reader = await held_nine(world, app)
    cell = "bergen-sentrum|tue-evening|nb"
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/grupper", cell=cell, size="5")

    token = form_token((await reader.get(BERGEN_PAGE)).text, f"{BERGEN_PAGE}/videre")

    async def choose(size: str) -> httpx.Response:
        return await reader.post(f"{BERGEN_PAGE}/grupper", _csrf=token, cell=cell, size=size)

    assert "ikke lenger så mange" in words(await choose("5"))
    assert "Så stor eller liten" in words(await choose("12"))
    assert (await choose("5")).status_code == 409
    assert (await choose("fem")).status_code == 422
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/videre")
    assert "ikke på vent lenger" in words(await choose("5"))
    assert len(await world.groups()) == 1


async def test_eight_and_one_is_explained_where_nothing_is_held(world: World, app: FastAPI) -> None:
    await waiting(world, 9)

    text = words(await Reader(app, KARI).get(BERGEN_PAGE))

    assert "9 kan møtes, men ikke alle på en gang" in text
    assert "5 + 4: 5 møtes nå. 4 venter, og trenger én til" in text


async def test_who_said_no_can_be_asked_again(world: World, app: FastAPI) -> None:
    await waiting(world, 6)
    await world.answer(2, yes=False)
    reader = Reader(app, KARI)
    assert "Har sagt nei til, eller ikke svart på, alt som passer." in words(await reader.get(BERGEN_PAGE))

    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/spor-igjen", signup_id=str(signup_id(2)))

    assert await world.status(2) == "offered"


async def test_a_group_with_the_reason_for_each_seat(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Reader(app, KARI)

    listed = words(await reader.get("/stab/grupper"))
    text = words(await reader.get(path))

    assert "5 av 8 skal møtes tirsdag 13. januar 2026 kl. 18.00" in listed
    assert "Kan tirsdag kveld, snakker norsk, har 0,4 km hit og hadde ventet 5 dager. har sagt ja" in text
    assert "hadde ventet 1 dag." in text


async def test_lists_by_state(world: World, app: FastAPI) -> None:
    await confirmed(world)
    await world.pass_time(days=20)
    reader = Reader(app, KARI)

    assert "Ingen grupper her nå." in words(await reader.get("/stab/grupper"))
    assert "har startet, lukket" in words(await reader.get("/stab/grupper?vis=startet"))
    assert (await reader.get("/stab/grupper?vis=tull")).status_code == 422


async def test_another_time_and_place_is_told_to_everybody_once(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Reader(app, KARI)
    new = {"day": "2026-01-20", "clock": "17:30", "place_text": "Strandgaten 6, rom 2"}

    assert (await reader.press(path, f"{path}/mote", **new)).status_code == 303
    assert (await reader.press(path, f"{path}/mote", **new)).status_code == 303

    called = await world.told_of(groups.MeetingCalled)
    assert [event.sequence for event in called] == [0, 1]
    assert called[1].starts_at == datetime(2026, 1, 20, 17, 30, tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)
    assert called[1].place_text == "Strandgaten 6, rom 2"
    assert len(called[1].seats) == 5
    assert {(row.username, row.action) for row in await world.rows(StaffAction)} == {("kari", "meeting_set")}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "2025-12-01", "clock": "18:00", "place_text": "Rom 2"}, "Møtet må være fram i tid."),
        ({"day": "", "clock": "18:00", "place_text": "Rom 2"}, "Velg en dato for oppstartsmøtet."),
        ({"day": "2026-01-20", "clock": "kveld", "place_text": "Rom 2"}, "Skriv «Klokkeslett» som et tidspunkt."),
        ({"day": "2026-01-20", "clock": "18:00", "place_text": ""}, "Skriv hvor de skal møtes."),
        ({"day": "2026-01-20", "clock": "18:00", "place_text": "x" * 201}, "kan ha høyst 200 tegn."),
    ],
)
async def test_what_is_wrong_in_the_form_is_said_and_the_rest_kept(
    world: World, app: FastAPI, fields: dict[str, str], said: str
) -> None:
    path = await confirmed(world)

    page = await Reader(app, KARI).press(path, f"{path}/mote", **fields)

    assert page.status_code == 422
    assert said in words(page)
    for value in fields.values():
        assert not value or f'value="{value}"' in page.text
    assert len(await world.told_of(groups.MeetingCalled)) == 1


async def test_a_meeting_that_was_not_held_waits_for_a_new_time(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Reader(app, KARI)
    await reader.press(path, f"{path}/ikke-holdt")
    await world.pass_time(days=20)
    assert (await world.group()).state == "confirmed"

    await reader.press(path, f"{path}/mote", day="2026-02-03", clock="18:00", place_text="Rom 2")
    await world.pass_time(days=20)

    assert (await world.group()).state == "started"
    assert [event.sequence for event in await world.told_of(groups.MeetingCalled)] == [0, 1]


async def test_cancelling_sends_everybody_back_and_holds_the_area(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Reader(app, KARI)

    await reader.press(path, f"{path}/avlys")

    (cancelled,) = await world.told_of(groups.Cancelled)
    assert cancelled.reason == "by_centre"
    assert set((await world.statuses()).values()) == {"waiting"}
    assert len(await world.groups()) == 1
    assert "Området er på vent" in words(await reader.get(BERGEN_PAGE))
    assert "avlyste gruppa" in words(await reader.get(path))


async def test_a_closed_group_offers_no_way_to_change_it(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Reader(app, KARI)
    token_page = (await reader.get(path)).text
    await world.pass_time(days=20)

    page = await reader.get(path)
    assert f'action="{path}' not in page.text
    answer = await reader.post(f"{path}/avlys", _csrf=form_token(token_page, f"{path}/avlys"))
    assert answer.status_code == 409
    assert "Gruppa har startet og er lukket." in answer.text
    assert (await world.group()).state == "started"


async def test_another_centre_is_not_found(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    ola = Reader(app, OLA)
    before = await world.dump()

    assert (await ola.get(path)).status_code == 404
    assert (await ola.get(BERGEN_PAGE)).status_code == 404
    assert "Bergen" not in words(await ola.get("/stab/omrader"))
    assert (await world.group()).id.hex[-8:] not in (await ola.get("/stab/grupper")).text
    token = form_token((await ola.get("/stab/omrader/oslo")).text, "/stab/omrader/oslo/vent")
    for action in (f"{path}/mote", f"{path}/ikke-holdt", f"{path}/avlys", f"{BERGEN_PAGE}/vent"):
        fields = {"day": "2026-01-20", "clock": "18:00", "place_text": "Rom 2"}
        assert (await ola.post(action, _csrf=token, **fields)).status_code == 404
    stray = await ola.post("/stab/omrader/oslo/spor-igjen", _csrf=token, signup_id=str(signup_id(1)))
    assert stray.status_code == 404
    assert await world.dump() == before


async def test_staff_forms_need_their_token(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Reader(app, KARI)

    for action in (f"{path}/mote", f"{path}/ikke-holdt", f"{path}/avlys", f"{BERGEN_PAGE}/vent"):
        assert (await reader.post(action)).status_code == 403


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
async def test_every_page_in_every_language(world: World, app: FastAPI, language: str) -> None:
    path = await confirmed(world)
    await waiting(world, 8, first=10)
    reader = Reader(app, KARI)
    for page in ("/stab/omrader", BERGEN_PAGE, "/stab/omrader/oslo", "/stab/grupper", "/stab/grupper?vis=avlyst", path):
        answer = await (Reader(app, OLA) if page.endswith("oslo") else reader).get(language + page)
        assert answer.status_code == 200
        assert f'lang="{language[1:] or "nb"}"' in answer.text
