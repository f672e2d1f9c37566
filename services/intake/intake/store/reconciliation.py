"""Queries about sign-ups that the other services know otherwise."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.domain.signups import SignupState
from intake.store.reconciliation_tables import SignupComparison, SignupDifference
from intake.store.tables import Signup
from shared.events.reconciliation import Differed, State

KNOWN_ELSEWHERE: Final = tuple(map(SignupState, get_args(State)))
"""The states in which the other services know a sign-up."""

_LASTING: Final = col(SignupDifference.first_listed_at) < col(SignupDifference.listed_at)


async def count(session: AsyncSession) -> int:
    """Return the number of sign-ups that the other services should know."""
    query = sa.select(sa.func.count()).where(col(Signup.state).in_(KNOWN_ELSEWHERE))
    return await session.scalar(query) or 0


async def part(session: AsyncSession, first: int, number: int) -> Sequence[tuple[UUID, str]]:
    """Return some of those sign-ups with their states, in the order of their ids."""
    query = sa.select(col(Signup.signup_id), col(Signup.state)).where(col(Signup.state).in_(KNOWN_ELSEWHERE))
    rows = await session.execute(query.order_by(col(Signup.signup_id)).offset(first).limit(number))
    return [(row.signup_id, row.state) for row in rows]


async def delete_until(session: AsyncSession, at: datetime) -> None:
    """Delete what no service has told since a moment."""
    await session.execute(sa.delete(SignupDifference).where(col(SignupDifference.listed_at) <= at))


async def replace(session: AsyncSession, event: Differed, found: Mapping[UUID, tuple[str, str | None]]) -> None:
    """Store what differs within the slice, by kind and status, and forget what no longer does."""
    id_ = col(SignupDifference.signup_id)
    settled = sa.delete(SignupDifference).where(col(SignupDifference.service) == event.service, id_.not_in(list(found)))
    if event.after is not None:
        settled = settled.where(id_ > event.after)
    if event.up_to is not None:
        settled = settled.where(id_ <= event.up_to)
    await session.execute(settled)
    answer = insert(SignupComparison).values(service=event.service, listed_at=event.listed_at)
    newest = {"listed_at": sa.func.greatest(SignupComparison.listed_at, answer.excluded.listed_at)}
    await session.execute(answer.on_conflict_do_update(index_elements=["service"], set_=newest))
    if not found:
        return
    row = insert(SignupDifference)
    again = {
        "kind": row.excluded.kind,
        "status": row.excluded.status,
        "listed_at": sa.func.greatest(SignupDifference.listed_at, row.excluded.listed_at),
    }
    values = [
        {"service": event.service, "signup_id": signup_id, "kind": kind, "status": status}
        | {"first_listed_at": event.listed_at, "listed_at": event.listed_at}
        for signup_id, (kind, status) in sorted(found.items())
    ]
    await session.execute(row.on_conflict_do_update(index_elements=["service", "signup_id"], set_=again), values)


async def lasting(
    session: AsyncSession, service: str, ids: Collection[UUID], most_published: int
) -> Sequence[SignupDifference]:
    """Return those of these sign-ups that differed in two lists, and were not published again too often."""
    query = sa.select(SignupDifference).where(
        col(SignupDifference.service) == service,
        col(SignupDifference.signup_id).in_(ids),
        col(SignupDifference.published) < most_published,
        _LASTING,
    )
    return (await session.scalars(query.order_by(col(SignupDifference.signup_id)))).all()


async def totals(session: AsyncSession) -> tuple[dict[tuple[str, str], int], datetime | None]:
    """Return the number of lasting differences by service and kind, and since when there has been the oldest."""
    service, kind = col(SignupDifference.service), col(SignupDifference.kind)
    oldest = sa.func.min(col(SignupDifference.first_listed_at)).label("oldest")
    query = sa.select(service, kind, sa.func.count().label("number"), oldest).where(_LASTING).group_by(service, kind)
    rows = (await session.execute(query)).all()
    return {(row.service, row.kind): row.number for row in rows}, min((row.oldest for row in rows), default=None)


async def compared_at(session: AsyncSession) -> dict[str, datetime]:
    """Return for each service the time of the newest list that it has answered."""
    query = sa.select(col(SignupComparison.service), col(SignupComparison.listed_at))
    return {row.service: row.listed_at for row in await session.execute(query)}
