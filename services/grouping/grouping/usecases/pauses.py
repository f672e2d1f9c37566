"""
Handle intake's events that hold back offers to a person, or make them again: pauses, and changed texts.

Events may come late, twice or before the wishes of their sign-up: the highest version counts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.domain.signups import SignupStatus, is_newer_pause
from grouping.store import Signup
from grouping.store.locks import lock_areas, lock_person
from grouping.store.seats import LiveSeat
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.unit_of_work import UnitOfWork
from shared.events import signups
from shared.events.base import SignupEvent
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)

Flag = Literal["paused", "texts_asked"]

_VERSION_OF: Final[Mapping[Flag, str]] = {"paused": "pause_version", "texts_asked": "texts_version"}
"""The column with the highest version in the events about a flag."""


async def on_pause(
    session: AsyncSession,
    context: GroupingContext,
    event: signups.Paused | signups.Resumed,
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Begin or end a pause: a paused person keeps the place in the queue, gets no offer, and gives back a seat.

    A group that has started is no matter of matching any more, so its members keep their seats.
    """
    paused = isinstance(event, signups.Paused)
    signup_and_seat = await _find_signup(session, event, "paused", value=paused)
    if signup_and_seat is None:
        return
    signup, seat = signup_and_seat
    areas = {area for area in (signup.area, seat.area if seat is not None else None) if area is not None}
    await lock_areas(session, areas)
    await store.answers.set_paused(session, event.signup_id, event.version, paused=paused)
    uow = UnitOfWork(session, context, now, cause)
    # Read again, since matching could offer a seat before the areas were locked.
    _, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
    if paused and seat is not None and seat.signup_id == event.signup_id:
        group = await uow.load_group(seat.group_id)
        if group.row.state != GroupState.STARTED:
            await group.release_seat(seat.seat_id, "paused")
    await run_matching_and_stage(uow, *areas)
    log.info("signup_paused" if paused else "signup_resumed", signup_id=event.signup_id, area=signup.area)


async def on_texts(
    session: AsyncSession,
    context: GroupingContext,
    event: signups.TextsAsked | signups.TextsAccepted,
    *,
    now: datetime,
    cause: Cause,
) -> None:
    """Hold back offers to a person who is asked about changed texts, until they agree; a seat they have stays."""
    asked = isinstance(event, signups.TextsAsked)
    signup_and_seat = await _find_signup(session, event, "texts_asked", value=asked)
    if signup_and_seat is None:
        return
    signup, _ = signup_and_seat
    areas = {signup.area} if signup.area is not None else set()
    await lock_areas(session, areas)
    await store.answers.set_texts_asked(session, event.signup_id, event.version, asked=asked)
    await run_matching_and_stage(UnitOfWork(session, context, now, cause), *areas)


async def on_renewed(
    session: AsyncSession, context: GroupingContext, event: signups.Renewed, *, now: datetime, cause: Cause
) -> None:
    """
    Make offers again to a person who left some unanswered and still wants a group.

    What they left unanswered after the event stays unanswered, however late the event comes.
    """
    await lock_person(session, event.person_id)
    signup = await store.signups.get(session, event.signup_id)
    if signup is None or signup.area is None:
        return
    await lock_areas(session, [signup.area])
    await store.answers.renew(session, signup, event.occurred_at)
    await run_matching_and_stage(UnitOfWork(session, context, now, cause), signup.area)


async def _find_signup(
    session: AsyncSession, event: SignupEvent, flag: Flag, *, value: bool
) -> tuple[Signup, LiveSeat | None] | None:
    """
    Lock the person of an event about a flag, and return the sign-up to change with the live seat of the person.

    Returns:
        None if nothing is left to do: the person is erased or gone, a newer event is known, or the wishes have not
        arrived, so that the flag is stored ahead of them.
    """
    await lock_person(session, event.person_id)
    erased, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
    if erased:
        return None
    signup = await store.signups.get(session, event.signup_id)
    if signup is None:
        row = Signup(
            signup_id=event.signup_id,
            person_id=event.person_id,
            status=SignupStatus.UNREADY,
            version=0,
            gone_at=event.occurred_at,
        )
        setattr(row, flag, value)
        setattr(row, _VERSION_OF[flag], event.version)
        session.add(row)
        return None
    if signup.status == SignupStatus.GONE or not is_newer_pause(getattr(signup, _VERSION_OF[flag]), event.version):
        return None
    return signup, seat
