"""
Acts of staff on one person: exclude from matching, move, pin, keep apart from another person.

A person who was offered a seat is never moved: a move would break a promise.
"""

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import fits
from grouping.domain.matching.model import assignment
from grouping.domain.signups import SignupStatus
from grouping.store import Signup
from grouping.usecases import audit
from grouping.usecases.area_state import load_area_config
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import begin
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor

REASONS: Final = ("asked", "talk_first", "acquainted", "fits_better", "practical")
"""Reasons for acts on a person: fixed words, so that nothing is written about a person's life."""


async def exclude_from_matching(
    session: AsyncSession, context: GroupingContext, signup_id: UUID, *, area_id: str, reason: str, actor: Actor
) -> None:
    """
    Exclude a person from matching and take them out of a draft; they keep their place in the queue.

    Raises:
        NotFoundError: ``unknown_area`` or ``unknown_signup``.
        DomainError: ``unknown_reason``, or ``told_already`` if they were offered a seat.
    """
    uow, signup, group = await _begin_with_person(session, context, signup_id, area_id, actor, reason)
    await exclude(uow, signup, group, area_id, reason, actor)
    await run_matching_and_stage(uow, area_id)


async def exclude(
    uow: UnitOfWork, signup: Signup, group: GroupAggregate | None, area_id: str, reason: str, actor: Actor
) -> None:
    """Exclude a person of a locked area, with their draft, and record it; the caller runs matching."""
    if group is not None:
        await group.release_seat(_live_seat_id(group, signup.person_id), "moved")
    await store.signups.set_excluded(uow.session, signup.signup_id, reason)
    about = ("signup", signup.signup_id, signup.centre or "", area_id)
    await audit.record(uow, actor, "person.excluded", *about, reason=reason)


async def include_in_matching(
    session: AsyncSession, context: GroupingContext, signup_id: UUID, *, area_id: str, actor: Actor
) -> None:
    """
    Include a person in matching again.

    Raises:
        NotFoundError: ``unknown_area`` or ``unknown_signup``.
        DomainError: ``told_already`` if they were offered a seat.
    """
    uow, signup, _ = await _begin_with_person(session, context, signup_id, area_id, actor)
    await include(uow, signup, area_id, actor)
    await run_matching_and_stage(uow, area_id)


async def include(uow: UnitOfWork, signup: Signup, area_id: str, actor: Actor) -> None:
    """Include a person of a locked area in matching again, and record it; the caller runs matching."""
    await store.signups.set_excluded(uow.session, signup.signup_id, None)
    await audit.record(uow, actor, "person.included", "signup", signup.signup_id, signup.centre or "", area_id)


async def move_person(
    session: AsyncSession,
    context: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    group_id: UUID,
    reason: str,
    actor: Actor,
) -> None:
    """
    Offer a person from the queue or from a draft a seat in another group, and pin them there.

    Raises:
        NotFoundError: ``unknown_area``, ``unknown_signup``, or ``unknown_group`` if the area has no such group.
        DomainError: ``unknown_reason``, ``told_already``, ``group_full``, ``group_closed``, ``group_cancelled``, or
            ``does_not_fit`` if the group is outside the person's wishes or has a member whom they are kept apart from.
    """
    uow, signup, current = await _begin_with_person(session, context, signup_id, area_id, actor, reason)
    if await store.groups.area_of(session, group_id) != area_id:
        raise NotFoundError("unknown_group", group_id=group_id)
    target = await uow.load_group(group_id)
    config = await load_area_config(session, context, area_id, actor.now)
    place = next((place for place in config.places if place.id == target.row.place), None)
    waiting = store.signups.row_to_waiting(signup)
    excluded = {
        person_id for pair in config.exclusions if signup.person_id in pair for person_id in pair - {signup.person_id}
    }
    members = {seat.person_id for seat in target.group.live}
    if place is None or not fits(waiting.wishes, target.cell, place) or excluded & members:
        raise DomainError("does_not_fit", signup_id=signup_id, group_id=group_id)
    if current is target:
        return
    if current is not None:
        await current.release_seat(_live_seat_id(current, signup.person_id), "moved")
        await session.flush()
    await store.signups.set_excluded(session, signup_id, None)
    seat = target.offer_seat(assignment(waiting, target.cell, place, actor.now))
    seat.pinned = True
    target.publish_new_offers()
    await audit.record_member(uow, actor, "person.moved", signup_id, target, reason)
    await run_matching_and_stage(uow, area_id)


