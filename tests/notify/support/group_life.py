"""Events about the life of a group after its start, as grouping publishes them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from shared.events import group_life as events
from shared.events import groups
from shared.events.base import GroupEvent
from shared.timezone import OSLO_TZ
from tests.notify.support.events import NOON, Group, Person, stamp

FIRST_ON = date(2026, 1, 22)
"""A Thursday."""
PLACE = "Biblioteket, rom 2"

E = TypeVar("E", bound=GroupEvent)


def thursday(week: int, hour: int = 18) -> datetime:
    """The meeting of one week in Norwegian wall time."""
    return datetime.combine(FIRST_ON + timedelta(weeks=week), time(hour), OSLO_TZ)


class GroupLife:
    """
    The life of one group.

    Attributes:
        hour: When it meets, in Norwegian wall time.
    """

    def __init__(self, group: Group, hour: int = 18) -> None:
        self.group = group
        self.hour = hour
        self.meetings: dict[int, UUID] = {}

    def _make(self, kind: type[E], now: datetime, /, **fields: Any) -> E:
        return kind(**stamp(kind, uuid4(), now), **self.group._fields(), **fields)

    def seats(self, *members: Person) -> tuple[groups.Seat, ...]:
        return self.group._seats(members)

    def rhythm(self, now: datetime = NOON, **changes: Any) -> events.RhythmSet:
        fields = {"every_weeks": 1, "weekday": 3, "at": time(self.hour), "minutes": 120, "first_on": FIRST_ON}
        return self._make(events.RhythmSet, now, seats=self.seats(), **(fields | changes))

    def weekly(
        self,
        week: int,
        *,
        sequence: int = 0,
        starts_at: datetime | None = None,
        place: str = PLACE,
        kind: groups.MeetingKind = "weekly",
        now: datetime = NOON,
    ) -> groups.MeetingCalled:
        begins = starts_at or thursday(week, self.hour)
        return self._make(
            groups.MeetingCalled,
            now,
            meeting_id=self.meetings.setdefault(week, uuid4()),
            sequence=sequence,
            starts_at=begins,
            ends_at=begins + timedelta(hours=2),
            place_text=place,
            seats=self.seats(),
            kind=kind,
        )

    def cancelled(
        self, week: int, reason: str = "skipped", *, sequence: int = 1, now: datetime = NOON
    ) -> events.MeetingCancelled:
        return self._make(
            events.MeetingCancelled,
            now,
            meeting_id=self.meetings.setdefault(week, uuid4()),
            sequence=sequence,
            kind="weekly",
            starts_at=thursday(week, self.hour),
            reason=reason,
            seats=self.seats(),
        )

    def absent(self, person: Person, week: int, now: datetime = NOON) -> events.AbsenceTold:
        others = [member for member in self.group.members if member is not person]
        return self._make(
            events.AbsenceTold,
            now,
            meeting_id=self.meetings.setdefault(week, uuid4()),
            starts_at=thursday(week),
            seats=self.seats(*others),
        )

    def handover_asked(self, now: datetime = NOON) -> events.HandoverAsked:
        return self._make(events.HandoverAsked, now, meetings=3, seats=self.seats())

    def handed_over(self, memory: str = "none", by: str = "members", now: datetime = NOON) -> events.HandedOver:
        return self._make(
            events.HandedOver,
            now,
            by=by,
            handed_over_at=now,
            memory=memory,
            return_id=uuid4(),
            followed_up=False,
            size=len(self.group.members),
            seats=self.seats(),
        )

    def forgotten(self, *kept: Person, now: datetime = NOON) -> events.MembersForgotten:
        seat_ids = tuple(self.group.seats[person.id].seat_id for person in kept)
        return self._make(events.MembersForgotten, now, kept=seat_ids)

    def follow_up(self, visit_id: UUID, now: datetime = NOON) -> events.FollowUpDue:
        return self._make(events.FollowUpDue, now, visit_id=visit_id, meetings=3, seats=self.seats())

    def visit_agreed(self, visit_id: UUID, week: int, now: datetime = NOON) -> events.VisitAgreed:
        return self._make(
            events.VisitAgreed,
            now,
            visit_id=visit_id,
            kind="return_visit",
            meeting_id=self.meetings.setdefault(week, uuid4()),
            starts_at=thursday(week),
            seats=self.seats(),
        )

    def visit_declined(self, visit_id: UUID, by: str = "centre", now: datetime = NOON) -> events.VisitDeclined:
        return self._make(events.VisitDeclined, now, visit_id=visit_id, kind="return_visit", by=by, seats=self.seats())

    def left(self, person: Person, reason: str = "left", now: datetime = NOON) -> events.MemberLeft:
        seat = self.group.seats[person.id]
        return self._make(events.MemberLeft, now, seat=seat, reason=reason, size=len(self.group.members) - 1)

    def admitted(self, person: Person, now: datetime = NOON) -> events.MemberAdmitted:
        others = self.seats()
        self.group.add_member(person)
        seat = self.group.seats[person.id]
        return self._make(events.MemberAdmitted, now, seat=seat, size=len(others) + 1, seats=others)

    def vote(self, vote_id: UUID, now: datetime = NOON) -> events.VoteOpened:
        ballots: Sequence[events.Ballot] = [events.Ballot(ballot_id=uuid4(), seat=seat) for seat in self.seats()]
        return self._make(
            events.VoteOpened,
            now,
            vote_id=vote_id,
            vote_subject="conflict_visit",
            deadline=now + timedelta(days=7),
            ballots=tuple(ballots),
        )

    def vote_closed(self, vote_id: UUID, *, agreed: bool = False, now: datetime = NOON) -> events.VoteClosed:
        return self._make(
            events.VoteClosed, now, vote_id=vote_id, vote_subject="conflict_visit", agreed=agreed, seats=self.seats()
        )

    def keep_alive(self, now: datetime = NOON) -> events.KeepAliveAsked:
        return self._make(events.KeepAliveAsked, now, deadline=now + timedelta(days=30), seats=self.seats())

    def kept_alive(self, now: datetime = NOON) -> events.KeptAlive:
        return self._make(events.KeptAlive, now)

    def expired(self, now: datetime = NOON) -> events.Expired:
        return self._make(events.Expired, now)

    def dissolved(self, by: str = "group", now: datetime = NOON) -> events.Dissolved:
        return self._make(events.Dissolved, now, by=by, seats=self.seats())

    def way_on(self, person: Person, way: str, now: datetime = NOON) -> events.WayOnChosen:
        return self._make(events.WayOnChosen, now, seat=self.group.seats[person.id], way=way)
