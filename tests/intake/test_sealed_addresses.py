"""The sealed addresses of a group on its own: sealed once, opened for an announced kontaktmøte, and never linked."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from intake import jobs
from intake.usecases import erase, sealed_addresses
from shared.events import contacts, group_life
from shared.events.kontaktmoter import Announced
from shared.kit.messaging.causes import Cause
from tests.intake.support.world import World
from tests.intake.test_memberships import A_DAY, Group, deliver, run_jobs, two_members

MEETING = UUID(int=77)


def sealed(group: Group, *seats: int) -> group_life.MembersForgotten:
    event = group.event(group_life.MembersForgotten, sealed=[group.seats[number].seat_id for number in seats])
    assert isinstance(event, group_life.MembersForgotten)
    return event


async def seal(world: World) -> None:
    for _ in range(2):
        await jobs.SEAL_ADDRESSES.run(world.jobs)


async def announce(world: World, centre: str = "link-bergen", meeting: UUID = MEETING) -> None:
    now = world.clock.now()
    event = Announced(
        **Cause.fresh().stamp(Announced, str(meeting), now),
        kontaktmote_id=meeting,
        version=1,
        centre=centre,
        starts_at=now + 20 * A_DAY,
        ends_at=now + 20 * A_DAY + timedelta(hours=2),
    )
    async with world.transaction() as session:
        await sealed_addresses.on_announced(session, event)


async def ask(world: World, *group_ids: UUID, meeting: UUID = MEETING) -> list[str]:
    question = contacts.Question(purpose="kontaktmote", group_ids=group_ids, kontaktmote_id=meeting)
    async with world.transaction() as session:
        answer = await sealed_addresses.open_for_meeting(
            session, world.vault, question, reader="notify", now=world.clock.now()
        )
    assert answer.contacts == ()
    return sorted(address.email for address in answer.addresses)


async def test_addresses_outlive_their_people_and_open_for_a_meeting(world: World) -> None:
    group, *_ = await two_members(world)
    await deliver(world, [*group.start(), sealed(group, 0, 1)])
    await seal(world)
    await run_jobs(world, 3 * A_DAY)
    assert (await world.count("people"), await world.count("addresses_to_seal")) == (0, 0)
    assert await ask(world, group.id) == [], "no such meeting"
    await announce(world)
    assert await ask(world, group.id, uuid4()) == ["kari@example.org", "ola@example.org"]
    (entry,) = [one for one in await world.audit_entries() if one[1] == "group.addresses_opened"]
    assert entry == ("notify", "group.addresses_opened", str(group.id))
    world.later(days=21)
    assert await ask(world, group.id) == [], "the meeting is over"


async def test_only_the_centre_of_the_meeting_reaches_its_groups(world: World) -> None:
    group, *_ = await two_members(world)
    await deliver(world, [*group.start(), sealed(group, 0, 1)])
    await seal(world)
    await announce(world, centre="link-oslo")
    assert await ask(world, group.id) == []
    assert [one for one in await world.audit_entries() if one[1] == "group.addresses_opened"] == []


@pytest.mark.parametrize("seats", [(), (0,), (1,)])
async def test_members_who_are_left_out_are_not_sealed(world: World, seats: tuple[int, ...]) -> None:
    group, *_ = await two_members(world)
    await deliver(world, [*group.start(), sealed(group, *seats)])
    await seal(world)
    await announce(world)
    emails = ["kari@example.org", "ola@example.org"]
    assert await ask(world, group.id) == [emails[number] for number in seats]


@pytest.mark.parametrize("first", [0, 1, 2])
async def test_addresses_are_sealed_whatever_comes_first(world: World, first: int) -> None:
    group, *_ = await two_members(world)
    events = [*group.start(), sealed(group, 0, 1)]
    events.insert(0, events.pop(first - 1))
    await deliver(world, events)
    await seal(world)
    await announce(world)
    assert await ask(world, group.id) == ["kari@example.org", "ola@example.org"]


@pytest.mark.parametrize("kind", ["dissolved", "expired"])
async def test_end_of_the_group_deletes_its_addresses_and_key(world: World, kind: str) -> None:
    group, *_ = await two_members(world)
    await deliver(world, [*group.start(), sealed(group, 0, 1)])
    await seal(world)
    await announce(world)
    end = group.event(group_life.Expired) if kind == "expired" else group.dissolved()
    await deliver(world, [end])
    assert await world.count("sealed_addresses") == 0
    assert await ask(world, group.id) == []
    await world.vault.groups.ensure(group.id)
    await jobs.DELETE_GROUP_KEYS.run(world.jobs)
    assert group.id in await world.vault.groups.keys([group.id]), "a fresh key may be in use"
    async with world.keys.transaction() as session:
        await session.execute(text("update group_keys set created_at = created_at - interval '2 hours'"))
    await jobs.DELETE_GROUP_KEYS.run(world.jobs)
    assert await world.vault.groups.keys([group.id]) == {}


async def test_group_that_ended_before_is_never_sealed(world: World) -> None:
    group, *_ = await two_members(world)
    await deliver(world, [*group.start(), group.dissolved(), sealed(group, 0, 1)])
    await seal(world)
    assert (await world.count("sealed_addresses"), await world.count("addresses_to_seal")) == (0, 0)


async def test_erasure_on_request_takes_the_address_out_of_every_group(world: World) -> None:
    group, first_id, _ = await two_members(world)
    person_id = await world.person_of(first_id)
    await deliver(world, [*group.start(), sealed(group, 0, 1)])
    await seal(world)
    await announce(world)
    async with world.transaction() as session:
        await erase.erase_on_request(session, world.vault, person_id, now=world.clock.now(), cause=Cause.fresh())
    assert await ask(world, group.id) == ["ola@example.org"]


async def test_sealed_rows_tell_nothing_of_who_they_are_of(world: World) -> None:
    group, first_id, second_id = await two_members(world)
    person_ids = [await world.person_of(one) for one in (first_id, second_id)]
    await deliver(world, [*group.start(), sealed(group, 0, 1)])
    await seal(world)
    rows = await world.rows("select t::text, length(sealed) from sealed_addresses t")
    assert len({length for _, length in rows}) == 1
    for row, _ in rows:
        for known in (*person_ids, first_id, second_id, *(seat.seat_id for seat in group.seats)):
            assert str(known) not in row
            assert known.hex not in row
        for index in await world.rows("select encode(address_index, 'hex') from people"):
            assert index[0] not in row


@pytest.mark.parametrize(
    "body",
    [
        '{"purpose": "kontaktmote", "group_ids": ["%s"]}',
        '{"purpose": "kontaktmote", "kontaktmote_id": "%s"}',
        '{"purpose": "mail", "group_ids": ["%s"]}',
        '{"purpose": "mail", "person_ids": ["%s"], "kontaktmote_id": "00000000-0000-0000-0000-000000000001"}',
        '{"purpose": "kontaktmote", "person_ids": ["%s"], "kontaktmote_id": "00000000-0000-0000-0000-000000000001"}',
        '{"purpose": "newsletter", "group_ids": ["%s"]}',
    ],
)
def test_question_of_another_kind_is_unreadable(body: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        contacts.Question.model_validate_json(body % uuid4())
