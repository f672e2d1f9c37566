"""Queries about times for talks and the talks of sign-ups, and the mapping between a row and its rules."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain import talks as rules
from intake.domain.signups import SignupState
from intake.domain.talks import BOOKED_BEFORE, TalkOutcome
from intake.store.tables import Signup
from intake.store.talk_tables import Talk, TalkTime
from shared.reference.calls import UNANSWERED_AT_MOST

NO_TALK = rules.Talk()


@dataclass(frozen=True, slots=True)
class ArrangedTalk:
    """The talk of a sign-up with its booked time, if it has one."""

    talk: rules.Talk
    time: TalkTime | None = None


NOTHING_ARRANGED = ArrangedTalk(NO_TALK)


@dataclass(frozen=True, slots=True)
class ListedTime:
    """A time as staff see it, with the sign-up that has it."""

    time: TalkTime
    signup: Signup | None


def talk_of(row: Talk | None) -> rules.Talk:
    """Return the talk that a row holds."""
    if row is None:
        return NO_TALK
    return rules.Talk(
        talk_id=row.talk_id,
        sequence=row.sequence,
        time_id=row.time_id,
        past=row.past,
        call_from=row.call_from,
        unanswered=row.unanswered,
        offered_until=row.offered_until,
        outcome=TalkOutcome(row.outcome) if row.outcome else None,
    )


async def get(session: AsyncSession, signup_id: UUID) -> ArrangedTalk:
    """Return the talk of a sign-up."""
    return (await of_signups(session, [signup_id])).get(signup_id, NOTHING_ARRANGED)


async def of_signups(session: AsyncSession, signup_ids: Collection[UUID]) -> Mapping[UUID, ArrangedTalk]:
    """Return the talks of these sign-ups; those without one are left out."""
    query = (
        sa.select(Talk, TalkTime)
        .outerjoin(TalkTime, col(TalkTime.time_id) == col(Talk.time_id))
        .where(col(Talk.signup_id).in_(list(signup_ids)))
        .execution_options(populate_existing=True)
    )
    return {row.signup_id: ArrangedTalk(talk_of(row), time) for row, time in await session.execute(query)}


async def write(session: AsyncSession, signup_id: UUID, talk: rules.Talk, now: datetime) -> None:
    """Write the talk of a locked sign-up; a time that somebody else has makes an ``IntegrityError``."""
    row = await session.get(Talk, signup_id)
    if row is None:
        row = Talk(signup_id=signup_id)
        session.add(row)
    row.talk_id, row.sequence, row.time_id, row.past = talk.talk_id, talk.sequence, talk.time_id, talk.past
    row.call_from, row.unanswered, row.offered_until = talk.call_from, talk.unanswered, talk.offered_until
    if talk.outcome is None:
        row.outcome = row.outcome_at = None
    elif row.outcome != talk.outcome:
        row.outcome, row.outcome_at = talk.outcome.value, now
    await session.flush()


async def time(session: AsyncSession, time_id: UUID) -> TalkTime | None:
    """Return a time."""
    return await session.get(TalkTime, time_id)


async def lock_time(session: AsyncSession, time_id: UUID) -> TalkTime | None:
    """Return a time with a row lock, which serialises booking and closing."""
    return await session.get(TalkTime, time_id, with_for_update=True, populate_existing=True)


async def signup_with(session: AsyncSession, time_id: UUID) -> UUID | None:
    """Return the sign-up that has a time; None if it is free."""
    return (await session.scalars(sa.select(col(Talk.signup_id)).where(col(Talk.time_id) == time_id))).first()


async def free_times(
    session: AsyncSession, centre: str, *, after: datetime, until: datetime, limit: int
) -> Sequence[TalkTime]:
    """Return open times of a centre that nobody has, the next one first."""
    query = (
        sa.select(TalkTime)
        .where(_is_free(centre, after), col(TalkTime.starts_at) < until)
        .order_by(col(TalkTime.starts_at), col(TalkTime.time_id))
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def has_free_time(session: AsyncSession, centre: str, now: datetime) -> bool:
    """Return True if a person could pick a time of the centre now."""
    return bool(await session.scalar(sa.select(sa.exists().where(_is_free(centre, now + BOOKED_BEFORE)))))


async def lock_centre(session: AsyncSession, centre: str) -> None:
    """Let no other transaction open times of the centre until this one ends."""
    key = sa.func.hashtextextended(f"talk times {centre}", 0)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def overlapping(
    session: AsyncSession, centre: str, held_by: str, starts_at: datetime, ends_at: datetime
) -> TalkTime | None:
    """Return an open time of the centre, with the same person or with nobody named, that overlaps; None without one."""
    same = sa.func.lower(col(TalkTime.held_by)) == held_by.casefold()
    query = sa.select(TalkTime).where(
        col(TalkTime.centre) == centre,
        col(TalkTime.closed_at).is_(None),
        col(TalkTime.starts_at) < ends_at,
        col(TalkTime.ends_at) > starts_at,
        same,
    )
    return (await session.scalars(query.limit(1))).first()


async def listed(
    session: AsyncSession, centres: Collection[str], *, after: datetime, limit: int
) -> Sequence[ListedTime]:
    """
    Return times of these centres that are not over, with who has them; closed ones are left out.

    All that somebody has are among them, and of the free ones the first ``limit``.
    """
    shown = (
        col(TalkTime.centre).in_(list(centres)),
        col(TalkTime.ends_at) > after,
        col(TalkTime.closed_at).is_(None),
    )
    taken = sa.exists().where(col(Talk.time_id) == col(TalkTime.time_id))
    in_order = (col(TalkTime.starts_at), col(TalkTime.time_id))
    free = sa.select(col(TalkTime.time_id)).where(*shown, ~taken).order_by(*in_order).limit(limit)
    query = (
        sa.select(TalkTime, Signup)
        .outerjoin(Talk, col(Talk.time_id) == col(TalkTime.time_id))
        .outerjoin(Signup, col(Signup.signup_id) == col(Talk.signup_id))
        .where(*shown, col(Talk.signup_id).is_not(None) | col(TalkTime.time_id).in_(free))
        .order_by(*in_order)
    )
    return [ListedTime(time, signup) for time, signup in await session.execute(query)]


async def ids_ended(session: AsyncSession, now: datetime, limit: int = 100) -> list[UUID]:
    """Return the sign-ups whose booked time is over and not yet marked so."""
    query = (
        sa.select(col(Talk.signup_id))
        .join(TalkTime, col(TalkTime.time_id) == col(Talk.time_id))
        .where(col(TalkTime.ends_at) <= now, col(Talk.past).is_(False))
        .order_by(col(TalkTime.ends_at), col(Talk.signup_id))
        .limit(limit)
    )
    return list(await session.scalars(query))


async def ids_unanswered(session: AsyncSession, now: datetime, limit: int = 100) -> list[UUID]:
    """Return the sign-ups whose last offer of new times was not answered in time."""
    until = col(Talk.offered_until)
    return list(
        await session.scalars(
            sa.select(col(Talk.signup_id)).where(until <= now).order_by(until, col(Talk.signup_id)).limit(limit)
        )
    )


async def ids_without_step(session: AsyncSession) -> set[UUID]:
    """Return confirmed sign-ups whose talk is arranged, or over in silence, so that no step waits for staff."""
    query = (
        sa.select(col(Talk.signup_id))
        .join(Signup, col(Signup.signup_id) == col(Talk.signup_id))
        .where(
            col(Signup.state) == SignupState.CONFIRMED.value,
            sa.or_(
                col(Talk.time_id).is_not(None),
                col(Talk.call_from).is_not(None),
                col(Talk.offered_until).is_not(None),
                col(Talk.unanswered) >= UNANSWERED_AT_MOST,
            ),
        )
    )
    return set(await session.scalars(query))


async def delete_ended_before(session: AsyncSession, moment: datetime) -> None:
    """Delete times that ended before a moment and that no talk has any longer."""
    has_talk = sa.exists().where(col(Talk.time_id) == col(TalkTime.time_id))
    await session.execute(sa.delete(TalkTime).where(col(TalkTime.ends_at) < moment, ~has_talk))


def _is_free(centre: str, after: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(TalkTime.centre) == centre,
        col(TalkTime.closed_at).is_(None),
        col(TalkTime.starts_at) >= after,
        ~sa.exists().where(col(Talk.time_id) == col(TalkTime.time_id)),
    )
