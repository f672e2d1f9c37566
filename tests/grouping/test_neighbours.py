"""Where a centre covers the rest of the country, travel limits decide who can meet, and borders of kommuner do not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from grouping import jobs
from grouping.store import AreaHold, Group, Signup
from shared.events import groups
from shared.reference import centres, places
from tests.grouping.support.browser import LISE, Browser, words
from tests.grouping.support.pages import waiting_page
from tests.grouping.support.world import World, signup_id

CENTRE: Final = "selvhjelp-norge"
WIDE: Final = f"{CENTRE}-landet"


DAYS: Final = ("tue-evening", "thu-evening")


def living_in(kommune: str, **wishes: Any) -> dict[str, Any]:
    """Return the wishes of a person in the middle of a kommune, as intake publishes them."""
    centre, area = centres.load().by_kommune(kommune) or pytest.fail(kommune)
    point = places.load().kommuner[kommune]
    home = {"latitude": round(point.latitude, 2), "longitude": round(point.longitude, 2)}
    return {"centre": centre.id, "area": area.id, "kommune": kommune, "max_travel_km": 200} | home | wishes


async def arrive(world: World, kommuner: Sequence[str], each: int, **wishes: Any) -> None:
    """Let some people of each kommune sign up, in turn."""
    for number in range(each * len(kommuner)):
        await world.deliver(world.ready(number + 1, **living_in(kommuner[number % len(kommuner)], **wishes)), times=1)


NEIGHBOURS: Final = {
    "Bærum, Asker": ("3201", "3203"),
    "Sandefjord, Larvik": ("3907", "3909"),
    "Fredrikstad, Sarpsborg": ("3107", "3105"),
    "Porsgrunn, Skien": ("4001", "4003"),
    "Kristiansand, Vennesla": ("4204", "4223"),
    "Stavanger, Sandnes, Sola": ("1103", "1108", "1124"),
    "Lørenskog, Rælingen, Lillestrøm": ("3222", "3224", "3205"),
    "Hamar, Ringsaker, Stange": ("3403", "3411", "3413"),
}


@pytest.mark.parametrize("kommuner", NEIGHBOURS.values(), ids=NEIGHBOURS)
async def test_neighbours_across_a_border_meet(world: World, kommuner: tuple[str, ...]) -> None:
    each = 4 if len(kommuner) == 2 else 2

    await arrive(world, kommuner, each)

    group = await world.group()
    assert (group.area, group.part) == (WIDE, f"kommune-{group.place.split('-')[1]}")
    assert group.live == each * len(kommuner)
    assert group.place.split("-")[1] in kommuner
    (*_, called) = await world.published_of(groups.MeetingCalled)
    assert called.area == group.part
    await world.check()


@pytest.mark.parametrize(
    ("kommuner", "max_travel_km"),
    [
        (("3201", "3203"), 5),
        (("3907", "3909"), 10),
        (("3107", "3105"), 5),
        (("1103", "3403"), 100),
        (("5501", "5601"), 60),
        (("1804", "4204"), 200),
    ],
)
async def test_people_beyond_their_travel_limits_do_not_meet(
    world: World, kommuner: tuple[str, str], max_travel_km: int
) -> None:
    await arrive(world, kommuner, 4, max_travel_km=max_travel_km)

    assert await world.groups() == []


@pytest.mark.parametrize("kommuner", list(NEIGHBOURS.values())[:5])
async def test_hold_of_one_kommune_stops_groups_only_there(
    world: World, app: FastAPI, kommuner: tuple[str, str]
) -> None:
    """Both kommuner have people enough; in the one on hold nobody forms a group, and the other goes on."""
    held, other = (f"/stab/omrader/kommune-{number}" for number in kommuner)
    reader = Browser(app, LISE)
    await reader.press(held, f"{held}/vent")

    await arrive(world, kommuner[:1], 5, max_travel_km=1)
    assert await world.groups() == []
    for number in range(11, 16):
        await world.deliver(world.ready(number, **living_in(kommuner[1], max_travel_km=1)), times=1)

    assert [group.part for group in await world.groups()] == [f"kommune-{kommuner[1]}"]
    assert "Området er på vent" in words(await reader.get(held))
    assert "Grupper settes sammen automatisk" in words(await reader.get(other))
    await reader.press(held, f"{held}/videre")
    assert {group.part for group in await world.groups()} == {f"kommune-{number}" for number in kommuner}


@pytest.mark.parametrize("kommuner", list(NEIGHBOURS.values())[:5])
async def test_area_pages_name_the_kommune_people_live_in(
    world: World, app: FastAPI, kommuner: tuple[str, str]
) -> None:
    names = [places.load().kommuner[number].name for number in kommuner]
    await arrive(world, kommuner, 2)
    reader = Browser(app, LISE)

    country = words(await reader.get("/stab/omrader"))
    page = words(await reader.get(f"/stab/omrader/kommune-{kommuner[0]}"))

    assert all(f"{name} Selvhjelp Norge 2" in country for name in names)
    assert names[0] in page
    assert "De som venter (2)" in page
    assert "4 av 5: Tirsdag kveld, norsk" in page
    person = await reader.get(f"/stab/omrader/kommune-{kommuner[0]}/personer/{signup_id(1)}")
    assert names[0] in words(person)
    waiting = words(await Browser(app).get(waiting_page(1)))
    assert "4 av minst 5" in waiting


async def test_what_if_of_a_kommune_counts_neighbours(world: World, app: FastAPI) -> None:
    await arrive(world, ("3201", "3203"), 2)

    cell = "kommune-3201-sentrum|tue-evening|nb"
    answer = await Browser(app, LISE).get(f"/stab/omrader/kommune-3201/hva-om?cell={cell}")

    assert "Tirsdag kveld, norsk, Bærum: 4 passer nå." in words(answer)


async def old_rows(world: World) -> None:
    """Leave the database as it was when every kommune was an area."""
    async with world.database.transaction() as session:
        await session.execute(text("UPDATE waiting SET area = 'kommune-' || kommune WHERE centre = 'selvhjelp-norge'"))
        await session.execute(text("UPDATE groups SET area = part, part = NULL WHERE part IS NOT NULL"))
        await session.execute(text("UPDATE apart SET area = 'kommune-3201' WHERE area = 'selvhjelp-norge-landet'"))
        session.add(AreaHold(area="kommune-1804", centre=CENTRE, held_at=world.clock.now(), username="lise"))
    world.context.matchers.evict(WIDE)


@pytest.mark.parametrize("kommuner", list(NEIGHBOURS.values())[:5])
async def test_rehome_areas_moves_rows_and_lets_neighbours_meet(world: World, kommuner: tuple[str, str]) -> None:
    await arrive(world, kommuner[:1], 5, slots=("mon-evening",))
    for number in range(11, 17):
        wishes = living_in(kommuner[number % 2], slots=(DAYS[number % 2],))
        await world.deliver(world.ready(number, **wishes), times=1)
    await old_rows(world)
    for number in (21, 22):
        await world.deliver(world.ready(number, **living_in(kommuner[1], slots=("thu-evening",))), times=1)

    for _ in range(2):
        assert await jobs.REHOME_AREAS.run(world.database, world.context, world.clock) == 0

    assert {row.area for row in await world.rows(Group)} == {WIDE}
    assert {group.part for group in await world.groups()} <= {f"kommune-{number}" for number in kommuner}
    statuses = await world.statuses()
    assert len(statuses) == 13
    assert all(row.area == WIDE for row in await world.rows(Signup))
    assert [hold.area for hold in await world.rows(AreaHold)] == ["kommune-1804"]
    await world.check()
    world.clock.move(timedelta(hours=1))
    assert await jobs.CHECK_MATCHERS.run(world.database, world.context, world.clock) == 0
    assert world.context.matchers.differences == 0


@pytest.mark.parametrize("kommuner", list(NEIGHBOURS.values())[:5])
async def test_rehome_areas_forms_the_group_that_a_border_kept_apart(world: World, kommuner: tuple[str, str]) -> None:
    await arrive(world, kommuner, 2)
    await old_rows(world)
    world.context.matchers.evict(WIDE)
    for number in (11, 12):
        row = living_in(kommuner[0])
        async with world.database.transaction() as session:
            await session.execute(
                text(
                    "INSERT INTO waiting (signup_id, person_id, status, version, centre, area, kommune, latitude, "
                    "longitude, slots, languages, max_travel_km, wheelchair, language, signed_up_at) VALUES "
                    "(:signup, :signup, 'waiting', 3, :centre, :area, :kommune, :latitude, :longitude, "
                    "'{tue-evening}', '{nb}', 200, false, 'nb', :at)"
                ),
                {
                    "signup": signup_id(number),
                    "at": world.clock.now(),
                    **{name: row[name] for name in ("centre", "area", "kommune", "latitude", "longitude")},
                },
            )
    assert await world.groups() == []

    await jobs.REHOME_AREAS.run(world.database, world.context, world.clock)

    assert (await world.group()).live == 6
    await world.check()


@pytest.mark.parametrize("number", ["3201", "3203", "1103", "5501", "4204", "0301"])
async def test_event_with_the_id_of_a_kommune_is_understood(world: World, number: str) -> None:
    if number == "0301":
        assert world.context.centres.area("kommune-0301") is None
        return
    event = world.ready(1, **living_in(number) | {"area": f"kommune-{number}"})

    await world.deliver(event)

    assert [row.area for row in await world.rows(Signup)] == [WIDE]
