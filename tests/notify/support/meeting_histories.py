"""One random history of groups and their meetings, done to notify and to a simple model at the same time."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.kontaktmoter.meetings import Audience, Plan
from notify.mails.registry import MailRegistry
from notify.store import KontaktmoteRow, Mail, kontaktmoter
from notify.store.kontaktmote_tables import ContactGroup, InvitationRefusal, SealedGroup
from notify.usecases import group_life, groups, kontaktmote_addresses, kontaktmote_replies, people
from notify.usecases import kontaktmoter as meetings
from shared.errors import DomainError
from shared.events import Event
from shared.events.contacts import GroupAddress
from shared.events.groups import Started, StartRevoked
from shared.events.people import Erased
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres
from tests.notify.support.events import Group, Person
from tests.notify.support.group_life import GroupLife
from tests.notify.support.meeting_model import GroupModel, Guest, MeetingModel, World

CENTRES = (
    ("link-bergen", "bergen"),
    ("link-oslo", "oslo"),
    ("link", "trondheim"),
    ("selvhjelp-norge", "selvhjelp-norge-landet"),
)
MEMORIES = ("none", "opt_in", "sealed_alias")
BEGINS = datetime(2027, 1, 11, 11, tzinfo=UTC)


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


class Life:
    """A group whose life goes on; its events are delivered later, in any order."""

    def __init__(self, chance: random.Random, centre: str, area: str, known: list[Person]) -> None:
        self.chance, self.elsewhere = chance, {"centre": centre, "area": area}
        people_ = [Person(_id(chance), _id(chance)) for _ in range(chance.randrange(2, 4))] + known
        self.group, self.memory = Group(people_), chance.choice(MEMORIES)
        self.group.id = _id(chance)
        self.life = GroupLife(self.group)
        self.stage, self.known = "new", {person.id for person in people_}
        self.gone: list[Person] = []

    def go_on(self, now: datetime) -> tuple[str, Any, frozenset[UUID]] | None:
        """Let the next thing happen to the group; return its kind, its event and its people."""
        may: dict[str, tuple[str, ...]] = {
            "new": ("started",),
            "started": ("handed_over", "handed_over", "handed_over", "left", "start_revoked", "dissolved"),
            "own": ("left", "forgotten", "forgotten", "expired", "kept_alive", "dissolved"),
            "expired": ("kept_alive", "dissolved"),
        }
        if self.stage not in may:
            return None
        kind = self.chance.choice(may[self.stage])
        present = self.group.members
        if kind in ("started", "left", "handed_over") and len(present) < 2:
            return None
        if kind == "left":
            gone = self.chance.choice(present)
            self.stay([person for person in present if person is not gone])
            return kind, self._here(self.life.left(gone, now=now)), frozenset({gone.id})
        if kind == "forgotten":
            kept = [person for person in present if self.memory == "opt_in" and self.chance.random() < 0.6]
            self.gone = [person for person in present if person not in kept]
            event = self._here(self.life.forgotten(*kept, now=now))
            self.stay(kept)
            return kind, event, frozenset(person.id for person in kept)
        makes: dict[str, Callable[[], Any]] = {
            "started": lambda: self.group.started(now=now),
            "start_revoked": lambda: self.group.revoked(now=now),
            "handed_over": lambda: self.life.handed_over(self.memory, now=now),
            "expired": self.life.expired,
            "kept_alive": self.life.kept_alive,
            "dissolved": self.life.dissolved,
        }
        stages = {"started": "started", "handed_over": "own", "kept_alive": "own", "expired": "expired"}
        self.stage = stages.get(kind, "over")
        event = self._here(makes[kind]())
        return kind, event, frozenset(seat.person_id for seat in getattr(event, "seats", ()))

    def stay(self, people_: list[Person]) -> None:
        self.group.members, self.known = people_, {person.id for person in people_}

    def _here(self, event: Any) -> Any:
        return event.model_copy(update=self.elsewhere)


class History:
    """A world in one transaction that is never committed."""

    def __init__(self, session: AsyncSession, registry: MailRegistry, centres: Centres, seed: int) -> None:
        self.session, self.registry, self.centres = session, registry, centres
        self.chance, self.now, self.model = random.Random(seed), BEGINS, World()
        self.lives: list[Life] = []
        self.pending: list[Callable[[], Any]] = []
        self.log: list[str] = []
        self.erasable: list[Person] = []

    async def play(self, steps: int) -> None:
        places = self.chance.sample(CENTRES, 2)
        if self.chance.random() < 0.7:
            places = places[:1] * 2
        for number in range(self.chance.randrange(2, 5)):
            shared = self.lives and self.chance.random() < 0.2 and number % 2 == 0
            known = [self.chance.choice(self.lives[number - 2].group.members)] if shared else []
            life = Life(self.chance, *places[number % 2], known)
            self.lives.append(life)
            self.model.groups[life.group.id] = GroupModel(life.group.id, places[number % 2][0], life.memory)
        acts = [self.live, self.live, self.live, self.live, self.arrive, self.arrive, self.arrive, self.erase_one]
        acts += [self.plan, self.announce, self.announce, self.change, self.cancel, self.jobs, self.post, self.wait]
        acts += [self.reply, self.reply, self.reply, self.reply, self.reply, self.stop, self.start_again]
        for _ in range(8):
            await self.live()
        for _ in range(5):
            await self.arrive()
        await self.plan()
        await self.announce()
        for _ in range(steps):
            await self.chance.choice(acts)()
        while self.pending:
            await self.arrive()
        await self.jobs()

    # What happens to groups and people

    async def live(self) -> None:
        life = self.chance.choice(self.lives)
        self.now += timedelta(minutes=1)
        happened = life.go_on(self.now)
        if happened is None:
            return
        kind, event, told = happened
        version, group = event.version, self.model.groups[life.group.id]
        if kind == "forgotten":
            gone = life.gone
            self.erasable += [person for person in gone if person not in self.erasable]
            if life.memory == "sealed_alias":
                self.model.addresses.setdefault(group.id, [_id(self.chance) for _ in gone])
        if kind in ("dissolved", "expired"):
            self.model.addresses.pop(group.id, None)

        async def deliver() -> None:
            self.log.append(f"{kind} v{version} of {group.id}")
            self.model.happened(group, version, kind, told, self.now)
            await self._handle(event)

        self.pending += [deliver] * self.chance.choice((1, 1, 2))

    async def erase_one(self) -> None:
        asked = self.chance.random() < 0.3
        found = [person for life in self.lives for person in life.group.members] if asked else self.erasable
        if not found:
            return
        person = self.chance.choice(found)
        asked = asked or any(person.id in life.known for life in self.lives)
        event = person.erased(self.now, asked=asked)
        for life in self.lives:
            life.stay([member for member in life.group.members if member is not person])

        async def deliver() -> None:
            self.log.append(f"erased {person.id}{' asked' if asked else ''}")
            self.model.erase(person.id, self.now, asked=asked)
            await self._handle(event)

        self.pending += [deliver] * self.chance.choice((1, 2))

    async def arrive(self) -> None:
        """Deliver any of the events that are on their way."""
        if self.pending:
            await self.pending.pop(self.chance.randrange(len(self.pending)))()

    async def _handle(self, event: Event) -> None:
        handle: Any = group_life.on_group_life
        if isinstance(event, Started):
            handle = groups.on_started
        elif isinstance(event, StartRevoked):
            handle = groups.on_start_revoked
        elif isinstance(event, Erased):
            handle = people.on_erased
        await handle(self.session, self.registry, event, now=self.now, cause=Cause.of(event))

    # What staff do

    @property
    def actor(self) -> Actor:
        return Actor("kari", self.now, Cause.fresh())

    async def plan(self) -> None:
        centre = self.chance.choice(sorted({group.centre for group in self.model.groups.values()}))
        starts_at = self.now.replace(hour=17, minute=0) + timedelta(days=self.chance.randrange(2, 15))
        own = [group.id for group in self.model.groups.values() if group.centre == centre]
        chosen = frozenset(own if self.chance.random() < 0.3 else ())
        plan = Plan(
            audience=Audience.CHOSEN_GROUPS if chosen else Audience.ACTIVE_GROUPS,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            place_text="Biblioteket",
            capacity=self.chance.choice((1, 2, 3, 5, None)),
            chosen_groups=chosen,
        )
        (id_,) = await meetings.plan(self.session, centre, [plan], actor=self.actor)
        meeting = self.model.meetings[id_] = MeetingModel(id_, centre, plan)
        meeting.places.capacity = plan.capacity or 10**6
        self.log.append(f"plan {id_} {plan.capacity}")

    async def announce(self) -> None:
        if (meeting := self._any("draft")) is None:
            return
        self.log.append(f"announce {meeting.id}")
        named, sealed = self.model.audience(meeting), self.model.sealed_groups(meeting)
        if not (named or sealed) or meeting.plan.starts_at <= self.now:
            await self._refused(meetings.announce(*self._args, self.centres, meeting.id, actor=self.actor))
            return
        await meetings.announce(*self._args, self.centres, meeting.id, actor=self.actor)
        meeting.state, meeting.announced_at = "announced", self.now
        meeting.sealed = dict.fromkeys(sealed)
        await self._adopt(meeting, {who: Guest(group, who, "member", 0) for who, group in named.items()})

    async def _adopt(self, meeting: MeetingModel, guests: dict[UUID, Guest]) -> None:
        """Take the ids of new invitations, which must be those of the model."""
        rows = await kontaktmoter.invitations(self.session, meeting.id)
        new = {row.recipient_id: row for row in rows if row.id not in meeting.guests}
        assert {who: row.group_id for who, row in new.items()} == {who: one.group for who, one in guests.items()}
        for who, guest in guests.items():
            meeting.guests[new[who].id] = guest
        meeting.refresh(dict(meeting.places.has), self.now)

    async def change(self) -> None:
        meeting = self._any("draft", "announced")
        if meeting is None or meeting.plan.starts_at <= self.now:
            return
        old = meeting.plan
        kind = self.chance.choice(("time", "place", "capacity", "capacity", "text"))
        later = timedelta(days=self.chance.randrange(1, 4))
        new = {
            "time": replace(old, starts_at=old.starts_at + later, ends_at=old.ends_at + later),
            "place": replace(old, place_text=f"Rom {self.chance.randrange(100)}"),
            "capacity": replace(old, capacity=self.chance.choice((1, 2, 3, 4, 8, None))),
            "text": replace(old, texts=dict.fromkeys(("nb", "nn", "en"), str(self.chance.random()))),
        }[kind]
        self.log.append(f"change {kind} of {meeting.id} {new.capacity}")
        await meetings.change(*self._args, meeting.id, new, actor=self.actor)
        meeting.plan = new
        if meeting.state == "announced":
            if kind in ("time", "place") and new != old:
                meeting.sequence += 1
                meeting.places.closed &= self.now >= new.line_closes_at
            meeting.close_line(self.now)
        before = dict(meeting.places.has)
        meeting.places.capacity = new.capacity or 10**6
        meeting.places.serve()
        meeting.refresh(before, self.now)

    async def cancel(self) -> None:
        meeting = self._any("announced")
        if meeting is None or meeting.plan.starts_at <= self.now or self.chance.random() < 0.5:
            return
        self.log.append(f"cancel {meeting.id}")
        await meetings.cancel(*self._args, meeting.id, actor=self.actor)
        meeting.state, meeting.sequence = "cancelled", meeting.sequence + 1
        meeting.reminders.clear()

    # What guests do

    async def reply(self) -> None:
        meeting = self._any("announced")
        if meeting is None or not meeting.guests:
            return
        id_ = self.chance.choice(list(meeting.guests))
        count, whole = self.chance.choice(((0, False), (1, False), (1, False), (2, True), (4, True), (0, True)))
        self.log.append(f"reply {id_} {count} {'group' if whole else ''}")
        for _ in range(self.chance.choice((1, 2))):
            act = kontaktmote_replies.answer(
                *self._args, id_, count, for_group=whole, now=self.now, cause=Cause.fresh()
            )
            over = meeting.plan.starts_at <= self.now
            if over or not self.model.answer(meeting, id_, count, self.now, for_group=whole):
                await self._refused(act)
            else:
                await act

    async def stop(self) -> None:
        if (found := self._guest()) is None:
            return
        asking, id_ = found
        guest = asking.guests[id_]
        self.log.append(f"stop {guest.recipient}")
        await kontaktmote_replies.stop(*self._args, id_, now=self.now, cause=Cause.fresh())
        assert guest.recipient is not None
        sealed_group = guest.group if guest.via == "sealed" else None
        self.model.refusals.setdefault((guest.recipient, asking.centre), sealed_group)
        for meeting in self.model.meetings.values():
            own = [one for one, other in meeting.guests.items() if other.recipient == guest.recipient]
            if own and meeting.is_ahead(self.now) and meeting.centre == asking.centre:
                meeting.close_line(self.now)
                has_place = meeting.places.has.get(own[0], 0) > 0
                meeting.guests[own[0]].stopped |= not has_place
                if not has_place and meeting.places.wish(own[0]):
                    self.model.answer(meeting, own[0], 0, self.now, for_group=False)
                else:
                    meeting.refresh(dict(meeting.places.has), self.now, acting=own[0])

    async def start_again(self) -> None:
        if (found := self._guest()) is None:
            return
        meeting, id_ = found
        guest = meeting.guests[id_]
        self.log.append(f"start again {guest.recipient}")
        await kontaktmote_replies.start_again(*self._args, id_, now=self.now, cause=Cause.fresh())
        assert guest.recipient is not None
        self.model.refusals.pop((guest.recipient, meeting.centre), None)
        for other in self.model.meetings.values():
            for one in other.guests.values():
                if one.recipient == guest.recipient and other.centre == meeting.centre:
                    one.stopped = False
        await self.session.flush()

    # What time does

    async def jobs(self) -> None:
        """Open sealed addresses and close lines, as the periodic jobs do."""
        self.log.append("jobs")
        for id_, group_ids in (await kontaktmote_addresses.to_open(self.session, self.now)).items():
            await self._open(self.model.meetings[id_], group_ids)
        for id_ in await kontaktmoter.lines_to_close(self.session, self.now + timedelta(hours=24)):
            await kontaktmote_replies.close_line(*self._args, id_, now=self.now, cause=Cause.fresh())
        for meeting in self.model.meetings.values():
            if meeting.state == "announced":
                before = dict(meeting.places.has)
                meeting.close_line(self.now)
                meeting.refresh(before, self.now)

    async def _open(self, meeting: MeetingModel, group_ids: list[UUID]) -> None:
        assert set(group_ids) <= meeting.sealed.keys()
        kept = {id_: self.model.addresses.get(id_, []) for id_ in group_ids}
        found = [
            GroupAddress(group_id=id_, address_id=address, email="x@example.org", language="nb")
            for id_, addresses in kept.items()
            for address in addresses
        ]
        await kontaktmote_addresses.invite(*self._args, meeting.id, group_ids, found, now=self.now, cause=Cause.fresh())
        guests = {}
        for address in found:
            told = meeting.sealed[address.group_id]
            if (address.address_id, meeting.centre) not in self.model.refusals:
                sequence = meeting.sequence if told is None else told
                guests[address.address_id] = Guest(
                    address.group_id, address.address_id, "sealed", sequence, told_before=told is not None
                )
        await self._adopt(meeting, guests)

    async def post(self) -> None:
        """Let the mails that are due leave."""
        self.log.append("post")
        begun = sa.select(col(KontaktmoteRow.id)).where(col(KontaktmoteRow.starts_at) <= self.now)
        await self.session.flush()
        await self.session.execute(
            sa.update(Mail)
            .where(
                col(Mail.invitation_id).is_not(None),
                col(Mail.meeting_id).not_in(begun),
                col(Mail.status) == "queued",
                col(Mail.next_at) <= self.now,
            )
            .values(status="sent", next_at=None)
        )
        for meeting in self.model.meetings.values():
            if meeting.plan.starts_at > self.now:
                meeting.post(self.now)

    async def wait(self) -> None:
        self.now += timedelta(hours=self.chance.choice((1, 20, 60, 200)))
        self.log.append(f"wait until {self.now}")
        for meeting in self.model.meetings.values():  # who has no reminder when its time comes gets none
            meeting.refresh(dict(meeting.places.has), self.now)

    # What is true at the end

    async def check(self) -> None:
        session, model = self.session, self.model
        await session.flush()
        groups_ = {row.id: row.facts.standing for row in await session.scalars(sa.select(ContactGroup))}
        told = {id_: group.standing for id_, group in model.groups.items() if self._known(group)}
        assert groups_ == told
        refusals = {(row.recipient_id, row.centre) for row in await session.scalars(sa.select(InvitationRefusal))}
        assert refusals == set(model.refusals), (refusals, model.refusals)
        for meeting in model.meetings.values():
            await self._check(meeting)

    def _known(self, group: GroupModel) -> bool:
        return any(kind not in ("left", "forgotten") for kind, _ in group.events.values())

    async def _check(self, meeting: MeetingModel) -> None:
        session = self.session
        rows = await kontaktmoter.invitations(session, meeting.id)
        row = await kontaktmoter.get(session, meeting.id)
        assert row is not None
        assert (row.state, row.sequence) == (meeting.state, meeting.sequence)
        assert {one.id: one.recipient_id for one in rows} == {
            id_: guest.recipient for id_, guest in meeting.guests.items()
        }
        if meeting.plan.starts_at <= self.now or meeting.state != "announced":
            return
        sealed = await session.scalars(sa.select(SealedGroup).where(col(SealedGroup.kontaktmote_id) == meeting.id))
        assert {one.group_id for one in sealed} == meeting.sealed.keys()
        seats = {one.id: one.seats for one in rows if one.seats}
        places = {id_: seats for id_, seats in meeting.places.has.items() if seats}
        assert seats == places, (meeting.id, seats, places)
        line = sorted((one for one in rows if one.line is not None), key=lambda one: one.line or 0)
        assert [(one.id, one.wanted) for one in line] == meeting.places.queue
        assert row.coming == sum(meeting.places.has.values())
        query = sa.select(Mail).where(
            col(Mail.invitation_id).in_([one.id for one in rows]), col(Mail.status) != "cancelled"
        )
        found = Counter((mail.invitation_id, mail.kind) for mail in await session.scalars(query))
        assert found == meeting.mails(), (found, meeting.mails())

    # Helpers

    @property
    def _args(self) -> tuple[AsyncSession, MailRegistry]:
        return self.session, self.registry

    def _any(self, *states: str) -> MeetingModel | None:
        found = [meeting for meeting in self.model.meetings.values() if meeting.state in states]
        return self.chance.choice(found) if found else None

    def _guest(self) -> tuple[MeetingModel, UUID] | None:
        found = [
            (meeting, id_)
            for meeting in self.model.meetings.values()
            for id_, guest in meeting.guests.items()
            if guest.recipient is not None
        ]
        return self.chance.choice(found) if found else None

    async def _refused(self, act: Any) -> None:
        try:
            async with self.session.begin_nested():
                await act
        except DomainError:
            return
        raise AssertionError("it is refused in the model")
