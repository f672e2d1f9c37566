"""Handle intake's events about sign-ups; each event may come late, twice or before an earlier one."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import groups
from grouping.domain.groups import GroupState
from grouping.domain.matching.cells import Wishes, fits
from grouping.domain.signups import SignupStatus, classify_update
from grouping.store import Signup
from grouping.store.locks import lock_areas, lock_more_areas, lock_people_and_areas, lock_person, lock_person_and_area
from grouping.usecases.capacity import place_of
from grouping.usecases.context import GroupingContext
from grouping.usecases.matching import run_matching
from grouping.usecases.unit_of_work import UnitOfWork
from shared.events import people, signups
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.timezone import OSLO_TZ

log = get_logger(__name__)


async def on_wishes(
    session: AsyncSession, office: GroupingContext, event: signups.Wishes, *, now: datetime, cause: Cause
) -> None:
    """
    Somebody waits, or has changed their wishes; the newest wishes count, and the place in the line never changes.

    Whoever has a seat that no longer suits goes back to the list, unless their group has started.

    Raises:
        DomainError: ``unknown_area``.
    """
    office.area(event.area, event.centre)
    await lock_person_and_area(session, event.person_id, event.area)
    rows = {row.signup_id: row for row in await store.signups.of_person(session, event.person_id)}
    row = rows.get(event.signup_id)
    heard = classify_update((SignupStatus(row.status), row.version) if row else None, event.version)
    if row is not None and heard in {"stale", "gone"}:
        row.version = max(row.version, event.version)
        return
    erased, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
    if erased:
        return
    more = _areas(rows.values(), seat) - {event.area}
    if more:
        await lock_more_areas(session, more, locked=event.area)
        _, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
        if row is not None:
            await session.refresh(row)
    if row is None:
        await store.signups.count_arrivals(session, {(event.area, event.signed_up_at.astimezone(OSLO_TZ).date()): 1})
    _write_wishes(session, event, row)
    work = UnitOfWork(session, office, now, cause)
    touched = {event.area}
    own = seat if seat is not None and seat.signup_id == event.signup_id else None
    if own is not None and not await _still_suits(work, own.group_id, event):
        desk = await work.load_group(own.group_id)
        if await desk.release_seat(own.seat_id, "changed"):
            touched.add(desk.row.area)
    for area in sorted(touched):
        await run_matching(work, area)
    await work.stage()
    log.info("signup_taken_on", signup_id=event.signup_id, area=event.area, version=event.version)


async def on_wishes_batch(
    session: AsyncSession, office: GroupingContext, events: Sequence[signups.Wishes], *, now: datetime
) -> None:
    """
    These people wait, or have changed their wishes; see :func:`on_wishes`.

    Raises:
        DomainError: ``unknown_area`` of any of them.
        NotYet: One of them also has to do with an area that is busy.
    """
    for event in events:
        office.area(event.area, event.centre)
    people = {event.person_id for event in events}
    await lock_people_and_areas(session, people, {event.area for event in events})
    known = await store.signups.known_ids(session, people | {event.signup_id for event in events})
    once = Counter(event.person_id for event in events)
    strangers = {
        event.signup_id
        for event in events
        if not {event.person_id, event.signup_id} & known and once[event.person_id] == 1
    }
    for run in _runs(office, events, strangers):
        if run[0].signup_id in strangers:
            await _add_new_signups(session, office, run, now)
        else:
            await on_wishes(session, office, run[0], now=now, cause=Cause.of(run[0]))


async def on_withdrawn(
    session: AsyncSession, office: GroupingContext, event: signups.Withdrawn, *, now: datetime, cause: Cause
) -> None:
    """Somebody leaves; also when this arrives before all that came before it."""
    await lock_person(session, event.person_id)
    erased, seat = await store.signups.erased_and_seat(session, event.person_id, event.signup_id)
    if erased:
        return
    rows = {row.signup_id: row for row in await store.signups.of_person(session, event.person_id)}
    row = rows.get(event.signup_id)
    if row is None:
        row = Signup(
            signup_id=event.signup_id, person_id=event.person_id, status=SignupStatus.GONE, version=event.version
        )
        row.gone_at = now
        session.add(row)
        return
    if row.status != SignupStatus.GONE:
        await lock_areas(session, _areas(rows.values(), seat))
        work = UnitOfWork(session, office, now, cause)
        await _let_go(work, event.person_id, "withdrawn", signup_id=event.signup_id)
        await session.refresh(row)
        _empty(row, now)
        await _fill_chairs(work)
    row.version = max(row.version, event.version)


async def on_erased(
    session: AsyncSession, office: GroupingContext, event: people.Erased, *, now: datetime, cause: Cause
) -> None:
    """Somebody is forgotten: no row about them is left, and nothing that comes late brings one back."""
    await lock_person(session, event.person_id)
    rows = await store.signups.of_person(session, event.person_id)
    _, seat = await store.signups.erased_and_seat(session, event.person_id, event.person_id)
    await lock_areas(session, _areas(rows, seat))
    work = UnitOfWork(session, office, now, cause)
    await _let_go(work, event.person_id, "erased")
    await session.flush()
    await store.signups.delete_person(
        session, event.person_id, (*event.signup_ids, *(row.signup_id for row in rows)), now
    )
    await _fill_chairs(work)


def _areas(rows: Iterable[Signup], seat: store.seats.LiveSeat | None) -> set[str]:
    """Every area in which this person has a seat, or could be given one by somebody else at this moment."""
    return {row.area for row in rows if row.area is not None} | ({seat.area} if seat else set())


def _write_wishes(session: AsyncSession, event: signups.Wishes, row: Signup | None) -> None:
    if row is None:
        row = Signup(
            signup_id=event.signup_id,
            person_id=event.person_id,
            status=SignupStatus.WAITING.value,
            version=event.version,
        )
        session.add(row)
    for name, value in store.signups.wishes_columns(event).items():
        setattr(row, name, value)
    row.refused = []


async def _still_suits(work: UnitOfWork, group_id: UUID, event: signups.Wishes) -> bool:
    """Whether the group is one that these wishes allow, or has started, so that it no longer matters."""
    desk = await work.load_group(group_id)
    if desk.row.state == GroupState.STARTED:
        return True
    found = work.context.centres.area(desk.row.area)
    if found is None or event.area != desk.row.area:
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
    )
    place = await place_of(work.session, found[1], desk.row.place)
    return place is not None and fits(wishes, desk.cell, place)


async def _let_go(
    work: UnitOfWork, person_id: UUID, reason: groups.ReleaseReason, signup_id: UUID | None = None
) -> None:
    """Release somebody's seat; that of one sign-up only, where it is named. The areas are locked."""
    _, found = await store.signups.erased_and_seat(work.session, person_id, person_id)
    if found is None:
        return
    if signup_id in {None, found.signup_id}:
        desk = await work.load_group(found.group_id)
        await desk.release_seat(found.seat_id, reason)


