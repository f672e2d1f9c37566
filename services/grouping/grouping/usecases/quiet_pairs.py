"""Handle intake's events about people who are never put in one group, by a wish that nobody may read (decision 54)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store.locks import lock_areas, lock_people_and_areas
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.draft_repair import SYSTEM_USERNAME
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.unit_of_work import UnitOfWork
from shared.events import people
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause


async def on_kept_apart(
    session: AsyncSession, context: GroupingContext, event: people.KeptApart, *, now: datetime, cause: Cause
) -> None:
    """
    Keep two people apart, and part them if both are in one draft.

    A seat that was offered stays: taking it would tell one of them.
    """
    pair = (event.person_id, event.other_person_id)
    await lock_people_and_areas(session, pair, ())
    await lock_areas(session, await _areas_of(session, pair))
    await store.quiet_pairs.add(session, event.pair_id, pair)
    if not await store.quiet_pairs.people_in(session, event.pair_id):
        return
    uow = UnitOfWork(session, context, now, cause)
    if areas := await part(uow, pair):
        await run_matching_and_stage(uow, *areas)


async def on_apart_ended(session: AsyncSession, event: people.ApartEnded, *, now: datetime) -> None:
    """
    Let two people be in one group again.

    Nothing is matched: an offer that follows at once would tell that the other person is in that group.
    """
    await store.quiet_pairs.end(session, event.pair_id, now)


async def part(uow: UnitOfWork, pair: tuple[UUID, UUID]) -> set[str]:
    """
    Take one of two people out of a draft that both are in, and return its area, which must be locked.

    The one who has waited less goes back to the queue, but nobody whom staff have pinned before one who is not. It is
    recorded as draft repair does, so that it looks like nothing else.
    """
    seats = [seat for person_id in pair if (seat := await store.signups.live_seat(uow.session, person_id)) is not None]
    if len(seats) < len(pair) or len({seat.group_id for seat in seats}) > 1:
        return set()
    group = await uow.load_group(seats[0].group_id)
    ids = {seat.seat_id for seat in seats}
    both = [seat for seat in group.seats if seat.id in ids]
    if not group.is_draft or len(both) < len(pair):
        return set()
    leaving = min(both, key=lambda seat: (seat.pinned, seat.waited_days, str(seat.id)))
    await group.release_seat(leaving.id, "moved")
    actor = Actor(SYSTEM_USERNAME, uow.now, uow.cause)
    await audit.record_member(uow, actor, "draft.member_released", leaving.signup_id, group)
    await uow.session.flush()
    return {group.row.area}


async def _areas_of(session: AsyncSession, pair: tuple[UUID, UUID]) -> set[str]:
    """Return the areas in which these people wait or have a seat."""
    rows = [row for person_id in pair for row in await store.signups.of_person(session, person_id)]
    seats = [await store.signups.live_seat(session, person_id) for person_id in pair]
    return {row.area for row in rows if row.area is not None} | {seat.area for seat in seats if seat is not None}
