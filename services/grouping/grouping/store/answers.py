"""The answers of sign-ups: refusals, silences, pauses and rests, which decide what they are offered next."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from grouping.domain.groups import SeatState
from grouping.domain.matching.cells import Cell
from grouping.domain.signups import UNANSWERED_BEFORE_PAUSE, SignupStatus
from grouping.store.tables import Seat, Signup
from shared.kit.database.columns import TEXTS


def _with(array: Any, value: str) -> Any:
    return func.array_append(func.array_remove(array, value), value)


async def decline_cell(session: AsyncSession, signup_id: UUID, cell: Cell, day: date) -> None:
    """
    Record that a seat was declined: the cell is not offered again until the wishes change, nor its slot on that day.

    It is an answer, so the count of unanswered offers begins again.
    """
    slots_of_day = case((col(Signup.declined_on) == day, col(Signup.declined_slots)), else_=literal([], TEXTS))
    await session.execute(
        update(Signup)
        .where(col(Signup.signup_id) == signup_id, col(Signup.status) != SignupStatus.GONE)
        .values(
            declined_cells=_with(col(Signup.declined_cells), cell.key),
            declined_on=day,
            declined_slots=_with(slots_of_day, cell.slot),
            unanswered=0,
        )
        .execution_options(synchronize_session=False)
    )


async def leave_unanswered(session: AsyncSession, signup_id: UUID, cell: Cell, now: datetime) -> bool:
    """
    Record an unanswered offer: the cell is not offered again until the wishes change.

    Returns:
        True if it is one too many, so that no more offers are made from now on.
    """
    unanswered = col(Signup.unanswered) + 1
    paused_now = await session.scalar(
        update(Signup)
        .where(col(Signup.signup_id) == signup_id, col(Signup.status) != SignupStatus.GONE)
        .values(
            declined_cells=_with(col(Signup.declined_cells), cell.key),
            unanswered=unanswered,
            offers_paused_at=case(
                (unanswered >= UNANSWERED_BEFORE_PAUSE, func.coalesce(col(Signup.offers_paused_at), now)), else_=None
            ),
        )
        .returning(col(Signup.offers_paused_at) == now)
        .execution_options(synchronize_session=False)
    )
    return bool(paused_now)


async def record_answer(session: AsyncSession, signup_id: UUID) -> None:
    """Begin the count of unanswered offers again, and make offers again if they were paused."""
    await session.execute(
        update(Signup)
        .where(
            col(Signup.signup_id) == signup_id,
            or_(col(Signup.unanswered) > 0, col(Signup.offers_paused_at).is_not(None)),
        )
        .values(unanswered=0, offers_paused_at=None)
        .execution_options(synchronize_session=False)
    )


async def renew(session: AsyncSession, signup: Signup, renewed_at: datetime) -> None:
    """
    Begin the count of unanswered offers again at the moment at which the person said that they still want a group.

    Offers that lapsed after that moment are counted, so that a late event ends no newer pause of offers.
    """
    lapsed_since = (
        select(func.count())
        .where(
            col(Seat.person_id) == signup.person_id,
            col(Seat.signup_id) == signup.signup_id,
            col(Seat.state) == SeatState.RELEASED,
            col(Seat.reason) == "lapsed",
            col(Seat.deadline) > renewed_at,
        )
        .scalar_subquery()
    )
    unanswered = func.least(col(Signup.unanswered), lapsed_since)
    await session.execute(
        update(Signup)
        .where(
            col(Signup.signup_id) == signup.signup_id,
            or_(col(Signup.unanswered) > 0, col(Signup.offers_paused_at).is_not(None)),
        )
        .values(
            unanswered=unanswered,
            offers_paused_at=case((unanswered >= UNANSWERED_BEFORE_PAUSE, col(Signup.offers_paused_at)), else_=None),
        )
        .execution_options(synchronize_session=False)
    )


async def set_paused(session: AsyncSession, signup_id: UUID, version: int, *, paused: bool) -> None:
    """Begin or end a person's pause; after it the count of unanswered offers begins again."""
    answered = {} if paused else {"unanswered": 0, "offers_paused_at": None}
    await session.execute(
        update(Signup)
        .where(col(Signup.signup_id) == signup_id)
        .values(paused=paused, pause_version=version, **answered)
        .execution_options(synchronize_session=False)
    )


async def set_texts_asked(session: AsyncSession, signup_id: UUID, version: int, *, asked: bool) -> None:
    """Hold back offers until the person has agreed to changed texts, or make them again."""
    await session.execute(
        update(Signup)
        .where(col(Signup.signup_id) == signup_id)
        .values(texts_asked=asked, texts_version=version)
        .execution_options(synchronize_session=False)
    )


async def rest(session: AsyncSession, signup_ids: Collection[UUID], until: datetime) -> None:
    """Offer no seat to these sign-ups before a moment."""
    if signup_ids:
        await session.execute(
            update(Signup)
            .where(col(Signup.signup_id).in_(signup_ids), col(Signup.status) != SignupStatus.GONE)
            .values(rests_until=until)
            .execution_options(synchronize_session=False)
        )


def _is_rested(now: datetime, day: date) -> ColumnElement[bool]:
    return or_(col(Signup.rests_until) <= now, col(Signup.declined_on) < day)


async def areas_with_rested(session: AsyncSession, now: datetime, day: date) -> list[str]:
    """Return the areas with sign-ups whose rest is over, or that declined a slot on an earlier day."""
    query = select(col(Signup.area)).where(col(Signup.area).is_not(None), _is_rested(now, day)).distinct()
    return [area for area in (await session.scalars(query)).all() if area is not None]


async def end_rests(session: AsyncSession, area: str, now: datetime, day: date) -> bool:
    """End the rests and declined days that are over in an area; return True if there are any."""
    over = col(Signup.rests_until) <= now
    yesterday = col(Signup.declined_on) < day
    rows = await session.scalars(
        update(Signup)
        .where(col(Signup.area) == area, _is_rested(now, day))
        .values(
            rests_until=case((over, None), else_=col(Signup.rests_until)),
            declined_slots=case((yesterday, literal([], TEXTS)), else_=col(Signup.declined_slots)),
            declined_on=case((yesterday, None), else_=col(Signup.declined_on)),
        )
        .returning(col(Signup.signup_id))
        .execution_options(synchronize_session=False)
    )
    return bool(rows.all())


async def accept_cell(session: AsyncSession, signup_id: UUID, cell: Cell) -> None:
    """Remove a refusal of this cell, also the one of the same day."""
    await session.execute(
        update(Signup)
        .where(col(Signup.signup_id) == signup_id, col(Signup.status) != SignupStatus.GONE)
        .values(
            declined_cells=func.array_remove(col(Signup.declined_cells), cell.key),
            declined_slots=func.array_remove(col(Signup.declined_slots), cell.slot),
        )
        .execution_options(synchronize_session=False)
    )
