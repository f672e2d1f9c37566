"""Acts of staff on people who have waited long."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.store import task_book
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin
from grouping.usecases.tasks import WAITS, sync_area
from shared.errors import NotFoundError
from shared.kit.audit import Actor

PUT_OFF: Final = timedelta(days=30)
"""Time until staff are reminded again of a wait that they have looked at."""


async def put_off_wait(
    session: AsyncSession, context: GroupingContext, signup_id: UUID, *, area_id: str, actor: Actor
) -> None:
    """
    Close the task about a long wait, and open it again after :data:`PUT_OFF` if the person still waits.

    Raises:
        NotFoundError: ``unknown_area``, or ``unknown_signup`` if it does not wait in the area.
    """
    await _review(session, context, signup_id, area_id, actor, "person.wait_seen", actor.now + PUT_OFF)
    await task_book.sync(session, f"{WAITS}{signup_id}", [], now=actor.now, cause=actor.cause)


async def reopen_wait(
    session: AsyncSession, context: GroupingContext, signup_id: UUID, *, area_id: str, actor: Actor
) -> None:
    """
    Undo :func:`put_off_wait`: open the task about a long wait again at once.

    Raises:
        NotFoundError: ``unknown_area``, or ``unknown_signup`` if it does not wait in the area.
    """
    await _review(session, context, signup_id, area_id, actor, "person.wait_open", actor.now)
    await sync_area(session, context, area_id, now=actor.now, cause=actor.cause)


async def _review(
    session: AsyncSession,
    context: GroupingContext,
    signup_id: UUID,
    area_id: str,
    actor: Actor,
    action: str,
    until: datetime,
) -> None:
    centre, _ = context.area(area_id)
    uow = await begin(session, context, [area_id], actor.now, actor.cause)
    signup = await store.signups.get(session, signup_id)
    if signup is None or signup.area != area_id:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    await store.tasks.put_off_wait(session, signup_id, until)
    await audit.record(uow, actor, action, "signup", signup_id, centre.id, area_id)
