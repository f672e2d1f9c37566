"""Groups with each kind of memory, and the meetings to which a centre invites them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from notify.domain.kontaktmoter.meetings import Audience, Plan
from notify.jobs import close_lines, invite_sealed_groups
from notify.mails.registry import mail_registry
from notify.store import InvitationRow, KontaktmoteRow, kontaktmoter, outbox
from notify.usecases import kontaktmote_replies
from notify.usecases import kontaktmoter as usecases
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference.centres import version_content
from tests.notify.support.desk import Desk
from tests.notify.support.events import CENTRE, Group, Person
from tests.notify.support.group_life import GroupLife

PLACE = "Frivilligsentralen, Strandgaten 6"


class Circle:
    """One group on its own, with what is kept of it."""

    def __init__(self, desk: Desk, memory: str, size: int = 3) -> None:
        self.desk, self.memory = desk, memory
        self.people = [desk.intake.add(Person()) for _ in range(size)]
        self.emails = [desk.intake.address(person) for person in self.people]
        self.group = Group(self.people)
        self.life = GroupLife(self.group)

    @property
    def id(self) -> UUID:
        return self.group.id

    async def start(self) -> "Circle":
        now = self.desk.clock.now()
        taken = [self.group.taken(person, now) for person in self.people]
        await self.desk.deliver(*taken, self.group.called(place=PLACE), self.group.started(now=now))
        return self

    async def hand_over(self) -> "Circle":
        await self.desk.deliver(self.life.handed_over(self.memory, now=self.desk.clock.now()))
        return self

    async def forget(self, *kept: Person) -> list[UUID]:
        """Let grouping and intake forget the members; return the ids of the sealed addresses."""
        await self.desk.mailer()
        await self.desk.deliver(self.life.forgotten(*kept, now=self.desk.clock.now()))
        gone = [person for person in self.people if person not in kept]
        if self.memory == "sealed_alias":
            return self.desk.intake.seal(self.id, *gone)
        for person in gone:
            self.desk.intake.by_person.pop(person.id)
        return []


async def on_its_own(desk: Desk, memory: str, size: int = 3) -> Circle:
    """A group after its handover, whose members are still known."""
    return await (await Circle(desk, memory, size).start()).hand_over()


def allow(desk: Desk, kontaktmote: str = "all_active_groups") -> None:
    """Let the centre have kontaktmøter, or not."""
    directory = desk.deps.directory
    centre = directory.current().get(CENTRE)
    assert centre is not None
    number = int(centre.policy.version.rpartition("-")[2]) + 1
    policy = centre.policy.model_copy(update={"version": f"2027-1-{number}", "kontaktmote": kontaktmote})
    directory.apply(CENTRE, number, version_content(policy, centre.texts))


class Office:
    """Staff who plan, announce, change and cancel meetings; :meth:`settle` does what the jobs and the mailer do."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.registry = desk, mail_registry()

    @property
    def actor(self) -> Actor:
        return Actor("kari", self.desk.clock.now(), Cause.fresh())

    def plan(self, **changes: Any) -> Plan:
        starts_at = self.desk.clock.now() + timedelta(days=21)
        fields: dict[str, Any] = {
            "audience": Audience.ACTIVE_GROUPS,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "place_text": PLACE,
        }
        return Plan(**(fields | changes))

    async def announced(self, **changes: Any) -> UUID:
        """Plan a meeting and send its invitations."""
        async with self.desk.database.transaction() as session:
            (id_,) = await usecases.plan(session, CENTRE, [self.plan(**changes)], actor=self.actor)
        await self.announce(id_)
        return id_

    async def announce(self, id_: UUID) -> None:
        centres = self.desk.deps.directory.current()
        async with self.desk.database.transaction() as session:
            await usecases.announce(session, self.registry, centres, id_, actor=self.actor)

    async def change(self, id_: UUID, **changes: Any) -> None:
        async with self.desk.database.transaction() as session:
            row = await kontaktmoter.get(session, id_)
            assert row is not None
            await usecases.change(session, self.registry, id_, replace(row.plan, **changes), actor=self.actor)

    async def cancel(self, id_: UUID) -> None:
        async with self.desk.database.transaction() as session:
            await usecases.cancel(session, self.registry, id_, actor=self.actor)

    async def held(self, id_: UUID, attendance: int) -> None:
        async with self.desk.database.transaction() as session:
            await usecases.record_held(session, id_, attendance, actor=self.actor)

    async def answer(self, invitation_id: UUID, people: int, *, for_group: bool = False) -> None:
        now = self.desk.clock.now()
        async with self.desk.database.transaction() as session:
            await kontaktmote_replies.answer(
                session, self.registry, invitation_id, people, for_group=for_group, now=now, cause=Cause.fresh()
            )

    async def stop(self, invitation_id: UUID) -> None:
        now = self.desk.clock.now()
        async with self.desk.database.transaction() as session:
            await kontaktmote_replies.stop(session, self.registry, invitation_id, now=now, cause=Cause.fresh())

    async def start_again(self, invitation_id: UUID) -> None:
        now = self.desk.clock.now()
        async with self.desk.database.transaction() as session:
            await kontaktmote_replies.start_again(session, self.registry, invitation_id, now=now, cause=Cause.fresh())

    async def settle(self) -> list[tuple[str, str]]:
        """Do what is due, and return the kind and address of each mail about a meeting that left, sorted."""
        desk, before = self.desk, len(self.desk.left)
        await invite_sealed_groups(desk.database, desk.clock, self.registry, desk.deps.contacts.addresses)
        await close_lines(desk.database, desk.clock, self.registry)
        await desk.mailer()
        return sorted((kind, email) for kind, email, _ in desk.left[before:] if kind.startswith("kontaktmote"))

    async def later(self, at: datetime) -> list[tuple[str, str]]:
        self.desk.clock.set(at)
        return await self.settle()

    async def meeting(self, id_: UUID) -> KontaktmoteRow:
        async with self.desk.database.transaction() as session:
            row = await kontaktmoter.get(session, id_)
        assert row is not None
        return row

    async def invitations(self, id_: UUID, group: UUID | None = None) -> list[InvitationRow]:
        async with self.desk.database.transaction() as session:
            rows = await kontaktmoter.invitations(session, id_)
        return [row for row in rows if group in (None, row.group_id)]

    async def events(self) -> list[str]:
        query = sa.select(outbox.table.c.subject).order_by(outbox.table.c.id)
        async with self.desk.database.transaction() as session:
            subjects = list(await session.scalars(query))
        return [subject for subject in subjects if subject.startswith("kontaktmoter")]
