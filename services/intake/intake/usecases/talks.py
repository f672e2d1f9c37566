"""
Talks of people with their centre: agree on a time, change it, give it up, and record how it went.

A time is locked after the person and the sign-up, so that two people never get the same one.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain import talks as rules
from intake.domain.signups import SignupState
from intake.domain.talks import BOOKED_BEFORE, Talk, TalkOutcome
from intake.store import Person, Signup, outbox, signups, talks
from intake.usecases import confirm, pauses, signup_tasks, talk_events, withdraw
from intake.usecases.locks import lock_if_known, lock_signup
from intake.usecases.quiet_pairs import compare
from intake.usecases.signup_audit import record_signup
from intake.usecases.talk_frees import answer_until, free
from intake.vault.vault import Vault
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause
from shared.reference.calls import next_morning
from shared.reference.centres import Centres

TIMES_KEPT: Final = timedelta(days=30)
"""Time after its end for which a time that nobody has is kept."""

_ACTIONS: Final = {
    TalkOutcome.CLEAR: "signup.talk_held",
    TalkOutcome.NOT_NOW: "signup.talk_not_now",
    TalkOutcome.REFERRED: "signup.talk_referred",
}


async def book(
    session: AsyncSession, centres: Centres, signup_id: UUID, time_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Give a person a time, in place of what was agreed before. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup``, or ``unknown_talk_time`` also for another centre's.
        DomainError: ``signup_over``, ``talk_closed`` if the person can arrange nothing now, ``talk_time_taken``, or
            ``talk_number_missing`` if the centre has no number to call.
    """
    await _book(session, centres, signup_id, time_id, now, cause, needs_number=True)


async def book_by_staff(
    session: AsyncSession, centres: Centres, signup_id: UUID, time_id: UUID, *, actor: Actor
) -> None:
    """Give a person on the phone a time, and record the act; raises as :func:`book`."""
    row = await _book(session, centres, signup_id, time_id, actor.now, actor.cause)
    if row is not None:
        await record_signup(session, actor, "signup.talk_booked", row)


async def add_number(session: AsyncSession, vault: Vault, signup_id: UUID, mobile: str) -> None:
    """
    Store the number of a person who gave none, so that the centre can call.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        signup_id: The sign-up.
        mobile: A normalized number; see :func:`intake.domain.form.normalized_mobile`.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over``.
        PersonKeyMissing: The person is being erased.
    """
    person, _ = await lock_signup(session, signup_id)
    if person.mobile_sealed is None:
        key = await vault.key(person.person_id)
        person.mobile_sealed, person.mobile_bucket = key.seal("people", "mobile", mobile), vault.bucket(mobile)
        await compare(session, vault, person)


