"""Objects and forms that the tests of staff pages share."""

from typing import Final

from fastapi import FastAPI

from shared.kit.links import Links
from shared.reference.link_purposes import LINK_PATHS
from tests.grouping.support.browser import KARI, Browser
from tests.grouping.support.keys import LINK_KEY
from tests.grouping.support.staff_acts import BERGEN_PAGE, wait
from tests.grouping.support.world import World, signup_id

IGANGSETTERE: Final = "/stab/igangsettere"
ROOMS: Final = "/stab/rom"

IGANGSETTER: dict[str, str | list[str]] = {
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


async def group_page(world: World) -> str:
    """Return the address of the only group."""
    return f"/stab/grupper/{(await world.group()).id}"


async def confirmed(world: World) -> str:
    """Form a group whose members all say yes, and return the address of its page."""
    await wait(world, 5)
    await world.all_say_yes()
    return await group_page(world)


async def nine_in_area_on_hold(world: World, app: FastAPI) -> Browser:
    """Put the area on hold before nine people sign up, and return its coordinator."""
    reader = Browser(app, KARI)
    await reader.press(BERGEN_PAGE, f"{BERGEN_PAGE}/vent")
    await wait(world, 9)
    return reader


def waiting_page(number: int) -> str:
    """Return the address of a person's waiting page."""
    return f"/venter/{Links.under_one_key(LINK_KEY, LINK_PATHS).token('waiting', signup_id(number))}"
