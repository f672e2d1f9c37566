"""Acts of staff as the pages call them, other policies, and jobs as they run."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from grouping import jobs
from grouping.usecases import lives
from grouping.usecases.context import GroupingContext
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference import centres
from shared.reference.centres import CentreDirectory, Centres
from tests.grouping.support.world import World

BERGEN_PAGE = "/stab/omrader/bergen"


def context_with(*, everywhere: bool = False, **policy: Any) -> GroupingContext:
    """The shipped centres, with LINK Bergen's policy changed, or that of all of them."""
    changed_centres = []
    for centre in centres.load().all:
        changes = policy if everywhere or centre.id == "link-bergen" else {}
        changed_centres.append(centre.model_copy(update={"policy": centre.policy.model_copy(update=changes)}))
    return GroupingContext(CentreDirectory(Centres(tuple(changed_centres))))


def with_policy(world: World, **policy: Any) -> World:
    """The same world under another policy."""
    return World(world.database, world.clock, context_with(**policy))


def with_drafts(world: World, **policy: Any) -> World:
    """A world where every group is a draft for an hour."""
    return with_policy(world, **({"draft_minutes": 60} | policy))


async def wait(world: World, count: int, first: int = 1, **wishes: Any) -> None:
    """Let ``count`` people sign up; number n has waited for n days."""
    await world.deliver(*(world.ready(number, **wishes) for number in range(first, first + count)), times=1)


async def decide(world: World, decision: Callable[..., Awaitable[Any]], *about: Any, **fields: Any) -> Any:
    """Run a command of staff as Kari, in a transaction of its own."""
    async with world.database.transaction() as session:
        return await decision(
            session, world.context, *about, actor=Actor("kari", world.clock.now(), Cause.fresh()), **fields
        )


async def refused(slug: str, world: World, decision: Callable[..., Awaitable[Any]], *about: Any, **fields: Any) -> None:
    """Assert that a command of staff is refused with this slug, and writes nothing."""
    before = await world.dump(), len(await world.audit_entries())
    with pytest.raises(DomainError) as refusal:
        await decide(world, decision, *about, **fields)
    assert refusal.value.slug == slug
    assert (await world.dump(), len(await world.audit_entries())) == before


async def run_job(world: World, job: jobs.AreaJob | jobs.GroupJob, **later: float) -> None:
    """Move the clock and run a job twice, since that must be harmless."""
    world.clock.move(timedelta(**later))
    for _ in range(2):
        assert await job.run(world.database, world.context, world.clock) == 0


async def hand_over(world: World) -> None:
    """Record that the one group, which has started, goes on alone, and that the centre forgets its members."""
    assert await jobs.OPEN_LIVES.run(world.database, world.context, world.clock) == 0
    group = await world.group()
    assert group.state == "started"
    actor = Actor("kari", world.clock.now(), Cause.fresh())
    async with world.database.transaction() as session:
        await lives.record_agreement(session, world.context, group.id, actor=actor)


async def publish_drafts(world: World, **later: float) -> None:
    await run_job(world, jobs.PUBLISH_DRAFTS, **later)


async def kinds(world: World) -> list[str]:
    """The names of the published events, in order."""
    return [type(event).__name__ for event in await world.published()]


async def log_of(world: World) -> list[tuple[str, str, str | None]]:
    """Actor, action and reason of each act of staff, in order."""
    return [(entry.actor, entry.action, entry.details.get("reason")) for entry in await world.audit_entries()]
