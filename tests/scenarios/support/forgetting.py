"""Find every place that links two members of a group, or a member and the group: in tables, streams and logs."""

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from nats.js.errors import NotFoundError

from intake.usecases import memberships
from selvhjelp.installation import SERVICES
from shared.events import STREAMS
from shared.reference.retention import Data, kept_for
from tests.scenarios.support.town import Town

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
_REAL_TIME = frozenset({"intake_keys.person_keys", "log"})
"""Places whose times are those of this machine, of which a test has few."""


@dataclass
class Known:
    """
    What the test knows of one group.

    Attributes:
        members: All ids of each member: person, sign-up, seat, questions.
        group: Ids of the group, its meetings, visits and votes.
    """

    members: list[frozenset[str]]
    group: frozenset[str]

    def meet(self, ids: Iterable[str]) -> bool:
        """Return True if ids link two members, or a member and the group."""
        found = set(ids)
        known = [member for member in self.members if member & found]
        return len(known) > 1 or (bool(known) and bool(self.group & found))


async def known_ids(town: Town, group_id: str | None = None) -> Known:
    """Read the ids of a group, or of the only one, and of its members while the system knows them."""
    taken = "SELECT id, person_id, signup_id, group_id FROM seats WHERE state = 'taken'"
    seats = [seat for seat in await town.rows("grouping", taken) if group_id in {None, str(seat["group_id"])}]
    members = [{str(seat[name]) for name in ("id", "person_id", "signup_id")} for seat in seats]
    group = {str(seat["group_id"]) for seat in seats}
    meetings = await town.rows("grouping", "SELECT id, group_id FROM meetings")
    group |= {str(meeting["id"]) for meeting in meetings if str(meeting["group_id"]) in group}
    return Known([frozenset(member) for member in members], frozenset(group))


@dataclass
class Scan:
    """
    Where ids were seen.

    Attributes:
        by_place: The records of each table, stream or log: the ids in each of them.
    """

    by_place: dict[str, list[set[str]]] = field(default_factory=dict)

    def add(self, place: str, *parts: bytes | str) -> None:
        """Add one record; ids are found in text, in bytes, and as raw bytes in hex."""
        text = " ".join(part if isinstance(part, str) else part.decode("utf-8", "replace") for part in parts)
        hexed = "".join(re.findall(r"\\x([0-9a-f]+)", text))
        decoded = bytes.fromhex(hexed).decode("utf-8", "replace") if len(hexed) % 2 == 0 else ""
        moments = {moment for moment in _MOMENT.findall(text) if "00:00:00" not in moment and place not in _REAL_TIME}
        self.by_place.setdefault(place, []).append({*_ID.findall(text), *_ID.findall(decoded), *moments})

    def links(self, known: Known) -> Iterator[str]:
        """
        Yield the places that link members: in one record, or by an id that records of two members share.

        An id that stands with one member in one record and with another member, or the group, elsewhere links them too;
        only ids that stand for no person are such bridges (a correlation, a meeting, a task), and moments.
        """
        bridges: dict[str, set[str]] = {}
        everyone = frozenset().union(*known.members) | known.group
        for place, records in self.by_place.items():
            for ids in records:
                if known.meet(ids):
                    yield f"{place}: {sorted(ids & everyone)}"
                for other in ids - everyone:
                    bridges.setdefault(other, set()).update(ids & everyone)
        for bridge, ids in bridges.items():
            if known.meet(ids):
                places = [place for place, records in self.by_place.items() if any(bridge in one for one in records)]
                yield f"by {bridge} in {places}: {sorted(ids)}"


async def scan(town: Town, log_lines: Iterable[str], *, after: dict[str, int] | None = None) -> Scan:
    """Read every row of every database, every message of every stream after a number, and every line of the log."""
    found = Scan()
    for service in town.databases:
        async for table, line in _lines(town, service):
            found.add(f"{service}.{table}", line)
    jetstream = town.broker.jsm()
    for stream in STREAMS:
        state = (await jetstream.stream_info(stream.value)).state
        first = max(state.first_seq, 1, (after or {}).get(stream.value, 0) + 1)
        for number in range(first, state.last_seq + 1):
            try:
                message = await jetstream.get_msg(stream.value, number)
            except NotFoundError:  # forgotten by now
                continue
            found.add(f"stream {stream.value}", message.data or b"", json.dumps(dict(message.headers or {})))
        for consumer in await jetstream.consumers_info(stream.value):
            assert not consumer.num_ack_pending
    for line in log_lines:
        found.add("log", line)
    return found


async def last_of_streams(town: Town) -> dict[str, int]:
    """Return the number of the newest message of each stream."""
    jetstream = town.broker.jsm()
    return {stream.value: (await jetstream.stream_info(stream.value)).state.last_seq for stream in STREAMS}


async def _lines(town: Town, service: str) -> AsyncIterator[tuple[str, str]]:
    tables = await town.rows(service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    for row in tables:
        for line in await town.rows(service, f'SELECT t::text AS line FROM "{row["tablename"]}" t'):
            yield row["tablename"], line["line"]


def ids_of(*ids: UUID) -> frozenset[str]:
    """Return ids as they are written."""
    return frozenset(map(str, ids))


async def age_events(town: Town, data: Data) -> None:
    """Age all events beyond their retention, and run the jobs that delete them."""
    seconds = kept_for(data).total_seconds() + 60
    for service in SERVICES:
        async with town.databases[service].transaction() as session:
            connection = await session.connection()
            for table, column in (("outbox", "sent_at"), ("inbox", "seen_at"), ("dead_letters", "buried_at")):
                statement = f"UPDATE {table} SET {column} = {column} - make_interval(secs => {seconds})"
                await connection.exec_driver_sql(statement)
        jobs = town.apps[service].state.service._own_jobs()
        (delete_old,) = [job for job in jobs if job.name == "delete_old_events"]
        await delete_old.run()


def spread_erasures(patch: pytest.MonkeyPatch) -> None:
    """Set the delays of erasures two hours apart instead of at random, so that no two fall in one minute."""
    spread = itertools.count(3600, 7200)
    patch.setattr(memberships, "randbelow", lambda _most: next(spread))


async def links_left(town: Town, *groups: Known) -> list[str]:
    """Return the places that link members, once all that is kept by real time is as old as it can be."""
    last = await last_of_streams(town)
    for data in (Data.SENT_EVENT, Data.DEAD_LETTER):
        await age_events(town, data)
    days = kept_for(Data.MATCHER_CHANGE).days + 1
    for database, table, column in (("grouping", "board_changes", "at"), ("intake_keys", "group_keys", "created_at")):
        async with town.databases[database].transaction() as session:
            statement = f"UPDATE {table} SET {column} = {column} - make_interval(days => {days})"
            await (await session.connection()).exec_driver_sql(statement)
    await town.run_jobs()
    await town.at_rest()
    found = await scan(town, [], after=last)
    return [link for known in groups for link in found.links(known)]
