"""What a new stream gets from the tables, beyond what the outbox keeps."""

from datetime import timedelta

from sqlalchemy import delete, select

from intake.store import Erasure, outbox
from intake.usecases.rebuild import REBUILD, publish_erasures, publish_policies
from shared.events import Stream
from shared.events.base import ERASURE_KEPT
from shared.events.people import Erased
from shared.kit.ids import derived_id, new_id
from shared.kit.staff import wall_now
from tests.intake.support.world import World
from tests.intake.test_policies import save, seed


async def test_publish_policies_sends_the_newest_of_each_centre_once(world: World) -> None:
    await seed(world)
    await save(world, size_max=7)
    async with world.transaction() as session:
        await session.execute(delete(outbox.table))  # kept for a week only
    for _ in range(2):
        async with world.transaction() as session:
            assert await publish_policies(session) == 4
    assert {event.centre: event.number for event in await world.policy_events()} == {
        "link": 1,
        "link-bergen": 2,
        "link-oslo": 1,
        "selvhjelp-norge": 1,
    }
    assert len(await world.policy_events()) == 4


async def test_publish_erasures_sends_what_the_journal_keeps_once(world: World) -> None:
    ages = [timedelta(0), timedelta(days=8), ERASURE_KEPT - timedelta(days=1), ERASURE_KEPT + timedelta(days=1)]
    people = [new_id() for _ in ages]
    async with world.transaction() as session:
        session.add_all(
            Erasure(person_id=id_, erased_at=wall_now() - age) for id_, age in zip(people, ages, strict=True)
        )
    for _ in range(2):
        async with world.transaction() as session:
            assert await publish_erasures(session) == 3
    async with world.transaction() as session:
        query = select(outbox.table.c.event_id).where(outbox.table.c.subject == Erased.subject)
        sent = set(await session.scalars(query))
    assert sent == {derived_id("journal", id_) for id_ in people[:3]}


def test_rebuild_covers_streams_that_are_kept_for_longer_than_the_outbox() -> None:
    assert set(REBUILD) == {Stream.CENTRES, Stream.PEOPLE}
