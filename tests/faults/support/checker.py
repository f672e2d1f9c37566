"""
The checker of all fault runs: the invariants I1 to I7, read from the databases, the streams and the mailbox.

It depends on the tables of the services, not on their code.
"""

import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import ServiceUnavailableError

from devtools.testing.identities import connect
from grouping.app import contract as grouping_contract
from intake.app import contract as intake_contract
from notify.app import contract as notify_contract
from notify.domain.planning import message_id
from selvhjelp.rehearsal.visitor import Mail
from shared.events import STREAMS, Stream, event_class
from shared.events.registry import TRANSIENT
from tests.faults.support.running_system import DATABASES, MAIL_DOMAIN, RunningSystem

CONSUMERS = {
    "intake": intake_contract,
    "grouping": grouping_contract,
    "notify": notify_contract,
}
UNANNOUNCED = {"received", "confirmed", "withdrawn"}


@dataclass
class Verdict:
    """The result of a check: violations of invariants, and counts for the report."""

    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def require(self, holds: bool, invariant: str, fact: object) -> None:
        """Add a violation if a condition does not hold."""
        if not holds:
            self.violations.append(f"{invariant}: {fact}")


async def rows(system: RunningSystem, database: str, query: str) -> list[asyncpg.Record]:
    """Return the rows of a query."""
    connection = await asyncpg.connect(system.database(database))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def check(system: RunningSystem, accepted: int, mails: list[Mail]) -> Verdict:
    """
    Check all invariants of a system at rest.

    Args:
        system: The system.
        accepted: Number of sign-ups of different people that were answered with 202.
        mails: All mails in the mailbox.
    """
    verdict = Verdict()
    signups = {row["signup_id"]: row for row in await rows(system, "intake", "SELECT * FROM signups")}
    waiting = {row["signup_id"]: row for row in await rows(system, "grouping", "SELECT * FROM waiting")}
    seats = await rows(system, "grouping", "SELECT * FROM seats")
    groups = {row["id"]: row for row in await rows(system, "grouping", "SELECT * FROM groups")}
    verdict.counts.update(signups=len(signups), groups=len(groups), mails=len(mails))
    verdict.counts.update(f"waiting.{row['status']}" for row in waiting.values())
    verdict.counts.update(f"groups.{row['state']}" for row in groups.values())

    verdict.require(len(signups) == accepted, "I1", f"{accepted} answered with 202, {len(signups)} are there")
    _one_place_each(verdict, signups, waiting, seats, groups)
    _sizes(verdict, seats, groups)
    await _mails(system, verdict, signups, mails)
    await _outbox_and_inbox(system, verdict)
    return verdict


def _one_place_each(
    verdict: Verdict, signups: dict[UUID, Any], waiting: dict[UUID, Any], seats: list[Any], groups: dict[UUID, Any]
) -> None:
    live = Counter(seat["signup_id"] for seat in seats if seat["state"] in {"offered", "taken"})
    for signup_id, signup in signups.items():
        if signup["state"] in UNANNOUNCED:
            continue
        row = waiting.get(signup_id)
        if row is None:
            verdict.require(False, "I2", f"{signup_id} is {signup['state']} but missing in grouping")
            continue
        expected = 0 if row["status"] in {"waiting", "gone"} else 1
        verdict.require(live[signup_id] == expected, "I2", f"{signup_id} {row['status']} has {live[signup_id]} seats")
        projected = {"waiting": "ready", "gone": "ready"}.get(row["status"], row["status"])
        verdict.require(
            signup["state"] == projected, "I2", f"{signup_id} {signup['state']} in intake, {row['status']} in grouping"
        )
    for seat in seats:
        if seat["state"] in {"offered", "taken"}:
            verdict.require(groups[seat["group_id"]]["state"] != "cancelled", "I2", f"seat {seat['id']} in no group")


def _sizes(verdict: Verdict, seats: list[Any], groups: dict[UUID, Any]) -> None:
    for id_, group in groups.items():
        live = [seat for seat in seats if seat["group_id"] == id_ and seat["state"] in {"offered", "taken"}]
        taken = sum(seat["state"] == "taken" for seat in live)
        policy = json.loads(group["policy"])
        verdict.require(len(live) <= policy["size_max"], "I3", f"group {id_} has {len(live)} seats")
        if group["state"] == "started":
            verdict.require(taken >= policy["size_min"], "I3", f"group {id_} started with {taken}")


