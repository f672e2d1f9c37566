"""What arrives from the streams: each event calls one use case."""

from sqlalchemy.ext.asyncio import AsyncSession

from notify.usecases import groups as about_groups
from notify.usecases import signups as about_signups
from shared.events import Stream, groups, people, signups
from shared.kit.clock import Clock
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.consumer import Consumer

AT_ONCE = 10
"""Messages handled at the same time; the locks of the use cases keep each person's and group's in line."""


def consumers(clock: Clock) -> tuple[Consumer, ...]:
    """All that notify listens to."""
    return _signups(clock), _people(clock), _groups(clock)


def _signups(clock: Clock) -> Consumer:
    consumer = Consumer("notify-signups", Stream.SIGNUPS, max_in_flight=AT_ONCE)

    @consumer.on(signups.Received)
    async def received(session: AsyncSession, event: signups.Received) -> None:
        await about_signups.ask_to_confirm(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(signups.Confirmed)
    async def confirmed(session: AsyncSession, event: signups.Confirmed) -> None:
        await about_signups.note_confirmed(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(signups.Ready)
    async def ready(session: AsyncSession, event: signups.Ready) -> None:
        await about_signups.note_ready(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(signups.Changed)
    async def changed(session: AsyncSession, event: signups.Changed) -> None:
        await about_signups.note_changed(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(signups.Withdrawn)
    async def withdrawn(session: AsyncSession, event: signups.Withdrawn) -> None:
        await about_signups.say_goodbye(session, event, now=clock.now(), cause=Cause.of(event))

    return consumer


def _people(clock: Clock) -> Consumer:
    consumer = Consumer("notify-people", Stream.PEOPLE)

    @consumer.on(people.Erased)
    async def erased(session: AsyncSession, event: people.Erased) -> None:
        await about_signups.forget(session, event, now=clock.now())

    return consumer


def _groups(clock: Clock) -> Consumer:
    consumer = Consumer("notify-groups", Stream.GROUPS, max_in_flight=AT_ONCE)

    @consumer.on(groups.SeatOffered)
    async def seat_offered(session: AsyncSession, event: groups.SeatOffered) -> None:
        await about_groups.offer_seat(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.SeatTaken)
    async def seat_taken(session: AsyncSession, event: groups.SeatTaken) -> None:
        await about_groups.note_taken(session, event)

    @consumer.on(groups.SeatReleased)
    async def seat_released(session: AsyncSession, event: groups.SeatReleased) -> None:
        await about_groups.release_seat(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.MeetingCalled)
    async def meeting_called(session: AsyncSession, event: groups.MeetingCalled) -> None:
        await about_groups.call_meeting(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.Cancelled)
    async def cancelled(session: AsyncSession, event: groups.Cancelled) -> None:
        await about_groups.cancel_start(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.Started)
    async def started(session: AsyncSession, event: groups.Started) -> None:
        await about_groups.note_started(session, event, now=clock.now(), cause=Cause.of(event))

    return consumer