async def ask_for_call(
    session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Put a person who would rather be called on the list of today; a booked time is given up. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over``, ``talk_closed`` or ``talk_number_missing``.
    """
    person, row = await lock_signup(session, signup_id)
    talk = await _arrangeable(session, centres, row)
    if person.mobile_sealed is None:
        raise DomainError("talk_number_missing", signup_id=signup_id)
    if talk.call_from is None:
        freed = await free(session, row, "given_up", now=now, cause=cause)
        await talks.write(session, signup_id, freed.ask(now, derived_id(cause.id, "talk", signup_id)), now)
        await _sync(session, centres, person, row, now, cause)


async def give_up(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause) -> None:
    """Give up the time, or the call, that a person has. Idempotent; raises as :func:`ask_for_call` but for the last."""
    await _give_up(session, centres, signup_id, now, cause)


async def give_up_by_staff(session: AsyncSession, centres: Centres, signup_id: UUID, *, actor: Actor) -> None:
    """Give up the time of a person who asked for it on the phone, and record the act. Idempotent."""
    row = await _give_up(session, centres, signup_id, actor.now, actor.cause)
    if row is not None:
        await record_signup(session, actor, "signup.talk_given_up", row)


async def record_outcome(
    session: AsyncSession, centres: Centres, signup_id: UUID, outcome: TalkOutcome, *, actor: Actor
) -> None:
    """
    Record how the talk went: the outcome alone, and what follows from it for the sign-up. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over``, or ``talk_outcome_impossible`` for this sign-up as it is now.
    """
    person, row = await lock_signup(session, signup_id)
    talk = (await talks.get(session, signup_id)).talk
    if row.state == SignupState.RECEIVED:
        raise DomainError("not_confirmed", signup_id=signup_id)
    if talk.outcome is outcome:
        return
    if outcome not in rules.outcomes_for(row.state):
        raise DomainError("talk_outcome_impossible", signup_id=signup_id)
    talk_id = talk.talk_id or derived_id(actor.cause.id, "talk", signup_id)
    await talks.write(session, signup_id, talk.hold(outcome), actor.now)
    await outbox.add(session, talk_events.held(actor.cause, row, talk_id, outcome, actor.now))
    await record_signup(session, actor, _ACTIONS[outcome], row)
    if outcome is TalkOutcome.REFERRED:
        await withdraw.withdraw(session, signup_id, now=actor.now, cause=actor.cause)
        return
    if outcome is TalkOutcome.NOT_NOW:
        await pauses.pause(session, signup_id, now=actor.now, cause=actor.cause)
    else:
        await confirm.mark_talk_held(session, centres, signup_id, actor=actor)
    if await signups.get(session, signup_id) is not None:
        await _sync(session, centres, person, row, actor.now, actor.cause)


async def record_missed(session: AsyncSession, centres: Centres, signup_id: UUID, *, actor: Actor) -> None:
    """
    Record that the person was not reached: new times are offered, or after three in vain nothing more is sent.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over``, or ``talk_outcome_impossible`` if there is nothing to call about.
    """
    person, row = await lock_signup(session, signup_id)
    talk = (await talks.get(session, signup_id)).talk
    if row.state == SignupState.RECEIVED:
        raise DomainError("not_confirmed", signup_id=signup_id)
    if row.paused_at is not None or talk.stage in {"held", "silent"}:
        raise DomainError("talk_outcome_impossible", signup_id=signup_id)
    await _offer_again(session, centres, person, row, talk, actor.now, actor.cause)
    await record_signup(session, actor, "signup.talk_missed", row)


async def unanswered(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Return sign-ups whose last offer of times was not answered in time."""
    return await talks.ids_unanswered(session, now)


async def count_unanswered(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime) -> None:
    """Offer times again to a person who has not answered, or after three in vain nothing more. Idempotent."""
    locked = await lock_if_known(session, signup_id)
    talk = (await talks.get(session, signup_id)).talk
    if locked is None or talk.offered_until is None or talk.offered_until > now:
        return
    person, row = locked
    cause = Cause.tick("talk unanswered", signup_id, talk.offered_until)
    await _offer_again(session, centres, person, row, talk, now, cause)


async def ended(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Return sign-ups whose booked time is over."""
    return await talks.ids_ended(session, now)


async def mark_past(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime) -> None:
    """Ask staff how a talk went whose time is over. Idempotent."""
    locked = await lock_if_known(session, signup_id)
    arranged = await talks.get(session, signup_id)
    if locked is None or arranged.time is None or arranged.talk.past or arranged.time.ends_at > now:
        return
    await talks.write(session, signup_id, arranged.talk.end(), now)
    cause = Cause.tick("talk past", signup_id, arranged.time.time_id)
    await _sync(session, centres, *locked, now, cause)


async def delete_old_times(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete times that were over long ago and that nobody has."""
    await talks.delete_ended_before(session, now - TIMES_KEPT)


async def _book(
    session: AsyncSession,
    centres: Centres,
    signup_id: UUID,
    time_id: UUID,
    now: datetime,
    cause: Cause,
    *,
    needs_number: bool = False,
) -> Signup | None:
    """Give a person a time; return the sign-up, None if the person had the time before."""
    person, row = await lock_signup(session, signup_id)
    time = await talks.lock_time(session, time_id)
    if time is None or time.centre != row.centre:
        raise NotFoundError("unknown_talk_time", time_id=time_id)
    holder = await talks.signup_with(session, time_id)
    if holder == signup_id:
        return None
    talk = await _arrangeable(session, centres, row)
    if holder is not None or time.closed_at is not None or time.starts_at < now + BOOKED_BEFORE:
        raise DomainError("talk_time_taken", time_id=time_id)
    if needs_number and time.way == "phone" and person.mobile_sealed is None:
        raise DomainError("talk_number_missing", signup_id=signup_id)
    talk = talk.book(time_id, derived_id(cause.id, "talk", signup_id))
    await talks.write(session, signup_id, talk, now)
    await outbox.add(session, talk_events.booked(cause, row, talk, time, now))
    await _sync(session, centres, person, row, now, cause)
    return row


async def _give_up(
    session: AsyncSession, centres: Centres, signup_id: UUID, now: datetime, cause: Cause
) -> Signup | None:
    """Give up the time or the call of a person; return the sign-up, None if there was neither."""
    person, row = await lock_signup(session, signup_id)
    if not (await talks.get(session, signup_id)).talk.agreed:
        return None
    await free(session, row, "given_up", now=now, cause=cause)
    await _sync(session, centres, person, row, now, cause)
    return row


async def _arrangeable(session: AsyncSession, centres: Centres, row: Signup) -> Talk:
    """Return the talk of a sign-up whose owner can agree on a time or a call now."""
    talk = (await talks.get(session, row.signup_id)).talk
    centre = centres.get(row.centre)
    offers = centre is not None and centre.policy.forsamtale != "off"
    held = row.talked_at is not None
    if not rules.can_arrange(row.state, paused=row.paused_at is not None, held=held, offers=offers, talk=talk):
        raise DomainError("talk_closed", signup_id=row.signup_id)
    return talk


async def _offer_again(
    session: AsyncSession, centres: Centres, person: Person, row: Signup, talk: Talk, now: datetime, cause: Cause
) -> None:
    by_mail = person.email_sealed is not None
    missed = talk.miss(
        derived_id(cause.id, "talk", row.signup_id),
        answer_until(centres, row, now) if by_mail else None,
        None if by_mail else next_morning(now),
    )
    if row.state == SignupState.MEMBER:  # nothing is offered to a member of a group
        missed = missed.give_up()
    await talks.write(session, row.signup_id, missed, now)
    if missed.talk_id is not None:
        await outbox.add(session, talk_events.offered(cause, row, missed, now, by_mail=by_mail))
    await _sync(session, centres, person, row, now, cause)


async def _sync(
    session: AsyncSession, centres: Centres, person: Person, row: Signup, now: datetime, cause: Cause
) -> None:
    await signup_tasks.sync(session, centres, person, row.signup_id, now=now, cause=cause)