async def _mails(system: RunningSystem, verdict: Verdict, signups: dict[UUID, Any], mails: list[Mail]) -> None:
    queued = {
        message_id(row["id"], MAIL_DOMAIN).strip("<>"): row
        for row in await rows(system, "notify", "SELECT * FROM mails")
    }
    received = Counter(mail.message_id.strip("<>") for mail in mails)
    for name, row in queued.items():
        fact = f"{row['kind']} {row['id']} is {row['status']}, {received[name]} copies, attempt {row['attempt']}"
        if row["status"] == "sent":
            # After an unknown outcome, one resend under the same Message-ID is allowed.
            verdict.require(1 <= received[name] <= 1 + row["unknowns"], "I4", fact)
        elif row["status"] in {"queued", "cancelled", "call"}:
            verdict.require(received[name] == 0, "I4", fact)
        elif row["status"] == "unknown":
            verdict.require(received[name] <= 2, "I4", fact)
        else:
            verdict.require(False, "I4", fact)
        verdict.counts[f"mail.{row['status']}"] += 1
    for name in received:
        verdict.require(name in queued, "I5", f"a mail without a row: {name}")
    once = Counter((row["kind"], row["cause_id"], row["person_id"]) for row in queued.values())
    verdict.require(all(count == 1 for count in once.values()), "I4", "two mails for one cause")
    per_person = Counter((row["kind"], row["person_id"]) for row in queued.values())
    for signup in signups.values():
        first = per_person["address_to_confirm", signup["person_id"]]
        verdict.require(first == 1, "I4", f"{first} mails to confirm the address of {signup['person_id']}")
        if signup["state"] not in UNANNOUNCED:
            listed = per_person["on_the_list", signup["person_id"]]
            verdict.require(listed == 1, "I4", f"{listed} mails on the list for {signup['person_id']}")


async def _outbox_and_inbox(system: RunningSystem, verdict: Verdict) -> None:
    stored = await messages(system)
    verdict.counts["events"] = len(stored)
    for name, contract in CONSUMERS.items():
        unsent = await rows(system, name, "SELECT 1 FROM outbox WHERE sent_at IS NULL")
        verdict.require(not unsent, "I6", f"{len(unsent)} events unsent in {name}")
        dead = await rows(system, name, "SELECT consumer, subject, reason FROM dead_letters")
        verdict.require(not dead, "I6", f"dead letters in {name}: {[dict(row) for row in dead]}")
        seen = {(r["consumer"], r["event_id"]) for r in await rows(system, name, "SELECT * FROM inbox")}
        for consumer in contract():
            for subject, event in stored:
                if event_class(subject) in consumer.handlers:
                    key = (consumer.durable, UUID(event["event_id"]))
                    verdict.require(key in seen, "I6", f"{consumer.durable} has not handled {subject} {key[1]}")


async def messages(system: RunningSystem) -> list[tuple[str, dict[str, Any]]]:
    """Return subject and content of every event in every stream."""
    connection = await connect(system.nats.url)
    js = connection.jetstream()
    events = [event for stream in STREAMS for event in await _messages_of(js, stream)]
    await connection.close()
    return events


async def _messages_of(js: JetStreamContext, stream: Stream) -> list[tuple[str, dict[str, Any]]]:
    """Read a stream from its start, anew while the reader is lost, which lives on one node of a cluster."""
    for _ in range(4):
        with suppress(ServiceUnavailableError):
            return await _read(js, stream)
    return await _read(js, stream)


async def _read(js: JetStreamContext, stream: Stream) -> list[tuple[str, dict[str, Any]]]:
    events: list[tuple[str, dict[str, Any]]] = []
    left = (await js.stream_info(stream.value)).state.messages
    reader = await js.pull_subscribe(
        stream.subjects, stream=stream.value, config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
    )
    while left > 0:
        try:
            batch = await reader.fetch(min(left, 500), timeout=5)
        except TimeoutError:
            if (await js.stream_info(stream.value)).state.messages < left:
                break  # forgotten meanwhile
            raise
        left -= len(batch)
        for message in batch:
            events.append((message.subject, json.loads(message.data)))
            await message.ack()
    return events


NOT_COMPARED = {
    "person_keys",  # a service that starts creates spare keys
    "journal_checks",  # the moment of the last look
    "known_streams",  # what was last seen of the broker
    "signup_comparisons",  # the time of the last list
    "waiting_counts",  # a job counts once an hour who waits
}


async def contents(system: RunningSystem) -> dict[str, Counter[str]]:
    """Return the rows of each table as text, but those of a list and its answers."""
    found: dict[str, Counter[str]] = {}
    of_lists: list[UUID] = []
    for name in CONSUMERS:
        named = ", ".join(f"'{subject}'" for subject in TRANSIENT)
        of_lists += [
            row[0] for row in await rows(system, name, f"SELECT event_id FROM outbox WHERE subject IN ({named})")
        ]
    for database in DATABASES:
        connection = await asyncpg.connect(system.database(database))
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            if table in NOT_COMPARED:
                continue
            query, values = f'SELECT t::text AS line FROM "{table}" t', []
            if table in {"inbox", "outbox"}:
                query, values = f"{query} WHERE event_id <> ALL($1::uuid[])", [of_lists]
            if table == "signup_differences":  # one list alone may have met what was still under way
                query = f"{query} WHERE first_listed_at < listed_at"
            found[f"{database}.{table}"] = Counter(row["line"] for row in await connection.fetch(query, *values))
        await connection.close()
    return found


def changes(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> list[str]:
    """Return a sentence for each table that has changed, with some of its rows."""
    return [
        f"{table} changed: - {[*(before[table] - rows_now)][:3]} + {[*(rows_now - before[table])][:3]}"
        for table, rows_now in after.items()
        if rows_now != before[table]
    ]
