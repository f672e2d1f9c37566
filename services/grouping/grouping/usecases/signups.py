"""
Handle intake's events about sign-ups and people, each in one transaction.

Events may come late, twice or before an earlier one: the highest version counts.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState, ReleaseReason
from grouping.domain.matching.cells import Wishes, fits
from grouping.domain.signups import SignupStatus, classify_update
from grouping.store import Signup, task_book
from grouping.store.locks import (
    lock_areas,
    lock_more_areas,
    lock_people_and_areas,
    lock_person,
    lock_person_and_area,
)
from grouping.usecases.capacity import place_of
from grouping.usecases.context import GroupingContext
from grouping.usecases.matcher_cache import MatcherCheckout
from grouping.usecases.matching import run_matching, run_matching_and_stage
from grouping.usecases.quiet_pairs import part
from grouping.usecases.unit_of_work import UnitOfWork
from shared.events import people, signups
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.timezone import OSLO_TZ

log = get_logger(__name__)


async def on_wishes(
    session: AsyncSession,
    context: GroupingContext,
    event: signups.Wishes,
    *,
    now: datetime,
    cause: Cause,
    matchers: MatcherCheckout | None = None,
) -> None:
    """
    Add a person to the queue, or change their wishes; their place in the queue never changes.

    A seat that the new wishes no longer allow is released, unless the group has started.

    If the transaction handles more events, they share its ``matchers``.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    event = _in_whole_area(context, event)
    await lock_person_and_area(session, event.person_id, event.area)
    rows = {row.signup_id: row for row in await store.signups.of_person(session, event.person_id)}
    signup = rows.get(event.signup_id)
    current = (SignupStatus(signup.status), signup.version) if signup else None
    if signup is not None and classify_update(current, event.version) in {"stale", "gone"}:
        signup.version = max(signup.version, event.version)
        return
    erased, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
    if erased:
        return
    other_areas = _areas_of(rows.values(), seat) - {event.area}
    if other_areas:
        await lock_more_areas(session, other_areas, locked=event.area)
        _, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
        if signup is not None:
            await session.refresh(signup)
    if signup is None or signup.status == SignupStatus.UNREADY:
        await _count_arrivals(session, context, [event])
    _write_wishes(session, event, signup)
    new_pairs = await store.quiet_pairs.add_of(session, [event])
    uow = UnitOfWork(session, context, now, cause, matchers)
    affected = {event.area}
    if seat is not None and seat.signup_id == event.signup_id and not await _still_fits(uow, seat.group_id, event):
        group = await uow.load_group(seat.group_id)
        if await group.release_seat(seat.seat_id, "changed"):
            affected.add(group.row.area)
    for pair in new_pairs:
        affected |= await part(uow, pair)
    await run_matching_and_stage(uow, *affected)
    log.info("signup_taken_on", signup_id=event.signup_id, area=event.area, version=event.version)


async def on_wishes_batch(
    session: AsyncSession, context: GroupingContext, events: Sequence[signups.Wishes], *, now: datetime
) -> None:
    """
    Handle many events in one transaction: the same decisions as one by one, with a fraction of the queries.

    Nearly every event is about a new person. Consecutive events of this kind, a run, are inserted together, and each
    area's matcher then adds them in order of arrival. An event about a known person is handled by :func:`on_wishes`.

    Raises:
        NotFoundError: ``unknown_area`` of any event.
        NotYet: A known person also waits or has a seat in another area, which is locked by another transaction.
    """
    events = [_in_whole_area(context, event) for event in events]
    person_ids = {event.person_id for event in events}
    await lock_people_and_areas(session, person_ids, {event.area for event in events})
    known_ids = await store.signups.known_ids(session, person_ids | {event.signup_id for event in events})
    event_counts = Counter(event.person_id for event in events)
    new_signups = {
        event.signup_id
        for event in events
        if not {event.person_id, event.signup_id} & known_ids and event_counts[event.person_id] == 1
    }
    matchers = MatcherCheckout(context.matchers, session)
    for run in _runs(context, events, new_signups):
        if run[0].signup_id in new_signups:
            await _add_new_signups(session, context, run, now, matchers)
        else:
            (event,) = run
            await on_wishes(session, context, event, now=now, cause=Cause.of(event), matchers=matchers)


