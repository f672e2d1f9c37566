"""The lists of groups, one group's page, and staff decisions about a group."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from shared.events import groups
from shared.kit.web.lists import SIZE as ON_A_PAGE
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

    assert "Bergen sentrum, tirsdag kveld, 13. jan. skal møtes" in listed
    assert "5 av 8 tirsdag 13. januar 2026 kl. 18.00" in listed
    assert "Person 1 har sagt ja Kan ikke likevel 0,4 km, ventet 5 dager" in text
    assert "Person 5 har sagt ja Kan ikke likevel 0,4 km, ventet 1 dag" in text


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
        *(
            ({"day": day, "clock": "00:00", "place_text": "Rom 2"}, "Se over datoen. Stemmer året?")
            for day in ("0001-01-01", "0026-01-20", "2206-01-20", "2999-12-31", "9999-12-31")
        ),
        ({"day": "", "clock": "18:00", "place_text": "Rom 2"}, "Velg en dato for det første møtet."),
        ({"day": "2026-01-20", "clock": "kveld", "place_text": "Rom 2"}, "Skriv «Klokkeslett» som et tidspunkt."),
        ({"day": "2026-01-20", "clock": "18:00", "place_text": "x"}, "Skriv hvor de skal møtes."),
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


async def test_new_time_before_the_address_is_known_keeps_the_place(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    shown = await reader.get(path)
    assert "Adresse ikke bestemt ennå" in words(shown)
    assert 'name="place_text" type="text" value=""' in shown.text

    for day in ("2026-01-20", "2026-01-27"):
        assert (await reader.press(path, f"{path}/mote", day=day, clock="18:00")).status_code == 303

    places = {event.place_text for event in await world.published_of(groups.MeetingCalled)}
    assert len(places) == 1
    await reader.press(path, f"{path}/mote", day="2026-02-03", clock="18:00", place_text="Rom 2")
    again = await reader.press(path, f"{path}/mote", day="2026-02-10", clock="18:00")
    assert again.status_code == 422


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

    asked = await reader.get(f"{path}/avlys")
    assert "5 personer får beskjed" in words(asked)
    assert await world.published_of(groups.Cancelled) == []

    await reader.press(f"{path}/avlys", f"{path}/avlys")

    (cancelled,) = await world.published_of(groups.Cancelled)
    assert cancelled.reason == "by_centre"
    assert set((await world.statuses()).values()) == {"waiting"}
    assert len(await world.groups()) == 1
    assert "Området er på vent" in words(await reader.get(BERGEN_PAGE))
    assert "avlyste gruppa" in words(await reader.get(path))


async def test_group_page_of_started_group_offers_no_change(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    token_page = (await reader.get(f"{path}/avlys")).text
    await world.pass_time(days=10)

    page = await reader.get(path)
    assert set(re.findall(rf'action="{path}/([^"]+)"', page.text)) == {"rapport"}
    assert (await reader.get(f"{path}/avlys")).headers["location"] == path
    await world.pass_time(days=20)
    assert f'action="{path}' not in (await reader.get(path)).text
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


CODE = re.compile(r"\b[0-9a-f]{8}\b")


async def test_group_pages_show_no_code_to_people(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    await resources.add_room(world)
    reader = Browser(app, KARI)
    await reader.press(path, f"{path}/ikke-holdt")

    for language in ("", "/nn", "/en"):
        for page in ("/stab/grupper", path, f"{path}/avlys", ROOMS):
            assert not CODE.findall(words(await reader.get(language + page)))


@pytest.mark.parametrize(
    ("language", "name", "state"),
    [
        ("", "Bergen sentrum, tirsdag kveld, 13. jan.", "Møtes første gang tirsdag 13. januar 2026 kl. 18.00."),
        ("/nn", "Bergen sentrum, tysdag kveld, 13. jan.", "Møtest første gong tysdag 13. januar 2026 kl. 18.00."),
        (
            "/en",
            "Bergen sentrum, Tuesday evening, 13 Jan",
            "Meets for the first time Tuesday 13 January 2026",
        ),
    ],
)
async def test_group_page_names_the_group_by_place_and_time(
    world: World, app: FastAPI, language: str, name: str, state: str
) -> None:
    page = await Browser(app, KARI).get(language + await confirmed(world))

    assert f"<title>{name}" in page.text
    assert state in words(page)


async def test_group_page_leads_to_people_of_the_group(world: World, app: FastAPI) -> None:
    path = await confirmed(world)

    page = (await Browser(app, KARI).get(path)).text

    assert f'href="{path}/personer"' in page
    for seat in await world.seats():
        assert f'href="/stab/personer/{seat.person_id}"' in page


NEWER = """
    INSERT INTO groups SELECT (jsonb_populate_record(g, jsonb_build_object(
        'id', gen_random_uuid(), 'state', 'proposed', 'created_at', g.created_at + number * interval '1 minute'
    ))).* FROM groups g, generate_series(1, :count) number
