"""
What staff decide about igangsettere and rooms.

What becomes possible by it happens at once: the areas that it touches are locked, and brought to rest afterwards.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.groups import FORMING, GroupState
from grouping.store import Igangsetter, Room, StaffAction, queries, register
from grouping.store.locks import lock_areas
from grouping.usecases.capacity import assign
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import GroupAggregate, UnitOfWork
from shared.errors import DomainError
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre
from shared.reference.places import Place

POINT_DECIMALS = 2
"""About a kilometre: how exactly we know where an igangsetter lives."""


@dataclass(frozen=True)
class By:
    """Who decides, when, and why."""

    username: str
    now: datetime
    cause: Cause


@dataclass(frozen=True)
class AboutIgangsetter:
    """What staff say of an igangsetter; see :class:`grouping.store.Igangsetter`."""

    label: str
    place: Place
    reach_km: int
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    groups_at_once: int


@dataclass(frozen=True)
class AboutRoom:
    """What staff say of a room; see :class:`grouping.store.Room`."""

    name: str
    address: str
    place: Place
    seats: int
    step_free: bool
    slots: tuple[str, ...]


async def save_igangsetter(
    session: AsyncSession,
    office: GroupingContext,
    centre_id: str,
    about: AboutIgangsetter,
    *,
    igangsetter_id: UUID | None = None,
    by: By,
) -> None:
    """
    A new igangsetter, or something else about one whom the centre has.

    Raises:
        DomainError: ``unknown_centre``, ``unknown_igangsetter``, or ``label_taken`` by another one of the centre.
    """
    centre, work = await _in_centre(session, office, centre_id, by)
    others = [busy.igangsetter for busy in await register.igangsettere(session, [centre_id], by.now)]
    row = next((one for one in others if one.id == igangsetter_id), None)
    if igangsetter_id is not None and row is None:
        raise DomainError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    if any(one.label.casefold() == about.label.casefold() and one.id != igangsetter_id for one in others):
        raise DomainError("label_taken", centre=centre_id)
    facts: dict[str, Any] = {
        "label": about.label,
        "place": about.place.label,
        "latitude": round(about.place.latitude, POINT_DECIMALS),
        "longitude": round(about.place.longitude, POINT_DECIMALS),
        "reach_km": about.reach_km,
        "slots": list(about.slots),
        "languages": list(about.languages),
        "groups_at_once": about.groups_at_once,
    }
    if row is None:
        row = Igangsetter(id=new_id(), centre=centre_id, created_at=by.now, **facts)
        session.add(row)
    else:
        row.sqlmodel_update(facts)
    await _done(work, by, _areas(centre), "igangsetter_saved", centre_id)


async def pause_igangsetter(
    session: AsyncSession, office: GroupingContext, igangsetter_id: UUID, *, active: bool, by: By
) -> None:
    """
    An igangsetter takes no new groups for now, or takes them again; the groups that they have stay theirs.

    Raises:
        DomainError: ``unknown_igangsetter``.
    """
    centre, work, row = await _igangsetter(session, office, igangsetter_id, by)
    if row.active != active:
        row.active = active
        await _done(work, by, _areas(centre), "igangsetter_back" if active else "igangsetter_paused", centre.id)


async def remove_igangsetter(session: AsyncSession, office: GroupingContext, igangsetter_id: UUID, *, by: By) -> None:
    """
    An igangsetter is forgotten, and with them which groups they once started.

    Raises:
        DomainError: ``unknown_igangsetter``, or ``igangsetter_busy`` while they have a group.
    """
    centre, work, row = await _igangsetter(session, office, igangsetter_id, by)
    if await register.is_busy(session, row.id, by.now):
        raise DomainError("igangsetter_busy", igangsetter_id=row.id)
    await session.delete(row)
    await _done(work, by, _areas(centre), "igangsetter_removed", centre.id)


async def save_room(
    session: AsyncSession,
    office: GroupingContext,
    area_id: str,
    about: AboutRoom,
    *,
    room_id: str | None = None,
    by: By,
) -> None:
    """
    A new room in an area, or something else about one that is there.

    Raises:
        DomainError: ``unknown_area``, ``unknown_room``, or ``name_taken`` by another one of the centre.
    """
    centre, _ = office.area(area_id)
    work = await _in_areas(session, office, [area_id], by)
    others = await register.rooms(session, [centre.id])
    row = next((one for one in others if one.id == room_id and one.area == area_id), None)
    if room_id is not None and row is None:
        raise DomainError("unknown_room", room=room_id)
    if any(one.name.casefold() == about.name.casefold() and one.id != room_id for one in others):
        raise DomainError("name_taken", centre=centre.id)
    facts: dict[str, Any] = {
        "name": about.name,
        "address": about.address,
        "place": about.place.label,
        "latitude": about.place.latitude,
        "longitude": about.place.longitude,
        "seats": about.seats,
        "step_free": about.step_free,
        "slots": list(about.slots),
    }
    if row is None:
        new = f"{register.ROOM}{new_id().hex[-8:]}"
        session.add(Room(id=new, centre=centre.id, area=area_id, created_at=by.now, **facts))
    else:
        row.sqlmodel_update(facts)
    await _done(work, by, [area_id], "room_saved", centre.id, area_id)


async def pause_room(session: AsyncSession, office: GroupingContext, room_id: str, *, active: bool, by: By) -> None:
    """
    No new group is to meet in a room for now, or they may again; those who meet there go on.

    Raises:
        DomainError: ``unknown_room``.
    """
    work, row = await _room(session, office, room_id, by)
    if row.active != active:
        row.active = active
        await _done(work, by, [row.area], "room_back" if active else "room_paused", row.centre, row.area)


async def remove_room(session: AsyncSession, office: GroupingContext, room_id: str, *, by: By) -> None:
    """
    A room that was written down by mistake is gone.

    Raises:
        DomainError: ``unknown_room``, or ``room_used`` where any group has ever had it.
    """
    work, row = await _room(session, office, room_id, by)
    if await register.ever_in_room(session, [row.id]):
        raise DomainError("room_used", room=row.id)
    await session.delete(row)
    await _done(work, by, [row.area], "room_removed", row.centre, row.area)


async def free_room(session: AsyncSession, office: GroupingContext, group_id: UUID, *, by: By) -> None:
    """
    A group no longer meets in its room, so that another one can have it.

    Raises:
        DomainError: ``unknown_group``, or ``room_in_use`` before the group has started.
    """
    area_id = await _area_of(session, group_id)
    work = await _in_areas(session, office, [area_id], by)
    desk = await work.open(group_id)
    if not register.is_room(desk.row.place) or desk.row.state != GroupState.STARTED:
        raise DomainError("room_in_use", group_id=group_id)
    if desk.row.room_free_at is None:
        desk.row.room_free_at = by.now
        await _done(work, by, [area_id], "room_freed", desk.row.centre, area_id, group_id)


async def set_starters(
    session: AsyncSession, office: GroupingContext, group_id: UUID, chosen: Collection[UUID], *, by: By
) -> None:
    """
    These start a group that has not met, and nobody else; staff may know better than what is written down of them.

    Raises:
        DomainError: ``unknown_group``, ``unknown_area``, ``group_closed``, ``group_cancelled``,
            ``unknown_igangsetter``, or ``igangsetter_not_free``.
    """
    area_id = await _area_of(session, group_id)
    centre, _ = office.area(area_id)
    work = await _in_areas(session, office, {area_id, *(area.id for area in centre.areas)}, by)
    desk = await work.open(group_id)
    if desk.row.state not in FORMING:
        started = desk.row.state == GroupState.STARTED
        raise DomainError("group_closed" if started else "group_cancelled", group_id=group_id)
    before = {one.id for one in await register.starters_of(session, group_id)}
    await register.take_away(session, group_id, before - set(chosen))
    await _give(work, desk, set(chosen) - before)
    if set(chosen) != before:
        await _done(work, by, {area_id, *_areas(centre)}, "starters_set", centre.id, area_id, group_id)


async def _give(work: UnitOfWork, desk: GroupAggregate, starters: set[UUID]) -> None:
    here = await register.igangsettere(work.session, [desk.row.centre], work.now)
    by_id = {busy.igangsetter.id: busy for busy in here}
    for one in starters:
        if one not in by_id:
            raise DomainError("unknown_igangsetter", igangsetter_id=one)
        if by_id[one].free == 0 or desk.row.slot in by_id[one].slots:
            raise DomainError("igangsetter_not_free", igangsetter_id=one)
    await assign(work.session, desk.row, starters, now=work.now)


def _areas(centre: Centre) -> tuple[str, ...]:
    """The areas in which it matters who the centre's igangsettere are."""
    return tuple(area.id for area in centre.areas) if centre.policy.starters_min > 0 else ()


