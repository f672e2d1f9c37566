"""Run matching for some areas and apply the result, repeating until no area changes."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.matching.cells import Cell
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState, NewGroup, Plan
from grouping.usecases.area_state import area_state, load_area_configs
from grouping.usecases.capacity import assign_starters, lock_starters_if_shared
from grouping.usecases.context import GroupingContext
from grouping.usecases.filling import give_up_hopeless, give_up_unfilled
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import begin
from grouping.usecases.matcher_cache import CheckedOutMatcher, build_matcher
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import DomainError
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre

log = get_logger(__name__)

STAFF_DRAFT_TIME: Final = timedelta(minutes=10)
"""How long a group that staff formed stays a draft, so that they can undo it."""

MAX_PLAN_STEPS: Final = 25_000
"""
Most steps of the search for a plan of a whole area: a few seconds, well below the timeout of an idle transaction.

Three thousand people, the most that it considers, need about seven thousand steps and one second. A number of steps,
unlike a deadline, gives the same plan on every machine.
"""


async def run_matching(uow: UnitOfWork, *areas: str, causes: Mapping[UUID, Cause] = MappingProxyType({})) -> None:
    """
    Fill free seats, form, confirm or give up groups until nothing changes. The areas must be locked.

    A proposal below its minimum looks for members for some days. If it is given up, its members are matched again, and
    are asked once about the seat they get instead; the others read that the group was cancelled.

    Terminates because a person is never offered a cell that they declined or let lapse.

    Args:
        uow: The use case.
        areas: Their ids; areas that the installation has dropped are skipped.
        causes: By sign-up: the cause of its arrival, if it is not the cause of the use case.
    """
    known_areas = sorted(area_id for area_id in set(areas) if uow.context.centres.area(area_id) is not None)
    for area_id in set(areas).difference(known_areas):
        # Not an error: people can still withdraw from an area that the installation has dropped.
        log.warning("area_unknown", area=area_id)
    centres = {centre.id: centre for centre, _ in map(uow.context.area, known_areas)}
    for _, centre in sorted(centres.items()):
        await lock_starters_if_shared(uow.session, centre)
    open_areas = known_areas
    while open_areas:
        await uow.flush_statuses()
        independent = _independent_areas(uow.context, open_areas)
        configs = await load_area_configs(uow.session, uow.context, independent, uow.now)
        matchers = await uow.matchers.check_out(configs, uow.now)
        hopeless = {area_id for area_id in independent if give_up_hopeless(uow, area_id, matchers[area_id])}
        decisions = {area_id: await _decide(uow, area_id, matchers[area_id], causes) for area_id in independent}
        await _apply(uow, decisions)
        open_areas = [
            area_id
            for area_id in open_areas
            if area_id not in decisions
            or decisions[area_id].run_again
            or area_id in hopeless
            or await give_up_unfilled(uow, area_id)
        ]
    for group in uow.groups.values():
        if group.row.area in known_areas:
            group.confirm_if_enough(uow.context.area(group.row.area)[0])
            group.call_meeting_for_newcomers()


async def run_matching_and_stage(uow: UnitOfWork, *areas: str) -> None:
    """Run matching in some areas, one after the other in the order of their ids, and stage all changes."""
    for area_id in sorted(set(areas)):
        await run_matching(uow, area_id)
    await uow.stage()


def _independent_areas(context: GroupingContext, areas: Collection[str]) -> list[str]:
    """Return the areas except those that share igangsettere with an earlier one and must wait for its decisions."""
    first_of: dict[str, str] = {}
    for area_id in areas:
        centre, _ = context.area(area_id)
        first_of.setdefault(centre.id if centre.policy.starters_min > 0 else area_id, area_id)
    return list(first_of.values())


@dataclass
class _Decisions:
    """
    The decisions for one area.

    Attributes:
        steps: Plans to apply in this order, each with its cause.
        group_ids: Ids for the new groups of all steps, in their order.
        run_again: True if the area must be decided once more after the steps.
    """

    steps: list[tuple[Cause, Plan]] = field(default_factory=list)
    group_ids: list[UUID] = field(default_factory=list)
    run_again: bool = False


async def _decide(
    uow: UnitOfWork, area_id: str, checked_out: CheckedOutMatcher, causes: Mapping[UUID, Cause]
) -> _Decisions:
    """Decide about one area, one arriving person after the other; the state of the matcher then includes the result."""
    matcher, decisions = checked_out.matcher, _Decisions()
    if checked_out.full_rescan:
        # The transaction waits for the plan, which must follow from the locked rows and nothing else, so that every
        # process decides alike. A thread keeps the event loop free, and a number of steps bounds the time.
        plan = await _plan_whole_area(matcher, uow.now)
        if plan is not None:
            # The state of the matcher does not include this plan, so it is rebuilt for the next decision.
            uow.matchers.evict(area_id)
            group_ids = [uow.new_group_id(group.cell) for group in plan.new_groups]
            return _Decisions([(uow.cause, plan)], group_ids, run_again=True)
        _add_step(uow, matcher, await asyncio.to_thread(matcher.decide, uow.now), decisions)
    else:
        _add_step(uow, matcher, matcher.decide(uow.now, ()), decisions)
    # A new group with scarce capacity changes what the configuration says about other slots and places, so it must be
    # loaded again before the next decision.
    is_scarce = _has_scarce_capacity(matcher.config)
    while checked_out.pending_arrivals and not (decisions.group_ids and is_scarce):
        arrivals = checked_out.pop_next_person()
        added = [arrival.signup_id for arrival in arrivals if matcher.add(arrival)]
        if added:
            with uow.caused_by(causes.get(added[0], uow.cause)):
                _add_step(uow, matcher, matcher.decide(uow.now, added), decisions)
    decisions.run_again = bool(checked_out.pending_arrivals or (decisions.group_ids and is_scarce))
    return decisions


async def _plan_whole_area(matcher: AreaMatcher, now: datetime) -> Plan | None:
    """Return a plan that is better than the matcher's own, if there is one."""
    if not matcher.has_enough_for_a_group:
        return None
    return await asyncio.to_thread(_plan_together, matcher.snapshot(), now)