async def pin_person(
    session: AsyncSession, context: GroupingContext, signup_id: UUID, *, area_id: str, pinned: bool, actor: Actor
) -> None:
    """
    Pin a member of a draft, so that draft repair leaves them there, or unpin them.

    Raises:
        NotFoundError: ``unknown_area`` or ``unknown_signup``.
        DomainError: ``told_already``, or ``no_seat`` if they are in no draft.
    """
    uow, signup, group = await _begin_with_person(session, context, signup_id, area_id, actor)
    if group is None:
        raise DomainError("no_seat", signup_id=signup_id)
    seat_id = _live_seat_id(group, signup.person_id)
    next(seat for seat in group.seats if seat.id == seat_id).pinned = pinned
    await audit.record_member(uow, actor, "person.pinned" if pinned else "person.unpinned", signup_id, group)
    await uow.stage()


async def add_exclusion(
    session: AsyncSession,
    context: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    other_id: UUID,
    reason: str,
    actor: Actor,
) -> None:
    """
    Keep two people apart for good; if both are in one draft, the first goes back to the queue.

    Raises:
        NotFoundError: ``unknown_area``, or ``unknown_signup`` for either of them.
        DomainError: ``unknown_reason``, or ``together_already`` if both were offered a seat in the same group.
    """
    uow, signup, group = await _begin_with_person(session, context, signup_id, area_id, actor, reason, seated=True)
    other = await store.signups.get(session, other_id)
    if other is None or other.area != area_id or other.person_id == signup.person_id:
        raise NotFoundError("unknown_signup", signup_id=other_id)
    if group is not None and other.person_id in {seat.person_id for seat in group.group.live}:
        if not group.is_draft:
            raise DomainError("together_already", signup_id=signup_id)
        await group.release_seat(_live_seat_id(group, signup.person_id), "moved")
    await store.exclusions.add(session, (signup.person_id, other.person_id), area_id, actor.now)
    centre_id = signup.centre or ""
    await audit.record(uow, actor, "person.exclusion_added", "signup", signup_id, centre_id, area_id, reason=reason)
    await run_matching_and_stage(uow, area_id)


async def remove_exclusion(
    session: AsyncSession,
    context: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    person_id: UUID,
    actor: Actor,
) -> None:
    """
    Let two people be in one group again.

    Raises:
        NotFoundError: ``unknown_area`` or ``unknown_signup``.
    """
    uow, signup, _ = await _begin_with_person(session, context, signup_id, area_id, actor, seated=True)
    await store.exclusions.remove(session, (signup.person_id, person_id))
    await audit.record(uow, actor, "person.exclusion_removed", "signup", signup_id, signup.centre or "", area_id)
    await run_matching_and_stage(uow, area_id)


async def _begin_with_person(
    session: AsyncSession,
    context: GroupingContext,
    signup_id: UUID,
    area_id: str,
    actor: Actor,
    reason: str | None = None,
    *,
    seated: bool = False,
) -> tuple[UnitOfWork, Signup, GroupAggregate | None]:
    """
    Lock an area and load one of its people, with the group in which they have a seat.

    Unless ``seated``, the act is refused for people who were offered a seat.
    """
    if reason is not None and reason not in REASONS:
        raise DomainError("unknown_reason")
    context.area(area_id)
    uow = await begin(session, context, [area_id], actor.now, actor.cause)
    return uow, *await load_person(uow, signup_id, area_id, seated=seated)


async def load_person(
    uow: UnitOfWork, signup_id: UUID, area_id: str, *, seated: bool = False
) -> tuple[Signup, GroupAggregate | None]:
    """
    Load a person of a locked area, with the group in which they have a seat.

    Raises:
        NotFoundError: ``unknown_signup``.
        DomainError: ``told_already`` if they were offered a seat, unless ``seated``.
    """
    session = uow.session
    signup = await store.signups.get(session, signup_id)
    if signup is None or signup.area != area_id or signup.status in {SignupStatus.GONE, SignupStatus.MEMBER}:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    _, seat = await store.signups.erased_and_seat(session, signup.person_id, signup_id)
    if seat is None:
        return signup, None
    if seat.area != area_id:
        raise DomainError("told_already", signup_id=signup_id)
    group = await uow.load_group(seat.group_id)
    if not seated and not group.is_draft:
        raise DomainError("told_already", signup_id=signup_id)
    return signup, group


def _live_seat_id(group: GroupAggregate, person_id: UUID) -> UUID:
    return next(seat.id for seat in group.group.live if seat.person_id == person_id)
