"""Times and bookings of forsamtaler, for tests that need some."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from intake.domain.talk_times import Span
from intake.domain.talks import TalkOutcome
from intake.usecases import confirm, talk_times, talks
from intake.usecases.signup_rows import Source
from intake.usecases.talk_times import NewTimes
from shared.events.talks import TalkEvent
from shared.events.tasks import Opened, TaskEvent
from shared.kit.messaging.causes import Cause
from shared.reference.link_purposes import TALK
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_centres import with_policy

MOBILE = "+4791234567"
PHONE_ONLY: dict[str, Any] = {"email": None, "mobile": MOBILE}
ORAL = Source("oral", "berit")
MEMBER = "state = 'member', placed_at = now(), group_id = gen_random_uuid(), group_version = 1"


def policy(world: World, value: str, browser: Browser | None = None) -> None:
    """Change what the centre in Bergen decided, also for the pages of a browser."""
    changed = with_policy(world.directory.current(), "link-bergen", forsamtale=value)
    world.directory.replace(changed)
    if browser is not None:
        browser.app.state.deps.directory.replace(changed)


async def opened(
    world: World,
    count: int = 2,
    *,
    centre: str = "link-bergen",
    way: Literal["phone", "office"] = "phone",
    days: float = 2,
    held_by: str = "Berit",
) -> list[UUID]:
    """Open times in a row some days ahead; return their ids."""
    first = world.clock.now() + timedelta(days=days)
    half = timedelta(minutes=30)
    spans = tuple(Span(first + number * half, first + (number + 1) * half) for number in range(count))
    async with world.transaction() as session:
        await talk_times.open_times(session, NewTimes(centre, spans, way, held_by), actor=world.actor())
    rows = await world.rows("select time_id from talk_times order by opened_at, starts_at")
    return [row[0] for row in rows][-count:]


async def book(world: World, signup_id: UUID, time_id: UUID) -> None:
    async with world.transaction() as session:
        await talks.book(session, world.centres, signup_id, time_id, now=world.clock.now(), cause=Cause.fresh())


async def missed(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await talks.record_missed(session, world.centres, signup_id, actor=world.actor())


async def outcome(world: World, signup_id: UUID, result: TalkOutcome) -> None:
    async with world.transaction() as session:
        await talks.record_outcome(session, world.centres, signup_id, result, actor=world.actor())


async def talk_events(world: World) -> list[TalkEvent]:
    return [event for event in await world.events() if isinstance(event, TalkEvent)]


async def state_of(world: World, signup_id: UUID) -> str:
    ((state,),) = await world.rows(f"select state from signups where signup_id = '{signup_id}'")
    return str(state)


async def has_time(world: World) -> list[UUID]:
    return [row[0] for row in await world.rows("select time_id from talks where time_id is not null")]


async def open_tasks(world: World) -> list[Opened]:
    newest: dict[UUID, TaskEvent] = {}
    for event in await world.task_events():
        newest[event.task_id] = event
    return [event for event in newest.values() if isinstance(event, Opened)]


async def task_kinds(world: World) -> list[str]:
    return sorted(task.kind for task in await open_tasks(world))


def page_of(browser: Browser, signup_id: UUID, language: str = "nb") -> str:
    return str(browser.app.state.deps.links.url("", language, TALK, signup_id))


async def person_with_number(world: World, **changes: Any) -> UUID:
    return await world.confirmed(mobile=MOBILE, **changes)


async def by_phone(world: World, **changes: Any) -> UUID:
    """A person without an address signs up and is confirmed by phone."""
    signup_id = await world.signed_up(source=ORAL, **PHONE_ONLY, **changes)
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
    return signup_id
