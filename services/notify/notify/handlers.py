"""Handlers of events: each event calls one use case."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from notify.mails.registry import MailRegistry
from notify.usecases import group_life, helpers, kontaktmote_guests, policies, reconciliation
from notify.usecases import groups as group_usecases
from notify.usecases import people as people_usecases
from notify.usecases import signups as signup_usecases
from notify.usecases import talks as talk_usecases
from shared.events import Stream, centres, groups, people, signups, talks
from shared.events import group_life as group_life_events
from shared.events.base import GroupEvent, SignupEvent
from shared.events.reconciliation import Listed
from shared.kit.clock import Clock
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.consumer import Consumer
from shared.kit.staff import wall_now
from shared.reference.centres import CentreDirectory

MAX_IN_FLIGHT = 10
"""Number of messages handled at the same time; the use cases lock each person and group."""

MAX_SIGNUPS_IN_FLIGHT = 64
"""The same for events about sign-ups; the facts among them share a transaction."""


def consumers(clock: Clock, registry: MailRegistry, directory: CentreDirectory) -> tuple[Consumer, ...]:
    """Return the consumers of notify, with a handler for each event."""
    return _signups(clock, registry), _people(clock, registry), _groups(clock, registry), _centres(directory)


def _centres(directory: CentreDirectory) -> Consumer:
    consumer = Consumer("notify-centres", Stream.CENTRES)

    @consumer.on(centres.PolicyChanged)
    async def policy_changed(session: AsyncSession, event: centres.PolicyChanged) -> None:
        await policies.on_policy_changed(session, directory, event)

    return consumer


def _signups(clock: Clock, registry: MailRegistry) -> Consumer:
    consumer = Consumer("notify-signups", Stream.SIGNUPS, max_in_flight=MAX_SIGNUPS_IN_FLIGHT)

    @consumer.on(*signup_usecases.FACTS)
    async def fact(session: AsyncSession, event: SignupEvent) -> None:
        await signup_usecases.on_facts(session, registry, [event], now=clock.now())

    @consumer.on_batch(*signup_usecases.FACTS)
    async def facts(session: AsyncSession, events: Sequence[SignupEvent]) -> None:
        await signup_usecases.on_facts(session, registry, events, now=clock.now())

    @consumer.on(signups.Withdrawn)
    async def withdrawn(session: AsyncSession, event: signups.Withdrawn) -> None:
        await signup_usecases.on_withdrawn(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(signups.Paused)
    async def paused(session: AsyncSession, event: signups.Paused) -> None:
        await signup_usecases.on_paused(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(Listed)
    async def listed(session: AsyncSession, event: Listed) -> None:
        await reconciliation.on_listed(session, event, wall=wall_now(), cause=Cause.of(event))

    @consumer.on(talks.TalkBooked, talks.TalkCancelled, talks.TalkOffered, talks.TalkHeld)
    async def talk_changed(session: AsyncSession, event: talks.TalkEvent) -> None:
        await talk_usecases.on_talk(session, registry, event, now=clock.now(), cause=Cause.of(event))

    return consumer


def _people(clock: Clock, registry: MailRegistry) -> Consumer:
    consumer = Consumer("notify-people", Stream.PEOPLE)

    @consumer.on(people.Erased)
    async def erased(session: AsyncSession, event: people.Erased) -> None:
        await people_usecases.on_erased(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(people.ContactChanged)
    async def contact_changed(session: AsyncSession, event: people.ContactChanged) -> None:
        await people_usecases.on_contact_changed(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(people.GuestAsked)
    async def guest_asked(session: AsyncSession, event: people.GuestAsked) -> None:
        await kontaktmote_guests.on_guest_asked(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(people.PageLinkAsked)
    async def page_link_asked(session: AsyncSession, event: people.PageLinkAsked) -> None:
        await people_usecases.on_page_link_asked(session, registry, event, now=clock.now(), cause=Cause.of(event))

    _handle_helpers(consumer, clock, registry)
    return consumer


def _handle_helpers(consumer: Consumer, clock: Clock, registry: MailRegistry) -> None:
    """Add the handlers of events about people who help a centre."""

    @consumer.on(people.AccountInvited)
    async def account_invited(session: AsyncSession, event: people.AccountInvited) -> None:
        await helpers.on_account_invited(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(people.IgangsetterChanged)
    async def igangsetter_changed(session: AsyncSession, event: people.IgangsetterChanged) -> None:
        await helpers.on_igangsetter_changed(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(people.AccountLinkAsked)
    async def account_link_asked(session: AsyncSession, event: people.AccountLinkAsked) -> None:
        await helpers.on_account_link_asked(session, registry, event, now=clock.now(), cause=Cause.of(event))


def _groups(clock: Clock, registry: MailRegistry) -> Consumer:
    consumer = Consumer("notify-groups", Stream.GROUPS, max_in_flight=MAX_IN_FLIGHT)
    _handle_seats(consumer, clock, registry)
    _handle_meetings(consumer, clock, registry)
    _handle_groups(consumer, clock, registry)
    _handle_starters(consumer, clock, registry)
    _handle_group_life(consumer, clock, registry)
    return consumer


def _handle_seats(consumer: Consumer, clock: Clock, registry: MailRegistry) -> None:
    """Add the handlers of events about seats."""

    @consumer.on(groups.SeatOffered)
    async def seat_offered(session: AsyncSession, event: groups.SeatOffered) -> None:
        await group_usecases.on_seat_offered(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.SeatTaken)
    async def seat_taken(session: AsyncSession, event: groups.SeatTaken) -> None:
        await group_usecases.on_seat_taken(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.ComingConfirmed)
    async def coming_confirmed(session: AsyncSession, event: groups.ComingConfirmed) -> None:
        await group_usecases.on_coming_confirmed(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.SeatReleased)
    async def seat_released(session: AsyncSession, event: groups.SeatReleased) -> None:
        await group_usecases.on_seat_released(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.OffersPaused)
    async def offers_paused(session: AsyncSession, event: groups.OffersPaused) -> None:
        await group_usecases.on_offers_paused(session, registry, event, now=clock.now(), cause=Cause.of(event))


def _handle_meetings(consumer: Consumer, clock: Clock, registry: MailRegistry) -> None:
    """Add the handlers of events about meetings."""

    @consumer.on(groups.MeetingCalled)
    async def meeting_called(session: AsyncSession, event: groups.MeetingCalled) -> None:
        await group_usecases.on_meeting_called(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.MeetingPostponed)
    async def meeting_postponed(session: AsyncSession, event: groups.MeetingPostponed) -> None:
        await group_usecases.on_meeting_postponed(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.MeetingReported)
    async def meeting_reported(session: AsyncSession, event: groups.MeetingReported) -> None:
        await group_usecases.on_meeting_reported(session, registry, event, now=clock.now(), cause=Cause.of(event))


def _handle_groups(consumer: Consumer, clock: Clock, registry: MailRegistry) -> None:
    """Add the handlers of events about whole groups."""

    @consumer.on(groups.Started)
    async def started(session: AsyncSession, event: groups.Started) -> None:
        await group_usecases.on_started(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.StartRevoked)
    async def start_revoked(session: AsyncSession, event: groups.StartRevoked) -> None:
        await group_usecases.on_start_revoked(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(groups.Cancelled)
    async def cancelled(session: AsyncSession, event: groups.Cancelled) -> None:
        await group_usecases.on_cancelled(session, registry, event, now=clock.now(), cause=Cause.of(event))


def _handle_starters(consumer: Consumer, clock: Clock, registry: MailRegistry) -> None:
    """Add the handlers of events about the questions to igangsettere."""

    @consumer.on(group_life_events.IgangsetterAsked)
    async def igangsetter_asked(session: AsyncSession, event: group_life_events.IgangsetterAsked) -> None:
        await helpers.on_igangsetter_asked(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(group_life_events.VisitAsked)
    async def visit_asked(session: AsyncSession, event: group_life_events.VisitAsked) -> None:
        await helpers.on_visit_asked(session, registry, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(group_life_events.IgangsetterAnswered)
    async def igangsetter_answered(session: AsyncSession, event: group_life_events.IgangsetterAnswered) -> None:
        await helpers.on_igangsetter_answered(session, registry, event, now=clock.now(), cause=Cause.of(event))


def _handle_group_life(consumer: Consumer, clock: Clock, registry: MailRegistry) -> None:
    """Add the handler of events about the life of a group after its start."""

    @consumer.on(*group_life.EVENTS)
    async def happened(session: AsyncSession, event: GroupEvent) -> None:
        await group_life.on_group_life(session, registry, event, now=clock.now(), cause=Cause.of(event))
