"""What arrives from intake: each event is one use case, and arrivals that come together share one."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.usecases import signups as commands
from grouping.usecases.context import GroupingContext
from shared.events import Stream, people, signups
from shared.kit.clock import Clock
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.consumer import Consumer

AT_ONCE = 64
"""Messages under way at the same time; arrivals among them share a transaction."""


def consumers(clock: Clock, office: GroupingContext) -> tuple[Consumer, ...]:
    """What grouping listens to."""
    about_signups = Consumer("grouping-signups", Stream.SIGNUPS, max_in_flight=AT_ONCE)
    about_people = Consumer("grouping-people", Stream.PEOPLE)

    @about_signups.on(signups.Ready, signups.Changed)
    async def take_on(session: AsyncSession, event: signups.Wishes) -> None:
        await commands.on_wishes(session, office, event, now=clock.now(), cause=Cause.of(event))

    @about_signups.on_batch(signups.Ready, signups.Changed)
    async def take_all_on(session: AsyncSession, events: Sequence[signups.Wishes]) -> None:
        await commands.on_wishes_batch(session, office, events, now=clock.now())

    @about_signups.on(signups.Withdrawn)
    async def withdraw(session: AsyncSession, event: signups.Withdrawn) -> None:
        await commands.on_withdrawn(session, office, event, now=clock.now(), cause=Cause.of(event))

    @about_people.on(people.Erased)
    async def erase(session: AsyncSession, event: people.Erased) -> None:
        await commands.on_erased(session, office, event, now=clock.now(), cause=Cause.of(event))

    return about_signups, about_people
