"""
An area as a coordinator may find it on a Monday: waiting people, a draft, a proposal, and missing capacity.

Neither igangsetter speaks Spanish, so those who are enough on Wednesdays wait for a third.
"""

from typing import Any

from grouping.usecases import people
from tests.grouping.support import resources, staff_acts
from tests.grouping.support.staff_acts import decide, wait
from tests.grouping.support.world import OSLO, World, signup_id

ROOM = resources.place("5003")
AT_ROOM: dict[str, Any] = {"latitude": ROOM.latitude, "longitude": ROOM.longitude}
DRAFTED = range(1, 9)
PROPOSED = range(20, 25)
WEDNESDAY = range(30, 35)
THURSDAY = range(40, 43)
LEFT_OVER, TOO_FAR, ISLAND, HELD, ELSEWHERE = 9, 25, 44, 50, 60


async def build(world: World) -> None:
    """Build all of it; the clock does not move."""
    drafting = staff_acts.with_drafts(world)
    await resources.add_room(world, seats=8)
    await resources.add_igangsetter(world, slots=("mon-evening", "tue-evening"), groups_at_once=2)
    await resources.add_igangsetter(world, label="PB", slots=("thu-evening",))
    await wait(drafting, len(DRAFTED) + 1, **AT_ROOM)
    await wait(world, len(PROPOSED), first=PROPOSED.start, slots=("mon-evening",))
    await world.answer(PROPOSED.start)
    await wait(world, len(WEDNESDAY), first=WEDNESDAY.start, slots=("wed-evening",), languages=("es",))
    await wait(world, 1, first=HELD, slots=("thu-evening",))
    await decide(world, people.exclude_from_matching, signup_id(HELD), area_id="bergen", reason="talk_first")
    await wait(world, len(THURSDAY), first=THURSDAY.start, slots=("thu-evening",), languages=("nb", "en"))
    away: dict[str, Any] = {"slots": ("mon-evening", "thu-evening"), "latitude": 60.323, "longitude": 5.32}
    await wait(world, 1, first=TOO_FAR, **away)
    straume: dict[str, Any] = {"kommune": "4626", "latitude": 60.37, "longitude": 5.13, "wheelchair": True}
    await wait(world, 1, first=ISLAND, slots=("thu-evening",), max_travel_km=20, **straume)
    await decide(drafting, people.pin_person, signup_id(2), area_id="bergen", pinned=True)
    exclusion: dict[str, Any] = {"other_id": signup_id(31), "area_id": "bergen", "reason": "acquainted"}
    await decide(world, people.add_exclusion, signup_id(40), **exclusion)
    await world.deliver(world.ready(ELSEWHERE, **OSLO), times=1)
    arrived = "SELECT 'bergen', date '2025-11-15' - n, 1 + n % 2 FROM generate_series(1, 90) n"
    await resources.run(world, f"INSERT INTO arrivals {arrived} ON CONFLICT DO NOTHING")