def _plan_together(area: AreaState, now: datetime) -> Plan | None:
    # Imported here, in the thread: few processes ever need a solver, and it takes a second to load.
    from grouping.domain.optimise.limits import stop_after  # noqa: PLC0415
    from grouping.domain.optimise.solve import plan_together  # noqa: PLC0415

    return plan_together(area, now, stop_after(MAX_PLAN_STEPS))


def _add_step(uow: UnitOfWork, matcher: AreaMatcher, plan: Plan, decisions: _Decisions) -> None:
    """Add a plan of the matcher to the decisions, and its new groups to the matcher."""
    if plan != Plan():
        decisions.steps.append((uow.cause, plan))
    for group in plan.new_groups:
        group_id = uow.new_group_id(group.cell)
        decisions.group_ids.append(group_id)
        matcher.open_groups.put(matcher.open_group_of(group, group_id, uow.now))


def _has_scarce_capacity(config: AreaConfig) -> bool:
    """Return True if a new group takes a room or an igangsetter that another group then cannot have."""
    return bool(config.starters) or any(place.max_groups is not None for place in config.places)


async def _apply(uow: UnitOfWork, decisions: Mapping[str, _Decisions]) -> None:
    """Apply all decisions, area by area; the groups that people join are loaded together first."""
    new_ids = {group_id for area in decisions.values() for group_id in area.group_ids}
    plans = [plan for area in decisions.values() for _, plan in area.steps]
    await uow.load_groups({join.group_id for plan in plans for join in plan.joins} - new_ids)
    for area_id, area in decisions.items():
        centre, group_ids = uow.context.area(area_id)[0], iter(area.group_ids)
        for cause, plan in area.steps:
            with uow.caused_by(cause):
                await _apply_plan(uow, centre, area_id, plan, group_ids)


async def _apply_plan(uow: UnitOfWork, centre: Centre, area_id: str, plan: Plan, group_ids: Iterator[UUID]) -> None:
    joined: dict[UUID, GroupAggregate] = {}
    for join in plan.joins:
        group = joined[join.group_id] = await uow.load_group(join.group_id)
        group.offer_seat(join.assignment)
    for group in joined.values():
        group.publish_new_offers()
    for new_group in plan.new_groups:
        await create_group(uow, centre, area_id, new_group, group_id=next(group_ids))


async def rematch_area(
    session: AsyncSession, context: GroupingContext, area_id: str, *, now: datetime, cause: Cause
) -> None:
    """Re-evaluate all people in an area with a rebuilt matcher, so that a changed policy or place takes effect."""
    uow = await begin(session, context, [area_id], now, cause)
    context.matchers.evict(area_id)
    await run_matching_and_stage(uow, area_id)


async def create_group_of_size(uow: UnitOfWork, area_id: str, cell: Cell, size: int) -> GroupAggregate:
    """
    Create a group of the longest waiting people of a cell, with just ``size`` seats.

    If fewer can be in one group, it has fewer members: the page counts without the pairs that nobody may know of.

    Raises:
        DomainError: ``too_few`` if they are not enough for a group, ``size_outside_policy``, ``room_taken``.
    """
    centre, _ = uow.context.area(area_id)
    await lock_starters_if_shared(uow.session, centre)
    state = await area_state(uow.session, uow.context, area_id, uow.now)
    if not state.config.size_min <= size <= state.config.size_max:
        raise DomainError("size_outside_policy", size=size)
    place = next((place for place in state.config.places if place.id == cell.place), None)
    matcher = await build_matcher(state)
    if place is not None and place.max_people is not None and size > place.max_people:
        raise DomainError("size_outside_policy", size=size)
    if place is not None and "room" in matcher.capacity.missing(cell):
        raise DomainError("room_taken", area=area_id)
    sizes = range(size, state.config.size_min - 1, -1)
    new_group = next((group for count in sizes if (group := matcher.form_group(cell, count, uow.now))), None)
    if new_group is None:
        raise DomainError("too_few", area=area_id, size=size)
    return await create_group(uow, centre, area_id, new_group, capacity=size, draft_for=STAFF_DRAFT_TIME)


async def create_group(
    uow: UnitOfWork,
    centre: Centre,
    area_id: str,
    new_group: NewGroup,
    capacity: int | None = None,
    draft_for: timedelta | None = None,
    group_id: UUID | None = None,
) -> GroupAggregate:
    """
    Create a group and offer its seats.

    Args:
        uow: The use case; the area must be locked.
        centre: The centre of the area.
        area_id: The area.
        new_group: Its cell, members and igangsettere.
        capacity: Number of seats; by default the largest size of the policy.
        draft_for: How long it stays a draft; by default as the policy says.
        group_id: By default the next id that is derived from the cause.
    """
    capacity = centre.policy.size_max if capacity is None else capacity
    draft_for = timedelta(minutes=centre.policy.draft_minutes) if draft_for is None else draft_for
    cell, members = new_group.cell, new_group.members
    group = await uow.propose_group(group_id or uow.new_group_id(cell), centre, area_id, cell, capacity, draft_for)
    await assign_starters(uow.session, group.row, new_group.starters, now=uow.now)
    for member in members:
        group.offer_seat(member)
    group.publish_new_offers()
    log.info("group_proposed", group_id=group.row.id, centre=centre.id, area=area_id, slot=cell.slot, size=len(members))
    return group
