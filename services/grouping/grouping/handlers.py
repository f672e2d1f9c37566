"""The consumers of events of the other services: each event is one command, and queued arrivals share a transaction."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.usecases import erasures, igangsetter_accounts, members, pauses, policies, quiet_pairs, reconciliation
from grouping.usecases import signups as signup_usecases
from grouping.usecases.context import GroupingContext
from shared.events import Stream, centres, kontaktmoter, people, signups
from shared.events.reconciliation import Listed, SeatKnown
from shared.kit.clock import Clock
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.consumer import Consumer
from shared.kit.staff import wall_now

MAX_IN_FLIGHT: Final = 64
"""Messages in progress at the same time; arrivals among them share a transaction."""


def consumers(clock: Clock, context: GroupingContext) -> tuple[Consumer, ...]:
    """Return the consumers with their handlers."""
    signup_events = Consumer("grouping-signups", Stream.SIGNUPS, max_in_flight=MAX_IN_FLIGHT)
    people_events = Consumer("grouping-people", Stream.PEOPLE)
    centre_events = Consumer("grouping-centres", Stream.CENTRES)

    @signup_events.on(signups.Ready, signups.Changed)
    async def on_wishes(session: AsyncSession, event: signups.Wishes) -> None:
        await signup_usecases.on_wishes(session, context, event, now=clock.now(), cause=Cause.of(event))

    @signup_events.on_batch(signups.Ready, signups.Changed)
    async def on_wishes_batch(session: AsyncSession, events: Sequence[signups.Wishes]) -> None:
        await signup_usecases.on_wishes_batch(session, context, events, now=clock.now())

    @signup_events.on(signups.Withdrawn)
    async def on_withdrawn(session: AsyncSession, event: signups.Withdrawn) -> None:
        await signup_usecases.on_withdrawn(session, context, event, now=clock.now(), cause=Cause.of(event))

    @signup_events.on(Listed)
    async def on_listed(session: AsyncSession, event: Listed) -> None:
        await reconciliation.on_listed(session, event, wall=wall_now(), cause=Cause.of(event))

    @signup_events.on(SeatKnown)
    async def on_seat_known(session: AsyncSession, event: SeatKnown) -> None:
        await reconciliation.on_seat_known(session, context, event, now=clock.now(), cause=Cause.of(event))

    _hold_back_offers(signup_events, clock, context)

    @people_events.on(people.Erased)
    async def on_erased(session: AsyncSession, event: people.Erased) -> None:
        await erasures.on_erased(session, context, event, now=clock.now(), cause=Cause.of(event))

    _keep_apart(people_events, clock, context)

    @people_events.on(people.IgangsetterChanged)
    async def on_igangsetter_changed(session: AsyncSession, event: people.IgangsetterChanged) -> None:
        await igangsetter_accounts.on_igangsetter_changed(
            session, context, event, now=clock.now(), cause=Cause.of(event)
        )

    @centre_events.on(centres.PolicyChanged)
    async def on_policy_changed(session: AsyncSession, event: centres.PolicyChanged) -> None:
        await policies.on_policy_changed(session, context, event)

    return signup_events, people_events, centre_events, _kontaktmoter(clock, context)


def _kontaktmoter(clock: Clock, context: GroupingContext) -> Consumer:
    consumer = Consumer("grouping-kontaktmoter", Stream.KONTAKTMOTER)

    @consumer.on(kontaktmoter.ReplyGiven)
    async def on_reply_given(session: AsyncSession, event: kontaktmoter.ReplyGiven) -> None:
        await members.on_reply_given(session, context, event, now=clock.now(), cause=Cause.of(event))

    return consumer


def _keep_apart(people_events: Consumer, clock: Clock, context: GroupingContext) -> None:
    """Add the handlers of the pairs that nobody may read."""

    @people_events.on(people.KeptApart)
    async def on_kept_apart(session: AsyncSession, event: people.KeptApart) -> None:
        await quiet_pairs.on_kept_apart(session, context, event, now=clock.now(), cause=Cause.of(event))

    @people_events.on(people.ApartEnded)
    async def on_apart_ended(session: AsyncSession, event: people.ApartEnded) -> None:
        await quiet_pairs.on_apart_ended(session, event, now=clock.now())


def _hold_back_offers(signup_events: Consumer, clock: Clock, context: GroupingContext) -> None:
    """Add the handlers of events that hold back offers to a person, or make them again."""

    @signup_events.on(signups.Paused)
    async def on_paused(session: AsyncSession, event: signups.Paused) -> None:
        await pauses.on_pause(session, context, event, now=clock.now(), cause=Cause.of(event))

    @signup_events.on(signups.Resumed)
    async def on_resumed(session: AsyncSession, event: signups.Resumed) -> None:
        await pauses.on_pause(session, context, event, now=clock.now(), cause=Cause.of(event))

    @signup_events.on(signups.Renewed)
    async def on_renewed(session: AsyncSession, event: signups.Renewed) -> None:
        await pauses.on_renewed(session, context, event, now=clock.now(), cause=Cause.of(event))

    @signup_events.on(signups.TextsAsked)
    async def on_texts_asked(session: AsyncSession, event: signups.TextsAsked) -> None:
        await pauses.on_texts(session, context, event, now=clock.now(), cause=Cause.of(event))

    @signup_events.on(signups.TextsAccepted)
    async def on_texts_accepted(session: AsyncSession, event: signups.TextsAccepted) -> None:
        await pauses.on_texts(session, context, event, now=clock.now(), cause=Cause.of(event))
