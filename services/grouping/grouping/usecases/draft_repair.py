"""Rearrange drafts, about which nothing is published yet, so that more people get a seat."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from grouping import store
from grouping.domain.matching.model import AreaState, NewGroup
from grouping.domain.optimise.diff import Draft, SeatChange, TargetGroup
from grouping.usecases import audit
from grouping.usecases.area_state import area_state
from grouping.usecases.capacity import assign_starters, lock_starters_if_shared, part_of_place
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import begin
from grouping.usecases.matching import create_group, run_matching_and_stage
from grouping.usecases.unit_of_work import UnitOfWork
from shared.kit.audit import Actor
from shared.kit.database.engine import Database
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.areas import Area

if TYPE_CHECKING:
    from grouping.domain.optimise.improve_drafts import Improvement

log = get_logger(__name__)

MIN_GAIN: Final = 0.25
"""Smallest gain for which people are moved: placing one more person is worth far more, three months of waiting this."""

SEARCH_SECONDS: Final = 30.0
"""Time for the search in one area; it needs a few seconds for some thousand people."""

SYSTEM_USERNAME: Final = "selvhjelp"
"""The actor in the audit log when no member of staff acts."""


@dataclass(frozen=True)
class Snapshot:
    """
    The input of one repair.

    Attributes:
        area: Configuration and waiting people, in queue order.
        drafts: The drafts with their members.
        languages: Mail languages of all these people, in the same order: ``==`` of :class:`WaitingPerson` ignores them.
    """

    area: AreaState
    drafts: tuple[Draft, ...]
    languages: tuple[str, ...]


async def repair_area(database: Database, context: GroupingContext, area_id: str, now: datetime, cause: Cause) -> None:
    """
    Rearrange the drafts of an area so that more people get a seat, or people who have waited longer.

    Runs in two transactions: one reads a snapshot, the other applies the result if the area is still as in the
    snapshot. The search between them runs in a worker thread and outside any transaction. If the area has changed, the
    result is dropped, and the next run of the job tries again.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    async with database.transaction() as session:
        snapshot = await _load_snapshot(UnitOfWork(session, context, now, cause), area_id)
    if not snapshot.drafts:
        return
    improvement = await _search(snapshot, now)
    if improvement is None or improvement.gain < MIN_GAIN:
        return
    async with database.transaction() as session:
        uow = await begin(session, context, [area_id], now, cause)
        await lock_starters_if_shared(session, context.area(area_id)[0])
        if await _load_snapshot(uow, area_id) == snapshot:
            await _apply(uow, area_id, snapshot, improvement)
        else:
            log.info("draft_repair_dropped", area=area_id)


async def _load_snapshot(uow: UnitOfWork, area_id: str) -> Snapshot:
    rows = await store.groups.drafts_in(uow.session, area_id)
    await uow.load_groups([row.id for row in rows])
    drafts = tuple([await _draft(uow, uow.groups[row.id]) for row in rows])
    state = await area_state(uow.session, uow.context, area_id, uow.now)
    waiting = tuple(sorted(state.waiting, key=lambda person: person.seniority))
    people = (*waiting, *(member for draft in drafts for member in draft.members))
    languages = tuple(person.language for person in people)
    # Without open groups: they are not rearranged, so a change of one must not make this snapshot outdated.
    return Snapshot(replace(state, waiting=waiting, open_groups=()), drafts, languages)


async def _draft(uow: UnitOfWork, group: GroupAggregate) -> Draft:
    seats = [seat for seat in group.seats if seat.state != "released"]
    signups = [await store.signups.get(uow.session, seat.signup_id) for seat in seats]
    igangsettere = await store.igangsettere.of_group(uow.session, group.row.id)
    return Draft(
        group.row.id,
        group.cell,
        tuple(store.signups.row_to_waiting(signup) for signup in signups if signup is not None),
        frozenset(seat.signup_id for seat in seats if seat.pinned),
        group.row.capacity,
        tuple(igangsetter.id for igangsetter in igangsettere),
    )


async def _search(snapshot: Snapshot, now: datetime) -> "Improvement | None":
    """Search for a better arrangement in a worker thread, for at most :data:`SEARCH_SECONDS`."""
    deadline = time.monotonic() + SEARCH_SECONDS
    cancelled = threading.Event()
    try:
        return await asyncio.to_thread(
            _improve, snapshot, now, lambda: cancelled.is_set() or time.monotonic() > deadline
        )
    finally:
        # A thread cannot be cancelled: without this, stopping the service would wait for the search.
        cancelled.set()


