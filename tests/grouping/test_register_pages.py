"""The staff pages of igangsettere and rooms over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from grouping.store import Igangsetter, Room
from shared.kit.links import Links
from shared.kit.staff import StaffMember
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support import stock
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.reader import IGA, KARI, OLA, Reader, form_token, words
from tests.grouping.support.world import OSLO, World

STARTERS = "/stab/igangsettere"
ROOMS = "/stab/rom"
BOTH = StaffMember("bo", frozenset({"admin"}), frozenset({"link-bergen", "link-oslo"}), "session-4")

KN: dict[str, str | list[str]] = {
    "centre": "link-bergen",
    "label": "KN",
    "place": "5003",
    "reach_km": "20",
    "slots": ["tue-evening", "mon-evening"],
    "languages": ["nb", "es"],
    "groups_at_once": "2",
}
ROOM: dict[str, str | list[str]] = {
    "area": "bergen",
    "name": "Storstua",
    "address": "Strandgaten 6",
    "place": "5003",
    "seats": "10",
    "step_free": "true",
    "slots": ["tue-evening"],
}


async def waiting(world: World, count: int, first: int = 1, **wishes: Any) -> None:
    await world.deliver(*(world.ready(number, **wishes) for number in range(first, first + count)), times=1)


async def the_group(world: World) -> str:
    return f"/stab/grupper/{(await world.group()).id}"


async def test_nobody_gets_in_without_signing_in(world: World, app: FastAPI) -> None:
    for path in (STARTERS, f"{STARTERS}/ny", ROOMS, f"{ROOMS}/nytt"):
        answer = await Reader(app).get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/stab/logg-inn")
        assert (await Reader(app, IGA).get(path)).status_code == 403


async def test_an_igangsetter_is_added_changed_paused_and_removed(world: World, app: FastAPI) -> None:
    reader = Reader(app, KARI)
    assert "Dere har ingen her ennå." in words(await reader.get(STARTERS))

    answer = await reader.press(f"{STARTERS}/ny", f"{STARTERS}/ny", **KN)

    assert (answer.status_code, answer.headers["location"]) == (303, STARTERS)
    text = words(await reader.get(STARTERS))
    assert "KN LINK Bergen 0 av 2 ledig tirsdag kveld, mandag kveld norsk, spansk 20 km fra 5003 Bergen" in text
    (row,) = await world.rows(Igangsetter)
    own = f"{STARTERS}/{row.id}"
    await reader.press(own, own, **(KN | {"label": "Kari", "languages": "nb"}))
    await reader.press(own, f"{own}/pause")
    text = words(await reader.get(STARTERS))
    assert "Kari LINK Bergen 0 av 2 pause" in text
    assert "spansk" not in text
    await reader.press(own, f"{own}/tilbake")
    assert "ledig" in words(await reader.get(STARTERS))
    await reader.press(own, f"{own}/slett")
    assert await world.rows(Igangsetter) == []


async def test_the_form_of_an_igangsetter_holds_what_is_known(world: World, app: FastAPI) -> None:
    reader = Reader(app, KARI)
    await reader.press(f"{STARTERS}/ny", f"{STARTERS}/ny", **KN)
    (row,) = await world.rows(Igangsetter)

    page = (await reader.get(f"{STARTERS}/{row.id}")).text

    for value in ("KN", "5003 Bergen", "20", "link-bergen"):
        assert f'value="{value}"' in page
    assert page.count(" checked") == 4
    # What the form holds can be sent as it is.
    answer = await reader.press(f"{STARTERS}/{row.id}", f"{STARTERS}/{row.id}", **(KN | {"place": row.place}))
    assert answer.status_code == 303


async def test_a_room_is_added_changed_paused_and_removed(world: World, app: FastAPI) -> None:
    reader = Reader(app, KARI)
    assert "Dere har ingen rom her ennå." in words(await reader.get(ROOMS))

    answer = await reader.press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **ROOM)

    assert (answer.status_code, answer.headers["location"]) == (303, ROOMS)
    assert "Storstua Strandgaten 6 Bergen og omegn 10, trinnfritt – tirsdag kveld" in words(await reader.get(ROOMS))
    (row,) = await world.rows(Room)
    own = f"{ROOMS}/{row.id}"
    await reader.press(
        own, own, **{name: value for name, value in ROOM.items() if name != "step_free"} | {"seats": "4"}
    )
    text = words(await reader.get(ROOMS))
    assert "Strandgaten 6 Bergen og omegn 4 for lite for gruppene deres" in text
    await reader.press(own, f"{own}/pause")
    assert "pause" in words(await reader.get(ROOMS))
    await reader.press(own, f"{own}/tilbake")
    await reader.press(own, f"{own}/slett")
    assert await world.rows(Room) == []


async def test_the_list_tells_which_group_has_a_room_when(world: World, app: FastAPI) -> None:
    room = await stock.add_room(world, slots=("tue-evening", "mon-evening"))
    await waiting(world, 5)
    reader = Reader(app, KARI)
    short = str((await world.group()).id)[-8:]

    assert f"Tirsdag kveld: {short} mandag kveld" in words(await reader.get(ROOMS))

    page = await reader.get(f"{ROOMS}/{room}")
    assert f'action="{ROOMS}/{room}/slett"' not in page.text
    token = form_token(page.text, f"{ROOMS}/{room}/pause")
    refused = await reader.post(f"{ROOMS}/{room}/slett", _csrf=token)
    assert refused.status_code == 409
    assert "Sett det på pause i stedet." in refused.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": ""}, "Skriv hva dere kaller igangsetteren."),
        ({"label": "x" * 41}, "kan ha høyst 40 tegn."),
        ({"label": "kari@eksempel.no"}, "ikke noe man kan nå dem på."),
        ({"label": "Kari 900 12 345"}, "ikke noe man kan nå dem på."),
        ({"place": ""}, "Skriv et postnummer eller et sted."),
        ({"place": "Tull og tøys"}, "Vi finner ikke stedet."),
        ({"place": "Nes"}, "Flere steder heter det samme."),
        ({"reach_km": "langt"}, "som et helt tall."),
        ({"reach_km": "0"}, "må være minst 1."),
        ({"slots": []}, "Kryss av for minst én tid."),
        ({"languages": []}, "Kryss av for minst ett språk."),
        ({"groups_at_once": "11"}, "kan være høyst 10."),
    ],
)
async def test_what_is_wrong_about_an_igangsetter_is_said_and_the_rest_kept(
    world: World, app: FastAPI, fields: dict[str, Any], said: str
) -> None:
    page = await Reader(app, KARI).press(f"{STARTERS}/ny", f"{STARTERS}/ny", **(KN | fields))

    assert page.status_code == 422
    assert said in words(page)
    kept = {name: value for name, value in (KN | fields).items() if isinstance(value, str) and value}
    assert all(f'value="{value}"' in page.text for value in kept.values())
    assert await world.rows(Igangsetter) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Skriv hva rommet heter."),
        ({"address": "x" * 111}, "kan ha høyst 110 tegn."),
        ({"place": "9999"}, "Vi finner ikke stedet."),
        ({"seats": "2"}, "må være minst 3."),
        ({"slots": []}, "Kryss av for minst én tid."),
    ],
)
async def test_what_is_wrong_about_a_room_is_said(
    world: World, app: FastAPI, fields: dict[str, Any], said: str
) -> None:
    page = await Reader(app, KARI).press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **(ROOM | fields))

    assert page.status_code == 422
    assert said in words(page)
    assert await world.rows(Room) == []


async def test_two_of_the_same_name_are_refused(world: World, app: FastAPI) -> None:
    reader = Reader(app, KARI)
    for _ in range(2):
        starter = await reader.press(f"{STARTERS}/ny", f"{STARTERS}/ny", **KN)
        room = await reader.press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **ROOM)

    assert (starter.status_code, room.status_code) == (422, 422)
    assert "Skriv noe som skiller dem." in words(starter)
    assert "Skriv noe som skiller dem." in words(room)
    assert len(await world.rows(Igangsetter)) == len(await world.rows(Room)) == 1


async def test_somebody_who_works_for_two_centres_says_which(world: World, app: FastAPI) -> None:
    reader = Reader(app, BOTH)
    page = (await reader.get(f"{STARTERS}/ny")).text
    assert '<select class="ds-input" id="centre"' in page

    missing = await reader.press(f"{STARTERS}/ny", f"{STARTERS}/ny", **(KN | {"centre": ""}))
    await reader.press(f"{STARTERS}/ny", f"{STARTERS}/ny", **(KN | {"centre": "link-oslo"}))

    assert "Velg hvilket senter det gjelder." in words(missing)
    assert [row.centre for row in await world.rows(Igangsetter)] == ["link-oslo"]


async def test_a_group_shows_who_starts_it_and_where(world: World, app: FastAPI) -> None:
    await stock.add_igangsetter(world)
    await stock.add_room(world)
    await waiting(world, 5)

    text = words(await Reader(app, KARI).get(await the_group(world)))

    assert "Møtested Storstua" in text
    assert "Igangsettere KN" in text
    assert "Rommet er ledig igjen" not in text


async def test_staff_change_who_starts_a_group(world: World, app: FastAPI) -> None:
    first = await stock.add_igangsetter(world)
    other = await stock.add_igangsetter(world, label="OTHER", slots=("sun-day",), languages=("es",))
    busy = await stock.add_igangsetter(world, label="PAUSED")
    await stock.pause(world, busy)
    await waiting(world, 5)
    path = await the_group(world)
    reader = Reader(app, KARI)
    page = await reader.get(path)
    assert "OTHER Kan ikke på den tiden, snakker ikke språket" in words(page)
    assert "PAUSED Ikke ledig" in words(page)

    answer = await reader.press(path, f"{path}/igangsettere", starters=[str(first), str(other)])
    assert answer.status_code == 303
    assert await stock.starters(world) == {first, other}
    await reader.press(path, f"{path}/igangsettere")
    assert await stock.starters(world) == set()

    text = words(await reader.get(path))
    assert "Igangsettere ingen" in text
    assert "Gruppa mangler 1 igangsetter." in text
    assert "kari valgte hvem som starter gruppa" in text
    refused = await reader.press(path, f"{path}/igangsettere", starters=[str(busy)])
    assert refused.status_code == 409
    assert "har pause" in refused.text


async def test_a_started_group_gives_its_room_back(world: World, app: FastAPI) -> None:
    await stock.add_room(world)
    await waiting(world, 5)
    await world.all_say_yes()
    await world.pass_time(days=20)
    path = await the_group(world)
    reader = Reader(app, KARI)

    await reader.press(path, f"{path}/rom-ledig")

    text = words(await reader.get(path))
    assert "Storstua (gitt tilbake)" in text
    assert "kari ga rommet tilbake" in text
    assert "Hvem starter gruppa" not in text
    assert "– tirsdag kveld" in words(await reader.get(ROOMS))


async def test_before_they_have_said_yes_people_see_about_where_a_room_is(world: World, app: FastAPI) -> None:
    await stock.add_room(world)
    await waiting(world, 5)

    link = f"/plass/{Links(LINK_KEY, LINK_PATHS).token('seat', (await world.seat_of(1)).id)}"
    page = await Reader(app).get(link)

    assert "5003 Bergen" in words(page)
    assert "Stor" not in words(page)
    assert "Strandgaten" not in page.text


async def test_another_centre_is_not_found(world: World, app: FastAPI) -> None:
    who = await stock.add_igangsetter(world)
    stranger = await stock.add_igangsetter(world, centre="link-oslo")
    room = await stock.add_room(world)
    await waiting(world, 5)
    path = await the_group(world)
    ola, kari = Reader(app, OLA), Reader(app, KARI)
    new = (await ola.get(f"{STARTERS}/ny")).text
    token = form_token(new, f"{STARTERS}/ny")
    before = await dump(world)

    for page in (f"{STARTERS}/{who}", f"{ROOMS}/{room}", f"{ROOMS}/rom-00000000", f"{STARTERS}/{uuid4()}"):
        assert (await ola.get(page)).status_code == 404
        for action in (page, f"{page}/pause", f"{page}/tilbake", f"{page}/slett"):
            fields = KN | {"centre": "link-oslo"} if page.startswith(STARTERS) else ROOM | {"area": "oslo"}
            assert (await ola.post(action, _csrf=token, **fields)).status_code == 404, action
    for action in (f"{path}/igangsettere", f"{path}/rom-ledig"):
        assert (await ola.post(action, _csrf=token)).status_code == 404
    assert (await ola.post(f"{STARTERS}/ny", _csrf=token, **KN)).status_code == 404
    assert (await ola.post(f"{ROOMS}/nytt", _csrf=token, **ROOM)).status_code == 404
    assert (await kari.press(path, f"{path}/igangsettere", starters=[str(stranger)])).status_code == 404
    assert "KN" in words(await ola.get(STARTERS))
    assert str(who) not in (await ola.get(STARTERS)).text
    assert "Storstua" not in (await ola.get(ROOMS)).text
    assert await dump(world) == before


async def dump(world: World) -> list[str]:
    rows = [*await world.rows(Igangsetter), *await world.rows(Room)]
    return sorted(str(row.model_dump()) for row in rows)


async def test_staff_forms_need_their_token(world: World, app: FastAPI) -> None:
    who = await stock.add_igangsetter(world)
    room = await stock.add_room(world)
    await waiting(world, 5)
    path = await the_group(world)
    reader = Reader(app, KARI)

    for page in (f"{STARTERS}/{who}", f"{ROOMS}/{room}"):
        for action in ("pause", "tilbake", "slett"):
            assert (await reader.post(f"{page}/{action}")).status_code == 403
    for action in (f"{path}/igangsettere", f"{path}/rom-ledig"):
        assert (await reader.post(action)).status_code == 403
    for action, fields in ((f"{STARTERS}/ny", KN), (f"{ROOMS}/nytt", ROOM)):
        assert (await reader.post(action, **fields)).status_code in {200, 403, 422}
    assert len(await world.rows(Igangsetter)) == len(await world.rows(Room)) == 1


async def test_a_group_lacking_only_a_room_is_made_when_the_form_is_sent(world: World, app: FastAPI) -> None:
    await stock.add_room(world, area="oslo", place=stock.place("0150"), slots=("sun-day",))
    await waiting(world, 5, **OSLO)
    assert await world.groups() == []

    room = ROOM | {"area": "oslo", "place": "0150", "name": "Lillestua"}
    await Reader(app, OLA).press(f"{ROOMS}/nytt", f"{ROOMS}/nytt", **room)

    assert (await world.group()).live == 5


@pytest.mark.parametrize("language", ["", "/nn", "/en"])
async def test_every_page_in_every_language(world: World, app: FastAPI, language: str) -> None:
    who = await stock.add_igangsetter(world)
    room = await stock.add_room(world)
    await waiting(world, 5)
    reader = Reader(app, KARI)
    for page in (STARTERS, f"{STARTERS}/ny", f"{STARTERS}/{who}", ROOMS, f"{ROOMS}/nytt", f"{ROOMS}/{room}"):
        answer: httpx.Response = await reader.get(language + page)
        assert answer.status_code == 200
        assert f'lang="{language[1:] or "nb"}"' in answer.text
    assert (await reader.get(language + await the_group(world))).status_code == 200
