"""Dead letters of all three services, each addressed as ``service:id``."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final, Literal

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from selvhjelp.installation import SERVICES, Installation
from shared.kit.database.engine import Database
from shared.kit.messaging.dead_letters import DeadLetters

LOOK_SECONDS: Final = 0.2

Outcome = Literal["handled", "still dead", "no answer", "not there"]


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
    """Return all dead letters without their payload, oldest first within each service."""
    entries = []
    for service in SERVICES:
        async with _session(installation, service) as (session, letters):
            entries += [_summary(service, row) for row in await letters.all(session)]
    return entries


async def get(installation: Installation, address: Address) -> dict[str, Any] | None:
    """Return a dead letter with its payload, parsed if it is JSON and else as text; None if it does not exist."""
    async with _session(installation, address.service) as (session, letters):
        row = await letters.get(session, address.id)
    if row is None:
        return None
    payload: bytes = row["payload"]
    try:
        content = json.loads(payload)
    except (ValueError, RecursionError):
        content = payload.decode(errors="backslashreplace")
    return _summary(address.service, row) | {"payload": content}


async def drop(installation: Installation, address: Address) -> bool:
    """Delete a dead letter for good; return whether it existed."""
    async with _session(installation, address.service) as (session, letters):
        return await letters.drop(session, address.id)


async def replay(installation: Installation, address: Address, wait_seconds: float) -> tuple[Outcome, str]:
    """
    Ask the service to handle a dead letter once more, and wait for the outcome.

    Returns:
        The outcome, and the reason if the letter is still dead.
    """
    async with _session(installation, address.service) as (session, letters):
        if not await letters.ask_replay(session, address.id, datetime.now(UTC)):
            return "not there", ""
    deadline = time.monotonic() + wait_seconds
    while True:
        async with _session(installation, address.service) as (session, letters):
            row = await letters.get(session, address.id)
        if row is None:
            return "handled", ""
        if row["replay_asked_at"] is None:
            return "still dead", str(row["reason"])
        if time.monotonic() > deadline:
            return "no answer", ""
        await asyncio.sleep(LOOK_SECONDS)


def _summary(service: str, row: RowMapping) -> dict[str, Any]:
    return {"address": f"{service}:{row['id']}"} | {
        name: row[name]
        for name in (
            "consumer", "stream", "stream_sequence", "subject", "reason", "attempts", "buried_at", "replay_asked_at",
        )
    }  # fmt: skip


@asynccontextmanager
async def _session(installation: Installation, service: str) -> AsyncIterator[tuple[AsyncSession, DeadLetters]]:
    database = Database(installation.database_url(service))
    try:
        async with database.transaction() as session:
            yield session, import_module(f"{service}.store").dead_letters
    finally:
        await database.dispose()
