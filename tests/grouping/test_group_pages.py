"""The lists of groups, one group's page, and staff decisions about a group."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI

from shared.events import groups
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, Browser, form_token, words
from tests.grouping.support.pages import (
    ROOMS,
    confirmed,
    group_page,
)
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait
from tests.grouping.support.world import World


async def test_group_page_shows_the_reason_for_each_seat(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)

    listed = words(await reader.get("/stab/grupper"))
    text = words(await reader.get(path))

    assert "5 av 8 skal møtes tirsdag 13. januar 2026 kl. 18.00" in listed
    assert "Kan tirsdag kveld, snakker norsk, har 0,4 km hit og hadde ventet 5 dager. har sagt ja" in text
    assert "hadde ventet 1 dag." in text


async def test_group_lists_filter_by_state(world: World, app: FastAPI) -> None:
    await confirmed(world)
    await world.pass_time(days=20)
    reader = Browser(app, KARI)

    assert "Ingen grupper her nå." in words(await reader.get("/stab/grupper"))
    assert "har startet, lukket" in words(await reader.get("/stab/grupper?vis=startet"))
    assert (await reader.get("/stab/grupper?vis=tull")).status_code == 422


async def test_set_meeting_to_new_time_publishes_it_once(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    new = {"day": "2026-01-20", "clock": "17:30", "place_text": "Strandgaten 6, rom 2"}

    assert (await reader.press(path, f"{path}/mote", **new)).status_code == 303
    assert (await reader.press(path, f"{path}/mote", **new)).status_code == 303

    called = await world.published_of(groups.MeetingCalled)
    assert [event.sequence for event in called] == [0, 1]
    assert called[1].starts_at == datetime(2026, 1, 20, 17, 30, tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)
    assert called[1].place_text == "Strandgaten 6, rom 2"
    assert len(called[1].seats) == 5
    assert {(entry.actor, entry.action) for entry in await world.audit_entries()} == {("kari", "meeting.set")}


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
async def test_set_meeting_with_invalid_field_keeps_the_rest(
    world: World, app: FastAPI, fields: dict[str, str], said: str
) -> None:
    path = await confirmed(world)

    page = await Browser(app, KARI).press(path, f"{path}/mote", **fields)

    assert page.status_code == 422
    assert said in words(page)
    for value in fields.values():
        assert not value or f'value="{value}"' in page.text
    assert len(await world.published_of(groups.MeetingCalled)) == 1


async def test_meeting_not_held_waits_for_a_new_time(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    await reader.press(path, f"{path}/ikke-holdt")
    await world.pass_time(days=20)
    assert (await world.group()).state == "confirmed"

    await reader.press(path, f"{path}/mote", day="2026-02-03", clock="18:00", place_text="Rom 2")
    await world.pass_time(days=20)

    assert (await world.group()).state == "started"
    assert [event.sequence for event in await world.published_of(groups.MeetingCalled)] == [0, 2]


async def test_cancel_group_releases_members_and_holds_the_area(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)

    await reader.press(path, f"{path}/avlys")

    (cancelled,) = await world.published_of(groups.Cancelled)
    assert cancelled.reason == "by_centre"
    assert set((await world.statuses()).values()) == {"waiting"}
    assert len(await world.groups()) == 1
    assert "Området er på vent" in words(await reader.get(BERGEN_PAGE))
    assert "avlyste gruppa" in words(await reader.get(path))


async def test_group_page_of_started_group_offers_no_change(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    token_page = (await reader.get(path)).text
    await world.pass_time(days=20)

    page = await reader.get(path)
    assert f'action="{path}' not in page.text
    answer = await reader.post(f"{path}/avlys", _csrf=form_token(token_page, f"{path}/avlys"))
    assert answer.status_code == 409
    assert "Gruppa har startet og er lukket." in answer.text
    assert (await world.group()).state == "started"


async def test_group_page_shows_room_and_igangsettere(world: World, app: FastAPI) -> None:
    await resources.add_igangsetter(world)
    await resources.add_room(world)
    await wait(world, 5)

    text = words(await Browser(app, KARI).get(await group_page(world)))

    assert "Møtested Storstua" in text
    assert "Igangsettere KN" in text
    assert "Rommet er ledig igjen" not in text


async def test_set_starters_replaces_the_igangsettere_of_a_group(world: World, app: FastAPI) -> None:
    first = await resources.add_igangsetter(world)
    other = await resources.add_igangsetter(world, label="OTHER", slots=("sun-day",), languages=("es",))
    busy = await resources.add_igangsetter(world, label="PAUSED")
    await resources.pause(world, busy)
    await wait(world, 5)
    path = await group_page(world)
    reader = Browser(app, KARI)
    page = await reader.get(path)
    assert "OTHER Kan ikke på den tiden, snakker ikke språket" in words(page)
    assert "PAUSED Ikke ledig" in words(page)

    answer = await reader.press(path, f"{path}/igangsettere", starters=[str(first), str(other)])
    assert answer.status_code == 303
    assert await resources.starters(world) == {first, other}
    await reader.press(path, f"{path}/igangsettere")
    assert await resources.starters(world) == set()

    text = words(await reader.get(path))
    assert "Igangsettere ingen" in text
    assert "Gruppa mangler 1 igangsetter." in text
    assert "kari valgte hvem som starter gruppa" in text
    refused = await reader.press(path, f"{path}/igangsettere", starters=[str(busy)])
    assert refused.status_code == 409
    assert "har pause" in refused.text


async def test_release_room_of_started_group_frees_its_slot(world: World, app: FastAPI) -> None:
    await resources.add_room(world)
    await wait(world, 5)
    await world.all_say_yes()
    await world.pass_time(days=20)
    path = await group_page(world)
    reader = Browser(app, KARI)

    await reader.press(path, f"{path}/rom-ledig")

    text = words(await reader.get(path))
    assert "Storstua (gitt tilbake)" in text
    assert "kari ga rommet tilbake" in text
    assert "Hvem starter gruppa" not in text
    assert "– tirsdag kveld" in words(await reader.get(ROOMS))
