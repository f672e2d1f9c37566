"""Handlers of events from other services, and of questions about contacts."""

from faststream.nats import NatsBroker
from faststream.nats.annotations import NatsMessage
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.usecases import contacts as contact_usecases
from intake.usecases import erase, figures, group_events, meeting_guests, memberships, reconciliation, sealed_addresses
from intake.usecases import tasks as task_usecases
from intake.vault.vault import Vault
from shared.errors import DomainError
from shared.events import Stream, contacts, erasures, group_life, groups, kontaktmoter, tasks
from shared.events import reconciliation as reconciliation_events
from shared.events.base import GroupEvent
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.consumer import Consumer
from shared.kit.messaging.identities import inbox_prefix
from shared.kit.staff import wall_now

MAX_TASKS_IN_FLIGHT = 10
"""Number of events about tasks handled at the same time; each writes one row."""

log = get_logger(__name__)


def consumers(clock: Clock) -> tuple[Consumer, ...]:
    """Return the consumers: groups, tasks, kontaktmøter of notify, reports of erasures, and comparisons."""
    return _groups(clock), _tasks(clock), _kontaktmoter(clock), _erasures(clock), _reconciliation(clock)


def _groups(clock: Clock) -> Consumer:
    consumer = Consumer("intake-groups", Stream.GROUPS)
    _handle_policies(consumer, clock)

    @consumer.on(groups.SeatOffered)
    async def seat_offered(session: AsyncSession, event: groups.SeatOffered) -> None:
        await group_events.record_seat_change(session, event, [event.seat], SignupState.OFFERED, now=clock.now())

    @consumer.on(groups.SeatTaken)
    async def seat_taken(session: AsyncSession, event: groups.SeatTaken) -> None:
        await group_events.record_seat_change(session, event, [event.seat], SignupState.SEATED, now=clock.now())

    @consumer.on(groups.SeatReleased)
    async def seat_released(session: AsyncSession, event: groups.SeatReleased) -> None:
        await group_events.record_seat_change(session, event, [event.seat], SignupState.READY, now=clock.now())

    @consumer.on(groups.MeetingCalled)
    async def meeting_called(session: AsyncSession, event: groups.MeetingCalled) -> None:
        await group_events.record_meeting(session, event)

    @consumer.on(groups.Started)
    async def started(session: AsyncSession, event: groups.Started) -> None:
        await group_events.record_seat_change(session, event, event.seats, SignupState.MEMBER, now=clock.now())
        await figures.on_started(session, event, now=clock.now())

    @consumer.on(groups.StartRevoked)
    async def start_revoked(session: AsyncSession, event: groups.StartRevoked) -> None:
        await group_events.record_seat_change(session, event, event.seats, SignupState.SEATED, now=clock.now())
        await figures.on_start_revoked(session, event, now=clock.now())

    @consumer.on(groups.Cancelled)
    async def cancelled(session: AsyncSession, event: groups.Cancelled) -> None:
        await group_events.record_seat_change(session, event, event.seats, SignupState.READY, now=clock.now())
        await group_events.record_no_meeting(session, event)
        await group_events.record_end(session, event, now=clock.now())

    @consumer.on(groups.MeetingPostponed)
    async def meeting_postponed(session: AsyncSession, event: groups.MeetingPostponed) -> None:
        await group_events.record_no_meeting(session, event)

    _handle_lives(consumer, clock)
    return consumer


