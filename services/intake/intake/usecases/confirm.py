"""Confirmation of a sign-up, and the steps from there to the waiting list."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import IN_MATCHING, ConfirmationStatus, SignupProgress, SignupState
from intake.store import Person, Signup, confirmations, outbox, signups
from intake.usecases import signup_events, signup_tasks
from intake.usecases.binding import Choice, bind, owners_of
from intake.usecases.corrections import confirm_address
from intake.usecases.figures import count_signup
from intake.usecases.locks import lock_if_known, lock_signup
from intake.usecases.pauses import end_pause
from intake.usecases.quiet_pairs import compare, publish_wishes
from intake.usecases.signup_audit import record_signup
from intake.usecases.talk_frees import leave_centre
from intake.vault.vault import Vault
from shared.errors import DomainError, NotFoundError
from shared.events import signups as events
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres


async def confirm(
    session: AsyncSession,
    vault: Vault,
    centres: Centres,
    confirmation_id: UUID,
    *,
    choice: Choice | None = None,
    now: datetime,
    cause: Cause,
) -> ConfirmationStatus:
    """
    Confirm the sign-up of a confirmation link. Idempotent.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        centres: The centres of this installation.
        confirmation_id: The question of the link.
        choice: The person it is, if the address belongs to somebody already; None if the page did not ask.
        now: The time of the press.
        cause: The press.

    Returns:
        ``OPEN`` if the address belongs to somebody and the choice is missing or no longer possible.
    """
    unlocked = await confirmations.get(session, confirmation_id)
    if unlocked is None:
        return ConfirmationStatus.GONE
    signup_id = unlocked.signup_id
    locked = await lock_if_known(session, signup_id, owner_id=choice if isinstance(choice, UUID) else None)
    confirmation = await confirmations.get(session, confirmation_id)
    if confirmation is not None and confirmation.confirmed_at is not None:
        return ConfirmationStatus.ALREADY
    is_open = confirmation is not None and now < confirmation.expires_at
    if locked is None or not is_open or locked[1].state == SignupState.WITHDRAWN:
        return ConfirmationStatus.GONE
    person, row = locked
    if person.replaces_id is not None:
        await confirmations.mark_confirmed(session, row.signup_id, now)
        await confirm_address(session, vault, person, row, now=now, cause=cause)
        return ConfirmationStatus.CONFIRMED
    owner_ids = [owner.person_id for owner in await owners_of(session, vault, person)]
    if owner_ids and choice not in ("new", *owner_ids):
        return ConfirmationStatus.OPEN
    await confirmations.mark_confirmed(session, row.signup_id, now)
    if isinstance(choice, UUID) and choice in owner_ids:
        person = await bind(session, vault, row, person, choice, now=now, cause=cause)
    await _apply_confirmation(session, vault, centres, person, row, now, cause)
    await signup_tasks.sync(session, centres, person, signup_id, now=now, cause=cause)
    return ConfirmationStatus.CONFIRMED


async def confirm_as_known_person(
    session: AsyncSession, vault: Vault, centres: Centres, signup_id: UUID, person_id: UUID, *, actor: Actor
) -> None:
    """
    Confirm a sign-up after a call, as new wishes of a person who is known already.

    The caller has checked that the member of staff may see both. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup`` or ``unknown_person``.
        DomainError: ``signup_over`` if it was withdrawn.
    """
    person, row = await lock_signup(session, signup_id, owner_id=person_id)
    if row.state == SignupState.RECEIVED:
        await confirmations.mark_confirmed(session, row.signup_id, actor.now)
        owner = await bind(session, vault, row, person, person_id, now=actor.now, cause=actor.cause)
        await record_signup(session, actor, "signup.confirmed", row)
        await _apply_confirmation(session, vault, centres, owner, row, actor.now, actor.cause)
        await signup_tasks.sync(session, centres, owner, signup_id, now=actor.now, cause=actor.cause)


async def confirm_by_phone(
    session: AsyncSession,
    vault: Vault,
    centres: Centres,
    signup_id: UUID,
    *,
    recorded: bool = False,
    actor: Actor,
) -> None:
    """
    Confirm a sign-up after a member of staff spoke with the person. Idempotent.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        centres: The centres of this installation.
        signup_id: The sign-up.
        recorded: True if the act that confirms it is recorded by the caller, as the registration on the phone.
        actor: The member of staff.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over`` if it was withdrawn, ``address_asked`` if it only asks for a new address.
    """
    person, row = await lock_signup(session, signup_id)
    if person.replaces_id is not None:
        raise DomainError("address_asked", signup_id=signup_id)
    if row.state == SignupState.RECEIVED:
        await confirmations.mark_confirmed(session, row.signup_id, actor.now)
        if not recorded:
            await record_signup(session, actor, "signup.confirmed", row)
        await _apply_confirmation(session, vault, centres, person, row, actor.now, actor.cause)
        await signup_tasks.sync(session, centres, person, signup_id, now=actor.now, cause=actor.cause)


async def mark_talk_held(session: AsyncSession, centres: Centres, signup_id: UUID, *, actor: Actor) -> None:
    """
    Mark the forsamtale of a sign-up as held, after its outcome was recorded. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over`` or ``not_confirmed``.
    """
    await _complete_step(session, centres, signup_id, SignupProgress.complete_talk, None, actor)


async def complete_reading(session: AsyncSession, centres: Centres, signup_id: UUID, *, actor: Actor) -> None:
    """
    Mark the information as read by a person who signed up by phone. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over`` or ``not_confirmed``.
    """
    await _complete_step(session, centres, signup_id, SignupProgress.complete_reading, "signup.information_read", actor)


async def complete_own_reading(
    session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """
    Mark the information as read by the person who says so. Idempotent.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``signup_over`` or ``not_confirmed``.
    """
    actor = Actor("owner", now, cause)
    await _complete_step(session, centres, signup_id, SignupProgress.complete_reading, None, actor)


async def _complete_step(
    session: AsyncSession,
    centres: Centres,
    signup_id: UUID,
    step: Callable[[SignupProgress, Requirements], SignupProgress],
    action: str | None,
    actor: Actor,
) -> None:
    person, row = await lock_signup(session, signup_id)
    before = signups.progress_of(row)
    if before.state is SignupState.RECEIVED:
        raise DomainError("not_confirmed", signup_id=signup_id)
    after = step(before, _requirements(centres, row))
    if after == before:
        return
    if action is not None:
        await record_signup(session, actor, action, row)
    others = await signups.lock_other_active(session, row.person_id, row.signup_id)
    signups.write_progress(row, replace(after, state=before.state), actor.now)
    if after.state is not before.state:
        await _publish_wishes(session, row, others, after, actor.now, actor.cause)
    await signup_tasks.sync(session, centres, person, signup_id, now=actor.now, cause=actor.cause)


async def _apply_confirmation(
    session: AsyncSession, vault: Vault, centres: Centres, person: Person, row: Signup, now: datetime, cause: Cause
) -> None:
    """Move the typed values to the person, and merge the sign-up into another active one, if there is one."""
    person.confirmed_at = person.confirmed_at or now
    person.language = row.language
    if row.first_name_sealed is not None:
        person.first_name_sealed, person.mobile_sealed = row.first_name_sealed, row.mobile_sealed
        row.first_name_sealed = row.mobile_sealed = None
    await compare(session, vault, person)
    others = await signups.lock_other_active(session, person.person_id, row.signup_id)
    for other in others:
        if other.centre == row.centre:  # a step completed with the same centre counts for the new sign-up
            signups.keep_steps(other, row)
        row.signed_up_at = min(row.signed_up_at, other.signed_up_at)
    if not others:
        await count_signup(session, row, now)
    requirements = _requirements(centres, row)
    after = signups.progress_of(row).confirm(requirements)
    if after.state is SignupState.READY:
        if any(other.state in IN_MATCHING for other in others):
            await _publish_wishes(session, row, others, after, now, cause)
            return
        signups.write_progress(row, replace(after, state=SignupState.CONFIRMED), now)
        target = await _merge_into_confirmed(session, row, others, now, cause)
        await outbox.add(session, signup_events.confirmed(cause, target, (), now))
        await _publish_wishes(session, target, [], after, now, cause)
        return
    signups.write_progress(row, after, now)
    target = await _merge_into_confirmed(session, row, others, now, cause)
    await outbox.add(session, signup_events.confirmed(cause, target, after.pending_steps(requirements), now))


async def _merge_into_confirmed(
    session: AsyncSession, row: Signup, others: Sequence[Signup], now: datetime, cause: Cause
) -> Signup:
    """Merge the sign-up into the person's confirmed one, if there is one, and return the row that remains."""
    target = next((other for other in others if other.state == SignupState.CONFIRMED), None)
    if target is None:
        return row
    signups.copy_wishes(row, target)
    target.read_at, target.read_version, target.talked_at = row.read_at, row.read_version, row.talked_at
    await _continue(session, target, now, cause)
    await _merge(session, row, target)
    await leave_centre(session, target, now=now, cause=cause)
    return target


