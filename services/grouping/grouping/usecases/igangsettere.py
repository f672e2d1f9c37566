"""
Acts of staff on igangsettere.

An igangsetter who is added, changed or back from a pause is given to the groups that lack one and then counts in
matching, which runs at once in the areas that a change affects.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import FORMING, GroupState
from grouping.store import Group, Igangsetter
from grouping.usecases import audit
from grouping.usecases.capacity import assign_starters, place_of
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import area_of_group, begin
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.starter_events import settled_of
from grouping.usecases.starters import note_chosen_by_staff, settle
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.reference.centres import Centre, Policy
from shared.reference.places import Place

POINT_DECIMALS: Final = 2
"""Decimals of the degrees that are kept of an igangsetter's home: about a kilometre."""


@dataclass(frozen=True)
class IgangsetterDetails:
    """The fields of an igangsetter that staff enter; see :class:`grouping.store.Igangsetter`."""

    label: str
    place: Place
    reach_km: int
    slots: tuple[str, ...]
    languages: tuple[str, ...]
    groups_at_once: int


async def save_igangsetter(
    session: AsyncSession,
    context: GroupingContext,
    centre_id: str,
    details: IgangsetterDetails,
    *,
    igangsetter_id: UUID | None = None,
    actor: Actor,
) -> UUID:
    """
    Add an igangsetter to a centre, or change one; return their id.

    Raises:
        NotFoundError: ``unknown_centre`` or ``unknown_igangsetter``.
        DomainError: ``label_taken`` by another igangsetter of the centre.
    """
    centre, uow = await _begin_in_centre(session, context, centre_id, actor)
    return await _save(uow, centre, details, igangsetter_id, actor)


async def save_own_times(
    session: AsyncSession,
    context: GroupingContext,
    centre_id: str,
    igangsetter_id: UUID,
    details: IgangsetterDetails,
    *,
    actor: Actor,
) -> None:
    """
    Register an igangsetter with an account, as they tell it themselves, or change what is registered.

    Raises:
        NotFoundError: ``unknown_centre``, or ``unknown_igangsetter`` without an open account.
        DomainError: ``label_taken`` by another igangsetter of the centre.
    """
    centre, uow = await _begin_in_centre(session, context, centre_id, actor)
    account = await store.starters.account(session, igangsetter_id)
    if account is None or account.centre != centre_id or not account.active:
        raise NotFoundError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    await _save(uow, centre, details, igangsetter_id, actor, is_new=True)


async def _save(
    uow: UnitOfWork,
    centre: Centre,
    details: IgangsetterDetails,
    igangsetter_id: UUID | None,
    actor: Actor,
    *,
    is_new: bool = False,
) -> UUID:
    session, centre_id = uow.session, centre.id
    rows = [workload.igangsetter for workload in await store.igangsettere.of_centres(session, [centre_id], actor.now)]
    igangsetter = next((row for row in rows if row.id == igangsetter_id), None)
    if igangsetter_id is not None and igangsetter is None and not is_new:
        raise NotFoundError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    if any(row.label.casefold() == details.label.casefold() and row.id != igangsetter_id for row in rows):
        raise DomainError("label_taken", centre=centre_id)
    columns: dict[str, Any] = {
        "label": details.label,
        "place": details.place.label,
        "latitude": round(details.place.latitude, POINT_DECIMALS),
        "longitude": round(details.place.longitude, POINT_DECIMALS),
        "reach_km": details.reach_km,
        "slots": list(details.slots),
        "languages": list(details.languages),
        "groups_at_once": details.groups_at_once,
    }
    if igangsetter is None:
        igangsetter = Igangsetter(id=igangsetter_id or new_id(), centre=centre_id, created_at=actor.now, **columns)
        session.add(igangsetter)
    else:
        igangsetter.sqlmodel_update(columns)
    await uow.session.flush()
    await _give_to_groups(uow, centre, igangsetter.id)
    await _record_and_match(uow, actor, "igangsetter.saved", centre, igangsetter.id)
    return igangsetter.id


async def pause_igangsetter(
    session: AsyncSession, context: GroupingContext, igangsetter_id: UUID, *, active: bool, actor: Actor
) -> None:
    """
    Stop assigning new groups to an igangsetter, or start again; groups that they have stay theirs.

    Raises:
        NotFoundError: ``unknown_igangsetter``.
    """
    centre, uow, igangsetter = await _begin_with_igangsetter(session, context, igangsetter_id, actor)
    if igangsetter.active != active:
        igangsetter.active = active
        await uow.session.flush()
        await _give_to_groups(uow, centre, igangsetter_id)
        await _record_and_match(
            uow, actor, "igangsetter.resumed" if active else "igangsetter.paused", centre, igangsetter_id
        )


async def remove_igangsetter(
    session: AsyncSession, context: GroupingContext, igangsetter_id: UUID, *, actor: Actor
) -> None:
    """
    Delete an igangsetter, and with them the record of the groups that they have started.

    Raises:
        NotFoundError: ``unknown_igangsetter``.
        DomainError: ``igangsetter_busy`` while they have a group.
    """
    centre, uow, igangsetter = await _begin_with_igangsetter(session, context, igangsetter_id, actor)
    if await store.igangsettere.is_busy(session, igangsetter.id, actor.now):
        raise DomainError("igangsetter_busy", igangsetter_id=igangsetter.id)
    await session.delete(igangsetter)
    await _record_and_match(uow, actor, "igangsetter.removed", centre, igangsetter_id)


