"""Intake owns the policies: first versions from the file, later ones from the pages, each published."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from intake.job_types import JobContext
from intake.jobs import seed_policies
from intake.store import policies as store
from intake.usecases import policies
from shared.errors import DomainError
from shared.events.centres import PolicyChanged
from shared.reference.centres import CentreDirectory, Centres, read_version
from tests.intake.support.world import World, new_directory
from tests.intake.test_centres import with_policy

CENTRES = ["link", "link-bergen", "link-oslo", "selvhjelp-norge"]


async def seed(world: World, file: Centres | None = None) -> None:
    await seed_policies(JobContext(world.db, world.vault, world.directory, world.clock, file))


async def save(world: World, centre_id: str = "link-bergen", based_on: int | None = None, **changes: Any) -> None:
    centre = world.centres.get(centre_id)
    assert centre is not None
    async with world.transaction() as session:
        newest = await store.newest(session, centre_id)
        await policies.save(
            session,
            world.directory,
            centre,
            centre.policy.model_copy(update=changes),
            centre.texts,
            based_on=based_on or (newest.number if newest else 0),
            actor=world.actor(),
        )


async def versions(world: World, centre_id: str = "link-bergen") -> list[tuple[int, str, str]]:
    query = f"select number, version, source from policies where centre = '{centre_id}' order by number"
    return [tuple(row) for row in await world.rows(query)]


async def test_seed_presets_become_first_versions_once(world: World) -> None:
    for _ in range(3):
        await seed(world)
    assert [(event.centre, event.number) for event in await world.policy_events()] == [(id_, 1) for id_ in (
        "link-oslo", "link-bergen", "link", "selvhjelp-norge"
    )]  # fmt: skip
    for event in await world.policy_events():
        policy, texts = read_version(event.model_dump())
        centre = new_directory().current().get(event.centre)
        assert centre is not None
        assert (policy, texts) == (centre.policy, centre.texts)


async def test_seed_two_processes_at_once_write_one_version(world: World) -> None:
    await asyncio.gather(*(seed(world) for _ in range(4)))
    assert await world.count("policies") == len(CENTRES)


async def test_seed_changed_file_becomes_the_next_version(world: World) -> None:
    await seed(world)
    file = with_policy(new_directory().current(), "link-bergen", size_max=7)
    for _ in range(2):
        await seed(world, file)
    assert await versions(world) == [(1, "2026-11-1", "file"), (2, "2026-1-1", "file")]
    centre = world.centres.get("link-bergen")
    assert centre is not None
    assert (centre.policy.size_max, centre.policy.version) == (7, "2026-1-1")
    assert len(await versions(world, "link-oslo")) == 1


async def test_seed_after_a_saved_version_leaves_it_alone(world: World) -> None:
    await seed(world)
    await save(world, size_max=6)
    await seed(world, with_policy(new_directory().current(), "link-bergen", size_max=7))
    assert [source for _, _, source in await versions(world)] == ["file", "web"]
    centre = world.centres.get("link-bergen")
    assert centre is not None
    assert centre.policy.size_max == 6


async def test_save_publishes_audits_and_holds_at_once(world: World) -> None:
    await seed(world)
    await save(world, size_max=6)
    event = (await world.policy_events())[-1]
    assert (event.centre, event.number, event.policy["size_max"], event.valid_from) == (
        "link-bergen", 2, 6, world.clock.now()
    )  # fmt: skip
    assert await world.audit_entries() == [("berit", "policy.saved", "link-bergen")]
    assert await world.rows("select tenant, number from centre_policies where number > 1") == [("link-bergen", 2)]
    assert [event.centre for event in await world.policy_events()].count("link-oslo") == 1


@pytest.mark.parametrize("changes", [{}, {"version": "2030-1-1"}])
async def test_save_of_nothing_new_is_refused(world: World, changes: dict[str, Any]) -> None:
    await seed(world)
    with pytest.raises(DomainError, match="policy_unchanged"):
        await save(world, **changes)


async def test_save_on_an_old_page_is_refused(world: World) -> None:
    await seed(world)
    await save(world, size_max=6)
    with pytest.raises(DomainError, match="policy_changed_meanwhile"):
        await save(world, based_on=1, size_max=9)
    assert len(await versions(world)) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update policies set policy = '{}'",
        "update policies set version = '2026-1-1' where centre = 'link'",
        "update policies set created_by = null",
        "delete from policies",
        "delete from policies where number = 2",
    ],
)
async def test_database_refuses_to_change_a_version(world: World, statement: str) -> None:
    await seed(world)
    await save(world, size_max=6)
    before = await world.rows("select * from policies order by centre, number")
    with pytest.raises(DBAPIError, match="never changes"):
        await world.rows(statement)
    assert await world.rows("select * from policies order by centre, number") == before


async def test_names_of_versions_are_used_once(world: World) -> None:
    await seed(world)
    for size_max in (6, 7, 9):
        await save(world, size_max=size_max)
    world.later(days=60)
    await save(world, size_max=10)
    names = [version for _, version, _ in await versions(world)]
    assert len(set(names)) == 5


FUTURE: list[dict[str, Any]] = [
    {"policy": {"a_key_of_tomorrow": 1}},
    {"texts": {"a_text_of_tomorrow": {"nb": "x"}}},
    {"policy": {"undecided": ["a_key_of_tomorrow", "room"]}},
    {"policy": {"reopen_rule": "closed"}},
    {"policy": {"quiet_minutes": 5}},
]


@pytest.mark.parametrize("changes", FUTURE)
async def test_directory_reads_versions_of_other_releases(world: World, changes: dict[str, Any]) -> None:
    await seed(world)
    (event,) = [event for event in await world.policy_events() if event.centre == "link-bergen"]
    policy = {**event.policy, "size_max": 9, **changes.get("policy", {})}
    if "quiet_minutes" in policy:
        del policy["draft_minutes"]
    newer = PolicyChanged.model_validate({**event.model_dump(), **changes, "policy": policy, "number": 2})
    directory = CentreDirectory(new_directory().current())
    directory.apply("link-bergen", 2, newer.model_dump())
    centre = directory.current().get("link-bergen")
    assert centre is not None
    assert centre.policy.size_max == 9


@pytest.mark.parametrize("changes", [{"size_max": 2}, {"room": "palace"}, {"consent_version": "1"}, {"size_min": None}])
async def test_directory_refuses_versions_it_cannot_read(world: World, changes: dict[str, Any]) -> None:
    await seed(world)
    (event,) = [event for event in await world.policy_events() if event.centre == "link-bergen"]
    directory = CentreDirectory(new_directory().current())
    with pytest.raises(ValueError, match=r"size|room|consent"):
        directory.apply("link-bergen", 2, {"policy": {**event.policy, **changes}, "texts": {}})
    centre = directory.current().get("link-bergen")
    assert centre is not None
    assert centre.policy.size_max == 8