async def on_withdrawn(
    session: AsyncSession, context: GroupingContext, event: signups.Withdrawn, *, now: datetime, cause: Cause
) -> None:
    """Mark a sign-up as gone and release its seat; a sign-up without earlier events is stored as gone."""
    await lock_person(session, event.person_id)
    erased, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
    if erased:
        return
    rows = {row.signup_id: row for row in await store.signups.of_person(session, event.person_id)}
    signup = rows.get(event.signup_id)
    if signup is None:
        session.add(
            Signup(
                signup_id=event.signup_id,
                person_id=event.person_id,
                status=SignupStatus.GONE,
                version=event.version,
                gone_at=now,
            )
        )
        return
    if signup.status != SignupStatus.GONE:
        await lock_areas(session, _areas_of(rows.values(), seat))
        uow = UnitOfWork(session, context, now, cause)
        await _release_seat(uow, event.person_id, "withdrawn", event.signup_id)
        await session.refresh(signup)
        _clear(signup, now)
        if all(row.status == SignupStatus.GONE for row in rows.values()):
            await store.exclusions.end_of(session, [event.person_id])
        await _fill_free_seats(uow)
    signup.version = max(signup.version, event.version)


async def on_erased(
    session: AsyncSession, context: GroupingContext, event: people.Erased, *, now: datetime, cause: Cause
) -> None:
    """Delete every row about a person; events that come later bring none back."""
    await lock_person(session, event.person_id)
    rows = await store.signups.of_person(session, event.person_id)
    seat = await store.signups.live_seat(session, event.person_id)
    await lock_areas(session, _areas_of(rows, seat))
    uow = UnitOfWork(session, context, now, cause)
    await _release_seat(uow, event.person_id, "erased")
    await session.flush()
    await store.signups.delete_person(
        session, event.person_id, (*event.signup_ids, *(row.signup_id for row in rows)), now
    )
    await task_book.close_of_person(session, event.person_id, now=now, cause=cause)
    await _fill_free_seats(uow)


