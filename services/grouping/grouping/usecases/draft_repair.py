"""Rearrange drafts, which no member knows of yet, so that more people get a seat."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.model import NewGroup
from grouping.domain.optimise.diff import Draft, SeatChange, TargetGroup
from grouping.store import StaffAction
from grouping.store.locks import lock_areas
from grouping.usecases.area_state import area_state
from grouping.usecases.capacity import assign
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.matching import create_group, run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


WORTH_A_CHANGE = 0.25
"""Less gain than this moves nobody: to place one more person is worth about 1, three months of waiting this much."""


BY_ITSELF = "selvhjelp"
"""Who did it, in the log of staff actions, when no member of staff did."""


async def repair_area(
    session: AsyncSession, office: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """
    Change drafts so that more people meet, or the longest waiting sooner; nothing happens where none gets better.

    Raises:
        DomainError: ``unknown_area``.
    """
    centre, _ = office.area(area_id)
    await lock_areas(session, [area_id])
    work = UnitOfWork(session, office, now, cause)
    desks = {row.id: await work.load_group(row.id) for row in await store.groups.drafts_in(session, area_id)}
    if not desks:
        return
    drafts = tuple([await _draft(work, desk) for desk in desks.values()])
    from grouping.domain.optimise.improve_drafts import improve_drafts  # noqa: PLC0415 - a solver that few processes ever need

    better = improve_drafts(await area_state(session, office, area_id, now), drafts, now)
    if better is None or better.gain < WORTH_A_CHANGE:
        return
    kept = {group.group_id: group for group in better.groups if group.group_id is not None}
    # A draft that is in neither is one that the repair has left to people, since it breaks somebody's limits.
    gone = {step.before.group_id for step in better.changes if step.before is not None} - set(kept)
    touched = [desks[id_] for draft in drafts if (id_ := draft.group_id) in gone or _changes(draft, kept.get(id_))]
    for desk in touched:
        await _loosen(desk, kept.get(desk.row.id))
    await session.flush()
    for desk in touched:
        await _fasten(desk, kept.get(desk.row.id))
    for group in better.groups:
        if group.group_id is None:
            await create_group(work, centre, area_id, NewGroup(group.cell, group.members, group.starters))
    for step in better.changes:
        session.add(_noted(step, centre.id, area_id, now))
    await run_matching(work, area_id)
    await work.stage()
    log.info("area_repaired", area=area_id, count=len(better.changes))


async def _draft(work: UnitOfWork, desk: GroupAggregate) -> Draft:
    seats = [seat for seat in desk.seats if seat.state != "released"]
    rows = [await store.signups.get(work.session, seat.signup_id) for seat in seats]
    starters = await store.igangsettere.of_group(work.session, desk.row.id)
    return Draft(
        desk.row.id,
        desk.cell,
        tuple(store.signups.row_to_waiting(row) for row in rows if row is not None),
        frozenset(seat.signup_id for seat in seats if seat.pinned),
        desk.row.capacity,
        tuple(one.id for one in starters),
    )


def _changes(draft: Draft, target: TargetGroup | None) -> bool:
    if target is None:
        return False
    members = {who.signup_id for who in draft.members}
    after = {member.waiting.signup_id for member in target.members}
    return (members, draft.cell, set(draft.starters)) != (after, target.cell, set(target.starters))


async def _loosen(desk: GroupAggregate, target: TargetGroup | None) -> None:
    """Let go of who leaves, and of igangsettere, so that they are free for others; move the group where it goes."""
    stays: set[UUID] = {member.waiting.signup_id for member in target.members} if target is not None else set()
    for seat in [seat for seat in desk.seats if seat.state != "released" and seat.signup_id not in stays]:
        await desk.release_seat(seat.id, "moved")
    starters = [one.id for one in await store.igangsettere.of_group(desk.changes.session, desk.row.id)]
    await store.igangsettere.unassign(desk.changes.session, desk.row.id, starters)
    if target is None:
        desk.cancel("undone")
        return
    desk.relocate(target.cell)
    room = await store.rooms.get(desk.changes.session, target.cell.place)
    if room is not None:
        desk.limit_capacity(room.seats)
    # Groups may change rooms with each other, and a room is one group's at any moment.
    desk.row.room_free_at = desk.changes.now


async def _fasten(desk: GroupAggregate, target: TargetGroup | None) -> None:
    """Take in who comes, and the igangsettere."""
    if target is None:
        return
    desk.row.room_free_at = None
    await assign(desk.changes.session, desk.row, target.starters, now=desk.changes.now)
    seated = {seat.signup_id for seat in desk.seats if seat.state != "released"}
    for member in target.members:
        if member.waiting.signup_id not in seated:
            desk.offer_seat(member)


def _noted(step: SeatChange, centre: str, area: str, now: datetime) -> StaffAction:
    seat = step.after or step.before
    group_id = seat.group_id if seat is not None else None
    return StaffAction(
        at=now,
        username=BY_ITSELF,
        centre=centre,
        area=area,
        action=f"repair_{step.kind}",
        group_id=group_id,
        signup_id=step.signup_id,
    )
