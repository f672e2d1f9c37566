"""Load the input of matching for an area: configuration, waiting people and open groups."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.model import AreaConfig, AreaState
from grouping.usecases.capacity import load_capacity
from grouping.usecases.context import GroupingContext


async def load_area_config(session: AsyncSession, office: GroupingContext, area_id: str, now: datetime) -> AreaConfig:
    """All that decides who can meet in an area, but for the people."""
    return (await load_area_configs(session, office, [area_id], now))[area_id]


async def area_state(session: AsyncSession, office: GroupingContext, area_id: str, now: datetime) -> AreaState:
    """All that decides who can meet in an area now, read afresh: for looking at, and for what happens seldom."""
    frame = await load_area_config(session, office, area_id, now)
    waiting = (await store.matching.waiting_people(session, [area_id]))[area_id]
    groups = await store.matching.open_groups(session, [area_id], now)
    return AreaState(frame, waiting, groups[area_id])


async def load_area_configs(
    session: AsyncSession, office: GroupingContext, areas: Collection[str], now: datetime
) -> dict[str, AreaConfig]:
    decided = await store.matching.staff_decisions(session, areas)
    resources = await load_capacity(session, office, areas, now)
    frames = {}
    for area_id in areas:
        policy = office.area(area_id)[0].policy
        found = resources[area_id]
        frames[area_id] = AreaConfig(
            found.places,
            policy.size_min,
            policy.size_max,
            on_hold=decided[area_id].on_hold,
            offered_wishes=policy.wishes,
            occupied_rooms=found.taken,
            starters=found.starters,
            starters_min=found.starters_min,
            exclusions=decided[area_id].exclusions,
        )
    return frames