def _improve(snapshot: Snapshot, now: datetime, stop: Callable[[], bool]) -> "Improvement | None":
    # Imported here, in the thread: few processes ever need a solver, and it takes a second to load.
    from grouping.domain.optimise.improve_drafts import improve_drafts  # noqa: PLC0415

    return improve_drafts(snapshot.area, snapshot.drafts, now, stop=stop)


async def _apply(uow: UnitOfWork, area_id: str, snapshot: Snapshot, improvement: "Improvement") -> None:
    centre, area = uow.context.area(area_id)
    targets = {target.group_id: target for target in improvement.groups if target.group_id is not None}
    # A draft that has no target and no changed members is left to staff, since it violates a member's wishes.
    given_up = {change.before.group_id for change in improvement.changes if change.before is not None} - set(targets)
    changed = [
        uow.groups[draft.group_id]
        for draft in snapshot.drafts
        if draft.group_id in given_up or _differs(draft, targets.get(draft.group_id))
    ]
    for group in changed:
        await _release(group, targets.get(group.row.id), area)
    await uow.session.flush()
    for group in changed:
        await _claim(group, targets.get(group.row.id))
    for target in improvement.groups:
        if target.group_id is None:
            await create_group(uow, centre, area_id, NewGroup(target.cell, target.members, target.starters))
    for change in improvement.changes:
        await _record(uow, centre.id, area_id, change)
    await run_matching_and_stage(uow, area_id)
    log.info("area_repaired", area=area_id, count=len(improvement.changes))


def _differs(draft: Draft, target: TargetGroup | None) -> bool:
    if target is None:
        return False
    before = {member.signup_id for member in draft.members}
    after = {member.waiting.signup_id for member in target.members}
    return (before, draft.cell, set(draft.starters)) != (after, target.cell, set(target.starters))


async def _release(group: GroupAggregate, target: TargetGroup | None, area: Area) -> None:
    """
    Release the members who leave, the igangsettere and the room, so that other drafts can claim them, and relocate.

    A draft without target is cancelled.
    """
    session = group.changes.session
    staying: set[UUID] = {member.waiting.signup_id for member in target.members} if target is not None else set()
    for seat in [seat for seat in group.seats if seat.state != "released" and seat.signup_id not in staying]:
        await group.release_seat(seat.id, "moved")
    igangsettere = await store.igangsettere.of_group(session, group.row.id)
    await store.igangsettere.unassign(session, group.row.id, [igangsetter.id for igangsetter in igangsettere])
    if target is None:
        group.cancel("undone")
        return
    part = await part_of_place(session, area, target.cell.place)
    group.relocate(target.cell, part.id if part.id != area.id else None)
    room = await store.rooms.get(session, target.cell.place)
    if room is not None:
        group.limit_capacity(room.seats)
    # Free until _claim: two groups may exchange their rooms, and the database allows one group per room and slot.
    group.row.room_free_at = group.changes.now


async def _claim(group: GroupAggregate, target: TargetGroup | None) -> None:
    """Take the room and the igangsettere of the target, and offer seats to its new members; see :func:`_release`."""
    if target is None:
        return
    group.row.room_free_at = None
    await assign_starters(group.changes.session, group.row, target.starters, now=group.changes.now)
    seated = {seat.signup_id for seat in group.seats if seat.state != "released"}
    for member in target.members:
        if member.waiting.signup_id not in seated:
            group.offer_seat(member)


_ACTION_OF_CHANGE: Final = {
    "placed": "draft.member_placed",
    "moved": "draft.member_moved",
    "along": "draft.relocated",
    "freed": "draft.member_released",
}


async def _record(uow: UnitOfWork, centre_id: str, area_id: str, change: SeatChange) -> None:
    placement = change.after or change.before
    await audit.record(
        uow,
        Actor(SYSTEM_USERNAME, uow.now, uow.cause),
        _ACTION_OF_CHANGE[change.kind],
        "signup",
        change.signup_id,
        centre_id,
        area_id,
        group_id=placement.group_id if placement is not None else None,
    )
