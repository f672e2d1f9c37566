"""Sent events forget who is erased, and can still be sent again."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from devtools.testing.fixtures import Databases
from shared.events import EVENTS, Event, group_life, groups, people, tasks
from shared.kit.database.engine import Database
from shared.kit.messaging import named_people
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.named_people import people_in, without
from shared.kit.messaging.outbox import Outbox

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
IN_GROUP = {"group_id": uuid4(), "version": 1, "centre": "link-bergen", "area": "bergen"}


class Base(SQLModel, registry=registry()):
    pass


outbox = Outbox(Base.metadata)
erased = sa.Table("erased", Base.metadata, sa.Column("id", sa.Uuid, primary_key=True))
ERASED_IDS = sa.select(erased.c.id)


@pytest.fixture
async def database(database_url: Databases) -> AsyncIterator[Database]:
    database = Database(SecretStr(await database_url("forgetful_outbox", Base.metadata)))
    yield database
    await database.dispose()


def seat(person_id: UUID) -> groups.Seat:
    return groups.Seat(seat_id=uuid4(), signup_id=uuid4(), person_id=person_id, language="nb")


def stamp(kind: type[Event]) -> dict[str, object]:
    return dict(Cause.fresh().stamp(kind, uuid4(), NOW))


def called(*person_ids: UUID) -> groups.MeetingCalled:
    return groups.MeetingCalled.model_validate(
        stamp(groups.MeetingCalled)
        | IN_GROUP
        | {
            "meeting_id": uuid4(),
            "sequence": 0,
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=2),
            "place_text": "Biblioteket",
            "seats": [seat(id_) for id_ in person_ids],
        }
    )


def vote(*person_ids: UUID) -> group_life.VoteOpened:
    ballots = [{"ballot_id": uuid4(), "seat": seat(id_)} for id_ in person_ids]
    fields = {"vote_id": uuid4(), "vote_subject": "conflict_visit", "deadline": NOW, "ballots": ballots}
    return group_life.VoteOpened.model_validate(stamp(group_life.VoteOpened) | IN_GROUP | fields)


def settled(*account_ids: UUID) -> group_life.IgangsetterSettled:
    fields = {name: NOW for name in group_life.IgangsetterSettled.model_fields if name.endswith("_at")}
    return group_life.IgangsetterSettled.model_validate(
        stamp(group_life.IgangsetterSettled) | IN_GROUP | fields | {"igangsetter_ids": account_ids}
    )


def opened(person_id: UUID | None) -> tasks.Opened:
    fields = {
        "task_id": uuid4(), "version": 1, "service": "notify", "kind": "call", "centre": "link-bergen",
        "visible_from": NOW, "path": "/stab/", "person_id": person_id,
    }  # fmt: skip
    return tasks.Opened.model_validate(stamp(tasks.Opened) | fields)


def asked(person_id: UUID) -> people.PageLinkAsked:
    fields = {"person_id": person_id, "link_id": uuid4(), "expires_at": NOW, "language": "nb"}
    return people.PageLinkAsked.model_validate(stamp(people.PageLinkAsked) | fields)


def erasure(person_id: UUID) -> people.Erased:
    return people.Erased.model_validate(stamp(people.Erased) | {"person_id": person_id, "signup_ids": ()})


def content(event: Event) -> bytes:
    return event.model_dump_json().encode()


async def store(database: Database, *events: Event, sent: bool = True) -> None:
    async with database.transaction() as session:
        await outbox.add(session, *events)
        if sent:
            await session.execute(sa.update(outbox.table).values(sent_at=sa.func.now()))


async def erase(database: Database, *ids: UUID) -> int:
    async with database.transaction() as session:
        await session.execute(sa.insert(erased).values([{"id": id_} for id_ in ids]))
    return await forget(database)


async def forget(database: Database) -> int:
    async with database.transaction() as session:
        return await outbox.forget(session, ERASED_IDS)


async def payloads(database: Database) -> list[bytes]:
    async with database.transaction() as session:
        return list(await session.scalars(sa.select(outbox.table.c.payload).order_by(outbox.table.c.id)))


async def test_forget_takes_the_erased_out_of_events_that_name_several(database: Database) -> None:
    ane, bo, cia = (uuid4() for _ in range(3))
    both = called(ane, bo, cia), vote(ane, bo), settled(ane, bo)
    await store(database, *both)
    assert await erase(database, ane) == 3
    for event, payload in zip(both, await payloads(database), strict=True):
        assert str(ane).encode() not in payload
        left = EVENTS[event.subject].model_validate_json(payload)
        assert left.event_id == event.event_id
        assert str(bo).encode() in payload
    assert await forget(database) == 0
    assert await erase(database, bo) == 3
    assert [str(cia).encode() in payload for payload in await payloads(database)] == [True, False, False]


@pytest.mark.asvs("14.2.4")
async def test_forget_empties_events_that_are_about_the_erased(database: Database) -> None:
    ane, bo = uuid4(), uuid4()
    taken = groups.SeatTaken.model_validate(stamp(groups.SeatTaken) | IN_GROUP | {"seat": seat(ane)})
    others = opened(bo), opened(None), asked(bo)
    await store(database, opened(ane), asked(ane), taken, *others)
    assert await erase(database, ane) == 3
    assert await payloads(database) == [b"", b"", b"", *map(content, others)]


async def test_forget_keeps_the_erasure_itself(database: Database) -> None:
    ane = uuid4()
    event = erasure(ane)
    await store(database, event)
    assert await erase(database, ane) == 0
    assert await payloads(database) == [content(event)]


async def test_forget_leaves_what_is_not_sent_until_it_is(database: Database) -> None:
    ane = uuid4()
    event = asked(ane)
    await store(database, event, sent=False)
    assert await erase(database, ane) == 0
    assert await payloads(database) == [content(event)]
    await store(database)
    assert await forget(database) == 1


async def test_resend_sends_what_is_kept_and_nothing_forgotten(database: Database) -> None:
    ane, bo = uuid4(), uuid4()
    about, both = asked(ane), called(ane, bo)
    await store(database, about, both)
    await erase(database, ane)
    async with database.transaction() as session:
        assert not await outbox.resend(session, about.event_id)
        assert not await outbox.resend(session, uuid4())
        assert await outbox.resend(session, both.event_id)
        assert (await outbox.unsent(session))[0] == 1
        assert await outbox.holds(session, about.event_id), "it is not published a second time"
        assert await outbox.payload_of(session, about.event_id) is None
        assert json.loads(await outbox.payload_of(session, both.event_id) or b"")["seats"][0]["person_id"] == str(bo)


def test_fields_of_people_in_events_are_known() -> None:
    """A new field for a person or an account is named here, or ends otherwise."""
    names = {
        name
        for kind in EVENTS.values()
        for part in _parts(kind.model_json_schema())
        for name in part.get("properties", {})
        if name.startswith(("person", "account", "igangsetter", "recipient", "owner", "guest", "member", "helper"))
    }
    assert names - named_people.FIELDS - named_people.LISTS == set()


def _parts(part: object) -> list[dict[str, dict[str, object]]]:
    if isinstance(part, dict):
        return [part, *(found for value in part.values() for found in _parts(value))]
    return [found for value in part for found in _parts(value)] if isinstance(part, list) else []


@given(st.lists(st.uuids(), min_size=1, max_size=6, unique=True), st.data())
def test_without_leaves_exactly_the_others(ids: list[UUID], data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(ids)))
    for event in (called(*ids), vote(*ids), settled(*ids)):
        assert people_in(content(event)) == sorted(ids)
        left = without(content(event), gone)
        assert people_in(left) == sorted(set(ids) - gone)
        assert without(left, gone) == left
