"""The page of one person for staff: the reason for the wait or the seat, and the possible decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.domain.insight.explanation import WaitExplanation
from grouping.domain.insight.forecast import DayRange
from grouping.domain.matching.cells import fits, travel_km
from grouping.domain.matching.model import AreaState
from grouping.domain.signups import SignupStatus
from grouping.queries.groups import GroupStatus, date_of, status_of
from grouping.queries.rooms import place_names
from grouping.queries.snapshot_cache import SnapshotCache
from grouping.queries.wait_forecast import NEIGHBOURHOOD_KM, RecentSignups
from grouping.store import Group, Meeting, Seat, Signup, views
from grouping.store.views import SignupRef
from grouping.usecases.context import GroupingContext
from shared.kit.audit import AuditEntry
from shared.kit.database.engine import Database
from shared.reference import places
from shared.reference.areas import Area
from shared.reference.centres import Centre


@dataclass(frozen=True)
class MoveTarget:
    """A group that the person could be moved to, with the distance and the number of free seats."""

    group: Group
    place_name: str
    named_at: datetime | None
    number: int
    km: float
    free_seats: int


@dataclass(frozen=True)
class Excluded:
    """
    A person who is never put in one group with this one.

    Attributes:
        signup: The sign-up that the area's pages show; None if the person is on none of them.
    """

    person_id: UUID
    signup: SignupRef | None


@dataclass(frozen=True)
class PersonView:
    """
    One person, by opaque id.

    Attributes:
        names: Names of places and rooms, by id.
        number: Tells the person apart from others who signed up in the same minute.
        explanation: The reason for the wait; None for people with a seat and people excluded from matching.
        forecast: Days until the start meeting; None if no forecast is possible.
        recent: Recent sign-ups of others for the slot of the best cell.
        seat, group, start_meeting: The person's seat, if there is one.
        exclusions: People whom staff keep apart from this one.
        others: Sign-ups in the area that could be excluded.
        targets: Groups with a free seat within the person's limits and without an excluded person; none once a seat
            has been offered.
    """

    centre: Centre
    area: Area
    names: dict[str, str]
    row: Signup
    number: int
    waited_days: int
    explanation: WaitExplanation | None
    forecast: DayRange | None
    recent: RecentSignups | None
    seat: Seat | None
    group: Group | None
    start_meeting: Meeting | None
    exclusions: tuple[Excluded, ...]
    others: tuple[SignupRef, ...]
    targets: tuple[MoveTarget, ...]
    audit_entries: tuple[AuditEntry, ...]

    @property
    def offered(self) -> bool:
        """True once the person has been offered the seat; the seat can no longer change silently."""
        return self.group is not None and self.group.state != GroupState.DRAFTED

    @property
    def group_status(self) -> GroupStatus | None:
        """The state of the person's group, for display."""
        return status_of(self.group, self.start_meeting) if self.group is not None else None


async def person_view(
    database: Database, context: GroupingContext, snapshots: SnapshotCache, area_id: str, signup_id: UUID, now: datetime
) -> PersonView | None:
    """
    Read one person; None if the area has no such sign-up that waits or has a seat.

    Raises:
        NotFoundError: ``unknown_area``.
    """
    centre, area = context.area(area_id)
    async with database.transaction() as session:
        if await _row_in(session, area.id, signup_id) is None:
            return None
    snapshot = await snapshots.of(area.id, now)
    wait = await snapshot.wait_of(signup_id)
    async with database.transaction() as session:
        row = await _row_in(session, area.id, signup_id)
        if row is None:
            return None
        seat_and_group = await views.seat_of(session, row.person_id)
        seat, group, start_meeting = seat_and_group if seat_and_group is not None else (None, None, None)
        excluded = frozenset(await store.exclusions.of_person(session, row.person_id))
        by_staff = frozenset(await store.exclusions.of_person(session, row.person_id, by_staff=True))
        targets: list[MoveTarget] = []
        names = await place_names(session, centre, area)
        if group is None or group.state == GroupState.DRAFTED:
            targets = await _targets(session, snapshot.state, row, excluded, group, names)
        part = area.part_in(row.kommune or "")
        people = await views.people_of(session, area.id, _kommuner_nearby(area, part))
        numbers = await views.signup_numbers(session, area.id)
        audit_entries = await store.audit.entries_of_signup(session, signup_id)
    return PersonView(
        centre=centre,
        area=part,
        names=names,
        row=row,
        number=numbers.get(signup_id, 1),
        waited_days=max(0, (now - row.signed_up_at).days) if row.signed_up_at else 0,
        explanation=wait.explanation if wait is not None else None,
        forecast=wait.forecast if wait is not None else None,
        recent=wait.recent if wait is not None else None,
        seat=seat,
        group=group,
        start_meeting=start_meeting,
        exclusions=_exclusions(by_staff, people),
        others=tuple(other for other in people if other.person_id not in by_staff | {row.person_id}),
        targets=tuple(targets),
        audit_entries=tuple(audit_entries),
    )


async def _row_in(session: AsyncSession, area_id: str, signup_id: UUID) -> Signup | None:
    row = await store.signups.get(session, signup_id)
    gone = row is None or row.area != area_id or row.status in {SignupStatus.GONE, SignupStatus.MEMBER}
    return None if gone else row


def _kommuner_nearby(area: Area, part: Area) -> tuple[str, ...] | None:
    """Return the kommuner around a part of a wide area, whose people may meet; None for all."""
    if not area.is_wide:
        return None
    here, register = part.places[0], places.load().kommuner.values()
    return tuple(
        kommune.number
        for kommune in register
        if places.distance_km(here.latitude, here.longitude, kommune.latitude, kommune.longitude) <= NEIGHBOURHOOD_KM
    )


def _exclusions(excluded: Iterable[UUID], people: list[SignupRef]) -> tuple[Excluded, ...]:
    signup_of = {signup.person_id: signup for signup in people}
    return tuple(Excluded(person_id, signup_of.get(person_id)) for person_id in sorted(excluded))


async def _targets(
    session: AsyncSession,
    state: AreaState,
    row: Signup,
    excluded: frozenset[UUID],
    current: Group | None,
    names: Mapping[str, str],
) -> list[MoveTarget]:
    """Return the groups that the person could be moved to, the nearest first."""
    wishes = store.signups.row_to_waiting(row).wishes
    place_by_id = {place.id: place for place in state.config.places}
    rows = await store.groups.with_start_meetings(session, [group.group_id for group in state.open_groups])
    numbers = await store.group_numbers.numbers(session, [group.id for group, _ in rows])
    group_rows = {group.id: (group, meeting) for group, meeting in rows}
    targets = []
    for open_group in state.open_groups:
        place = place_by_id.get(open_group.cell.place)
        group, meeting = group_rows.get(open_group.group_id, (None, None))
        compatible = excluded.isdisjoint(open_group.members)
        if group is None or group is current or place is None or not compatible:
            continue
        if fits(wishes, open_group.cell, place):
            name = names.get(group.place, group.place)
            km = travel_km(wishes, place)
            targets.append(
                MoveTarget(group, name, date_of(meeting), numbers.get(group.id, 1), km, open_group.free_seats)
            )
    return sorted(targets, key=lambda target: (target.km, target.group.id))
