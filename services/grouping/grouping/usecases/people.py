"""Staff decisions about one person: exclude from matching, move, pin, keep apart from another person."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import fits
from grouping.domain.matching.model import assignment
from grouping.domain.signups import SignupStatus
from grouping.store import Signup
from grouping.store.locks import lock_areas
from grouping.usecases.area_state import load_area_config
from grouping.usecases.audit import note, note_area
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause

REASONS: Final = ("asked", "talk_first", "acquainted", "fits_better", "practical")
"""Why staff decide something about a person: fixed words, so that nothing is written about anybody's life."""


async def exclude_from_matching(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    reason: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Keep somebody on the list for now, and take them out of a draft; their place in the line stays theirs.

    Raises:
        DomainError: ``unknown_signup``, ``unknown_reason``, or ``told_already`` where they know of their seat.
    """
    work, row, desk = await _person(session, office, signup_id, area_id, reason, now, cause)
    if desk is not None:
        await desk.release_seat(_seat_of(desk, row.person_id), "moved")
    await store.signups.set_excluded(session, signup_id, reason)
    note_area(work, row.centre or "", area_id, username, "person_held", signup_id, reason)
    await run_matching(work, area_id)
    await work.stage()


async def include_in_matching(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Somebody who was held back may be given a seat again.

    Raises:
        DomainError: ``unknown_signup``, or ``told_already``.
    """
    work, row, _ = await _person(session, office, signup_id, area_id, None, now, cause)
    await store.signups.set_excluded(session, signup_id, None)
    note_area(work, row.centre or "", area_id, username, "person_resumed", signup_id)
    await run_matching(work, area_id)
    await work.stage()


async def move_person(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    group_id: UUID,
    reason: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Give somebody who waits, or sits in a draft, a chair in another group, and leave them there.

    Raises:
        DomainError: ``unknown_signup``, ``unknown_group`` where the area has no such group, ``unknown_reason``,
            ``told_already``, ``group_full``, ``group_closed``, ``group_cancelled``, or ``does_not_fit`` where the group
            is beyond the person's limits, or somebody is in it whom they are kept apart from.
    """
    work, row, desk = await _person(session, office, signup_id, area_id, reason, now, cause)
    if await store.groups.area_of(session, group_id) != area_id:
        raise DomainError("unknown_group", group_id=group_id)
    target = await work.load_group(group_id)
    frame = await load_area_config(session, office, area_id, now)
    place = next((place for place in frame.places if place.id == target.row.place), None)
    who = store.signups.row_to_waiting(row)
    enemies = {person for pair in frame.exclusions if row.person_id in pair for person in pair - {row.person_id}}
    together = enemies & {seat.person_id for seat in target.group.live}
    if place is None or not fits(who.wishes, target.cell, place) or together:
        raise DomainError("does_not_fit", signup_id=signup_id, group_id=group_id)
    if desk is target:
        return
    if desk is not None:
        await desk.release_seat(_seat_of(desk, row.person_id), "moved")
        await session.flush()
    await store.signups.set_excluded(session, signup_id, None)
    target.offer_seat(assignment(who, target.cell, place, now)).pinned = True
    target.publish_new_offers()
    note(work, target, username, "person_moved", signup_id, reason)
    await run_matching(work, area_id)
    await work.stage()


async def pin_person(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    pinned: bool,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Somebody in a draft stays there whatever the repair would rather do; or may be moved by it again.

    Raises:
        DomainError: ``unknown_signup``, ``told_already``, or ``no_seat`` where they sit in no draft.
    """
    work, row, desk = await _person(session, office, signup_id, area_id, None, now, cause)
    if desk is None:
        raise DomainError("no_seat", signup_id=signup_id)
    seat_id = _seat_of(desk, row.person_id)
    next(seat for seat in desk.seats if seat.id == seat_id).pinned = pinned
    note(work, desk, username, "person_pinned" if pinned else "person_unpinned", signup_id)
    await work.stage()


async def add_exclusion(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    other_id: UUID,
    reason: str,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    These two are never put in one group; where they sit in one draft, the first goes back to the list.

    Raises:
        DomainError: ``unknown_signup``, ``unknown_reason``, or ``together_already`` where they know of a seat in the
            same group.
    """
    work, row, desk = await _person(session, office, signup_id, area_id, reason, now, cause, told=True)
    other = await store.signups.get(session, other_id)
    if other is None or other.area != area_id or other.person_id == row.person_id:
        raise DomainError("unknown_signup", signup_id=other_id)
    if desk is not None and other.person_id in {seat.person_id for seat in desk.group.live}:
        if not desk.is_draft:
            raise DomainError("together_already", signup_id=signup_id)
        await desk.release_seat(_seat_of(desk, row.person_id), "moved")
    await store.exclusions.add(session, (row.person_id, other.person_id), area_id, now)
    note_area(work, row.centre or "", area_id, username, "kept_apart", signup_id, reason)
    await run_matching(work, area_id)
    await work.stage()


async def remove_exclusion(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    *,
    area_id: str,
    person_id: UUID,
    username: str,
    now: datetime,
    cause: Cause,
) -> None:
    """
    Somebody may be in one group again with a person they were kept apart from.

    Raises:
        DomainError: ``unknown_signup``.
    """
    work, row, _ = await _person(session, office, signup_id, area_id, None, now, cause, told=True)
    await store.exclusions.remove(session, (row.person_id, person_id))
    note_area(work, row.centre or "", area_id, username, "let_meet", signup_id)
    await run_matching(work, area_id)
    await work.stage()


async def _person(
    session: AsyncSession,
    office: GroupingContext,
    signup_id: UUID,
    area_id: str,
    reason: str | None,
    now: datetime,
    cause: Cause,
    *,
    told: bool = False,
) -> tuple[UnitOfWork, Signup, GroupAggregate | None]:
    """Somebody who waits in an area or has a seat there, the area locked, with the group they sit in."""
    if reason is not None and reason not in REASONS:
        raise DomainError("unknown_reason")
    office.area(area_id)
    await lock_areas(session, [area_id])
    row = await store.signups.get(session, signup_id)
    if row is None or row.area != area_id or row.status in {SignupStatus.GONE, SignupStatus.MEMBER}:
        raise DomainError("unknown_signup", signup_id=signup_id)
    work = UnitOfWork(session, office, now, cause)
    _, seat = await store.signups.erased_and_seat(session, row.person_id, signup_id)
    if seat is None:
        return work, row, None
    if seat.area != area_id:
        raise DomainError("told_already", signup_id=signup_id)
    desk = await work.load_group(seat.group_id)
    if not told and not desk.is_draft:
        raise DomainError("told_already", signup_id=signup_id)
    return work, row, desk


def _seat_of(desk: GroupAggregate, person_id: UUID) -> UUID:
    return next(seat.id for seat in desk.group.live if seat.person_id == person_id)
