"""Tell the other services which sign-ups there are, and publish again what one of them has lost (decision 53)."""

from datetime import datetime
from typing import Final, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import outbox
from intake.store import reconciliation as rows
from intake.usecases.locks import lock_rows
from intake.usecases.missing import publish_again, tell_answer
from shared.events.reconciliation import LIST_HOLDS, LISTED_AT_ONCE, Differed, Listed, State
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.retention import Data, kept_for

LIST_SECONDS: Final = 300
"""Pause between two lists, in wall time."""

_STATES: Final[tuple[State, ...]] = get_args(State)

LISTED_IN_RUN: Final = 24 * LISTED_AT_ONCE
"""Sign-ups of one run: with more of them, the runs take turns."""

MOST_PUBLISHED: Final = 3
"""How often a missing sign-up is published again; after that it is for people to look at."""

log = get_logger(__name__)


async def list_signups(session: AsyncSession, *, now: datetime, in_run: int = LISTED_IN_RUN) -> int:
    """
    Publish the ids and states of the sign-ups that the other services should know; return the number of events.

    Copies of the service that run it in the same five minutes publish one list: the ids of its events are the same.
    """
    await rows.delete_until(session, now - kept_for(Data.SENT_EVENT))
    run = int(now.timestamp() // LIST_SECONDS)
    runs = max(1, -(-await rows.count(session) // in_run))
    first, cause = run % runs * in_run, Cause.tick("list_signups", run)
    found = list(await rows.part(session, max(0, first - 1), in_run + bool(first)))
    after = found.pop(0)[0] if first and found else None
    is_last = run % runs == runs - 1
    slices = [found[at : at + LISTED_AT_ONCE] for at in range(0, len(found), LISTED_AT_ONCE)] or [[]]
    for number, part in enumerate(slices):
        up_to = None if is_last and number == len(slices) - 1 else part[-1][0] if part else after
        by_state: dict[State, tuple[UUID, ...]] = {
            state: tuple(id_ for id_, own in part if own == state) for state in _STATES
        }
        stamp = cause.stamp(Listed, after or "first", now)
        await outbox.add(session, Listed(**stamp, after=after, up_to=up_to, by_state=by_state))
        after = up_to
    return len(slices)


async def on_differed(session: AsyncSession, event: Differed, *, now: datetime, wall: datetime) -> None:
    """
    Store what a service knows otherwise; what it has lost is published again where that is safe.

    A sign-up counts as lost if it is missing in two lists, as the answer to a seat does that grouping still offers.

    Args:
        session: The caller's transaction.
        event: The answer.
        now: The time of the events that follow.
        wall: The time of lists.
    """
    if event.listed_at < wall - LIST_HOLDS:
        return
    found: dict[UUID, tuple[str, str | None]] = dict.fromkeys(event.unknown, ("unknown", None))
    found |= dict.fromkeys(event.missing, ("missing", None))
    for status, ids in event.contradicted.items():
        found |= dict.fromkeys(ids, ("contradicted", status))
    await rows.replace(session, event, found)
    repairs = dict.fromkeys(event.missing, publish_again)
    repairs |= dict.fromkeys(event.contradicted.get("offered", ()), tell_answer)
    lasting = await rows.lasting(session, event.service, repairs, MOST_PUBLISHED)
    await lock_rows(session, [row.signup_id for row in lasting])
    for row in lasting:
        if await repairs[row.signup_id](session, row.signup_id, now=now, cause=Cause.of(event)):
            row.published += 1
            log.warning("lost_signup_published", signup_id=row.signup_id, service=event.service)