def _handle_lives(consumer: Consumer, clock: Clock) -> None:
    """Add the handlers of events about the members of started groups."""

    @consumer.on(group_life.RhythmSet, group_life.HandedOver, group_life.FollowUpDue, group_life.KeepAliveAsked)
    async def living(session: AsyncSession, event: GroupEvent) -> None:
        if isinstance(event, group_life.HandedOver):
            await group_events.record_handover(session, event, now=clock.now())
            await figures.on_handed_over(session, event, now=clock.now())
        seats: tuple[groups.Seat, ...] = getattr(event, "seats", ())
        await memberships.remember(session, event, seats)

    @consumer.on(group_life.MemberAdmitted)
    async def member_admitted(session: AsyncSession, event: group_life.MemberAdmitted) -> None:
        await group_events.record_seat_change(session, event, [event.seat], SignupState.MEMBER, now=clock.now())

    @consumer.on(group_life.MemberLeft)
    async def member_left(session: AsyncSession, event: group_life.MemberLeft) -> None:
        await memberships.leave(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(group_life.WayOnChosen)
    async def way_on_chosen(session: AsyncSession, event: group_life.WayOnChosen) -> None:
        await memberships.take_way_on(session, event, now=clock.now(), cause=Cause.of(event))

    @consumer.on(group_life.MembersForgotten)
    async def members_forgotten(session: AsyncSession, event: group_life.MembersForgotten) -> None:
        await memberships.forget_members(session, event, now=clock.now())


def _handle_policies(consumer: Consumer, clock: Clock) -> None:
    """Add the handlers of events about groups that keep a version of their centre's policy."""

    @consumer.on(groups.Proposed)
    async def proposed(session: AsyncSession, event: groups.Proposed) -> None:
        await group_events.record_policy(session, event, now=clock.now())

    @consumer.on(group_life.Dissolved, group_life.Expired)
    async def ended(session: AsyncSession, event: GroupEvent) -> None:
        if isinstance(event, group_life.Dissolved):
            await memberships.remember(session, event, event.seats)
        await group_events.record_end(session, event, now=clock.now())


def _erasures(clock: Clock) -> Consumer:
    consumer = Consumer("intake-erasures", Stream.ERASURES)

    @consumer.on(erasures.Reported)
    async def reported(session: AsyncSession, event: erasures.Reported) -> None:
        await erase.on_reported(session, event, now=clock.now())

    return consumer


def _reconciliation(clock: Clock) -> Consumer:
    consumer = Consumer("intake-reconciliation", Stream.RECONCILIATION)

    @consumer.on(reconciliation_events.Differed)
    async def differed(session: AsyncSession, event: reconciliation_events.Differed) -> None:
        await reconciliation.on_differed(session, event, now=clock.now(), wall=wall_now())

    return consumer


def _kontaktmoter(clock: Clock) -> Consumer:
    consumer = Consumer("intake-kontaktmoter", Stream.KONTAKTMOTER)

    @consumer.on(kontaktmoter.Announced)
    async def announced(session: AsyncSession, event: kontaktmoter.Announced) -> None:
        await sealed_addresses.on_announced(session, event)

    @consumer.on(kontaktmoter.KontaktmoteChanged)
    async def changed(session: AsyncSession, event: kontaktmoter.KontaktmoteChanged) -> None:
        await sealed_addresses.on_announced(session, event)

    @consumer.on(kontaktmoter.KontaktmoteCancelled)
    async def cancelled(session: AsyncSession, event: kontaktmoter.KontaktmoteCancelled) -> None:
        await sealed_addresses.on_announced(session, event)

    @consumer.on(kontaktmoter.KontaktmoteHeld)
    async def held(session: AsyncSession, event: kontaktmoter.KontaktmoteHeld) -> None:
        await figures.on_held(session, event, now=clock.now())

    @consumer.on(kontaktmoter.GuestAnswered)
    async def guest_answered(session: AsyncSession, event: kontaktmoter.GuestAnswered) -> None:
        await meeting_guests.on_answered(session, event)

    return consumer


def _tasks(clock: Clock) -> Consumer:
    consumer = Consumer("intake-tasks", Stream.TASKS, max_in_flight=MAX_TASKS_IN_FLIGHT)

    @consumer.on(tasks.Opened)
    async def opened(session: AsyncSession, event: tasks.Opened) -> None:
        await task_usecases.on_opened(session, event, now=clock.now())

    @consumer.on(tasks.Closed)
    async def closed(session: AsyncSession, event: tasks.Closed) -> None:
        await task_usecases.on_closed(session, event, now=clock.now())

    return consumer


def serve_contacts(broker: NatsBroker, database: Database, vault: Vault, clock: Clock) -> None:
    """Answer questions about contacts; several copies of intake share them."""

    @broker.subscriber(contacts.SUBJECTS, queue="intake", decoder=_raw, title=contacts.SUBJECTS)
    async def resolve(message: NatsMessage) -> bytes:
        try:
            question = contacts.Question.model_validate_json(message.body)
        except ValidationError:
            log.exception("contacts_question_unreadable")
            raise
        service = contacts.service_of(message.raw_message.subject)
        if not message.raw_message.reply.startswith(f"{inbox_prefix(service)}."):
            log.error("contacts_reply_elsewhere", subject=message.raw_message.subject)
            raise DomainError("reply_elsewhere")  # the broker would deny the answer, and that ends this process
        async with database.transaction() as session:
            answer = await contact_usecases.resolve(session, vault, question, service=service, now=clock.now())
        return answer.model_dump_json().encode()


async def _raw(message: NatsMessage) -> bytes:
    """Return the body undecoded."""
    body: bytes = message.body
    return body
