"""Compare what grouping knows with a list of intake's sign-ups (decision 53)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import SeatState
from grouping.domain.reconciliation import compare
from grouping.store import outbox
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin_with_group
from grouping.usecases.seats import answer_seat
from shared.errors import DomainError, NotFoundError
from shared.events.reconciliation import Differed, Listed, SeatKnown
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def on_listed(session: AsyncSession, event: Listed, *, wall: datetime, cause: Cause) -> None:
    """Answer with the ids that differ, or with none; ``wall`` is the time of lists."""
    if not event.holds(wall):
        return
    known = await store.signups.statuses(session, event.after, event.up_to)
    differences = compare(event.states, known)
    await outbox.add(session, event.answer("grouping", *differences, **cause.stamp(Differed, "grouping", wall)))


async def on_seat_known(
    session: AsyncSession, context: GroupingContext, event: SeatKnown, *, now: datetime, cause: Cause
) -> None:
    """
    Record an answer that was lost with an earlier state of this database.

    Its events continue the versions that the others know, or they would be taken for old ones. Nothing changes where
    the group or the offer is another one than that of the answer: `selvhjelp check` lists the sign-up.
    """
    try:
        _, group = await begin_with_group(session, context, event.group_id, now, cause)
    except NotFoundError:
        return
    offered = [seat for seat in group.seats if seat.signup_id == event.signup_id and seat.state == SeatState.OFFERED]
    if not offered or (event.seat_id is not None and offered[0].id != event.seat_id):
        return
    group.row.version = max(group.row.version, event.group_version)
    await session.flush()
    try:
        yes = event.seat_id is not None
        await answer_seat(session, context, offered[0].id, yes=yes, now=now, cause=cause)
    except DomainError as refusal:
        log.warning("lost_answer_refused", signup_id=event.signup_id, reason=str(refusal))
