"""The page of a member of a dissolved group: three ways on, of which the first choice counts."""

from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from grouping.usecases import members
from shared.events import group_life
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS, SEAT, WAY_ON
from tests.grouping.support.browser import Browser, form_token, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.world import World, signup_id
from tests.grouping.test_lives import as_member, seat_ids, start_group

LINKS = Links(LINK_KEY, LINK_PATHS)


def link(seat_id: UUID) -> str:
    return f"/videre/{LINKS.token(WAY_ON, seat_id)}"


async def dissolved(world: World) -> list[str]:
    """Dissolve a group, and return the pages of its members."""
    await start_group(world)
    seats = await seat_ids(world)
    for seat in seats:
        await as_member(world, members.act_as_member, seat, "dissolve")
    return [link(seat) for seat in seats]


async def chosen(world: World) -> list[tuple[str, bool]]:
    return [(event.way, event.with_same_people) for event in await world.published_of(group_life.WayOnChosen)]


async def test_ways_on_page_offers_three_and_says_what_silence_means(world: World, app: FastAPI) -> None:
    (first, *_) = await dissolved(world)

    page = await Browser(app).get(first)

    text = words(page)
    for said in (
        "En ny gruppe",
        "med den plassen i køen som du hadde",
        "Jeg vil gjerne møte de samme igjen",
        "En tenkepause",
        "vi purrer ikke",
        "Takk for nå",
        "Velger du ikke noe, melder vi deg ikke på noe nytt",
    ):
        assert said in text
    assert page.text.count('name="way"') == 3
    for seat in await seat_ids(world):
        assert str(seat) not in page.text


async def test_ways_on_page_get_changes_nothing(world: World, app: FastAPI) -> None:
    (first, *_) = await dissolved(world)
    before = (await world.dump(), await world.published())

    for prefix in ("", "/nn", "/en"):
        assert (await Browser(app).get(prefix + first)).status_code == 200

    assert (await world.dump(), await world.published()) == before


@pytest.mark.parametrize(
    ("fields", "event", "status", "said"),
    [
        ({"way": "new_group"}, ("new_group", False), "waiting", "Du står på listen"),
        ({"way": "new_group", "same_people": "true"}, ("new_group", True), "waiting", "Du står på listen"),
        ({"way": "pause"}, ("pause", False), "waiting", "Du har tatt en pause uten sluttdato"),
        ({"way": "goodbye"}, ("goodbye", False), None, "Når det har gått et døgn, er alt vi vet om deg, slettet"),
    ],
)
async def test_way_on_is_chosen_once_and_the_receipt_says_which(
    world: World, app: FastAPI, fields: dict[str, str], event: tuple[str, bool], status: str | None, said: str
) -> None:
    (first, *_) = await dissolved(world)
    reader = Browser(app)
    token = form_token((await reader.get(first)).text, first)

    for ways in (fields, fields, {"way": "goodbye"}, {"way": "pause"}):
        response = await reader.post(first, _csrf=token, **ways)
        assert (response.status_code, response.headers["location"]) == (303, first)

    assert await chosen(world) == [event]
    assert (await world.statuses()).get(signup_id(1)) == status
    text = words(await reader.get(first))
    assert "Svaret er tatt imot" in text
    assert said in text


@pytest.mark.parametrize(
    ("prefix", "said"), [("", "Hva vil du nå?"), ("/nn", "Kva vil du no?"), ("/en", "What would you like now?")]
)
async def test_ways_on_page_speaks_the_language_of_the_reader(
    world: World, app: FastAPI, prefix: str, said: str
) -> None:
    (first, *_) = await dissolved(world)

    assert said in words(await Browser(app).get(prefix + first))


async def test_ways_on_end_when_the_members_are_forgotten(world: World, app: FastAPI) -> None:
    (first, *_) = await dissolved(world)
    reader = Browser(app)
    token = form_token((await reader.get(first)).text, first)
    await world.live(days=31)

    page = await reader.get(first)

    assert page.status_code == 410
    assert "Du er ikke meldt på noe nytt" in words(page)
    assert (await reader.post(first, way="new_group", _csrf=token)).status_code == 303
    assert await chosen(world) == []


async def test_ways_on_of_a_group_that_goes_on_are_closed(world: World, app: FastAPI) -> None:
    await start_group(world)
    (seat, *_) = await seat_ids(world)

    page = await Browser(app).get(link(seat))

    assert "Gruppa er ikke avsluttet" in words(page)
    assert 'name="way"' not in page.text


@pytest.mark.parametrize("way", ["", "all", "NEW_GROUP", "new group"])
async def test_ways_on_page_with_another_way_stores_nothing(world: World, app: FastAPI, way: str) -> None:
    (first, *_) = await dissolved(world)
    before = await world.dump()

    assert (await Browser(app).press(first, first, way=way)).status_code == 422
    assert (await Browser(app).post(first, way="pause")).status_code == 403  # without the token of the form
    assert await world.dump() == before


async def test_ways_on_page_with_unknown_or_foreign_token_answers_404(world: World, app: FastAPI) -> None:
    await dissolved(world)
    foreign = f"/videre/{LINKS.token(SEAT, (await seat_ids(world))[0])}"
    for path in ("/videre/tull", "/videre/" + "A" * 64, "/videre/..%2F", foreign):
        assert (await Browser(app).get(path)).status_code == 404, path
    assert (await Browser(app).get(link(uuid4()))).status_code == 410
