"""
What members of a started group are to be told, by ids only, and when it no longer holds.

An announcement follows from one event of grouping and never changes. Later ones end it: a question that is answered, a
rhythm that has changed, a group that is dissolved. As with all facts, the order of arrival does not matter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from notify.domain.facts import Group, Meeting

Details = Mapping[str, object]

STARTED: Final = "started"
RHYTHM_SET: Final = "rhythm_set"
MEETING_MOVED: Final = "meeting_moved"
MEETING_CANCELLED: Final = "meeting_cancelled"
ABSENCE_TOLD: Final = "absence_told"
HANDOVER_ASKED: Final = "handover_asked"
HANDED_OVER: Final = "handed_over"
FOLLOW_UP_DUE: Final = "follow_up_due"
VISIT_AGREED: Final = "visit_agreed"
VISIT_DECLINED: Final = "visit_declined"
MEMBER_LEFT: Final = "member_left"
MEMBER_ADMITTED: Final = "member_admitted"
NEWCOMER_JOINED: Final = "newcomer_joined"
VOTE_OPENED: Final = "vote_opened"
VOTE_CLOSED: Final = "vote_closed"
KEEP_ALIVE_ASKED: Final = "keep_alive_asked"
KEPT_ALIVE: Final = "kept_alive"
EXPIRED: Final = "expired"
DISSOLVED: Final = "dissolved"
WAY_ON_CHOSEN: Final = "way_on_chosen"

TOLD_REASONS: Final = frozenset({"skipped", "visit_cancelled", "start_revoked"})
"""Reasons of a cancelled meeting that are told by themselves; of the others another mail tells."""


@dataclass(frozen=True)
class Announcement:
    """
    One thing that members of a group are told.

    Attributes:
        version: Version of its event; later events of a group have higher ones.
        at: When the event happened.
        subject_id: The visit or vote that it is about; None if it is about neither.
        meeting_id: The meeting that it is about; None if it is about no single one.
        deadline: End of a question.
        details: The other fields of the event, as JSON.
    """

    id: UUID
    kind: str
    version: int
    at: datetime
    subject_id: UUID | None = None
    meeting_id: UUID | None = None
    deadline: datetime | None = None
    details: Details = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class GroupLife:
    """
    All announcements of one group, and its meetings.

    Attributes:
        announcements: By version.
        addressees: Seats of the people who are told, by announcement.
    """

    announcements: Sequence[Announcement] = ()
    addressees: Mapping[UUID, frozenset[UUID]] = field(default_factory=lambda: MappingProxyType({}))
    meetings: Sequence[Meeting] = ()

    def to_seat(self, seat_id: UUID, kinds: Iterable[str]) -> list[Announcement]:
        """Return the announcements of some kinds to one seat, by version."""
        wanted = frozenset(kinds)
        return [
            item
            for item in self.announcements
            if item.kind in wanted and seat_id in self.addressees.get(item.id, frozenset())
        ]

    def newest(self, kind: str) -> Announcement | None:
        """Return the newest announcement of a kind; None if there is none."""
        return next((item for item in reversed(self.announcements) if item.kind == kind), None)

    def meeting(self, meeting_id: UUID | None) -> Meeting | None:
        """Return one meeting; None if it is not known."""
        return next((meeting for meeting in self.meetings if meeting.id == meeting_id), None)

    def ahead(self, now: datetime, *, cancelled: bool = False) -> list[Meeting]:
        """Return the meetings after the start meeting that have not begun, the next one first."""
        return [
            meeting
            for meeting in self.meetings
            if meeting.kind != "start"
            and meeting.known
            and meeting.starts_at > now
            and not meeting.postponed
            and meeting.cancelled is cancelled
        ]


NO_LIFE: Final = GroupLife()


def holds(item: Announcement, group: Group, life: GroupLife) -> bool:
    """Return True while an announcement is true and of use."""
    if item.kind == MEETING_CANCELLED and item.details.get("reason") == "start_revoked":
        return not group.started
    if group.reopened_version is not None and item.version < group.reopened_version:
        return False
    if item.kind in _AFTER_THE_END:
        return True
    if group.ended:
        return False
    if item.kind in _MEETING_HOLDS:
        return _MEETING_HOLDS[item.kind](item, life.meeting(item.meeting_id))
    return not any(_ends(other, item) for other in life.announcements)


def _still_cancelled(_item: Announcement, meeting: Meeting | None) -> bool:
    return meeting is not None and meeting.cancelled


def _still_moved(item: Announcement, meeting: Meeting | None) -> bool:
    return meeting is not None and not meeting.cancelled and meeting.sequence == item.details.get("sequence")


def _still_held(_item: Announcement, meeting: Meeting | None) -> bool:
    return meeting is None or not (meeting.cancelled or meeting.postponed or meeting.reported)


_AFTER_THE_END: Final = frozenset({DISSOLVED, WAY_ON_CHOSEN, MEMBER_LEFT})
_MEETING_HOLDS: Final[Mapping[str, Callable[[Announcement, Meeting | None], bool]]] = {
    MEETING_CANCELLED: _still_cancelled,
    MEETING_MOVED: _still_moved,
    ABSENCE_TOLD: _still_held,
    VISIT_AGREED: _still_held,
}
_ENDED_BY: Final[Mapping[str, frozenset[str]]] = {
    STARTED: frozenset({HANDED_OVER}),
    RHYTHM_SET: frozenset({RHYTHM_SET, HANDED_OVER}),
    HANDOVER_ASKED: frozenset({HANDOVER_ASKED, HANDED_OVER}),
    FOLLOW_UP_DUE: frozenset({VISIT_AGREED, VISIT_DECLINED}),
    VISIT_DECLINED: frozenset({VISIT_AGREED}),
    VOTE_OPENED: frozenset({VOTE_CLOSED}),
    KEEP_ALIVE_ASKED: frozenset({KEEP_ALIVE_ASKED, KEPT_ALIVE, EXPIRED}),
    MEMBER_ADMITTED: frozenset({HANDED_OVER}),
    NEWCOMER_JOINED: frozenset({HANDED_OVER}),
}
_SAME_SUBJECT: Final = frozenset({FOLLOW_UP_DUE, VISIT_DECLINED, VOTE_OPENED})
_IN_ANY_ORDER: Final = frozenset({VOTE_OPENED, STARTED})
"""Kinds that are ended whatever the versions say: a vote is closed once, and a start that is handed over is old."""


def _ends(other: Announcement, item: Announcement) -> bool:
    """Return True if ``other`` ends ``item``."""
    if other.kind not in _ENDED_BY.get(item.kind, frozenset()) or other.id == item.id:
        return False
    if item.kind in _SAME_SUBJECT and other.subject_id != item.subject_id:
        return False
    return item.kind in _IN_ANY_ORDER or other.version > item.version
