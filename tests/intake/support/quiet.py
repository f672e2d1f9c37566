"""Names of people who must not be met: given, taken back, compared and told."""

from typing import Any
from uuid import UUID

from intake import jobs
from intake.usecases import confirm, quiet_pairs
from intake.usecases.signup_rows import Source
from shared.events import people
from tests.intake.support.world import World

KARI, OLA = "kari@example.org", "ola@example.org"
NUMBER = "+4791234567"


async def name(world: World, person_id: UUID, contact: str) -> None:
    """Post a name, and leave the comparison to the job."""
    async with world.transaction() as session:
        await quiet_pairs.give_name(session, world.vault, person_id, contact)


async def settle(world: World) -> None:
    """Let the job run, twice: the second time it has nothing left to do."""
    for _ in range(2):
        await jobs.SETTLE_QUIET_NAMES.run(world.jobs)


async def give(world: World, person_id: UUID, contact: str) -> None:
    await name(world, person_id, contact)
    await settle(world)


async def take_back(world: World, person_id: UUID) -> None:
    async with world.transaction() as session:
        await quiet_pairs.take_back_names(session, person_id, now=world.clock.now())


async def person(world: World, email: str, **changes: Any) -> UUID:
    return await world.person_of(await world.confirmed(email=email, **changes))


async def told(world: World) -> list[frozenset[UUID]]:
    """Let the job run; return the pairs that were published, and assert that they say no more than who."""
    await settle(world)
    events = [event for event in await world.events() if isinstance(event, people.KeptApart)]
    for event in events:
        assert event.person_id < event.other_person_id
        assert event.pair_id.version == 4  # no time in it
    return [frozenset({event.person_id, event.other_person_id}) for event in events]


async def ended(world: World) -> list[UUID]:
    await settle(world)
    return [event.pair_id for event in await world.events() if isinstance(event, people.ApartEnded)]


async def by_phone(world: World, **changes: Any) -> UUID:
    """Let a coordinator sign somebody up who has no address, and who is called back."""
    signup_id = await world.register(Source("oral", "berit"), email=None, **changes)
    assert signup_id is not None
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
    return await world.person_of(signup_id)
