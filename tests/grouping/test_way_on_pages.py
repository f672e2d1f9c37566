"""The page of a member of a dissolved group: three ways on, of which the first choice counts."""

import re
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from grouping.store import Exclusion
from grouping.usecases import members, people
from shared.events import group_life
from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS, SEAT, WAY_ON
from tests.grouping.support.browser import KARI, Browser, form_token, words
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.staff_acts import decide
from tests.grouping.support.world import World, person_id, signup_id
from tests.grouping.test_lives import as_member, seat_ids, start_group

LINKS = Links.under_one_key(LINK_KEY, LINK_PATHS)


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
        ({"way": "new_group"}, ("new_group", False), "waiting", "Du står på ventelisten"),
        ({"way": "new_group", "same_people": "true"}, ("new_group", True), "waiting", "Du står på ventelisten"),
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
        assert response.status_code == 303
        assert response.headers["location"] in {first, f"{first}?valgt={fields['way']}"}

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
    assert "Valgte du ikke, er du ikke meldt på noe nytt" in words(page)
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


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("new_group", "Du står på ventelisten"),
        ("pause", "Du har tatt en pause"),
        ("goodbye", "Takk for at du var med"),
    ],
)
async def test_last_choice_forgets_the_members_and_is_thanked_for(
    world: World, app: FastAPI, way: str, said: str
) -> None:
    pages = await dissolved(world)
    reader = Browser(app)
    for page in pages[:-1]:
        await reader.press(page, page, way="goodbye")
    await world.live(days=14)

    answer = await reader.press(pages[-1], pages[-1], way=way)

    assert await world.seats() == []
    thanks = await reader.get(answer.headers["location"])
    assert (thanks.status_code, "Svaret er tatt imot" in words(thanks)) == (200, True)
    assert said in words(thanks)
    for made_up in ("", "?valgt=", "?valgt=choose", "?valgt=%00"):
        assert (await reader.get(pages[-1] + made_up)).status_code == 410


async def test_same_people_who_all_want_it_meet_again_at_once(world: World, app: FastAPI) -> None:
    reader = Browser(app)
    for page in await dissolved(world):
        await reader.press(page, page, way="new_group", same_people="true")

    offered = [seat for seat in await world.seats() if seat.state == "offered"]

    assert len(offered) == 5
    assert await world.rows(Exclusion) == []


@pytest.mark.parametrize("way", ["new_group", "pause"])
async def test_same_people_do_not_meet_again_unless_both_want_it(world: World, app: FastAPI, way: str) -> None:
    first, *others = await dissolved(world)
    reader = Browser(app)
    await reader.press(first, first, way=way)
    for page in others:
        await reader.press(page, page, way="new_group", same_people="true")
    pairs = await world.rows(Exclusion)
    assert {person_id(1) in (pair.one, pair.other) for pair in pairs} == {True}
    assert len(pairs) == 4
    assert [seat for seat in await world.seats() if seat.state == "offered"] == []

    await world.deliver(*(world.ready(number) for number in range(10, 14)))

    offered = {seat.person_id for seat in await world.seats() if seat.state == "offered"}
    assert person_id(1) not in offered or offered.isdisjoint(person_id(number) for number in range(2, 6))


async def test_pairs_end_with_the_next_group_of_one_of_them(world: World, app: FastAPI) -> None:
    first, *others = await dissolved(world)
    reader = Browser(app)
    for page in [first, *others]:
        await reader.press(page, page, way="new_group")
    assert len(await world.rows(Exclusion)) == 10
    await decide(world, people.add_exclusion, signup_id(1), area_id="bergen", other_id=signup_id(2), reason="asked")

    await world.deliver(*(world.ready(number) for number in range(10, 14)))
    seats = [seat for seat in await world.seats() if seat.state == "offered"]
    await world.all_say_yes()
    await world.pass_time(days=20)
    await world.live()

    members = {seat.person_id for seat in seats}
    left = {frozenset({pair.one, pair.other}) for pair in await world.rows(Exclusion)}
    assert len(members) == 5
    assert all(pair.isdisjoint(members) for pair in left if pair != {person_id(1), person_id(2)})
    assert {person_id(1), person_id(2)} in left


async def test_pairs_of_a_dissolved_group_are_shown_to_nobody(world: World, app: FastAPI) -> None:
    first, *others = await dissolved(world)
    reader = Browser(app)
    for page in [first, *others]:
        await reader.press(page, page, way="new_group")

    shown = await Browser(app, KARI).get(f"/stab/omrader/bergen/personer/{signup_id(1)}")

    assert shown.status_code == 200
    assert "La dem møtes" not in words(shown)
    assert len(re.findall("<option", shown.text[shown.text.index('id="other_id"') :])) >= 4


async def test_pairs_end_when_somebody_withdraws(world: World, app: FastAPI) -> None:
    first, *others = await dissolved(world)
    reader = Browser(app)
    for page in [first, *others]:
        await reader.press(page, page, way="new_group")

    await world.deliver(world.withdrawn(1))

    assert all(person_id(1) not in (pair.one, pair.other) for pair in await world.rows(Exclusion))
    assert len(await world.rows(Exclusion)) == 6
