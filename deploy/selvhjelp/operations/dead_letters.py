"""
Dead letters of all three services, each addressed as ``service:id``.

The content of a message is in the outbox of the service that published it, and nowhere else.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from selvhjelp.installation import SERVICES, Installation
from selvhjelp.operations.sessions import database_session
from shared.kit.messaging.dead_letters import DeadLetters
from shared.kit.messaging.outbox import Outbox

LOOK_SECONDS: Final = 0.2

Outcome = Literal["handled", "still dead", "no answer", "not kept", "not there"]


@dataclass(frozen=True)
class Address:
    """The address of a dead letter: its service, and its id there."""

    service: str
    id: int

    def __str__(self) -> str:
        return f"{self.service}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """
        Parse an address such as ``grouping:12``.

        Raises:
            ValueError: The text is not an address.
        """
        service, _, number = text.partition(":")
        if service not in SERVICES or not number.isascii() or not number.isdigit() or len(number) > 18:
            raise ValueError(f"{text} is not an address; write service and number, as grouping:12")
        return cls(service, int(number))


async def list_all(installation: Installation) -> list[dict[str, Any]]:
    """Return all dead letters, oldest first within each service."""
    entries = []
    for service in SERVICES:
        async with database_session(installation.database_url(service)) as session:
            entries += [_summary(service, row) for row in await _letters(service).all(session)]
    return entries


async def get(installation: Installation, address: Address) -> dict[str, Any] | None:
    """Return a dead letter with its event as long as its publisher keeps it; None if there is no such letter."""
    async with database_session(installation.database_url(address.service)) as session:
        row = await _letters(address.service).get(session, address.id)
    if row is None:
        return None
    payload = await _payload(installation, row["event_id"])
    return _summary(address.service, row) | {"payload": json.loads(payload) if payload else None}


async def drop(installation: Installation, address: Address) -> bool:
    """Delete a dead letter for good; return whether it existed."""
    async with database_session(installation.database_url(address.service)) as session:
        return await _letters(address.service).drop(session, address.id)


async def replay(installation: Installation, address: Address, wait_seconds: float) -> tuple[Outcome, str]:
    """
    Have the publisher send the event of a dead letter once more, and wait for the outcome.

    Returns:
        The outcome, and the reason if the letter is still dead. One whose event no publisher keeps is left as it is.
    """
    letters = _letters(address.service)
    async with database_session(installation.database_url(address.service)) as session:
        row = await letters.get(session, address.id)
        if row is None:
            return "not there", ""
        await letters.ask_replay(session, address.id, datetime.now(UTC))
    if not await _resend(installation, row["event_id"]):
        async with database_session(installation.database_url(address.service)) as session:
            await letters.withdraw_replay(session, address.id)
        return "not kept", str(row["reason"])
    deadline = time.monotonic() + wait_seconds
    while True:
        async with database_session(installation.database_url(address.service)) as session:
            row = await letters.get(session, address.id)
        if row is None:
            return "handled", ""
        if row["replay_asked_at"] is None:
            return "still dead", str(row["reason"])
        if time.monotonic() > deadline:
            return "no answer", ""
        await asyncio.sleep(LOOK_SECONDS)


async def _payload(installation: Installation, event_id: UUID | None) -> bytes | None:
    """Return the content of an event from the outbox of its publisher; None if none keeps it."""
    if event_id is None:
        return None
    for publisher in SERVICES:
        async with database_session(installation.database_url(publisher)) as session:
            if payload := await _outbox(publisher).payload_of(session, event_id):
                return payload
    return None


async def _resend(installation: Installation, event_id: UUID | None) -> bool:
    """Have the publisher of an event send it again; return False if none keeps it."""
    if event_id is None:
        return False
    for publisher in SERVICES:
        async with database_session(installation.database_url(publisher)) as session:
            if await _outbox(publisher).resend(session, event_id):
                return True
    return False


def _letters(service: str) -> DeadLetters:
    letters: DeadLetters = import_module(f"{service}.store").dead_letters
    return letters


def _outbox(service: str) -> Outbox:
    outbox: Outbox = import_module(f"{service}.store").outbox
    return outbox


def _summary(service: str, row: RowMapping) -> dict[str, Any]:
    return {"address": f"{service}:{row['id']}"} | {
        name: row[name]
        for name in (
            "consumer", "stream", "stream_sequence", "subject", "event_id", "reason", "attempts", "buried_at",
            "replay_asked_at",
        )
    }  # fmt: skip