async def _publish_wishes(
    session: AsyncSession,
    row: Signup,
    others: Sequence[Signup],
    after: SignupProgress,
    now: datetime,
    cause: Cause,
) -> None:
    """Publish ``Ready``; or ``Changed`` for a person already in matching, whose place in the queue stays the same."""
    target = next((other for other in others if other.state in IN_MATCHING), None)
    if target is None:
        signups.write_progress(row, after, now)
        await publish_wishes(session, events.Ready, cause, row, now)
        return
    signups.copy_wishes(row, target)
    signups.keep_steps(row, target)
    await _continue(session, target, now, cause)
    await _merge(session, row, target)
    await leave_centre(session, target, now=now, cause=cause)
    await publish_wishes(session, events.Changed, cause, target, now)


async def _continue(session: AsyncSession, target: Signup, now: datetime, cause: Cause) -> None:
    """End the pause of a sign-up whose owner has sent a new form, and begin its year of waiting again."""
    await end_pause(session, target, now=now, cause=cause)
    target.renewed_at, target.renewal_deadline = now, None


async def _merge(session: AsyncSession, row: Signup, target: Signup) -> None:
    with session.no_autoflush:
        session.expunge(row)
    await signups.merge(session, row.signup_id, target.signup_id)


def _requirements(centres: Centres, row: Signup) -> Requirements:
    centre = centres.get(row.centre)
    if centre is None:
        raise NotFoundError("unknown_centre", signup_id=row.signup_id)
    return Requirements.of(centre)
