"""Staff give a group a room: the ranking in words, what is refused, and no two groups in a room at once."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError

from grouping.store import Room
from grouping.usecases import meetings, rooms
from shared.events import groups
from tests.grouping.support import resources
from tests.grouping.support.browser import KARI, OLA, Browser, words
from tests.grouping.support.staff_acts import decide, refused, wait, with_policy
from tests.grouping.support.world import World


async def confirmed(world: World, **wishes: Any) -> str:
    """Confirm a group at a meeting place, before there are rooms; return the page of its rooms."""
    await wait(world, 5, **wishes)
    await world.all_say_yes()
    assert (await world.group()).place == "bergen-sentrum"
    return f"/stab/grupper/{(await world.group()).id}/rom"


async def choose(world: World, room_id: str) -> None:
    await decide(world, rooms.choose_room, (await world.group()).id, room_id)


async def test_page_ranks_rooms_with_the_reason_in_words(world: World, app: FastAPI) -> None:
    page = await confirmed(world, max_travel_km=5)
    await resources.add_room(world, name="Fjernt hus", place=resources.place("5200"), step_free=False)
    await resources.add_room(world, name="Nær stue")
    await resources.add_room(world, name="Opptatt sal", slots=("mon-evening",))
    text = words(await Browser(app, KARI).get(page))
    near, far = text.index("Nær stue"), text.index("Fjernt hus")
    assert near < far < text.index("Opptatt sal : er ikke åpent for grupper på den tiden.")
    assert "Det er innenfor det alle har sagt." in text[near:far]
    assert "Trinnfritt" in text[near:far]
    assert "Det er lenger enn 5 av dem har sagt at de kan reise." in text[far:]
    assert "Ikke trinnfritt" in text[far:]


async def test_choice_tells_the_members_the_address_and_records_it(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    room_id = await resources.add_room(world)
    group_page = page.removesuffix("/rom")
    reader = Browser(app, KARI)
    assert f'href="{page}"' in (await reader.get(group_page)).text
    answer = await reader.press(page, page, rom=room_id)
    assert (answer.status_code, answer.headers["location"]) == (303, group_page)
    group, meeting = await world.group(), await world.start_meeting()
    assert (group.place, meeting.place_text) == (room_id, "Storstua, Strandgaten 6")
    *_, called = await world.published_of(groups.MeetingCalled)
    assert (called.place_text, called.address_known) == ("Storstua, Strandgaten 6", True)
    assert "group.room_chosen" in [entry.action for entry in await world.audit_entries()]
    assert "meeting_lacks_address" not in {task.kind for task in await world.open_tasks()}
    assert "valgt" in words(await reader.get(page))
    before = await world.dump()
    await choose(world, room_id)
    assert await world.dump() == before


async def test_room_of_a_proposal_is_where_its_start_meeting_is_called(world: World) -> None:
    await wait(world, 5)
    room_id = await resources.add_room(world, seats=6)
    await choose(world, room_id)
    await world.all_say_yes()
    assert (await world.start_meeting()).place_text == "Storstua, Strandgaten 6"
    assert (await world.group()).capacity == 6
    await wait(world, 3, first=10)
    assert {group.place: group.live for group in await world.groups()}[room_id] <= 6
    await world.check()


@pytest.mark.parametrize(
    ("changes", "wishes", "slug"),
    [
        ({"slots": ("mon-evening",)}, {}, "room_not_usable"),
        ({"seats": 4}, {}, "room_not_usable"),
        ({"step_free": False}, {"wheelchair": True}, "room_not_usable"),
        ({"area": "oslo", "place": "0150"}, {}, "unknown_room"),
    ],
)
async def test_room_that_does_not_fit_is_refused(
    world: World, changes: dict[str, Any], wishes: dict[str, Any], slug: str
) -> None:
    await confirmed(world, **wishes)
    place = {"place": resources.place(changes["place"])} if "place" in changes else {}
    room_id = await resources.add_room(world, **(changes | place))
    await refused(slug, world, rooms.choose_room, (await world.group()).id, room_id)


async def test_room_of_another_group_is_refused_and_shown_as_taken(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    first = (await world.group()).id
    room_id = await resources.add_room(world)
    await choose(world, room_id)
    await wait(world, 8, first=20)
    other = next(group for group in await world.groups() if group.id != first)
    assert other.place != room_id
    await refused("room_taken", world, rooms.choose_room, other.id, room_id)
    text = words(await Browser(app, KARI).get(page.replace(str(first), str(other.id))))
    assert "Storstua : en annen gruppe har det på den tiden." in text


async def test_meeting_moved_into_the_time_of_another_group_is_refused(world: World, app: FastAPI) -> None:
    """The groups have the room in two slots; a moved start meeting must not meet the other one there."""
    await confirmed(world)
    first = (await world.group()).id
    room_id = await resources.add_room(world, slots=("tue-evening", "mon-evening"))
    await choose(world, room_id)
    await wait(world, 5, first=20, slots=("mon-evening",))
    await world.all_say_yes()
    other = next(group for group in await world.groups() if group.id != first)
    assert other.place == room_id
    taken = (await world.start_meeting(other)).starts_at
    address = "Storstua, Strandgaten 6"
    await refused("room_taken", world, meetings.set_meeting, first, meets_at=taken, place_text=address)
    before = await world.start_meeting(await group_of(world, first))
    reader, page = Browser(app, KARI), f"/stab/grupper/{first}"
    fields = {"day": taken.date().isoformat(), "clock": "18:30", "place_text": address}
    answer = await reader.press(page, f"{page}/mote", **fields)
    assert answer.status_code == 422
    assert "En annen gruppe har rommet på den tiden." in answer.text
    assert await world.start_meeting(await group_of(world, first)) == before
    await decide(world, meetings.set_meeting, first, meets_at=taken, place_text="Et annet hus")


async def test_start_meeting_is_called_a_week_later_if_the_room_is_taken_then(world: World) -> None:
    await confirmed(world)
    first = (await world.group()).id
    room_id = await resources.add_room(world, slots=("tue-evening", "mon-evening"))
    await choose(world, room_id)
    await wait(world, 5, first=20, slots=("mon-evening",))
    other = next(group for group in await world.groups() if group.id != first)
    monday = (await world.start_meeting(await group_of(world, first))).starts_at - timedelta(days=1)
    await decide(world, meetings.set_meeting, first, meets_at=monday, place_text="Storstua, Strandgaten 6")
    await world.all_say_yes()
    assert (await world.start_meeting(other)).starts_at == monday + timedelta(days=7)


async def test_database_refuses_two_start_meetings_in_a_room_at_once(world: World) -> None:
    await test_start_meeting_is_called_a_week_later_if_the_room_is_taken_then(world)
    with pytest.raises(IntegrityError, match="another group meets in the room"):
        await resources.run(world, "UPDATE meetings SET starts_at = (SELECT min(starts_at) FROM meetings)")


async def test_no_room_is_chosen_where_it_is_agreed_or_after_the_start(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    await resources.add_room(world)
    reader = Browser(app, KARI)
    assert (await reader.get(page)).status_code == 200
    await world.pass_time(days=30)
    assert (await reader.get(page)).status_code == 303
    agreed = with_policy(world, room="by_agreement")
    await agreed.deliver(*(agreed.ready(number) for number in range(30, 35)), times=1)
    newest = next(group for group in await agreed.groups() if group.state == "proposed")
    assert (await reader.get(f"/stab/grupper/{newest.id}/rom")).status_code == 303


async def test_another_centre_neither_sees_nor_chooses(world: World, app: FastAPI) -> None:
    page = await confirmed(world)
    room_id = await resources.add_room(world)
    other = Browser(app, OLA)
    assert (await other.get(page)).status_code == 404
    assert (await other.post(page, rom=room_id)).status_code == 404


async def group_of(world: World, group_id: Any) -> Any:
    return next(group for group in await world.groups() if group.id == group_id)


async def test_room_form_keeps_the_days_of_booking(world: World, app: FastAPI) -> None:
    room_id = await resources.add_room(world)
    reader, page = Browser(app, KARI), f"/stab/rom/{room_id}"
    fields: dict[str, Any] = {
        "area": "bergen",
        "name": "Storstua",
        "address": "Strandgaten 6",
        "place": "5003",
        "seats": "10",
        "slots": ["tue-evening"],
    }
    for entered, kept in (("21", 21), ("", 0)):
        assert (await reader.press(page, page, **fields, lead_days=entered)).status_code == 303
        assert [row.lead_days for row in await world.rows(Room)] == [kept]
    assert (await reader.press(page, page, **fields, lead_days="366")).status_code == 422