async def _fill_chairs(work: UnitOfWork) -> None:
    """Let others have the chairs that became free."""
    for area in sorted({desk.row.area for desk in work.groups.values() if desk.row.state != GroupState.STARTED}):
        await run_matching(work, area)
    await work.stage()


def _empty(row: Signup, now: datetime) -> None:
    """Keep nothing but the id, and that they are gone."""
    row.status = SignupStatus.GONE.value
    row.gone_at = now
    for name in ("centre", "area", "kommune", "latitude", "longitude", "slots", "languages"):
        setattr(row, name, None)
    for name in ("max_travel_km", "wheelchair", "language", "signed_up_at"):
        setattr(row, name, None)
    row.refused = []


def _runs(
    office: GroupingContext, events: Sequence[signups.Wishes], strangers: Collection[UUID]
) -> Iterator[list[signups.Wishes]]:
    """
    What can be handled together, all in order.

    Those who are known are alone; and of areas that share igangsettere each is, since who comes first there takes them.
    """
    run: list[signups.Wishes] = []
    area_of: dict[str, str] = {}
    for event in events:
        centre, _ = office.area(event.area)
        known, shares = event.signup_id not in strangers, centre.policy.starters_min > 0
        if run and (known or (shares and area_of.get(centre.id, event.area) != event.area)):
            yield run
            run, area_of = [], {}
        if known:
            yield [event]
        else:
            run.append(event)
            area_of[centre.id] = event.area
    if run:
        yield run


async def _add_new_signups(
    session: AsyncSession, office: GroupingContext, events: Sequence[signups.Wishes], now: datetime
) -> None:
    await store.signups.insert_new(session, events)
    days = Counter((event.area, event.signed_up_at.astimezone(OSLO_TZ).date()) for event in events)
    await store.signups.count_arrivals(session, days)
    causes = {event.signup_id: Cause.of(event) for event in events}
    work = UnitOfWork(session, office, now, Cause.of(events[0]))
    await run_matching(work, *{event.area for event in events}, causes=causes)
    await work.stage()
    log.info("signups_taken_on", count=len(events))
