"""Staff decisions about igangsettere. Matching runs at once in the areas that a change affects."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import FORMING, GroupState
from grouping.store import Igangsetter
from grouping.usecases.audit import finish
from grouping.usecases.capacity import assign
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import By, area_of, in_areas, in_centre
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError, NotFoundError
from shared.kit.ids import new_id
from shared.reference.centres import Centre
from shared.reference.places import Place

POINT_DECIMALS = 2
"""About a kilometre: how exactly we know where an igangsetter lives."""


@dataclass(frozen=True)
class IgangsetterDetails:
    """What staff say of an igangsetter; see :class:`grouping.store.Igangsetter`."""

    label: str
    place: Place
    reach_km: int
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    groups_at_once: int


async def save_igangsetter(
    session: AsyncSession,
    office: GroupingContext,
    centre_id: str,
    about: IgangsetterDetails,
    *,
    igangsetter_id: UUID | None = None,
    by: By,
) -> None:
    """
    A new igangsetter, or something else about one whom the centre has.

    Raises:
        DomainError: ``unknown_centre``, ``unknown_igangsetter``, or ``label_taken`` by another one of the centre.
    """
    centre, work = await in_centre(session, office, centre_id, by)
    others = [busy.igangsetter for busy in await store.igangsettere.of_centres(session, [centre_id], by.now)]
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
    await finish(work, by, _areas(centre), "igangsetter_saved", centre_id)


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
        await finish(work, by, _areas(centre), "igangsetter_back" if active else "igangsetter_paused", centre.id)


async def remove_igangsetter(session: AsyncSession, office: GroupingContext, igangsetter_id: UUID, *, by: By) -> None:
    """
    An igangsetter is forgotten, and with them which groups they once started.

    Raises:
        DomainError: ``unknown_igangsetter``, or ``igangsetter_busy`` while they have a group.
    """
    centre, work, row = await _igangsetter(session, office, igangsetter_id, by)
    if await store.igangsettere.is_busy(session, row.id, by.now):
        raise DomainError("igangsetter_busy", igangsetter_id=row.id)
    await session.delete(row)
    await finish(work, by, _areas(centre), "igangsetter_removed", centre.id)


async def set_starters(
    session: AsyncSession, office: GroupingContext, group_id: UUID, chosen: Collection[UUID], *, by: By
) -> None:
    """
    These start a group that has not met, and nobody else; staff may know better than what is written down of them.

    Raises:
        DomainError: ``unknown_group``, ``unknown_area``, ``group_closed``, ``group_cancelled``,
            ``unknown_igangsetter``, or ``igangsetter_not_free``.
    """
    area_id = await area_of(session, group_id)
    centre, _ = office.area(area_id)
    work = await in_areas(session, office, {area_id, *(area.id for area in centre.areas)}, by)
    desk = await work.load_group(group_id)
    if desk.row.state not in FORMING:
        started = desk.row.state == GroupState.STARTED
        raise DomainError("group_closed" if started else "group_cancelled", group_id=group_id)
    before = {one.id for one in await store.igangsettere.of_group(session, group_id)}
    await store.igangsettere.unassign(session, group_id, before - set(chosen))
    await _give(work, desk, set(chosen) - before)
    if set(chosen) != before:
        await finish(work, by, {area_id, *_areas(centre)}, "starters_set", centre.id, area_id, group_id)


async def _give(work: UnitOfWork, desk: GroupAggregate, starters: set[UUID]) -> None:
    here = await store.igangsettere.of_centres(work.session, [desk.row.centre], work.now)
    by_id = {busy.igangsetter.id: busy for busy in here}
    for one in starters:
        if one not in by_id:
            raise NotFoundError("unknown_igangsetter", igangsetter_id=one)
        if by_id[one].free == 0 or desk.row.slot in by_id[one].slots:
            raise DomainError("igangsetter_not_free", igangsetter_id=one)
    await assign(work.session, desk.row, starters, now=work.now)


def _areas(centre: Centre) -> tuple[str, ...]:
    """The areas in which it matters who the centre's igangsettere are."""
    return tuple(area.id for area in centre.areas) if centre.policy.starters_min > 0 else ()


async def _igangsetter(
    session: AsyncSession, office: GroupingContext, igangsetter_id: UUID, by: By
) -> tuple[Centre, UnitOfWork, Igangsetter]:
    found = await store.igangsettere.get(session, igangsetter_id)
    if found is not None:
        centre, work = await in_centre(session, office, found.centre, by)
        found = await store.igangsettere.get(session, igangsetter_id)
    if found is None:
        raise DomainError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    return centre, work, found
