"""Intake and grouping on real databases, with a test in the place of the broker: it decides what arrives, and when."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr

import grouping.handlers
import grouping.jobs
import intake.handlers
import intake.jobs
from devtools.testing.fixtures import Databases
from grouping.usecases.context import GroupingContext
from intake.domain.form import canonical_of_normalized
from intake.domain.signups import ConfirmationStatus
from intake.store import confirmations, people
from intake.store import inbox as intake_inbox
from intake.usecases.binding import Choice
from shared.events import Event, Stream, event_class
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.reference.centres import CentreDirectory, Centres, load
from shared.reference.policy import Policy
from tests.grouping.support.keys import VOTE_KEYS
from tests.grouping.support.world import World as GroupingWorld
from tests.intake.support.world import World as IntakeWorld
from tests.intake.support.world import vault_on

CENTRE: Final = "link-bergen"

_TO_GROUPING: Final = frozenset({Stream.SIGNUPS, Stream.PEOPLE})
_TO_INTAKE: Final = frozenset({Stream.GROUPS})


@dataclass
class TwoServices:
    """
    The two services that a person's path leads through.

    Attributes:
        waiting: Events that were published and have not arrived.
        arrived: Events that have arrived at least once, and can arrive again.
    """

    intake: IntakeWorld
    grouping: GroupingWorld
    clock: ManualClock
    waiting: list[Event] = field(default_factory=list)
    arrived: list[Event] = field(default_factory=list)
    _read: dict[str, int] = field(default_factory=dict)

    async def begin_anew(self, policy: Policy) -> None:
        """Empty both databases, and let the centre follow a policy."""
        for database in (self.intake.db, self.grouping.database):  # the vault holds spare keys in memory
            await _empty(database)
        presets = load()
        centres = Centres(
            tuple(
                centre.model_copy(update={"policy": policy}) if centre.id == CENTRE else centre
                for centre in presets.all
            )
        )
        self.intake.directory.replace(centres)
        self.grouping.context = GroupingContext(CentreDirectory(centres), vote_keys=VOTE_KEYS)
        self.grouping.consumers = grouping.handlers.consumers(self.clock, self.grouping.context)
        self.waiting, self.arrived, self._read = [], [], {}

    async def collect(self) -> None:
        """Take what both services have published since the last time."""
        for name, database, streams in (
            ("intake", self.intake.db, _TO_GROUPING),
            ("grouping", self.grouping.database, _TO_INTAKE),
        ):
            query = sa.text("SELECT id, subject, payload FROM outbox WHERE id > :read ORDER BY id")
            async with database.transaction() as session:
                rows = (await session.execute(query, {"read": self._read.get(name, 0)})).all()
            for number, subject, payload in rows:
                self._read[name] = number
                kind = event_class(subject)
                assert kind is not None
                if kind.stream in streams:
                    self.waiting.append(kind.model_validate(json.loads(payload)))

    async def deliver(self, event: Event) -> None:
        """Let an event arrive once."""
        if event.stream in _TO_GROUPING:
            await self.grouping.deliver_once(event)
            return
        (consumer,) = [one for one in intake.handlers.consumers(self.clock) if one.stream is event.stream]
        async with self.intake.transaction() as session:
            await consumer.handle(session, intake_inbox, event)

    async def run_jobs(self) -> None:
        """Run every periodic job of both services once."""
        for job in grouping.jobs.JOBS:
            assert await job.run(self.grouping.database, self.grouping.context, self.clock) == 0, job.name
        for intake_job in intake.jobs.JOBS:
            await intake_job.run(self.intake.jobs)

    async def rows(self, service: str, query: str, **values: Any) -> list[dict[str, Any]]:
        """Read rows of a service."""
        database = self.intake.db if service == "intake" else self.grouping.database
        async with database.transaction() as session:
            return [dict(row) for row in (await session.execute(sa.text(query), values)).mappings()]

    async def sign_up(self, number: int, slot: str) -> bool:
        """Let a person send the form and press the button of the mail; return False if no mail came."""
        signup_id = await self.intake.register(
            email=f"person-{number}@example.org", first_name=f"P{number}", slots=[slot]
        )
        query = "SELECT confirmation_id FROM confirmations WHERE signup_id = :id AND asked_at IS NOT NULL"
        asked = await self.rows("intake", query, id=signup_id)
        if not asked:
            return False
        confirmation_id = asked[0]["confirmation_id"]
        async with self.intake.transaction() as session:
            confirmation = await confirmations.get(session, confirmation_id)
            person = await people.get(session, confirmation.person_id) if confirmation else None
            owners = await people.owners(session, person.address_index) if person else ()
        choice: Choice | None = owners[0].person_id if owners else None
        return await self.intake.confirm(confirmation_id, choice) is ConfirmationStatus.CONFIRMED

    async def person_id(self, number: int) -> UUID | None:
        """Return the person who has confirmed an address; None if there is nobody."""
        index = self.intake.vault.index("email", canonical_of_normalized(f"person-{number}@example.org"))
        async with self.intake.transaction() as session:
            owners = await people.owners(session, index)
        return owners[0].person_id if owners else None

    def later(self, by: timedelta) -> None:
        self.clock.move(by)


async def _empty(database: Database) -> None:
    async with database.transaction() as session:
        names = await session.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        )
        listed = ", ".join(f'"{name}"' for name in names)
        await session.execute(sa.text(f"TRUNCATE {listed} RESTART IDENTITY CASCADE"))


@asynccontextmanager
async def two_services(database_url: Databases, clock: ManualClock) -> AsyncIterator[TwoServices]:
    """Return both services on fresh databases."""
    urls = {name: SecretStr(await database_url(name)) for name in ("intake", "intake_keys", "grouping")}
    databases = {name: Database(url) for name, url in urls.items()}
    directory = CentreDirectory(load())
    intake_world = IntakeWorld(
        databases["intake"], databases["intake_keys"], vault_on(databases["intake_keys"]), clock, directory
    )
    try:
        yield TwoServices(intake_world, GroupingWorld(databases["grouping"], clock), clock)
    finally:
        for database in databases.values():
            await database.dispose()
