"""Two hundred groups of four centres, events shuffled and doubled: invitations and replies are those of a model."""

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from notify.domain.kontaktmoter.groups import Standing
from notify.store import Base
from notify.usecases import kontaktmoter as usecases
from shared.errors import DomainError
from shared.events.base import GroupEvent
from shared.reference.centres import version_content
from tests.notify.support.desk import Desk
from tests.notify.support.kontaktmoter import Circle, Office
from tests.notify.support.reply_model import Model
from tests.notify.test_kontaktmote_replies import ALL
from tests.notify.test_kontaktmote_replies import GROUPS as GROUPS_OF_MODEL
from tests.notify.test_kontaktmote_replies import play as replay

pytestmark = pytest.mark.proofs

CENTRES = (
    ("link-bergen", "bergen"),
    ("link-oslo", "oslo"),
    ("link", "trondheim"),
    ("selvhjelp-norge", "selvhjelp-norge-landet"),
)
GROUPS = 200
MEMORIES = ("none", "opt_in", "sealed_alias")
SEED = 20_261_126


class Life:
    """One group with its events, and what a simple model says of it."""

    def __init__(self, desk: Desk, chance: random.Random, number: int) -> None:
        self.centre, self.area = CENTRES[number % len(CENTRES)]
        self.circle = Circle(desk, MEMORIES[number % len(MEMORIES)], size=2)
        self.standing, self.forgotten = Standing.ACTIVE, False
        circle = self.circle
        events: list[GroupEvent] = []
        events.append(circle.group.started())
        fate = chance.choice(["accompanied", "active", "active", "active", "forgotten", "silent", "dissolved"])
        if fate == "accompanied":
            self.standing = Standing.ACCOMPANIED
        else:
            events.append(circle.life.handed_over(circle.memory))
        if fate in ("silent", "dissolved"):
            events.append(circle.life.expired() if fate == "silent" else circle.life.dissolved())
            self.standing = Standing.SILENT if fate == "silent" else Standing.DISSOLVED
        if self.standing is Standing.ACTIVE and circle.memory == "none":
            self.standing = Standing.NOTHING_KEPT
        if fate == "forgotten":
            self.forgotten = True
            events.append(circle.life.forgotten(*circle.people[: circle.memory == "opt_in"]))
        elsewhere = {"centre": self.centre, "area": self.area}
        self.events: list[GroupEvent] = [event.model_copy(update=elsewhere) for event in (*events, *events)]

    @property
    def invited(self) -> list[str]:
        """The addresses that an invitation goes to."""
        if self.standing is not Standing.ACTIVE:
            return []
        if self.forgotten and self.circle.memory == "opt_in":
            return self.circle.emails[:1]
        return self.circle.emails


def allow_everywhere(desk: Desk) -> None:
    for centre in desk.deps.directory.current().all:
        policy = centre.policy.model_copy(update={"version": "2027-1-9", "kontaktmote": "all_active_groups"})
        desk.deps.directory.apply(centre.id, 9, version_content(policy, centre.texts))


async def addresses_in(desk: Desk) -> list[str]:
    """The tables in which an address stands."""
    found = []
    async with desk.database.transaction() as session:
        for table in Base.metadata.sorted_tables:
            query = sa.text(f"SELECT 1 FROM \"{table.name}\" t WHERE t::text LIKE '%@example.org%' LIMIT 1")
            if (await session.execute(query)).first() is not None:
                found.append(table.name)
    return found


async def test_two_hundred_groups_end_as_in_the_model(desk: Desk) -> None:
    chance, office = random.Random(SEED), Office(desk)
    allow_everywhere(desk)
    lives = [Life(desk, chance, number) for number in range(GROUPS)]
    events = [event for life in lives for event in life.events]
    chance.shuffle(events)
    await desk.deliver(*events, times=1)
    await desk.mailer()
    for life in lives:
        if life.forgotten and life.circle.memory == "sealed_alias":
            desk.intake.seal(life.circle.id, *life.circle.people)
    meetings: dict[str, UUID] = {}
    for centre, _area in CENTRES:
        async with desk.database.transaction() as session:
            (id_,) = await usecases.plan(session, centre, [office.plan(capacity=20)], actor=office.actor)
        meetings[centre] = id_
        with suppress(DomainError):
            await office.announce(id_)
        expected = sorted(email for life in lives if life.centre == centre for email in life.invited)
        assert [email for _, email in await office.settle()] == expected, centre
    assert await addresses_in(desk) == []
    for id_ in meetings.values():
        await play(office, id_, chance)
    assert await office.later(desk.clock.now() + timedelta(days=20, hours=21)) == []  # no reminder of what is off


async def play(office: Office, id_: UUID, chance: random.Random) -> None:
    """Answer, resize and doubly answer at random; the places and the queue are those of the model."""
    rows = {row.id: row.group_id for row in await office.invitations(id_)}
    model, ids = Model(20), sorted(rows)
    for _ in range(120):
        if chance.random() < 0.1:
            model.capacity = chance.randrange(1, 30)
            await office.change(id_, capacity=model.capacity)
            model.serve()
            continue
        who, people, for_group = chance.choice(ids), chance.randrange(4), chance.random() < 0.3
        mates = [other for other in ids if for_group and other != who and rows[other] == rows[who]]
        for _press in range(chance.randrange(1, 3)):
            await office.answer(who, people, for_group=for_group)
            model.answer(who, people, mates)
    now: list[Any] = await office.invitations(id_)
    assert {row.id: row.seats for row in now if row.seats} == {who: count for who, count in model.has.items() if count}
    line = sorted((row for row in now if row.line is not None), key=lambda row: row.line)
    assert [(row.id, row.wanted) for row in line] == model.queue
    meeting = await office.meeting(id_)
    assert meeting.coming == sum(model.has.values())
    await office.cancel(id_)
    told = {email for kind, email in await office.settle() if kind == "kontaktmote_cancelled"}
    assert len(told) == sum(not (row.answered and row.wanted == 0) for row in now)


def test_ten_thousand_histories_of_replies_end_as_in_the_model() -> None:
    chance = random.Random(SEED)
    steps = ("one", "one", "group", "capacity", "dissolve", "close")
    for _ in range(10_000):
        history = []
        for _step in range(chance.randrange(40)):
            what = chance.choice(steps)
            first = chance.randrange(1, GROUPS_OF_MODEL + 1) if what == "dissolve" else chance.randrange(len(ALL))
            history += [(what, first, chance.randrange(2 if what == "one" else 7))] * chance.randrange(1, 3)
        replies, model = replay(history)
        has = {id_: reply.seats for id_, reply in replies.by_invitation.items() if reply.seats}
        assert has == {who: people for who, people in model.has.items() if people}
        assert [(reply.invitation_id, reply.wanted) for reply in replies.in_line()] == model.queue
