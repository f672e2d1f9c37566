"""Intake without its pages: two real databases, the presets, and a clock moved by hand."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import SignupForm, read
from intake.store import outbox
from intake.usecases import confirm, register
from intake.usecases.confirm import Answer
from intake.usecases.locations import CentreLookup, Location
from intake.usecases.register import Source
from intake.vault import Kek, Vault
from shared.events import Event, event_class
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.reference import centres, places

KEK = "one:" + "A" * 43 + "="
INDEX_KEY = SecretStr("index-key-of-the-tests-0123456789")
WEB = Source("web")

BERGEN = {
    "first_name": "Kari",
    "email": "kari@example.org",
    "place": "5003",
    "slots": ["tue-evening", "thu-day"],
    "languages": ["nb"],
    "max_travel_km": 20,
    "language": "nb",
    "adult": True,
}


def vault_on(keys: Database, kek: str = KEK) -> Vault:
    return Vault(keys.transaction, Kek.parse(kek), INDEX_KEY)


@dataclass
class World:
    """What the tests of intake act on."""

    db: Database
    keys: Database
    vault: Vault
    clock: ManualClock
    map: CentreLookup

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self.db.transaction() as session:
            yield session

    def site(self, place: str = "5003") -> Location:
        found = self.map.find(place)
        assert isinstance(found, Location)
        return found

    def form(self, **changes: Any) -> SignupForm:
        values: dict[str, Any] = BERGEN | changes
        policy = self.site(values["place"]).centre.policy
        values.setdefault("consent_version", policy.consent_version)
        values.setdefault("information_version", policy.information_version)
        return read(values)

    async def register(self, source: Source = WEB, key: str | None = None, **changes: Any) -> UUID | None:
        form = self.form(**changes)
        async with self.transaction() as session:
            return await register.register(
                session,
                self.vault,
                form,
                self.site(form.place),
                source,
                now=self.clock.now(),
                cause=Cause.fresh(),
                idempotency_key=key,
            )

    async def signed_up(self, **changes: Any) -> UUID:
        signup_id = await self.register(**changes)
        assert signup_id is not None
        return signup_id

    async def confirmed(self, **changes: Any) -> UUID:
        signup_id = await self.signed_up(**changes)
        assert await self.confirm_newest() is Answer.CONFIRMED
        return signup_id

    async def confirm(self, confirmation_id: UUID) -> Answer:
        async with self.transaction() as session:
            return await confirm.confirm(
                session, self.map.centres, confirmation_id, now=self.clock.now(), cause=Cause.fresh()
            )

    async def confirm_newest(self) -> Answer:
        received = [event for event in await self.events() if event.subject == "signups.received.v1"]
        return await self.confirm(UUID(str(received[-1].model_dump()["confirmation_id"])))

    async def events(self) -> list[Event]:
        """Everything told so far, in order."""
        async with self.transaction() as session:
            rows = await session.execute(
                sa.select(outbox.table.c.subject, outbox.table.c.payload).order_by(outbox.table.c.id)
            )
            found = []
            for subject, payload in rows:
                kind = event_class(subject)
                assert kind is not None
                found.append(kind.model_validate(json.loads(payload)))
            return found

    async def subjects(self) -> list[str]:
        return [event.subject.split(".")[1] for event in await self.events()]

    async def count(self, table: str, where: str = "true") -> int:
        async with self.transaction() as session:
            return int((await session.execute(sa.text(f"select count(*) from {table} where {where}"))).scalar_one())

    async def rows(self, sql: str) -> list[Any]:
        async with self.transaction() as session:
            return list((await session.execute(sa.text(sql))).all())

    def later(self, **span: float) -> None:
        self.clock.move(timedelta(**span))


def new_map() -> CentreLookup:
    return CentreLookup(centres.load(), places.load())
