"""Somebody shows that an address is theirs, and takes the steps from there to the waiting list."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import Asks
from intake.domain.signups import ANNOUNCED, SignupProgress, State
from intake.store import Person, Signup, outbox, people
from intake.usecases import signup_events
from intake.usecases.locations import asks_of
from shared.errors import DomainError
from shared.events import signups
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres


class Answer(Enum):
    """What the page says: it is confirmed now, it was before, or the question is no longer there."""

    CONFIRMED = "confirmed"
    ALREADY = "already"
    GONE = "gone"


async def peek(session: AsyncSession, confirmation_id: UUID, *, now: datetime) -> Answer:
    """What pressing the button would do: CONFIRMED where it would confirm. Changes nothing."""
    question = await people.confirmation(session, confirmation_id)
    if question is None:
        return Answer.GONE
    if question.confirmed_at is not None:
        return Answer.ALREADY
    return Answer.CONFIRMED if now < question.expires_at else Answer.GONE


async def confirm(
    session: AsyncSession, centres: Centres, confirmation_id: UUID, *, now: datetime, cause: Cause
) -> Answer:
    """The person opened the link and pressed the button. Pressing again changes nothing."""
    question = await people.confirmation(session, confirmation_id)
    if question is None:
        return Answer.GONE
    person = await people.lock_person(session, question.person_id)
    await session.refresh(question)
    if question.confirmed_at is not None:
        return Answer.ALREADY
    row = await people.lock_signup(session, question.signup_id)
    if person is None or row is None or now >= question.expires_at or row.state == State.WITHDRAWN:
        return Answer.GONE
    await people.mark_confirmed(session, row.signup_id, now)
    await _own(session, centres, person, row, now, cause)
    return Answer.CONFIRMED


async def confirm_by_phone(
    session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Staff has spoken with the person. A second press changes nothing.

    Raises:
        DomainError: ``no_such_signup``, or ``signup_over`` for one that was withdrawn.
    """
    person, row = await _locked(session, signup_id)
    if row.state == State.RECEIVED:
        await people.mark_confirmed(session, row.signup_id, now)
        await _own(session, centres, person, row, now, cause)


async def talk_held(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """
    The forsamtale has been held. A second press changes nothing.

    Raises:
        DomainError: ``no_such_signup``, ``signup_over``, or ``not_confirmed``.
    """
    await _step(session, centres, signup_id, SignupProgress.hold_talk, now, cause)


async def information_read(
    session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Somebody who signed up by phone has read the information. A second press changes nothing.

    Raises:
        DomainError: As :func:`talk_held`.
    """
    await _step(session, centres, signup_id, SignupProgress.read_information, now, cause)


async def _step(
    session: AsyncSession,
    centres: Centres,
    signup_id: UUID,
    step: Callable[[SignupProgress, Asks], SignupProgress],
    now: datetime,
    cause: Cause,
) -> None:
    _, row = await _locked(session, signup_id)
    before = signup_events.life_of(row)
    if before.state is State.RECEIVED:
        raise DomainError("not_confirmed", signup_id=signup_id)
    after = step(before, _asks(centres, row))
    others = await people.others_waiting(session, row.person_id, row.signup_id)
    signup_events.write_life(row, replace(after, state=before.state), now)
    if after.state is not before.state:
        await _announce(session, row, others, after, now, cause)


async def _own(
    session: AsyncSession, centres: Centres, person: Person, row: Signup, now: datetime, cause: Cause
) -> None:
    """The sign-up is the person's own: it becomes a change of one that is under way, or goes its own way."""
    person.confirmed_at = person.confirmed_at or now
    person.language = row.language
    if row.first_name_sealed is not None:
        person.first_name_sealed, person.mobile_sealed = row.first_name_sealed, row.mobile_sealed
        row.first_name_sealed = row.mobile_sealed = None
    others = await people.others_waiting(session, person.person_id, row.signup_id)
    for other in others:
        if other.centre == row.centre:  # what was done with the same centre need not be done again
            row.read_at, row.talked_at = row.read_at or other.read_at, row.talked_at or other.talked_at
        row.signed_up_at = min(row.signed_up_at, other.signed_up_at)
    asks = _asks(centres, row)
    after = signup_events.life_of(row).confirm(asks)
    if after.state is State.READY:
        if not any(other.state in ANNOUNCED for other in others):
            signup_events.write_life(row, replace(after, state=State.CONFIRMED), now)
            target = await _into_confirmed(session, row, others)
            await outbox.add(session, signup_events.confirmed(cause, target, (), now))
            await _announce(session, target, [], after, now, cause)
            return
        await _announce(session, row, others, after, now, cause)
        return
    signup_events.write_life(row, after, now)
    target = await _into_confirmed(session, row, others)
    await outbox.add(session, signup_events.confirmed(cause, target, after.awaits(asks), now))


async def _into_confirmed(session: AsyncSession, row: Signup, others: Sequence[Signup]) -> Signup:
    """Where another sign-up waits for a step too, the newer wishes become its own: one person, one such row."""
    target = next((other for other in others if other.state == State.CONFIRMED), None)
    if target is None:
        return row
    signup_events.copy_wishes(row, target)
    target.read_at, target.talked_at = row.read_at, row.talked_at
    with session.no_autoflush:
        session.expunge(row)
    await people.fold(session, row.signup_id, target.signup_id)
    return target


async def _announce(
    session: AsyncSession, row: Signup, others: Sequence[Signup], after: SignupProgress, now: datetime, cause: Cause
) -> None:
    """Grouping hears of somebody new, or of new wishes of somebody it knows, whose place in the line is the old one."""
    known = next((other for other in others if other.state in ANNOUNCED), None)
    if known is None:
        signup_events.write_life(row, after, now)
        await outbox.add(session, signup_events.announced(signups.Ready, cause, row, now))
        return
    signup_events.copy_wishes(row, known)
    known.read_at, known.talked_at = row.read_at or known.read_at, row.talked_at or known.talked_at
    with session.no_autoflush:
        session.expunge(row)
    await people.fold(session, row.signup_id, known.signup_id)
    await outbox.add(session, signup_events.announced(signups.Changed, cause, known, now))


def _asks(centres: Centres, row: Signup) -> Asks:
    centre = centres.get(row.centre)
    if centre is None:
        raise DomainError("no_such_centre", signup_id=row.signup_id)
    return asks_of(centre.policy)


async def _locked(session: AsyncSession, signup_id: UUID) -> tuple[Person, Signup]:
    """Person and sign-up, locked in this order everywhere."""
    known = await people.signup(session, signup_id)
    person = await people.lock_person(session, known.person_id) if known else None
    row = await people.lock_signup(session, signup_id) if person else None
    if person is None or row is None:
        raise DomainError("no_such_signup", signup_id=signup_id)
    if row.state == State.WITHDRAWN:
        raise DomainError("signup_over", signup_id=signup_id)
    return person, row
