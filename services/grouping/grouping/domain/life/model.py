"""The life of one group as data."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID, uuid5

from grouping.domain.meetings import Meeting
from shared.errors import DomainError
from shared.reference.policy import Policy


class LifeState(StrEnum):
    """The states of a life; the package describes them."""

    ACCOMPANIED = "accompanied"
    INDEPENDENT = "independent"
    DISSOLVED = "dissolved"
    EXPIRED = "expired"


class VisitState(StrEnum):
    """
    A visit is asked for, agreed or declined, and over when its meeting is.

    A return visit is offered by the centre instead; an open one is asked for or offered. An offer that nobody of the
    group answers lapses.
    """

    OFFERED = "offered"
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED_BY_GROUP = "declined_by_group"
    DECLINED_BY_CENTRE = "declined_by_centre"
    LAPSED = "lapsed"
    OVER = "over"


OPEN_VISIT: Final = frozenset({VisitState.OFFERED, VisitState.ASKED})
ONGOING: Final = frozenset({LifeState.ACCOMPANIED, LifeState.INDEPENDENT})
"""The states in which a group meets."""

VisitKind = Literal["return_visit", "visit", "conflict_visit"]
HandedOverBy = Literal["members", "igangsetter", "start", "time"]
EndedBy = Literal["group", "centre", "silence"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """
    The weekday and Norwegian wall time at which a group meets.

    Attributes:
        every_weeks: 1 or 2.
        weekday: Monday is 0.
        minutes: Length of a meeting.
        place_text: The place as members read it.
        first_on: The day of the first meeting; its weekday is ``weekday``.
    """

    every_weeks: int
    weekday: int
    at: time
    minutes: int
    place_text: str
    first_on: date


@dataclass(frozen=True, slots=True)
class Visit:
    """
    A visit of the centre to a group on its own.

    Attributes:
        at: When it was asked for or offered.
        meeting_id: The meeting at which the centre comes, once it is agreed.
    """

    id: UUID
    kind: VisitKind
    state: VisitState
    at: datetime
    meeting_id: UUID | None = None

    @property
    def is_open(self) -> bool:
        """True while it waits for an answer."""
        return self.state in OPEN_VISIT

    @property
    def is_ahead(self) -> bool:
        """True while it waits for an answer, and until an agreed one is over."""
        return self.is_open or self.state is VisitState.AGREED


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLife:
    """
    The life of a group after its start.

    Attributes:
        policy: The policy that the group started under.
        started_at: When it started.
        members: Seats of the members; empty once they are forgotten.
        size: Number of members, as far as the system can know.
        rhythm: When it meets; after the handover only for estimates.
        rhythm_version: Number of changes of the rhythm.
        skipped_days: Days on which the group does not meet in spite of its rhythm.
        kept_days: Holidays on which it meets all the same.
        meetings: Its meetings after the start meeting.
        pledge_on: The day on which it spoke about confidentiality; the signatures stay with the group.
        handover_asked_at, handover_yes: When the members were asked whether they are ready, and the seats of those who
            are.
        more_meetings, more_reason: Meetings with the igangsetter beyond the policy's number, and the written reason.
        handed_over_at, handed_over_by: When and how the igangsetter withdrew.
        solo_meetings, solo_since: Meetings alone until a moment, from which the rhythm counts on. Before the handover:
            those that were held before one more with the igangsetter was added.
        paused_until: The day until which a group on its own does not meet.
        followed_up: True once the return visit is offered; it is offered once.
        visits: Number of visits that were offered or asked for.
        visit: The newest of them.
        admission_until: Until when one new member can join, by the decision of the group.
        rest_size: Number of members with which a small group has told the centre that it goes on as it is.
        opted_in: Seats of the members who want to be kept, where the policy asks.
        left_out: Seats of the members whose address is not to be sealed, where the policy keeps one for the group.
        dissolve_yes: Seats of the members who want to dissolve the group.
        alive_at: The last sign that the group still meets.
        alive_asked_at: When it was asked, if it has not answered since.
        next_vote_at: Before this moment no vote can be opened again.
        ended_at, ended_by: When and how it ended.
        forget_at: When its members must be forgotten; None as long as no end is known.
        forgotten: True once grouping knows no member any more.
    """

    group_id: UUID
    policy: Policy
    started_at: datetime
    state: LifeState = LifeState.ACCOMPANIED
    members: frozenset[UUID] = frozenset()
    size: int = 0
    rhythm: Rhythm | None = None
    rhythm_version: int = 0
    skipped_days: frozenset[date] = frozenset()
    kept_days: frozenset[date] = frozenset()
    meetings: tuple[Meeting, ...] = ()
    pledge_on: date | None = None
    handover_asked_at: datetime | None = None
    handover_yes: frozenset[UUID] = frozenset()
    more_meetings: int = 0
    more_reason: str | None = None
    handed_over_at: datetime | None = None
    handed_over_by: HandedOverBy | None = None
    solo_meetings: int = 0
    solo_since: datetime | None = None
    paused_until: date | None = None
    followed_up: bool = False
    visits: int = 0
    visit: Visit | None = None
    admission_until: datetime | None = None
    rest_size: int | None = None
    opted_in: frozenset[UUID] = frozenset()
    left_out: frozenset[UUID] = frozenset()
    dissolve_yes: frozenset[UUID] = frozenset()
    alive_at: datetime | None = None
    alive_asked_at: datetime | None = None
    next_vote_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    forget_at: datetime | None = None
    forgotten: bool = False

    @property
    def is_ongoing(self) -> bool:
        """True as long as the group meets."""
        return self.state in ONGOING

    @property
    def knows_all(self) -> bool:
        """True if grouping knows every member, so that they can decide something together."""
        return bool(self.members) and len(self.members) == self.size

    def meeting(self, meeting_id: UUID) -> Meeting:
        """
        Return one of its meetings.

        Raises:
            DomainError: ``unknown_meeting``.
        """
        for meeting in self.meetings:
            if meeting.id == meeting_id:
                return meeting
        raise DomainError("unknown_meeting", group_id=self.group_id, meeting_id=meeting_id)

    def with_meeting(self, changed: Meeting) -> "GroupLife":
        """Return the life with a changed or a further meeting."""
        others = [meeting for meeting in self.meetings if meeting.id != changed.id]
        ordered = sorted([*others, changed], key=lambda meeting: (meeting.starts_at, meeting.id))
        return replace(self, meetings=tuple(ordered))

    def with_visit(self, kind: VisitKind, state: VisitState, now: datetime) -> "GroupLife":
        """Return the life with a further visit; its id follows from its number."""
        number = self.visits + 1
        visit = Visit(uuid5(self.group_id, f"visit|{number}"), kind, state, now)
        return replace(self, visits=number, visit=visit)

    def must_be(self, *states: LifeState) -> None:
        """
        Check the state.

        Raises:
            DomainError: ``group_ended``, ``not_independent`` or ``on_its_own``.
        """
        if self.state in states:
            return
        if not self.is_ongoing:
            raise DomainError("group_ended", group_id=self.group_id)
        slug = "not_independent" if self.state is LifeState.ACCOMPANIED else "on_its_own"
        raise DomainError(slug, group_id=self.group_id)

    def must_have(self, seat_id: UUID) -> None:
        """
        Check that a seat is that of a member.

        Raises:
            DomainError: ``not_a_member``.
        """
        if seat_id not in self.members:
            raise DomainError("not_a_member", group_id=self.group_id, seat_id=seat_id)
