"""What arrives from other services."""

from faststream.nats import NatsBroker
from faststream.nats.annotations import NatsMessage
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import State
from intake.usecases import contacts as door
from intake.usecases import group_events
from intake.vault import Vault
from shared.events import Stream, contacts, groups
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.consumer import Consumer

READER = "notify"
"""Who may ask for contacts; the broker lets nobody else."""

log = get_logger(__name__)


def consumers(clock: Clock) -> tuple[Consumer, ...]:
    """What intake listens to: the seats of those who signed up."""
    consumer = Consumer("intake-groups", Stream.GROUPS)

    @consumer.on(groups.SeatOffered)
    async def offered(session: AsyncSession, event: groups.SeatOffered) -> None:
        await group_events.place(session, event, [event.seat], State.OFFERED, clock.now())

    @consumer.on(groups.SeatTaken)
    async def taken(session: AsyncSession, event: groups.SeatTaken) -> None:
        await group_events.place(session, event, [event.seat], State.SEATED, clock.now())

    @consumer.on(groups.SeatReleased)
    async def released(session: AsyncSession, event: groups.SeatReleased) -> None:
        await group_events.place(session, event, [event.seat], State.READY, clock.now())

    @consumer.on(groups.Started)
    async def started(session: AsyncSession, event: groups.Started) -> None:
        await group_events.place(session, event, event.seats, State.MEMBER, clock.now())

    @consumer.on(groups.Cancelled)
    async def cancelled(session: AsyncSession, event: groups.Cancelled) -> None:
        await group_events.place(session, event, event.seats, State.READY, clock.now())

    return (consumer,)


def open_contact_door(broker: NatsBroker, database: Database, vault: Vault, clock: Clock) -> None:
    """Answers ``contacts.resolve``; several copies of intake share the questions."""

    @broker.subscriber(contacts.SUBJECT, queue="intake", decoder=_raw, title=contacts.SUBJECT)
    async def resolve(message: NatsMessage) -> bytes:
        try:
            question = contacts.Question.model_validate_json(message.body)
        except ValidationError:
            log.exception("contacts_question_unreadable")
            raise
        async with database.transaction() as session:
            answer = await door.resolve(session, vault, question, reader=READER, now=clock.now())
        return answer.model_dump_json().encode()


async def _raw(message: NatsMessage) -> bytes:
    """Leaves the bytes alone."""
    body: bytes = message.body
    return body