def _in_whole_area(context: GroupingContext, event: signups.Wishes) -> signups.Wishes:
    """
    Return the event with the id of its area, which locks and rows have, in the place of that of a part.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    _, area = context.area(event.area, event.centre)
    return event if event.area == area.id else event.model_copy(update={"area": area.id})


def _areas_of(rows: Iterable[Signup], seat: store.seats.LiveSeat | None) -> set[str]:
    """Return the areas in which this person waits or has a seat, so that another transaction could change it."""
    return {row.area for row in rows if row.area is not None} | ({seat.area} if seat else set())


def _runs(
    context: GroupingContext, events: Sequence[signups.Wishes], new_signups: Collection[UUID]
) -> Iterator[list[signups.Wishes]]:
    """
    Split events into runs, which are handled together, without changing their order.

    A known person is a run of one. Areas that share igangsettere are never in one run, since their order decides which
    of them gets an igangsetter.
    """
    run: list[signups.Wishes] = []
    area_of_centre: dict[str, str] = {}
    for event in events:
        centre, _ = context.area(event.area)
        known, shares_starters = event.signup_id not in new_signups, centre.policy.starters_min > 0
        if run and (known or (shares_starters and area_of_centre.get(centre.id, event.area) != event.area)):
            yield run
            run, area_of_centre = [], {}
        if known:
            yield [event]
        else:
            run.append(event)
            area_of_centre[centre.id] = event.area
    if run:
        yield run


async def _add_new_signups(
    session: AsyncSession,
    context: GroupingContext,
    events: Sequence[signups.Wishes],
    now: datetime,
    matchers: MatcherCheckout,
) -> None:
    await store.signups.insert_new(session, events)
    await store.quiet_pairs.add_of(session, events)
    await _count_arrivals(session, context, events)
    causes = {event.signup_id: Cause.of(event) for event in events}
    uow = UnitOfWork(session, context, now, Cause.of(events[0]), matchers)
    await run_matching(uow, *{event.area for event in events}, causes=causes)
    await uow.stage()
    log.info("signups_taken_on", count=len(events))


async def _count_arrivals(session: AsyncSession, context: GroupingContext, events: Collection[signups.Wishes]) -> None:
    parts = {event.signup_id: context.area(event.area)[1].part_in(event.kommune).id for event in events}
    days = Counter((parts[event.signup_id], event.signed_up_at.astimezone(OSLO_TZ).date()) for event in events)
    await store.signups.count_arrivals(session, days)


def _write_wishes(session: AsyncSession, event: signups.Wishes, signup: Signup | None) -> None:
    if signup is None:
        signup = Signup(
            signup_id=event.signup_id,
            person_id=event.person_id,
            status=SignupStatus.WAITING.value,
            version=event.version,
        )
        session.add(signup)
    elif signup.status == SignupStatus.UNREADY:
        signup.status, signup.gone_at = SignupStatus.WAITING.value, None
    for name, value in store.signups.wishes_columns(event).items():
        setattr(signup, name, value)
    signup.declined_cells = []


async def _still_fits(uow: UnitOfWork, group_id: UUID, event: signups.Wishes) -> bool:
    """Return True if the wishes allow the group, or if it has started and wishes no longer matter."""
    group = await uow.load_group(group_id)
    if group.row.state == GroupState.STARTED:
        return True
    centre_and_area = uow.context.centres.area(group.row.area)
    if centre_and_area is None or event.area != centre_and_area[1].id:
        return False
    wishes = Wishes(
        event.latitude,
        event.longitude,
        event.slots,
        event.languages,
        event.max_travel_km,
        event.wheelchair,
        frozenset(event.groups_also),
        frozenset(event.groups_only),
        event.slots_if_needed,
        event.digital,
    )
    place = await place_of(uow.session, centre_and_area[1], group.row.place)
    return place is not None and fits(wishes, group.cell, place)


async def _release_seat(uow: UnitOfWork, person_id: UUID, reason: ReleaseReason, signup_id: UUID | None = None) -> None:
    """Release the person's seat, or with ``signup_id`` only a seat of that sign-up; its area must be locked."""
    seat = await store.signups.live_seat(uow.session, person_id)
    if seat is not None and signup_id in {None, seat.signup_id}:
        group = await uow.load_group(seat.group_id)
        await group.release_seat(seat.seat_id, reason)


async def _fill_free_seats(uow: UnitOfWork) -> None:
    """Run matching in the areas of the loaded groups, whose seats may have become free; write all changes."""
    open_groups = [group for group in uow.groups.values() if group.row.state != GroupState.STARTED]
    await run_matching_and_stage(uow, *{group.row.area for group in open_groups})


def _clear(signup: Signup, now: datetime) -> None:
    """Mark a sign-up as gone and clear its wishes; ids and version stay."""
    signup.status = SignupStatus.GONE.value
    signup.gone_at = now
    for name in ("centre", "area", "kommune", "latitude", "longitude", "slots", "languages"):
        setattr(signup, name, None)
    for name in ("max_travel_km", "wheelchair", "language", "signed_up_at"):
        setattr(signup, name, None)
    signup.declined_cells, signup.declined_slots, signup.declined_on = [], [], None
    signup.slots_if_needed, signup.digital = [], "no"
    signup.groups_also, signup.groups_only = [], []
    signup.offers_paused_at = signup.rests_until = None