async def _in_areas(session: AsyncSession, office: GroupingContext, areas: Collection[str], by: By) -> UnitOfWork:
    await lock_areas(session, areas)
    return UnitOfWork(session, office, by.now, by.cause)


async def _in_centre(
    session: AsyncSession, office: GroupingContext, centre_id: str, by: By
) -> tuple[Centre, UnitOfWork]:
    centre = office.centres.get(centre_id)
    if centre is None:
        raise DomainError("unknown_centre", centre=centre_id)
    return centre, await _in_areas(session, office, [area.id for area in centre.areas], by)


async def _igangsetter(
    session: AsyncSession, office: GroupingContext, igangsetter_id: UUID, by: By
) -> tuple[Centre, UnitOfWork, Igangsetter]:
    found = await register.igangsetter(session, igangsetter_id)
    if found is not None:
        centre, work = await _in_centre(session, office, found.centre, by)
        found = await register.igangsetter(session, igangsetter_id)
    if found is None:
        raise DomainError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    return centre, work, found


async def _room(session: AsyncSession, office: GroupingContext, room_id: str, by: By) -> tuple[UnitOfWork, Room]:
    found = await register.room(session, room_id)
    if found is not None:
        work = await _in_areas(session, office, [found.area], by)
        found = await register.room(session, room_id)
    if found is None:
        raise DomainError("unknown_room", room=room_id)
    return work, found


async def _area_of(session: AsyncSession, group_id: UUID) -> str:
    found = await queries.area_of_group(session, group_id)
    if found is None:
        raise DomainError("unknown_group", group_id=group_id)
    return found


async def _done(
    work: UnitOfWork,
    by: By,
    areas: Collection[str],
    action: str,
    centre: str,
    area: str = "",
    group_id: UUID | None = None,
) -> None:
    """Write down what was done, and let happen what has become possible; an igangsetter is of no one area."""
    work.session.add(
        StaffAction(at=by.now, username=by.username, centre=centre, area=area, action=action, group_id=group_id)
    )
    await work.session.flush()
    for area_id in sorted(set(areas)):
        await run_matching(work, area_id)
    await work.finish()
