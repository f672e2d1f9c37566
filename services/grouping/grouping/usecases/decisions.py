"""
Decisions of staff about a group that lacks members.

A confirmed group keeps its date, is put off, is merged, or starts all the same; a proposal looks for members longer, or
starts all the same. They can be made from the moment at which the group falls below its minimum. If there is none, the
policy decides; see :func:`grouping.usecases.groups.extend_meeting` and :mod:`grouping.usecases.filling`.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.decisions import must_lack_members
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.matching.cells import WaitingPerson
from grouping.domain.matching.model import AreaConfig, OpenGroup, assignment
from grouping.domain.transfers import can_take_all
from grouping.store import Group
from grouping.usecases import audit
from grouping.usecases.area_state import load_area_config
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin_with_group
from grouping.usecases.matching import run_matching_and_stage
from shared.errors import DomainError
from shared.kit.audit import Actor

PUT_OFF_DAYS: Final = 14
"""Days by which staff put a meeting off where the policy itself never does."""


async def keep_date(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Keep the date of the start meeting, and look for members until shortly before it.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: See :func:`grouping.domain.decisions.keep_date`.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.keep_date()
    await audit.record_group(uow, actor, "decision.date_kept", group)
    await uow.stage()


async def prolong(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Let a proposal below its minimum look for members for some days more.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: See :func:`grouping.domain.decisions.prolong`.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.prolong()
    await audit.record_group(uow, actor, "decision.prolonged", group)
    await uow.stage()


async def put_off(session: AsyncSession, context: GroupingContext, group_id: UUID, *, actor: Actor) -> None:
    """
    Put the start meeting off, so that more people can join.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: See :func:`grouping.domain.decisions.put_off`.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.put_off(group.policy.extension_days or PUT_OFF_DAYS)
    await audit.record_group(uow, actor, "decision.put_off", group)
    await uow.stage()


async def allow_small_start(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, reason: str, actor: Actor
) -> None:
    """
    Let the group start with the members it has; a proposal is confirmed at once.

    The reason is free text, so it stays in the row of the group: it is in no event, no log and no audit entry, and is
    deleted with the memberships.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: See :func:`grouping.domain.decisions.allow_small_start`.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    group.allow_small_start(reason)
    group.confirm_if_enough(context.area(group.row.area)[0])
    await audit.record_group(uow, actor, "decision.small_start_allowed", group)
    await uow.stage()


async def merge(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, target_id: UUID, actor: Actor
) -> None:
    """
    Ask the members, once, whether another group of the area also suits them, instead of cancelling theirs.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``enough_members``, ``not_confirmed``, ``group_closed``, or ``does_not_fit`` if the other group is
            full, is closed, or does not suit every member.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    must_lack_members(group.group)
    members = await members_of(session, group.row.id)
    config = await load_area_config(session, context, group.row.area, actor.now)
    targets = await merge_targets(session, group.row, members, config, actor.now)
    if target_id not in {target.group_id for target in targets}:
        raise DomainError("does_not_fit", group_id=target_id)
    target = await uow.load_group(target_id)
    place = next(place for place in config.places if place.id == target.row.place)
    group.cancel("too_few")
    await session.flush()
    for member in members:
        target.offer_seat(assignment(member, target.cell, place, actor.now))
    target.publish_new_offers()
    await audit.record_group(uow, actor, "decision.merged", group)
    await run_matching_and_stage(uow, group.row.area)


async def members_of(session: AsyncSession, group_id: UUID) -> list[WaitingPerson]:
    """Return those who have said yes to a group, as matching sees them."""
    seats = (await store.seats.of_groups(session, [group_id]))[group_id]
    rows = [await store.signups.get(session, seat.signup_id) for seat in seats if seat.state == SeatState.TAKEN]
    return [store.signups.row_to_waiting(row) for row in rows if row is not None and row.area is not None]


async def merge_targets(
    session: AsyncSession, group: Group, members: list[WaitingPerson], config: AreaConfig, now: datetime
) -> list[OpenGroup]:
    """Return the other open groups of the area that all members could join, the oldest first."""
    places = {place.id: place for place in config.places}
    open_groups = (await store.matching.open_groups(session, [group.area], now))[group.area]
    suitable = [
        target
        for target in sorted(open_groups, key=lambda target: (target.created_at, target.group_id))
        if target.group_id != group.id
        and can_take_all(target, places.get(target.cell.place), members, config.exclusions)
    ]
    rows = await store.groups.with_start_meetings(session, [target.group_id for target in suitable])
    told = {row.id for row, _ in rows if row.state in {GroupState.PROPOSED, GroupState.CONFIRMED}}
    return [target for target in suitable if target.group_id in told]
