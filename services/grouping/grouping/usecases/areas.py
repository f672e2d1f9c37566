"""Acts of staff on an area: put it on hold, resume it, form a group, ask a person again."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import Cell
from grouping.store import AreaHold, Group, Signup
from grouping.usecases import audit
from grouping.usecases.capacity import part_of_place
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin
from grouping.usecases.matching import create_group_of_size, run_matching_and_stage
from grouping.usecases.tasks import sync_hold
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor


async def hold_area(session: AsyncSession, context: GroupingContext, area_id: str, *, actor: Actor) -> None:
    """
    Put an area, or a part of one, on hold: from now on staff decide when a group is formed there.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre, area = context.area(area_id)
    uow = await begin(session, context, [area.id], actor.now, actor.cause)
    await _put_on_hold(uow, centre.id, area_id, actor)
    await audit.record(uow, actor, "area.put_on_hold", "area", area_id, centre.id, area_id)
    await uow.stage()


async def resume_area(session: AsyncSession, context: GroupingContext, area_id: str, *, actor: Actor) -> None:
    """
    End the hold of an area: groups are formed automatically again, at once where enough people wait.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre, area = context.area(area_id)
    uow = await begin(session, context, [area.id], actor.now, actor.cause)
    area_hold = await session.get(AreaHold, area_id, populate_existing=True)
    if area_hold is not None:
        await session.delete(area_hold)
        await session.flush()
    await audit.record(uow, actor, "area.resumed", "area", area_id, centre.id, area_id)
    await run_matching_and_stage(uow, area.id)
    await sync_hold(session, context, area_id, now=actor.now, cause=actor.cause)


async def form_group(
    session: AsyncSession, context: GroupingContext, area_id: str, *, cell: Cell, size: int, actor: Actor
) -> UUID:
    """
    Form a group of the chosen size in an area on hold, and return its id.

    Raises:
        NotFoundError: ``unknown_area``.
        DomainError: ``area_not_held``, ``too_few``, ``room_taken`` or ``size_outside_policy``.
    """
    _, area = context.area(area_id)
    uow = await begin(session, context, [area.id], actor.now, actor.cause)
    part = await part_of_place(session, area, cell.place)
    if not await store.areas.is_on_hold(session, {area.id, part.id}):
        raise DomainError("area_not_held", area=area_id)
    group = await create_group_of_size(uow, area.id, cell, size)
    await audit.record_group(uow, actor, "group.formed", group)
    await run_matching_and_stage(uow, area.id)
    return group.row.id


async def ask_again(
    session: AsyncSession, context: GroupingContext, signup_id: UUID, *, area_id: str, actor: Actor
) -> None:
    """
    Allow a person to be offered cells again that they declined or let lapse.

    Raises:
        NotFoundError: ``unknown_area``, or ``unknown_signup`` if it does not wait in the area.
    """
    centre, area = context.area(area_id)
    uow = await begin(session, context, [area.id], actor.now, actor.cause)
    signup = await store.signups.get(session, signup_id)
    if signup is None or signup.area != area.id:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    await forget_refusals(uow, signup, centre.id, area.id, actor)
    await run_matching_and_stage(uow, area.id)


async def forget_refusals(uow: UnitOfWork, signup: Signup, centre_id: str, area_id: str, actor: Actor) -> None:
    """Forget what a person of a locked area has declined, and record it; the caller runs matching."""
    signup.declined_cells, signup.declined_slots = [], []
    signup.unanswered, signup.offers_paused_at = 0, None
    await audit.record(uow, actor, "person.asked_again", "signup", signup.signup_id, centre_id, area_id)


async def hold_area_of(uow: UnitOfWork, group: Group, actor: Actor) -> None:
    """Put the part of a locked area in which a group was to meet on hold, if it is not yet."""
    await _put_on_hold(uow, group.centre, group.known_area, actor)


async def _put_on_hold(uow: UnitOfWork, centre_id: str, area_id: str, actor: Actor) -> None:
    """Put a locked area, or a part of one, on hold, if it is not yet."""
    if await uow.session.get(AreaHold, area_id, populate_existing=True) is None:
        uow.session.add(AreaHold(area=area_id, centre=centre_id, held_at=actor.now, username=actor.username))
        await uow.session.flush()
        await sync_hold(uow.session, uow.context, area_id, now=uow.now, cause=uow.cause)
