"""Record that a member still comes to the start meeting."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin_with_group
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause


async def confirm_coming(
    session: AsyncSession,
    context: GroupingContext,
    seat_id: UUID,
    *,
    now: datetime,
    cause: Cause,
    actor: Actor | None = None,
) -> None:
    """
    Record that a member still comes; saying so twice changes nothing.

    Args:
        session: The transaction.
        context: Centres and policies.
        seat_id: Their seat.
        now: The moment.
        cause: What led to the answer.
        actor: The member of staff who was told so; None if the member said it on their own page.

    Raises:
        NotFoundError: ``unknown_seat``.
        DomainError: ``no_meeting_ahead`` if they have no seat any more, or if no start meeting is ahead.
    """
    seat = await store.seats.get(session, seat_id)
    if seat is None:
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    uow, group = await begin_with_group(session, context, seat.group_id, now, cause)
    if seat_id not in {other.id for other in group.seats}:
        # It was deleted while this transaction waited for the lock.
        raise NotFoundError("unknown_seat", seat_id=seat_id)
    if group.confirm_coming(seat_id):
        if actor is not None:
            await audit.record_member(uow, actor, "seat.coming_by_phone", seat.signup_id, group)
        await uow.stage()
