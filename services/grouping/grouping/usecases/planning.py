"""Let the board decide, do what it says, and go on until there is nothing more to decide."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import life
from grouping.domain.board import Board
from grouping.domain.cells import Cell
from grouping.domain.matching import AreaState, Forming, Plan
from grouping.store import queries
from grouping.store.locks import lock_areas
from grouping.usecases.office import Office
from grouping.usecases.register import assign, hold_starters, resources_of
from grouping.usecases.work import Desk, Work
from shared.kit.causes import Cause
from shared.kit.errors import DomainError
from shared.kit.logging import get_logger
from shared.reference.centres import Centre

log = get_logger(__name__)

UNDO_STAFF: Final = timedelta(minutes=10)
"""How long staff can take back a group that they have made, before anybody hears of it."""


async def area_frame(session: AsyncSession, office: Office, area_id: str, now: datetime) -> AreaState:
    """All that decides who can meet in an area, but for the people."""
    centre, _ = office.area(area_id)
    held, apart = await queries.frame(session, area_id)
    policy = centre.policy
    found = await resources_of(session, office, area_id, now)
    return AreaState(
        found.places,
        policy.size_min,
        policy.size_max,
        (),
        held=held,
        taken=found.taken,
        starters=found.starters,
        starters_min=found.starters_min,
        apart=apart,
    )


async def area_state(session: AsyncSession, office: Office, area_id: str, now: datetime) -> AreaState:
    """All that decides who can meet in an area now, read afresh: for looking at, and for what happens seldom."""
    frame = await area_frame(session, office, area_id, now)
    waiting = await queries.line(session, area_id)
    return replace(frame, waiting=waiting, open_groups=await queries.open_groups(session, area_id, now))


async def settle(work: Work, area_id: str) -> None:
    """
    Bring an area to rest: chairs filled, groups made, confirmed or given up.

    The area must be locked. It ends: a cancelled proposal is never made again of the same people, since whoever said
    no to its cell, or did not answer, is not asked about it again.
    """
    found = work.office.centres.area(area_id)
    if found is None:
        # The installation has dropped the area. Who leaves it must still be let go, and forgotten if they ask.
        log.warning("area_unknown", area=area_id)
        return
    centre, _ = found
    await hold_starters(work.session, centre)
    while True:
        await work.write()
        frame = await area_frame(work.session, work.office, area_id, work.now)
        board, fresh = await work.office.boards.take(work.session, area_id, frame, work.now)
        plan = board.settle(work.now, fresh)
        await _apply(work, centre, area_id, plan)
        hopeless = [desk for desk in work.desks.values() if desk.row.area == area_id and life.hopeless(desk.group)]
        for desk in hopeless:
            desk.cancel("too_few")
            log.info("group_cancelled", group_id=desk.row.id, area=area_id, reason="too_few")
        # Whoever starts a new group may be free for one more, but not at the same time of the week.
        if not hopeless and not (plan.forming and frame.starters):
            break
    for desk in work.desks.values():
        if desk.row.area == area_id:
            desk.settle(centre)


async def plan_area(session: AsyncSession, office: Office, area_id: str, *, now: datetime, cause: Cause) -> None:
    """Look at an area once more from the beginning; a changed policy or a new meeting place takes effect here."""
    await lock_areas(session, [area_id])
    office.boards.forget(area_id)
    work = Work(session, office, now, cause)
    await settle(work, area_id)
    await work.finish()


async def form(work: Work, area_id: str, cell: Cell, size: int) -> Desk:
    """
    Make a group of a chosen size, which then takes no more than that.

    Raises:
        DomainError: ``too_few`` where not so many wait for that cell, ``size_outside_policy``, ``room_taken``.
    """
    centre, _ = work.office.area(area_id)
    await hold_starters(work.session, centre)
    state = await area_state(work.session, work.office, area_id, work.now)
    if not state.size_min <= size <= state.size_max:
        raise DomainError("size_outside_policy", size=size)
    board = Board(state)
    place = next((place for place in state.places if place.id == cell.place), None)
    if place is not None and place.seats is not None and size > place.seats:
        raise DomainError("size_outside_policy", size=size)
    if place is not None and "room" in board.resources.lacking(cell):
        raise DomainError("room_taken", area=area_id)
    forming = board.make(cell, size, work.now)
    if forming is None:
        raise DomainError("too_few", area=area_id, size=size)
    return await _make(work, centre, area_id, forming, capacity=size, quiet=UNDO_STAFF)


async def _apply(work: Work, centre: Centre, area_id: str, plan: Plan) -> None:
    placed = [join.placed for join in plan.joins] + [one for group in plan.forming for one in group.members]
    if not placed:
        return
    spoken = await queries.languages_of(work.session, [one.waiting.signup_id for one in placed])
    touched: dict[UUID, Desk] = {}
    for join in plan.joins:
        desk = touched[join.group_id] = await work.open(join.group_id)
        desk.give(join.placed, spoken[join.placed.waiting.signup_id])
    for desk in touched.values():
        desk.tell_fresh()
    quiet = timedelta(minutes=centre.policy.quiet_minutes)
    for group in plan.forming:
        await _make(work, centre, area_id, group, capacity=centre.policy.size_max, quiet=quiet)


async def _make(work: Work, centre: Centre, area_id: str, group: Forming, capacity: int, quiet: timedelta) -> Desk:
    cell, members = group.cell, group.members
    spoken = await queries.languages_of(work.session, [one.waiting.signup_id for one in members])
    desk = await work.propose(centre, area_id, cell, capacity, quiet)
    await assign(work.session, desk.row, group.starters, now=work.now)
    for one in members:
        desk.give(one, spoken[one.waiting.signup_id])
    desk.tell_fresh()
    log.info("group_proposed", group_id=desk.row.id, centre=centre.id, area=area_id, slot=cell.slot, size=len(members))
    return desk
