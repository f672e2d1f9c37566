"""Load the input of matching for an area: configuration, waiting people and open groups."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import Place
from grouping.domain.matching.model import AreaConfig, AreaState
from grouping.usecases.capacity import load_capacity
from grouping.usecases.context import GroupingContext
from shared.reference.areas import Area


async def area_state(session: AsyncSession, context: GroupingContext, area_id: str, now: datetime) -> AreaState:
    """Return the whole input of matching for an area, read from the database."""
    config = await load_area_config(session, context, area_id, now)
    waiting = (await store.matching.waiting_people(session, [area_id]))[area_id]
    open_groups = await store.matching.open_groups(session, [area_id], now)
    return AreaState(config, waiting, open_groups[area_id])


async def load_area_config(session: AsyncSession, context: GroupingContext, area_id: str, now: datetime) -> AreaConfig:
    """Return the area's configuration: the input of matching without people and groups."""
    return (await load_area_configs(session, context, [area_id], now))[area_id]


async def load_area_configs(
    session: AsyncSession, context: GroupingContext, areas: Collection[str], now: datetime, *, quiet: bool = True
) -> dict[str, AreaConfig]:
    """
    Return the configurations of some areas; see :func:`load_area_config`.

    For what pages explain, ``quiet`` is False: no reason and no count knows the quiet pairs (decision 54).

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centres = {context.area(area_id)[0].id for area_id in areas}
    rules = await store.matching.area_rules(session, areas, centres, quiet=quiet)
    capacities = await load_capacity(session, context, areas, now)
    configs = {}
    for area_id in areas:
        centre, area = context.area(area_id)
        policy, capacity = centre.policy, capacities[area_id]
        configs[area_id] = AreaConfig(
            capacity.places,
            policy.size_min,
            policy.size_max,
            on_hold=area_id in rules.holds,
            held_places=_held_places(area, capacity.places, rules.holds),
            offered_wishes=policy.wishes,
            occupied_rooms=capacity.taken,
            starters=capacity.starters,
            starters_min=capacity.starters_min,
            languages=capacity.languages,
            exclusions=rules.exclusions[area_id],
        )
    return configs


def _held_places(area: Area, places: Collection[Place], holds: Collection[str]) -> frozenset[str]:
    """Return the places in the parts of a wide area that are on hold: a room in the nearest part, a screen in none."""
    if not area.is_wide or not any(part.id in holds for part in area.parts):
        return frozenset()
    parts = (
        (place.id, area.part_of_place(place.id) or area.part_near(place.latitude, place.longitude))
        for place in places
        if not place.digital
    )
    return frozenset(place_id for place_id, part in parts if part.id in holds)
