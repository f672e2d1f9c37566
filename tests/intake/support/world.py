"""Intake without its pages: two real databases, the shipped centres, and a clock moved by hand."""

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

from intake.domain.form import SignupForm, parse_form
from intake.domain.signups import ConfirmationStatus
from intake.job_types import JobContext
from intake.store import confirmations, outbox, people, signups
from intake.submission_worker import SubmissionWorker
from intake.usecases import confirm, contacts, erase, register, withdraw
from intake.usecases.binding import Choice
from intake.usecases.locations import CentreLookup, Location
from intake.usecases.signup_rows import Source
from intake.vault.kek import Kek
from intake.vault.vault import Vault
from shared.events import Event, event_class
from shared.events.centres import PolicyChanged
from shared.events.contacts import Question
from shared.events.tasks import TaskEvent
from shared.kit.audit import Actor
from shared.kit.clock import Clock, ManualClock
from shared.kit.database.engine import Database
from shared.kit.messaging.causes import Cause
from shared.reference import places
from shared.reference.centres import CentreDirectory, Centres

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
    """The objects that the tests act on, with the acts of people."""

    db: Database
    keys: Database
    vault: Vault
    clock: ManualClock
    directory: CentreDirectory

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self.db.transaction() as session:
            yield session

    @property
    def centres(self) -> Centres:
        return self.directory.current()

    @property
    def jobs(self) -> JobContext:
        return JobContext(self.db, self.vault, self.directory, self.clock)

    def actor(self) -> Actor:
        return Actor("berit", self.clock.now(), Cause.fresh())

    def location(self, place: str = "5003") -> Location:
        location = CentreLookup(self.centres, places.load()).find(place)
        assert isinstance(location, Location)
        return location

    def form(self, **changes: Any) -> SignupForm:
        values: dict[str, Any] = BERGEN | changes
        policy = self.location(values["place"]).centre.policy
        values.setdefault("consent_version", policy.consent_version)
        values.setdefault("information_version", policy.information_version)
        return parse_form(values)

    async def submit(self, source: Source = WEB, key: str | None = None, **changes: Any) -> UUID | None:
        """Store a form, and leave the decision to the worker."""
        form = self.form(**changes)
        return await register.register(
            self.db,
            self.vault,
            form,
            self.location(form.place),
            source,
            now=self.clock.now(),
            idempotency_key=key,
        )

    async def decide(self) -> None:
        """Decide about all submissions, as the worker does."""
        await decide_all(self.db, self.vault, self.directory, self.clock)

    async def register(self, source: Source = WEB, key: str | None = None, **changes: Any) -> UUID | None:
        """Store a form and decide about it; return the sign-up, of an identical form the first one."""
        submission_id = await self.submit(source, key, **changes)
        await self.decide()
        if submission_id is None:
            return None
        form_index = self.vault.index("form", self.form(**changes).model_dump_json())
        async with self.transaction() as session:
            if await signups.get(session, submission_id) is not None:
                return submission_id
            return await signups.id_of_form(session, form_index)

    async def signed_up(self, **changes: Any) -> UUID:
        signup_id = await self.register(**changes)
        assert signup_id is not None
        return signup_id

    async def confirmed(self, **changes: Any) -> UUID:
        """Sign up and confirm, as the same person if the address is known; return the sign-up that results."""
        await self.signed_up(**changes)
        assert await self.confirm_newest() is ConfirmationStatus.CONFIRMED
        confirmation_id = await self.newest_confirmation()
        async with self.transaction() as session:
            confirmation = await confirmations.get(session, confirmation_id)
            assert confirmation is not None
            return confirmation.signup_id

    async def confirm(self, confirmation_id: UUID, choice: Choice | None = None) -> ConfirmationStatus:
        async with self.transaction() as session:
            return await confirm.confirm(
                session,
                self.vault,
                self.centres,
                confirmation_id,
                choice=choice,
                now=self.clock.now(),
                cause=Cause.fresh(),
            )

    async def newest_confirmation(self) -> UUID:
        received = [event for event in await self.events() if event.subject == "signups.received.v1"]
        return UUID(str(received[-1].model_dump()["confirmation_id"]))

    async def confirm_newest(self, *, as_new: bool = False) -> ConfirmationStatus:
        """Press the button of the newest mail: as the first person with the address, or as a new one."""
        confirmation_id = await self.newest_confirmation()
        async with self.transaction() as session:
            confirmation = await confirmations.get(session, confirmation_id)
            person = await people.get(session, confirmation.person_id) if confirmation else None
            owners = await people.owners(session, person.address_index) if person else ()
        choice: Choice | None = owners[0].person_id if owners else None
        return await self.confirm(confirmation_id, "new" if as_new else choice)

    async def person_of(self, signup_id: UUID) -> UUID:
        async with self.transaction() as session:
            row = await signups.get(session, signup_id)
            assert row is not None
            return row.person_id

    async def withdraw(self, signup_id: UUID) -> bool:
        async with self.transaction() as session:
            return await withdraw.withdraw(session, signup_id, now=self.clock.now(), cause=Cause.fresh())

    async def erase(self, person_id: UUID) -> bool:
        async with self.transaction() as session:
            return await erase.erase_person(
                session, self.vault, person_id, now=self.clock.now(), cause=Cause.tick("erase", person_id)
            )

    async def contacts_of(self, *person_ids: UUID) -> dict[UUID, tuple[str | None, str | None]]:
        """Return first name and address of each person, as notify gets them."""
        async with self.transaction() as session:
            question = Question(person_ids=person_ids, purpose="mail")
            answer = await contacts.resolve(session, self.vault, question, service="notify", now=self.clock.now())
        return {contact.person_id: (contact.first_name, contact.email) for contact in answer.contacts}

    async def audit_entries(self) -> list[tuple[str, str, str]]:
        """Return actor, action and object id of all entries in the audit log, in order."""
        return [tuple(row) for row in await self.rows("select actor, action, object_id from audit_log order by id")]

    async def events(self) -> list[Event]:
        """Return all events in the outbox except those about tasks and policies, in order."""
        return [event for event in await self.all_events() if not isinstance(event, TaskEvent | PolicyChanged)]

    async def policy_events(self) -> list[PolicyChanged]:
        """Return all events about policies in the outbox, in order."""
        return [event for event in await self.all_events() if isinstance(event, PolicyChanged)]

    async def task_events(self) -> list[TaskEvent]:
        """Return all events about tasks in the outbox, in order."""
        return [event for event in await self.all_events() if isinstance(event, TaskEvent)]

    async def all_events(self) -> list[Event]:
        """Return all events in the outbox, in order."""
        async with self.transaction() as session:
            rows = await session.execute(
                sa.select(outbox.table.c.subject, outbox.table.c.payload).order_by(outbox.table.c.id)
            )
            events = []
            for subject, payload in rows:
                kind = event_class(subject)
                assert kind is not None
                events.append(kind.model_validate(json.loads(payload)))
            return events

    async def subjects(self) -> list[str]:
        return [event.subject.split(".")[1] for event in await self.events()]

    async def signup_subjects(self) -> list[str]:
        """Return the subjects without those of people who were moved to a known one."""
        return [subject for subject in await self.subjects() if subject != "erased"]

    async def count(self, table: str, where: str = "true") -> int:
        async with self.transaction() as session:
            return int((await session.execute(sa.text(f"select count(*) from {table} where {where}"))).scalar_one())

    async def rows(self, sql: str) -> list[Any]:
        async with self.transaction() as session:
            return list((await session.execute(sa.text(sql))).all())

    def later(self, **span: float) -> None:
        self.clock.move(timedelta(**span))


async def decide_all(database: Database, vault: Vault, directory: CentreDirectory, clock: Clock) -> None:
    """Decide about all submissions; another worker may be deciding at the same time."""
    worker = SubmissionWorker(database, vault, directory, clock)
    undecided = sa.text(
        "select count(*) from (select from submissions union all select from guest_requests where not postponed) _"
    )
    while True:
        await worker.decide_all()
        async with database.transaction() as session:
            if not (await session.execute(undecided)).scalar_one():
                return


def new_directory() -> CentreDirectory:
    return CentreDirectory.from_file(None)


def requiring(world: World, **changes: str) -> World:
    """Change the policy of every centre."""
    world.directory.replace(
        Centres(
            tuple(
                centre.model_copy(update={"policy": centre.policy.model_copy(update=changes)})
                for centre in world.centres.all
            )
        )
    )
    return world
