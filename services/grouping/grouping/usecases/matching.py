"""Run matching for some areas and apply the result, repeating until no area changes."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import groups
from grouping.domain.matching.cells import Cell
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, NewGroup, Plan
from grouping.store.locks import lock_areas
from grouping.usecases.area_state import area_state, load_area_configs
from grouping.usecases.capacity import assign, lock_starters_if_shared
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.matcher_cache import CheckedOutMatcher
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre

log = get_logger(__name__)


UNDO_STAFF: Final = timedelta(minutes=10)
"""How long staff can take back a group that they have made, before anybody hears of it."""


async def run_matching(work: UnitOfWork, *areas: str, causes: Mapping[UUID, Cause] = MappingProxyType({})) -> None:
    """
    Bring areas to rest: chairs filled, groups made, confirmed or given up.

    They must be locked. It ends: a cancelled proposal is never made again of the same people, since whoever said no to
    its cell, or did not answer, is not asked about it again.

    Args:
        work: The use case that is under way.
        areas: Their ids.
        causes: Of a sign-up's arrival, where that is not the cause of the whole use case.
    """
    known = sorted(area for area in set(areas) if work.context.centres.area(area) is not None)
    for area in set(areas).difference(known):
        # The installation has dropped the area. Who leaves it must still be let go, and forgotten if they ask.
        log.warning("area_unknown", area=area)
    for _, centre in sorted({centre.id: centre for centre, _ in map(work.context.area, known)}.items()):
        await lock_starters_if_shared(work.session, centre)
    restless = known
    while restless:
        await work.flush_statuses()
        first = _independent(work.context, restless)
        frames = await load_area_configs(work.session, work.context, first, work.now)
        taken = await work.context.boards.take(work.session, frames, work.now)
        decided = {area: await _decide(work, area, taken[area], causes) for area in first}
        await _apply(work, decided)
        restless = [area for area in restless if area not in decided or decided[area].again or _give_up(work, area)]
    for desk in work.groups.values():
        if desk.row.area in known:
            desk.confirm_if_enough(work.context.area(desk.row.area)[0])
            desk.call_meeting_for_newcomers()


def _independent(office: GroupingContext, areas: Collection[str]) -> list[str]:
    """Of areas that share igangsettere the first alone: the next must know whom it has taken."""
    found: dict[str, str] = {}
    for area in areas:
        centre, _ = office.area(area)
        found.setdefault(centre.id if centre.policy.starters_min > 0 else area, area)
    return list(found.values())


@dataclass
class _Decided:
    """
    What follows in one area.

    Attributes:
        steps: In their order: what caused it, and what is to be done.
        made: The ids of the groups that the steps make, in their order.
        again: Whether the area must be looked at once more when that is done.
    """

    steps: list[tuple[Cause, Plan]] = field(default_factory=list)
    made: list[UUID] = field(default_factory=list)
    again: bool = False


async def _decide(work: UnitOfWork, area_id: str, taken: CheckedOutMatcher, causes: Mapping[UUID, Cause]) -> _Decided:
    """What follows in one area, one newcomer after the other; the board is then as after that."""
    board, own, decided = taken.board, work.cause, _Decided()
    if taken.anew and board.has_enough_for_a_group:
        from grouping.domain.optimise.solve import together_first  # noqa: PLC0415 - a solver that few processes ever need

        together = await asyncio.to_thread(together_first, board, work.now)
        if together is not None:
            # The board is not where this plan leads, so it is made anew for what remains.
            work.context.boards.discard(work.session, area_id)
            return _Decided(
                [(own, together)], [work.new_group_id(group.cell) for group in together.new_groups], again=True
            )
    _follow(work, board, None if taken.anew else (), decided)
    # What a group has taken may be free at other times, or open another place: that must be read before the next.
    while taken.news and not (decided.made and _scarce(board.config)):
        newcomers = taken.next_person()
        fresh = [who.signup_id for who in newcomers if board.add(who)]
        if fresh:
            with work.caused_by(causes.get(fresh[0], own)):
                _follow(work, board, fresh, decided)
    decided.again = bool(taken.news or (decided.made and _scarce(board.config)))
    return decided


def _follow(work: UnitOfWork, board: AreaMatcher, fresh: Collection[UUID] | None, decided: _Decided) -> None:
    """Let the board decide about these sign-ups, and put the groups that are to be made on it."""
    plan = board.decide(work.now, fresh)
    if plan != Plan():
        decided.steps.append((work.cause, plan))
    for group in plan.new_groups:
        group_id = work.new_group_id(group.cell)
        decided.made.append(group_id)
        board.open_groups.put(board.open_group_of(group, group_id, work.now))


def _scarce(config: AreaConfig) -> bool:
    """Whether a group takes a room or an igangsetter that another cannot have."""
    return bool(config.starters) or any(place.max_groups is not None for place in config.places)


async def rematch_area(
    session: AsyncSession, office: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """Look at an area once more from the beginning; a changed policy or a new meeting place takes effect here."""
    await lock_areas(session, [area_id])
    office.boards.forget(area_id)
    work = UnitOfWork(session, office, now, cause)
    await run_matching(work, area_id)
    await work.stage()


async def create_group_of_size(work: UnitOfWork, area_id: str, cell: Cell, size: int) -> GroupAggregate:
    """
    Make a group of a chosen size, which then takes no more than that.

    Raises:
        DomainError: ``too_few`` where not so many wait for that cell, ``size_outside_policy``, ``room_taken``.
    """
    centre, _ = work.context.area(area_id)
    await lock_starters_if_shared(work.session, centre)
    state = await area_state(work.session, work.context, area_id, work.now)
    if not state.config.size_min <= size <= state.config.size_max:
        raise DomainError("size_outside_policy", size=size)
    board = AreaMatcher(state)
    place = next((place for place in state.config.places if place.id == cell.place), None)
    if place is not None and place.max_people is not None and size > place.max_people:
        raise DomainError("size_outside_policy", size=size)
    if place is not None and "room" in board.capacity.missing(cell):
        raise DomainError("room_taken", area=area_id)
    forming = board.form_group(cell, size, work.now)
    if forming is None:
        raise DomainError("too_few", area=area_id, size=size)
    return await create_group(work, centre, area_id, forming, capacity=size, quiet=UNDO_STAFF)


async def _apply(work: UnitOfWork, decided: Mapping[str, _Decided]) -> None:
    """Do what was decided, area by area; the groups that somebody joins are all read together first."""
    made = {group_id for one in decided.values() for group_id in one.made}
    steps = [step for one in decided.values() for step in one.steps]
    await work.load_groups({join.group_id for _, plan in steps for join in plan.joins} - made)
    for area_id, one in decided.items():
        centre, names = work.context.area(area_id)[0], iter(one.made)
        for cause, plan in one.steps:
            with work.caused_by(cause):
                await _carry_out(work, centre, area_id, plan, names)


async def _carry_out(work: UnitOfWork, centre: Centre, area_id: str, plan: Plan, names: Iterator[UUID]) -> None:
    touched: dict[UUID, GroupAggregate] = {}
    for join in plan.joins:
        desk = touched[join.group_id] = await work.load_group(join.group_id)
        desk.offer_seat(join.assignment)
    for desk in touched.values():
        desk.publish_new_offers()
    for group in plan.new_groups:
        await create_group(work, centre, area_id, group, group_id=next(names))


def _give_up(work: UnitOfWork, area_id: str) -> bool:
    """Cancel the area's groups that cannot come about any more; whether there were any."""
    hopeless = [
        desk for desk in work.groups.values() if desk.row.area == area_id and groups.is_below_minimum(desk.group)
    ]
    for desk in hopeless:
        desk.cancel("too_few")
        log.info("group_cancelled", group_id=desk.row.id, area=area_id, reason="too_few")
    return bool(hopeless)


async def create_group(
    work: UnitOfWork,
    centre: Centre,
    area_id: str,
    group: NewGroup,
    capacity: int | None = None,
    quiet: timedelta | None = None,
    group_id: UUID | None = None,
) -> GroupAggregate:
    """A group of these people; the policy says how many chairs it has and how long it is a draft, where nobody does."""
    capacity = centre.policy.size_max if capacity is None else capacity
    quiet = timedelta(minutes=centre.policy.draft_minutes) if quiet is None else quiet
    cell, members = group.cell, group.members
    desk = await work.propose_group(group_id or work.new_group_id(cell), centre, area_id, cell, capacity, quiet)
    await assign(work.session, desk.row, group.starters, now=work.now)
    for one in members:
        desk.offer_seat(one)
    desk.publish_new_offers()
    log.info("group_proposed", group_id=desk.row.id, centre=centre.id, area=area_id, slot=cell.slot, size=len(members))
    return desk
