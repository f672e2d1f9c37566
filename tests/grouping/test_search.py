"""The search among groups and rooms, and the sentence where their lists end."""

import re

import httpx
import pytest
from fastapi import FastAPI

from grouping.usecases import groups as commands
from grouping.web import groups
from shared.kit.web import lists
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.pages import ROOMS, confirmed
from tests.grouping.support.staff_acts import decide, wait
from tests.grouping.support.world import World

SEARCH = "/stab/grupper/sok"


async def search(reader: Browser, text: str) -> httpx.Response:
    return await reader.press("/stab/grupper", SEARCH, tekst=text)


def found(page: httpx.Response) -> tuple[list[str], list[str]]:
    """Return the addresses of the groups and the rooms that a page has found."""
    inside = page.text.split("<main")[1]
    return (
        re.findall(r'href="(/stab/grupper/[0-9a-f-]{36})"', inside),
        re.findall(r'href="(/stab/rom/[^"/]+)"', inside),
    )


@pytest.mark.parametrize(
    ("text", "group", "room"),
    [
        ("tirsdag", True, False),
        ("SENTRUM tirsdag", True, False),
        ("bergen 13. jan", True, False),
        ("omegn", True, True),
        ("storstua", False, True),
        ("strandgaten 6", False, True),
        ("onsdag", False, False),
        ("", False, False),
        ("  ", False, False),
    ],
)
async def test_search_finds_groups_and_rooms_by_words(
    world: World, app: FastAPI, text: str, group: bool, room: bool
) -> None:
    path = await confirmed(world)
    room_id = await resources.add_room(world, slots=("mon-evening",))
    page = await search(Browser(app, KARI), text)
    assert page.status_code == 200
    assert found(page) == ([path] if group else [], [f"{ROOMS}/{room_id}"] if room else [])


async def test_search_finds_a_group_by_its_id_or_address(world: World, app: FastAPI) -> None:
    path = await confirmed(world)
    reader, id_ = Browser(app, KARI), path.rpartition("/")[2]
    for text in (id_, id_[:8], id_.upper(), f"https://example.org{path}"):
        assert found(await search(reader, text))[0] == [path]
    for text in (id_[:5], id_[1:], "0" * 36):
        assert found(await search(reader, text))[0] == []


async def test_search_finds_nothing_of_another_centre(world: World, app: FastAPI) -> None:
    await confirmed(world)
    await resources.add_room(world, slots=("mon-evening",))
    page = await search(Browser(app, OLA), "bergen")
    assert found(page) == ([], [])
    assert "0 grupper passer" in words(page)
    assert (await Browser(app, KARI).get(SEARCH)).headers["location"] == "/stab/grupper"
    assert (await Browser(app, KARI).post(SEARCH, tekst="bergen")).status_code == 403


async def test_search_that_finds_too_many_says_so(world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grouping.web.search.MOST_FOUND", 1)
    for name in ("Storstua", "Lillestua"):
        await resources.add_room(world, name=name)
    page = await search(Browser(app, KARI), "stua")
    assert len(found(page)[1]) == 1
    assert "Her er de 1 første av 2. Skriv flere ord for å finne resten." in words(page)


async def test_list_of_groups_says_where_it_ends(world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    await confirmed(world)
    await wait(world, 5, first=11, slots=("wed-evening",))
    for group in await world.groups():
        await decide(world, commands.cancel_group, group.id)
    assert len(await world.groups(state="cancelled")) == 2
    said = "nyeste gruppene. Eldre grupper finner du"
    assert said not in words(await Browser(app, KARI).get("/stab/grupper?vis=avlyst"))
    monkeypatch.setattr(groups, "MOST_LISTED", 1)
    cut = await Browser(app, KARI).get("/stab/grupper?vis=avlyst")
    assert said in words(cut)
    assert len(found(cut)[0]) == 1
    assert said not in words(await Browser(app, KARI).get("/stab/grupper"))


async def test_list_with_more_rows_than_a_file_says_so(
    world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Storstua", "Lillestua"):
        await resources.add_room(world, name=name)
    assert "Fila har alle radene" in words(await Browser(app, KARI).get(ROOMS))
    monkeypatch.setattr(lists, "FILE_ROWS", 1)
    cut = words(await Browser(app, KARI).get(ROOMS))
    assert "Fila har bare de 1 første radene." in cut
    assert "Fila har alle radene" not in cut