async def set_starters(
    session: AsyncSession, context: GroupingContext, group_id: UUID, chosen: Collection[UUID], *, actor: Actor
) -> None:
    """
    Replace the igangsettere of a group that has not started by the chosen ones; reach and languages are not checked.

    Raises:
        NotFoundError: ``unknown_group``, ``unknown_area`` or ``unknown_igangsetter``.
        DomainError: ``group_closed``, ``group_cancelled`` or ``igangsetter_not_free``.
    """
    area_id = await area_of_group(session, group_id)
    centre, _ = context.area(area_id)
    areas = {area_id, *(area.id for area in centre.areas)}
    uow = await begin(session, context, areas, actor.now, actor.cause)
    group = await uow.load_group(group_id)
    if group.row.state not in FORMING:
        started = group.row.state == GroupState.STARTED
        raise DomainError("group_closed" if started else "group_cancelled", group_id=group_id)
    assigned = {igangsetter.id for igangsetter in await store.igangsettere.of_group(session, group_id)}
    settled_before = await settled_of(session, group_id)
    had_sheet = group.row.self_start
    await store.igangsettere.unassign(session, group_id, assigned - set(chosen))
    if not chosen and group.policy.starters_min == 0:
        group.row.self_start = True
    await _assign(uow, group, set(chosen) - assigned)
    if set(chosen) != assigned:
        await note_chosen_by_staff(uow, group, set(chosen))
        await settle(uow, group, settled_before=settled_before)
        if group.row.self_start is not had_sheet:
            group.call_meeting_again()
        await audit.record_group(uow, actor, "group.starters_set", group)
        await session.flush()
        await run_matching_and_stage(uow, area_id, *affected_areas(centre))


async def _assign(uow: UnitOfWork, group: GroupAggregate, igangsetter_ids: set[UUID]) -> None:
    workloads = await store.igangsettere.of_centres(uow.session, [group.row.centre], uow.now)
    workload_of = {workload.igangsetter.id: workload for workload in workloads}
    for igangsetter_id in igangsetter_ids:
        workload = workload_of.get(igangsetter_id)
        if workload is None:
            raise NotFoundError("unknown_igangsetter", igangsetter_id=igangsetter_id)
        if workload.free == 0 or group.row.slot in workload.slots:
            raise DomainError("igangsetter_not_free", igangsetter_id=igangsetter_id)
    await assign_starters(uow.session, group.row, igangsetter_ids, now=uow.now)


async def _give_to_groups(uow: UnitOfWork, centre: Centre, igangsetter_id: UUID) -> None:
    """
    Assign an igangsetter to the groups that lack one, the oldest first, as far as time, language and reach allow.

    A group that they were asked about before is left out: they said no, left it unanswered or were released from it.
    """
    workloads = await store.igangsettere.of_centres(uow.session, [centre.id], uow.now)
    workload = next(workload for workload in workloads if workload.igangsetter.id == igangsetter_id)
    igangsetter, free, busy = workload.igangsetter, workload.free, set(workload.slots)
    groups = await store.igangsettere.forming_groups(uow.session, centre.id) if free else []
    questions = await store.starters.questions_of_groups(uow.session, [row.id for row, _ in groups])
    for row, number in groups:
        if any(question.igangsetter_id == igangsetter_id for question in questions[row.id]):
            continue
        able = row.slot in set(igangsetter.slots) - busy and row.spoken_language in igangsetter.languages
        lacks = not row.self_start and number < Policy.model_validate(row.policy).starters_min
        if free and able and lacks and await _can_reach(uow, igangsetter, row):
            group = await uow.load_group(row.id)
            await assign_starters(uow.session, group.row, [igangsetter_id], now=uow.now)
            free -= 1
            busy.add(row.slot)


async def _can_reach(uow: UnitOfWork, igangsetter: Igangsetter, group: Group) -> bool:
    known = uow.context.centres.area(group.area)
    place = await place_of(uow.session, known[1], group.place) if known else None
    return place is not None and place.km_from(igangsetter.latitude, igangsetter.longitude) <= igangsetter.reach_km


def affected_areas(centre: Centre) -> tuple[str, ...]:
    """Return all areas of the centre if its policy requires igangsettere; else none, since matching ignores them."""
    return tuple(area.id for area in centre.areas) if centre.policy.starters_min > 0 else ()


async def _begin_in_centre(
    session: AsyncSession, context: GroupingContext, centre_id: str, actor: Actor
) -> tuple[Centre, UnitOfWork]:
    centre = context.centres.get(centre_id)
    if centre is None:
        raise NotFoundError("unknown_centre", centre=centre_id)
    uow = await begin(session, context, [area.id for area in centre.areas], actor.now, actor.cause)
    return centre, uow


async def _begin_with_igangsetter(
    session: AsyncSession, context: GroupingContext, igangsetter_id: UUID, actor: Actor
) -> tuple[Centre, UnitOfWork, Igangsetter]:
    igangsetter = await store.igangsettere.get(session, igangsetter_id)
    if igangsetter is not None:
        centre, uow = await _begin_in_centre(session, context, igangsetter.centre, actor)
        igangsetter = await store.igangsettere.get(session, igangsetter_id)
    if igangsetter is None:
        raise NotFoundError("unknown_igangsetter", igangsetter_id=igangsetter_id)
    return centre, uow, igangsetter


async def _record_and_match(uow: UnitOfWork, actor: Actor, action: str, centre: Centre, igangsetter_id: UUID) -> None:
    await audit.record(uow, actor, action, "igangsetter", igangsetter_id, centre.id)
    await uow.session.flush()
    await run_matching_and_stage(uow, *affected_areas(centre))