"""


@pytest.mark.parametrize("newer", [0, 1, ON_A_PAGE - 1, ON_A_PAGE, 200, 450])
async def test_group_that_lacks_something_is_found_behind_many(world: World, app: FastAPI, newer: int) -> None:
    path = await confirmed(world)
    async with world.database.transaction() as session:
        await session.execute(sa.text(NEWER), {"count": newer})
    reader = Browser(app, KARI)

    lacking = await reader.get("/stab/grupper?mangler=adresse")
    assert "Mangler adresse (1)" in words(lacking)
    assert f'href="{path}"' in lacking.text
    pages = [(await reader.get(f"/stab/grupper?side={number}")).text for number in range(1, newer // ON_A_PAGE + 2)]
    assert [f'href="{path}"' in page for page in pages] == [False] * (len(pages) - 1) + [True]
    assert ["Neste side" in page for page in pages] == [True] * (len(pages) - 1) + [False]
    assert (await reader.get("/stab/grupper?side=x&vis=ferdig")).status_code == 200


async def test_group_page_says_what_the_group_lacks(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)

    text = words(await reader.get(path))
    assert "Medlemmene vet ikke hvor de skal møtes." in text
    assert "Gruppa mangler 1 igangsetter." in text
    assert "mangler adresse mangler igangsetter" in words(await reader.get("/stab/grupper"))
    assert "Mangler adresse (1)" in words(await reader.get("/stab/grupper"))

    igangsetter = await resources.add_igangsetter(
        world, slots=("wed-evening",)
    )  # one who is free would get the group at once
    await reader.press(path, f"{path}/igangsettere", starters=[str(igangsetter)])
    await reader.press(path, f"{path}/mote", day="2026-01-13", clock="18:00", place_text="Strandgaten 6, rom 2")

    assert "mangler" not in words(await reader.get(path)).lower()
    assert "Ingen grupper her nå." in words(await reader.get("/stab/grupper?mangler=adresse"))
    called = await world.published_of(groups.MeetingCalled)
    assert [(event.sequence, event.address_known) for event in called] == [(0, False), (1, True)]


async def test_group_page_with_empty_register_shows_the_need(world: World, app: FastAPI) -> None:
    path = await confirmed(world)

    page = await Browser(app, KARI).get(path)

    assert "Gruppa mangler 1 igangsetter." in words(page)
    assert f'href="/stab/igangsettere/ny?neste={path}"' in page.text


@pytest.mark.parametrize(
    "text",
    [
        "LINK Bergen skaffer et gratis rom og sier fra om adressen før møtet.",
        "Bergen sentrum. LINK Bergen skaffer et gratis rom og sier fra om adressen før møtet",
        "Bergen sentrum. LINK Bergen skaffar eit gratis rom og seier frå om adressa før møtet.",
        "  bergen SENTRUM ",
        "Bergen sentrum. LINK Bergen finds a room free of charge and will tell you the address before the meeting.",
    ],
)
async def test_set_meeting_with_placeholder_is_no_address(world: World, app: FastAPI, text: str) -> None:
    path = await confirmed(world)

    await Browser(app, KARI).press(path, f"{path}/mote", day="2026-01-20", clock="18:00", place_text=text)

    assert [event.address_known for event in await world.published_of(groups.MeetingCalled)] == [False, False]


async def test_meeting_in_a_room_has_an_address(world: World, app: FastAPI) -> None:
    await resources.add_room(world)
    path = await confirmed(world)

    assert [event.address_known for event in await world.published_of(groups.MeetingCalled)] == [True]
    assert "mangler adresse" not in words(await Browser(app, KARI).get(path))


async def test_group_page_reports_the_meeting_and_corrects_it(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    await world.pass_time(days=10)
    assert "regnes som holdt, for ingen har meldt noe annet" in words(await reader.get(path))

    await reader.press(path, f"{path}/rapport", result="holdt", attendance="4")
    assert "Møtet ble holdt tirsdag 13. januar 2026 kl. 18.00, og 4 kom." in words(await reader.get(path))
    await reader.press(path, f"{path}/rapport", result="annen-dag", held_day="2026-01-14", held_clock="17:00")
    assert "Møtet ble holdt onsdag 14. januar 2026 kl. 17.00." in words(await reader.get(path))
    await reader.press(path, f"{path}/rapport", result="ikke-holdt")
    assert "Møtet er utsatt, og en ny dato mangler." in words(await reader.get(path))
    await reader.press(path, f"{path}/rapport", result="annen-dag", held_day="2026-01-13", held_clock="18:00")

    assert (await world.group()).state == "started"
    actions = [entry.action for entry in await world.audit_entries()]
    assert actions == ["meeting.held", "meeting.held_at", "meeting.not_held", "meeting.held_at"]
    assert "kari skrev at møtet ikke ble holdt" in words(await reader.get(path))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Velg om møtet ble holdt."),
        ({"result": "kanskje"}, "Ble møtet holdt?"),
        ({"result": "holdt", "attendance": "mange"}, "Hvor mange kom?"),
        ({"result": "holdt", "attendance": "0"}, "Hvor mange kom?"),
        ({"result": "annen-dag", "held_day": "", "held_clock": "18:00"}, "Velg dagen møtet ble holdt."),
        ({"result": "annen-dag", "held_day": "2026-01-14", "held_clock": ""}, "Skriv når møtet begynte"),
        ({"result": "annen-dag", "held_day": "2026-02-14", "held_clock": "18:00"}, "Den tiden har ikke vært ennå."),
    ],
)
async def test_report_with_invalid_field_keeps_the_rest(
    world: World, app: FastAPI, fields: dict[str, str], said: str
) -> None:
    path = await confirmed(world)
    await world.pass_time(days=9)

    page = await Browser(app, KARI).press(path, f"{path}/rapport", **fields)

    assert page.status_code == 422
    assert said in words(page)
    assert await world.published_of(groups.MeetingReported) == []


async def test_group_list_shows_groups_with_too_few_members(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    await world.answer(1, yes=False)
    await world.answer(2, yes=False)
    reader = Browser(app, KARI)

    assert "for få: 3 av 5" in words(await reader.get("/stab/grupper?mangler=folk"))
    assert "for få: 3 av 5" in words(await reader.get(path))
    assert "Ingen grupper" in words(await reader.get("/stab/grupper?mangler=dato"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "Søndag 17. mai 2026 er grunnlovsdagen. Velg en annen dag, eller trykk en gang til"),
        ("/nn", "er grunnlovsdagen. Vel ein annan dag, eller trykk ein gong til"),
        ("/en", "is Constitution Day. Choose another day, or press once more"),
    ],
)
async def test_set_meeting_on_a_holiday_warns_once(world: World, app: FastAPI, language: str, said: str) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    new = {"day": "2026-05-17", "clock": "18:00", "place_text": "Strandgaten 6"}

    warned = await reader.press(f"{language}{path}", f"{path}/mote", **new) if not language else None
    if warned is None:
        token = form_token((await reader.get(path)).text, f"{path}/mote")
        warned = await reader.post(f"{language}{path}/mote", _csrf=token, **new)
    assert warned.status_code == 422
    assert said in words(warned)
    assert 'name="anyway" value="2026-05-17"' in warned.text
    other_holiday = {**new, "day": "2026-05-14", "anyway": "2026-05-17"}
    assert (await reader.press(path, f"{path}/mote", **other_holiday)).status_code == 422

    assert (await reader.press(path, f"{path}/mote", **new, anyway="2026-05-17")).status_code == 303
    assert [event.sequence for event in await world.published_of(groups.MeetingCalled)] == [0, 1]


async def test_group_page_of_postponed_meeting_proposes_an_ordinary_day(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader = Browser(app, KARI)
    await reader.press(path, f"{path}/ikke-holdt")
    await world.pass_time(days=79)  # 25 March; the next Tuesday a week away is in the Easter week

    assert 'value="2026-04-07"' in (await reader.get(path)).text


async def test_confirmed_group_in_december_meets_after_christmas(world: World, app: FastAPI) -> None:
    await world.pass_time(days=347)  # 18 December
    path = await confirmed(world)

    assert "Bergen sentrum, tirsdag kveld, 5. jan." in words(await Browser(app, KARI).get(path))
    offer = (await world.published_of(groups.SeatOffered))[0]
    (called,) = await world.published_of(groups.MeetingCalled)
    assert offer.earliest_at == called.starts_at == datetime(2027, 1, 5, 17, tzinfo=UTC)


@pytest.mark.parametrize("address", ["/stab/grupper", "/stab/grupper?mangler=adresse&rekke=-gruppe", ROOMS])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_list_as_a_file_is_recorded_once(world: World, app: FastAPI, address: str, kind: str) -> None:
    await confirmed(world)
    await resources.add_room(world)
    reader = Browser(app, KARI)
    token = form_token((await reader.get(address)).text, address.replace("&", "&amp;"))

    answer = await reader.post(address, _csrf=token, som=kind)

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    if kind == "csv":
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert lines[1].startswith("Bergen sentrum, tirsdag kveld" if "grupper" in address else "Storstua")
    (entry,) = [entry for entry in await world.audit_entries() if entry.action == "list.exported"]
    assert (entry.actor, entry.details["rows"]) == ("kari", "1")
    assert (await Browser(app).post(address, _csrf=token)).status_code != 200
