"""Times that suit only if need be, and groups on screen: from intake's events to groups, reasons and pages."""

from typing import Any

import pytest
from fastapi import FastAPI

from grouping.store import Group
from grouping.usecases.capacity import ON_SCREEN
from tests.grouping.support.browser import KARI, Browser, words
from tests.grouping.support.pages import waiting_page
from tests.grouping.support.resources import add_igangsetter
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait, with_policy
from tests.grouping.support.world import World, signup_id

TUESDAY, MONDAY = "tue-evening", "mon-evening"
FAR: dict[str, Any] = {"latitude": 60.55, "longitude": 5.29, "kommune": "4631"}
"""Knarvik, seventeen kilometres from the town."""


@pytest.mark.parametrize(
    ("suits", "if_needed"),
    [
        ((MONDAY,), (TUESDAY,)),
        ((), (TUESDAY,)),
        ((MONDAY, "wed-evening"), (TUESDAY, "thu-evening")),
        ((MONDAY,), (TUESDAY, "fri-day")),
        ((), (TUESDAY, MONDAY)),
    ],
)
async def test_time_if_need_be_completes_a_group(
    world: World, suits: tuple[str, ...], if_needed: tuple[str, ...]
) -> None:
    await wait(world, 4)

    await world.deliver(world.ready(5, slots=suits, slots_if_needed=if_needed))

    group = await world.group()
    assert (group.live, group.slot) == (5, TUESDAY)
    await world.check()


@pytest.mark.parametrize("count", [4, 5, 6, 7])
async def test_time_that_suits_is_preferred(world: World, count: int) -> None:
    """Both evenings are complete with the last person, at the same place; one of them only if need be."""
    await wait(world, 4, slots=(TUESDAY,))
    await wait(world, 4, first=10, slots=(MONDAY,))

    await world.deliver(world.ready(20 + count, slots=(TUESDAY,), slots_if_needed=(MONDAY,)))

    assert (await world.group()).slot == TUESDAY


async def test_free_seat_at_a_time_that_suits_is_preferred(world: World) -> None:
    await wait(world, 5, slots=(MONDAY,))
    await wait(world, 5, first=10, slots=(TUESDAY,))

    await world.deliver(world.ready(20, slots=(TUESDAY,), slots_if_needed=(MONDAY,)))

    seat = await world.seat_of(20)
    assert {group.id: group.slot for group in await world.groups()}[seat.group_id] == TUESDAY


@pytest.mark.parametrize(
    "wishes",
    [
        {"slots": (MONDAY,), "slots_if_needed": (TUESDAY,)},
        {"slots": (TUESDAY,), "slots_if_needed": (MONDAY,)},
        {"slots": (), "slots_if_needed": (TUESDAY,)},
        {"slots": (MONDAY, "wed-evening"), "slots_if_needed": (TUESDAY,)},
        {"slots": (TUESDAY, MONDAY)},
    ],
)
async def test_changed_wishes_keep_a_seat_that_is_possible(world: World, wishes: dict[str, Any]) -> None:
    await wait(world, 6)

    await world.deliver(world.changed(6, **wishes))

    assert (await world.seat_of(6)).state == "offered"


async def test_changed_wishes_without_the_time_release_the_seat(world: World) -> None:
    await wait(world, 6)

    await world.deliver(world.changed(6, slots=(MONDAY,), slots_if_needed=("wed-evening",)))

    assert (await world.seat_of(6)).reason == "changed"


async def test_pages_say_if_need_be(world: World, app: FastAPI) -> None:
    await wait(world, 3)
    await world.deliver(world.ready(4, slots=(MONDAY,), slots_if_needed=(TUESDAY,)), times=1)
    reader = Browser(app, KARI)

    assert "mandag kveld; om nødvendig tirsdag kveld" in words(await reader.get(BERGEN_PAGE))
    person = words(await reader.get(f"{BERGEN_PAGE}/personer/{signup_id(4)}"))
    assert "4 av 5: Tirsdag kveld" in person
    assert "passer om nødvendig" in person


def digital(world: World) -> World:
    return with_policy(world, digital_groups=True)


