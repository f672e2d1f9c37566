"""Acts of staff on several people of one area at once; matching runs once, when all is done."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.store import Signup, audit_log
from grouping.usecases.areas import forget_refusals
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import begin
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.people import REASONS, exclude, include, load_person
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.audit import Actor

SharedAct = Literal["hold", "videre", "igjen"]
"""Exclude people from matching, include them again, or offer again what they have declined."""

MOST_TOGETHER: Final = 250
"""People of one transaction, which holds the lock of their area."""

_ACTIONS: Final[dict[SharedAct, str]] = {"hold": "person.excluded", "videre": "person.included"}


def concerns(act: SharedAct, signup: Signup) -> bool:
    """Return True if an act changes something for a person who waits or is in a draft."""
    if act == "igjen":
        return bool(signup.declined_cells)
    return (signup.excluded_reason is None) == (act == "hold")


async def done_at(
    session: AsyncSession, act: SharedAct, *, area_id: str, username: str, moment: datetime
) -> tuple[UUID, ...]:
    """Return the people for whom somebody did the opposite of an act in one press, so that the act takes it back."""
    opposite = _ACTIONS["videre" if act == "hold" else "hold"]
    return tuple(map(UUID, await audit_log.objects_at(session, username, opposite, moment, area_id)))


async def act_on_several(
    session: AsyncSession,
    context: GroupingContext,
    signup_ids: Collection[UUID],
    *,
    area_id: str,
    act: SharedAct,
    reason: str,
    actor: Actor,
) -> tuple[UUID, ...]:
    """
    Do the same for several people, and return those whom it concerned; everybody else is left out.

    Left out is who was offered a seat meanwhile, waits here no more, or for whom it is done already.

    Raises:
        NotFoundError: ``unknown_area``.
        DomainError: ``unknown_reason`` for an exclusion without one of the reasons.
    """
    if act == "hold" and reason not in REASONS:
        raise DomainError("unknown_reason")
    centre, area = context.area(area_id)
    uow = await begin(session, context, [area.id], actor.now, actor.cause)
    done = []
    for signup_id in list(dict.fromkeys(signup_ids))[:MOST_TOGETHER]:
        signup, group = await _person(uow, signup_id, area.id)
        if signup is None or not concerns(act, signup):
            continue
        if act == "hold":
            await exclude(uow, signup, group, area.id, reason, actor)
        elif act == "videre":
            await include(uow, signup, area.id, actor)
        else:
            await forget_refusals(uow, signup, centre.id, area.id, actor)
        await session.flush()
        done.append(signup_id)
    if done:
        await run_matching_and_stage(uow, area.id)
    return tuple(done)


async def _person(uow: UnitOfWork, signup_id: UUID, area_id: str) -> tuple[Signup | None, GroupAggregate | None]:
    try:
        return await load_person(uow, signup_id, area_id)
    except DomainError:
        return None, None
