"""
What one use case does to groups: the rows it has opened, what it has to tell, and in which order.

The rules are in the domain. Here a group is read from its rows, changed by a rule, and written back; and everything
that became different is told once, in one outbox entry at the end.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, ParamSpec
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain import groups as life
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.matching.cells import Cell
from grouping.domain.matching.model import Placed
from grouping.domain.signups import SignupStatus
from grouping.store import Group, Seat, outbox, queries, register
from grouping.usecases.context import GroupingContext
from shared.errors import DomainError
from shared.events import Event, groups
from shared.events.base import GroupEvent
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre, Policy
from shared.reference.slots import first_meeting
from shared.timezone import OSLO_TZ

P = ParamSpec("P")

CancelReason = groups.CancelReason | Literal["undone"]
"""What others hear, or that staff took it back before anybody had heard of it."""


class UnitOfWork:
    """One use case under way: one transaction, one moment, one cause."""

    def __init__(self, session: AsyncSession, office: GroupingContext, now: datetime, cause: Cause) -> None:
        self.session = session
        self.office = office
        self.now = now
        self.cause = cause
        self.desks: dict[UUID, GroupAggregate] = {}
        self.events: list[Event] = []
        self.standings: dict[UUID, SignupStatus] = {}
        self.proposed: Counter[UUID] = Counter()

    async def open(self, group_id: UUID) -> "GroupAggregate":
        """
        A group to work on; its area must be locked.

        Raises:
            DomainError: ``unknown_group``.
        """
        await self.open_all([group_id])
        if group_id not in self.desks:
            raise DomainError("unknown_group", group_id=group_id)
        return self.desks[group_id]

    async def open_all(self, group_ids: Iterable[UUID]) -> None:
        """Groups to work on, those that exist; their areas must be locked."""
        missing = set(group_ids).difference(self.desks)
        if not missing:
            return
        rows = await queries.groups(self.session, missing)
        seats = await queries.seats(self.session, missing)
        rooms = await register.told_of(self.session, {row.place for row in rows})
        for row in rows:
            self.desks[row.id] = GroupAggregate(self, row, seats[row.id], rooms.get(row.place))

    def name(self, cell: Cell) -> UUID:
        """The id of a group that is to be made in this cell; the same whenever the same cause makes it."""
        number = self.proposed[self.cause.id]
        self.proposed[self.cause.id] += 1
        return derived_id(self.cause.id, "group", cell.key, number)

    async def propose(
        self, group_id: UUID, centre: Centre, area_id: str, cell: Cell, capacity: int, quiet: timedelta = timedelta()
    ) -> "GroupAggregate":
        """A new group without anybody in it yet; for as long as ``quiet`` nobody is told, so that it can be undone."""
        policy = centre.policy
        room = await register.room(self.session, cell.place)
        row = Group(
            id=group_id,
            centre=centre.id,
            area=area_id,
            place=cell.place,
            slot=cell.slot,
            spoken_language=cell.language,
            wishes=cell.wishes,
            state=(GroupState.DRAFTED if quiet else GroupState.PROPOSED).value,
            tell_at=self.now + quiet if quiet else None,
            size_min=policy.size_min,
            capacity=min(capacity, room.seats) if room else capacity,
            policy=policy.model_dump(mode="json"),
            policy_version=policy.version,
            created_at=self.now,
        )
        self.session.add(row)
        self.desks[row.id] = GroupAggregate(self, row, [], room.told if room else None)
        return self.desks[row.id]

    async def write(self) -> None:
        """Write down what has become of the sign-ups, so that the next question sees it."""
        by_standing: dict[SignupStatus, list[UUID]] = defaultdict(list)
        for signup_id, standing in self.standings.items():
            by_standing[standing].append(signup_id)
        for standing, signup_ids in by_standing.items():
            await queries.set_status(self.session, signup_ids, standing)
        self.standings.clear()

    async def finish(self) -> None:
        """Write down the rest, and what there is to tell."""
        await self.write()
        await self.session.flush()
        await outbox.add(self.session, *self.events)


class GroupAggregate:
    """
    One group on the table.

    Attributes:
        room: Where it is told to come; None where it has no room.
        fresh: Seats given in this use case and not told yet.
        call_again: Whether somebody has joined a group whose meeting has been called.
    """

    def __init__(self, work: UnitOfWork, row: Group, seats: list[Seat], room: str | None) -> None:
        self.work = work
        self.row = row
        self.seats = seats
        self.room = room
        self.fresh: list[Seat] = []
        self.call_again = False
        self.policy = Policy.model_validate(row.policy)

    @property
    def cell(self) -> Cell:
        """Where, when and in what language it meets."""
        return Cell(self.row.place, self.row.slot, self.row.spoken_language, self.row.wishes)

    @property
    def group(self) -> life.Group:
        """The group as the rules see it."""
        row = self.row
        return life.Group(
            id=row.id,
            state=GroupState(row.state),
            size_min=row.size_min,
            capacity=row.capacity,
            seats=tuple(
                life.Seat(seat.id, seat.person_id, SeatState(seat.state), seat.deadline, seat.reason)  # type: ignore[arg-type]
                for seat in self.seats
            ),
            meets_at=row.meets_at,
            ends_at=row.ends_at,
            postponed=row.postponed,
            extended=row.extended,
        )

    @property
    def drafted(self) -> bool:
        """Whether nobody has been told of it."""
        return self.row.state == GroupState.DRAFTED

    def give(self, placed: Placed) -> None:
        """Give somebody a seat: an offer, or theirs at once where the centre asks for no answer."""
        signup_id = placed.waiting.signup_id
        seat = Seat(
            id=derived_id(self.row.id, "seat", signup_id, self.work.cause.id),
            group_id=self.row.id,
            signup_id=signup_id,
            person_id=placed.waiting.person_id,
            language=placed.waiting.language,
            state=SeatState.OFFERED.value,
            offered_at=self.work.now,
            distance_km=placed.reason.distance_km,
            waited_days=placed.reason.waited_days,
        )
        _by_rule(life.offer, self.group, life.Seat(seat.id, seat.person_id, SeatState.OFFERED), self.work.now)
        self.work.session.add(seat)
        self.seats.append(seat)
        if not self.drafted:
            self._ask(seat)

    def _ask(self, seat: Seat) -> None:
        """From now on the person may hear of it."""
        if self.policy.seat_confirmation:
            seat.deadline = self.work.now + timedelta(hours=self.policy.seat_deadline_hours)
            if self.row.meets_at is not None and not self.row.postponed:
                seat.deadline = min(seat.deadline, self.row.meets_at)
            self.work.standings[seat.signup_id] = SignupStatus.OFFERED
        else:
            seat.state, seat.settled_at = SeatState.TAKEN.value, self.work.now
            self.work.standings[seat.signup_id] = SignupStatus.SEATED
        self.fresh.append(seat)

    def meet_at(self, cell: Cell) -> None:
        """A draft is to meet in another cell; its members fit both."""
        self.row.place, self.row.slot, self.row.spoken_language = cell.place, cell.slot, cell.language
        self.row.wishes = cell.wishes

    def publish(self) -> None:
        """Those in a draft hear of it now."""
        self._write_group(_by_rule(life.tell, self.group))
        for seat in self._in(SeatState.OFFERED):
            self._ask(seat)
        self.tell_fresh()

    def tell_fresh(self) -> None:
        """Tell of the seats given: first the group where it is new, then each, with how many they are by now."""
        size = len(self.group.live)
        if self.fresh and self.row.version == 0:
            self.tell(
                groups.Proposed,
                place=self.row.place,
                slot=self.row.slot,
                spoken_language=self.row.spoken_language,
                size=size,
                policy_version=self.row.policy_version,
            )
        for seat in self.fresh:
            if seat.state == SeatState.TAKEN:
                self.tell(groups.SeatTaken, seat=told(seat))
                self.call_again = True
            else:
                self.tell(
                    groups.SeatOffered,
                    seat=told(seat),
                    slot=self.row.slot,
                    spoken_language=self.row.spoken_language,
                    size=size,
                    deadline=seat.deadline,
                )
        self.fresh.clear()

    def take(self, seat_id: UUID) -> None:
        """Somebody says yes; said twice, it is told once."""
        before = self.group
        after = _by_rule(life.take, before, seat_id, self.work.now)
        if after is before:
            return
        seat = self._write_seats(after)[0]
        self.work.standings[seat.signup_id] = SignupStatus.SEATED
        self.tell(groups.SeatTaken, seat=told(seat))
        self.call_again = True

    async def release(self, seat_id: UUID, reason: life.Reason) -> bool:
        """
        Somebody's seat becomes free; they wait again unless they have left. Whether anything changed.

        In a closed group it is not told: no seat has become free there.
        """
        for seat in self._write_seats(_by_rule(life.release, self.group, seat_id, reason)):
            if self.drafted:
                return True
            waits = reason not in {"withdrawn", "erased"}
            if waits:
                self.work.standings[seat.signup_id] = SignupStatus.WAITING
            if reason in {"declined", "lapsed"}:
                await queries.refuse_cell(self.work.session, seat.signup_id, self.cell)
            if self.row.state != GroupState.STARTED:
                self.tell(groups.SeatReleased, seat=told(seat), reason=reason, waits=waits)
            return True
        return False

    def settle(self, centre: Centre) -> None:
        """Confirm when there are enough, and tell where and when to whoever has just joined."""
        if life.enough(self.group):
            starts_at = first_meeting(self.row.slot, self.work.now, self.policy.start_notice_days)
            ends_at = starts_at + timedelta(minutes=self.policy.meeting_minutes)
            after = _by_rule(life.confirm, self.group, starts_at, ends_at)
            self.row.meeting_id = derived_id(self.row.id, "meeting")
            self.row.place_text = self.room or centre.place_text(self.row.place, "nb")
            self._write_group(after)
            self.tell(groups.Confirmed, size=len(after.taken))
            self.call_meeting()
        elif self.call_again and self.row.state == GroupState.CONFIRMED and not self.row.postponed:
            self.call_meeting()
        self.call_again = False

    def move_meeting(self, meets_at: datetime, place_text: str) -> None:
        """Another time or place for the start meeting; nothing is told where both are as they were."""
        ends_at = meets_at + timedelta(minutes=self.policy.meeting_minutes)
        after = _by_rule(life.move_meeting, self.group, meets_at, ends_at, self.work.now)
        same = (self.row.meets_at, self.row.place_text, self.row.postponed) == (meets_at, place_text, False)
        if not same:
            self._write_group(after)
            self.row.place_text = place_text
            self.row.sequence += 1
            self.call_meeting()

    def extend(self) -> None:
        """The meeting is put off so that others can join; all who are in the group are told."""
        assert self.row.meets_at is not None
        later = self.row.meets_at.astimezone(OSLO_TZ) + timedelta(days=self.policy.extension_days)
        meets_at = later.astimezone(UTC)
        ends_at = meets_at + timedelta(minutes=self.policy.meeting_minutes)
        self._write_group(_by_rule(life.extend, self.group, meets_at, ends_at))
        self.row.sequence += 1
        self.call_meeting()

    def postpone(self) -> None:
        """The meeting is not held; a new time is to come."""
        self._write_group(_by_rule(life.postpone, self.group))

    def call_meeting(self) -> None:
        """Tell all who have said yes when and where."""
        self.tell(
            groups.MeetingCalled,
            meeting_id=self.row.meeting_id,
            sequence=self.row.sequence,
            starts_at=self.row.meets_at,
            ends_at=self.row.ends_at,
            place_text=self.row.place_text,
            seats=tuple(told(seat) for seat in self._in(SeatState.TAKEN)),
        )
        self.call_again = False

    async def start(self) -> None:
        """The meeting has been held; who never answered waits again, the others are members."""
        after = _by_rule(life.start, self.group, self.work.now)
        for seat in list(self._in(SeatState.OFFERED)):
            await self.release(seat.id, "lapsed")
        self._write_group(after)
        self.row.closed_at = self.work.now
        members = self._in(SeatState.TAKEN)
        self.row.size = len(members)
        self.work.standings |= dict.fromkeys((seat.signup_id for seat in members), SignupStatus.MEMBER)
        self.tell(
            groups.Started,
            size=len(members),
            policy_version=self.row.policy_version,
            started_at=self.row.meets_at,
            seats=tuple(told(seat) for seat in members),
        )

    def cancel(self, reason: CancelReason) -> None:
        """The group does not come about; everybody waits again, with their place in the line."""
        drafted = self.drafted
        live = [*self._in(SeatState.TAKEN), *self._in(SeatState.OFFERED)]
        after = _by_rule(life.cancel, self.group)
        if self.row.state == GroupState.CANCELLED:
            return
        self._write_seats(after)
        self._write_group(after)
        self.row.closed_at = self.work.now
        self.row.cancel_reason = reason
        if drafted:
            return
        self.work.standings |= dict.fromkeys((seat.signup_id for seat in live), SignupStatus.WAITING)
        self.tell(groups.Cancelled, reason=reason, seats=tuple(told(seat) for seat in live))

    def tell(self, kind: type[GroupEvent], **fields: Any) -> None:
        """Something happened to this group."""
        self.row.version += 1
        fields |= {"group_id": self.row.id, "version": self.row.version}
        fields |= {"centre": self.row.centre, "area": self.row.area}
        key = f"{self.row.id}:{self.row.version}"
        self.work.events.append(self.work.cause.event(kind, key, self.work.now, **fields))

    def _in(self, state: SeatState) -> list[Seat]:
        return [seat for seat in self.seats if seat.state == state]

    def _write_group(self, after: life.Group) -> None:
        self.row.state = after.state.value
        for name in ("meets_at", "ends_at", "postponed", "extended"):
            setattr(self.row, name, getattr(after, name))

    def _write_seats(self, after: life.Group) -> list[Seat]:
        """Write the seats that a rule has changed, and give them back."""
        rows = {seat.id: seat for seat in self.seats}
        changed = []
        for seat in after.seats:
            row = rows[seat.id]
            if row.state != seat.state:
                row.state, row.reason, row.settled_at = seat.state.value, seat.reason, self.work.now
                changed.append(row)
        return changed


def _by_rule(rule: Callable[P, life.Group], *args: P.args, **kwargs: P.kwargs) -> life.Group:
    """What a rule makes of a group; its refusal as the kit knows it: a dead letter, or a page that explains."""
    try:
        return rule(*args, **kwargs)
    except life.Refusal as refusal:
        raise DomainError(refusal.slug, **refusal.ids) from refusal


def told(seat: Seat) -> groups.Seat:
    """A seat as others hear of it."""
    return groups.Seat(seat_id=seat.id, signup_id=seat.signup_id, person_id=seat.person_id, language=seat.language)
