"""Compare by ids what intake published with what grouping and notify know, and publish what they miss (decision 44)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar, get_args
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import reconciliation as grouping_rules
from intake.usecases.missing import publish_again, tell_answer
from notify.domain import reconciliation as notify_rules
from notify.store import people
from selvhjelp.installation import SERVICES, Installation
from selvhjelp.operations.sessions import database_session
from shared.events.reconciliation import State
from shared.kit.database.connect import connect
from shared.kit.staff import wall_now

T = TypeVar("T")
PUBLISHED: Final = frozenset(get_args(State))
"""States of intake in which the other services know a sign-up."""

_UNSENT: Final = "SELECT count(*) FROM outbox WHERE sent_at IS NULL AND parked_at IS NULL"


@dataclass(frozen=True)
class Differences:
    """
    Sign-ups that the services know differently, by id.

    Attributes:
        missing: Waiting in intake, and unknown to grouping or notify: they can be published again.
        contradicted: Other than in grouping or notify, by state in intake and status there.
        unknown: Waiting or with a seat in grouping, and not in intake, or withdrawn there.
    """

    missing: tuple[UUID, ...] = ()
    contradicted: tuple[tuple[UUID, str, str], ...] = ()
    unknown: tuple[UUID, ...] = ()

    def lasting(self, later: "Differences") -> "Differences":
        """Return those that a later look finds too: others were under way between the services."""
        return Differences(
            _both(self.missing, later.missing),
            _both(self.contradicted, later.contradicted),
            _both(self.unknown, later.unknown),
        )


def _both(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(item for item in one if item in set(other))


def compare(intake: Mapping[UUID, str], grouping: Mapping[UUID, str], notify: Mapping[UUID, bool]) -> Differences:
    """
    Return the differences.

    Args:
        intake: The state of each sign-up.
        grouping: The status of each sign-up.
        notify: The sign-ups that it knows, and whether they have a seat or an open offer there.
    """
    listed = {id_: state for id_, state in intake.items() if state in PUBLISHED}
    unknown_to_grouping, in_grouping, unknown = grouping_rules.compare(listed, grouping)
    with_seat = {id_ for id_, has_seat in notify.items() if has_seat}
    unknown_to_notify, in_notify = notify_rules.compare(listed, notify.keys(), with_seat)
    missing = {*unknown_to_grouping, *unknown_to_notify}
    others = [*in_grouping.items(), *((f"{status} in notify", ids) for status, ids in in_notify.items())]
    contradicted = sorted((id_, listed[id_], status) for status, ids in others for id_ in ids)
    return Differences(tuple(sorted(missing)), tuple(each for each in contradicted if each[0] not in missing), unknown)


async def look(installation: Installation) -> Differences | None:
    """Read the three databases and compare; None while events wait in an outbox, which are still to be told."""
    if sum([await _value(installation, service, _UNSENT) for service in SERVICES]):
        return None
    # Against the way of the events: what the last has been told, the first has decided.
    async with database_session(installation.database_url("notify")) as session:
        notify = await people.all_signups(session)
    grouping = {
        row[0]: row[1] for row in await _rows(installation, "grouping", "SELECT signup_id, status FROM waiting")
    }
    intake = {row[0]: row[1] for row in await _rows(installation, "intake", "SELECT signup_id, state FROM signups")}
    return compare(intake, grouping, notify)


async def silent(installation: Installation, since: timedelta) -> list[str]:
    """Return the services that have answered no list of intake for so long (decision 53)."""
    answers = await _rows(installation, "intake", "SELECT service, listed_at FROM signup_comparisons ORDER BY service")
    return [service for service, listed_at in answers if listed_at < wall_now() - since]


async def repair(installation: Installation) -> tuple[list[UUID], list[UUID]]:
    """Publish anew what the others have lost; return the sign-ups, and those that are left to people."""
    found = await look(installation)
    if found is None:
        return [], []
    async with database_session(installation.database_url("intake")) as session:
        published = await _publish(session, found.missing)
        unanswered = [id_ for id_, _, status in found.contradicted if status == "offered"]
        published += [id_ for id_ in unanswered if await tell_answer(session, id_, now=wall_now())]
    differing = [*found.missing, *(id_ for id_, *_ in found.contradicted), *found.unknown]
    return published, [id_ for id_ in differing if id_ not in published]


async def _publish(session: AsyncSession, signup_ids: Collection[UUID]) -> list[UUID]:
    return [id_ for id_ in signup_ids if await publish_again(session, id_, now=wall_now())]


async def _rows(installation: Installation, service: str, query: str) -> list[asyncpg.Record]:
    connection = await connect(
        installation.database_url(service).get_secret_value().replace("+asyncpg", "", 1), timeout=5
    )
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def _value(installation: Installation, service: str, query: str) -> int:
    ((value,),) = await _rows(installation, service, query)
    return int(value)