@pytest.mark.parametrize(
    "wishes",
    [
        {"digital": "only"},
        {"digital": "only", "wheelchair": True},
        {"digital": "also", "latitude": 61.5, "longitude": 8.0, "max_travel_km": 1},
        {"digital": "also", "wheelchair": True, "latitude": 61.5, "longitude": 8.0},
        {"digital": "only", "latitude": 69.6, "longitude": 18.9, "max_travel_km": 1},
    ],
)
async def test_digital_group_has_no_distance(world: World, wishes: dict[str, Any]) -> None:
    world = digital(world)

    await wait(world, 5, **wishes)

    group = await world.group()
    assert (group.place, group.live) == (ON_SCREEN.id, 5)
    assert [seat.distance_km for seat in await world.seats()] == [0.0] * 5
    await world.all_say_yes()
    assert (await world.start_meeting()).place_text == "På nett. Lenken til møtet kommer før dere møtes."
    await world.check()


@pytest.mark.parametrize("choice", ["no", "also"])
async def test_people_near_a_meeting_place_meet_there(world: World, choice: str) -> None:
    world = digital(world)

    await wait(world, 5, digital=choice)

    assert (await world.group()).place == "bergen-sentrum"


@pytest.mark.parametrize(("policy", "choice"), [(False, "only"), (False, "also"), (True, "no"), (True, "also")])
async def test_digital_group_needs_a_policy_and_a_choice(world: World, policy: bool, choice: str) -> None:
    """Four of them only meet on screen, or have nowhere else to go; the fifth makes the group if they may."""
    world = with_policy(world, digital_groups=policy)
    far: dict[str, Any] = {"latitude": 61.5, "longitude": 8.0, "max_travel_km": 1}

    await wait(world, 5, digital=choice, **far)

    assert [group.place for group in await world.groups()] == ([ON_SCREEN.id] if policy and choice == "also" else [])


@pytest.mark.parametrize("others", [4, 5, 6, 7, 9])
async def test_people_who_only_meet_on_screen_get_nothing_else(world: World, others: int) -> None:
    world = digital(world)
    await wait(world, others)

    await world.deliver(world.ready(50, digital="only"))

    assert await world.seats(signup_id=signup_id(50)) == []
    assert ON_SCREEN.id not in {row.place for row in await world.rows(Group)}


async def test_pages_of_a_digital_group_say_no_distance(world: World, app: FastAPI) -> None:
    await wait(digital(world), 6, digital="only", **FAR)
    group = await world.group()

    page = words(await Browser(app, KARI).get(f"/stab/grupper/{group.id}"))

    assert "På nett" in page
    assert " km" not in page


async def test_igangsetter_of_a_digital_group_has_no_way_to_travel(world: World, app: FastAPI) -> None:
    """Wherever they live, staff see no doubt about the journey."""
    await add_igangsetter(world, reach_km=1)
    await wait(digital(world), 6, digital="only", **FAR)
    group = await world.group()

    page = words(await Browser(app, KARI).get(f"/stab/grupper/{group.id}"))

    assert group.place == ON_SCREEN.id
    assert "KN" in page
    assert "for langt å reise" not in page


async def test_waiting_page_of_a_digital_wish_names_the_screen(
    world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.state.deps.context.directory.replace(digital(world).context.centres)
    await wait(digital(world), 4, digital="only")

    assert "4 av minst 5 som kan møtes: Tirsdag kveld, norsk, på nett" in words(await Browser(app).get(waiting_page(1)))


@pytest.mark.parametrize(
    ("centre", "languages"),
    [
        ("link-bergen", ("nb",)),
        ("link-bergen", ("es",)),
        ("link-oslo", ("nb",)),
        ("link-oslo", ("es",)),
        ("link", ("nb", "en")),
    ],
)
async def test_empty_register_forms_groups_that_lack_an_igangsetter(
    world: World, centre: str, languages: tuple[str, ...]
) -> None:
    area = next(area for other in world.context.centres.all if other.id == centre for area in other.areas)
    place = area.places[0]
    home: dict[str, Any] = {
        "latitude": round(place.latitude, 2),
        "longitude": round(place.longitude, 2),
        "kommune": place.kommune,
    }

    await wait(world, 5, centre=centre, area=area.id, languages=languages, **home)

    group = await world.group()
    assert group.policy["starters_min"] == 1
    assert group.live == 5
