"""Examples of the mails about the time after the start of a group."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from notify.domain.announcements import Announcement
from notify.domain.content import Absence, Change, MailContent, MeetingAhead
from notify.examples.groups import MEETING
from notify.examples.moments import DEADLINE, MEETS_AT, NOW, Example, Examples

_WEEK: Final = timedelta(weeks=1)
_PLACE: Final = "Biblioteket, rom 2"
AHEAD: Final = tuple(
    MeetingAhead(
        meeting_id=UUID(int=4 + number),
        sequence=number,
        starts_at=datetime(2027, 3, 18, 17, 0, tzinfo=UTC) + number * _WEEK - timedelta(hours=number > 1),
        ends_at=datetime(2027, 3, 18, 19, 0, tzinfo=UTC) + number * _WEEK - timedelta(hours=number > 1),
        place_text=_PLACE,
    )
    for number in range(4)
)
OFF: Final = tuple(replace(meeting, sequence=9, cancelled=True) for meeting in AHEAD)
_MOVED: Final = replace(AHEAD[2], starts_at=AHEAD[2].starts_at + timedelta(days=1), sequence=9)
_ELSEWHERE: Final = replace(AHEAD[3], place_text="Kleppestø kulturhus", sequence=9)
_CHANGES: Final = (
    Change("skipped", AHEAD[1].starts_at, AHEAD[1].starts_at, _PLACE),
    Change("moved", AHEAD[2].starts_at, _MOVED.starts_at, _PLACE),
    Change("moved", AHEAD[3].starts_at, AHEAD[3].starts_at, _ELSEWHERE.place_text),
)
_RHYTHM: Final = Announcement(
    id=UUID(int=21),
    kind="rhythm_set",
    version=5,
    at=NOW,
    details={"every_weeks": 1, "weekday": 3, "at": "18:00:00", "minutes": 120, "first_on": "2027-03-18"},
)
_SEAT: Final = partial(MailContent, seat_id=UUID(int=3))
_MEMBER: Final = partial(_SEAT, rhythm=_RHYTHM, ahead=AHEAD, calendar=AHEAD)
_CHANGED: Final = partial(_MEMBER, ahead=AHEAD[2:], changes=_CHANGES[:1])


def about(kind: str, /, *, deadline: datetime | None = None, **details: object) -> Announcement:
    """Return an announcement with the fields of its event that its mail states."""
    return Announcement(UUID(int=20), kind, 7, NOW, deadline=deadline, details=details)


def _told(base: Example, kind: str, /, *, deadline: datetime | None = None, **details: object) -> Example:
    return partial(base, announcement=about(kind, deadline=deadline, **details))


def _handed_over(names: Iterable[tuple[str, str, str, bool]]) -> dict[str, Example]:
    base = partial(_SEAT, link_id=UUID(int=30))
    return {
        name: _told(base, "handed_over", by=by, memory=memory, followed_up=followed_up)
        for name, by, memory, followed_up in names
    }


def _visits_declined(names: Iterable[tuple[str, str, str, bool]]) -> dict[str, Example]:
    return {
        name: _told(_SEAT, "visit_declined", kind=kind, by=by, unanswered=unanswered)
        for name, kind, by, unanswered in names
    }


def _ways(names: Iterable[tuple[str, str, bool]]) -> dict[str, Example]:
    return {
        name: _told(_SEAT, "way_on_chosen", way=way, with_same_people=with_same_people)
        for name, way, with_same_people in names
    }


_VOTED: Final = partial(_SEAT, link_id=UUID(int=31))

GROUP_LIFE: Final[Examples] = {
    "group_started": {"plain": _MEMBER, "no_meetings": partial(_MEMBER, rhythm=None, ahead=(), calendar=())},
    "rhythm_set": {"plain": _MEMBER},
    "meetings_changed": {
        "plain": _CHANGED,
        "several": partial(_CHANGED, changes=_CHANGES, ahead=(_MOVED, _ELSEWHERE)),
        "moved": partial(_CHANGED, changes=_CHANGES[1:2], ahead=(_MOVED, AHEAD[3])),
        "elsewhere": partial(_CHANGED, changes=_CHANGES[2:], ahead=(AHEAD[2], _ELSEWHERE)),
    },
    "absence_told": {
        "plain": partial(_SEAT, absences=(Absence(AHEAD[0].starts_at, 1),)),
        "several": partial(_SEAT, absences=(Absence(AHEAD[0].starts_at, 2), Absence(AHEAD[1].starts_at, 1))),
    },
    "weekly_reminder": {"plain": partial(MEETING, calendar=AHEAD)},
    "handover_asked": {
        "plain": _told(_SEAT, "handover_asked", meetings=3),
        "one_meeting": _told(_SEAT, "handover_asked", meetings=1),
    },
    "handed_over": _handed_over(
        (
            ("plain", "members", "none", False),
            ("sealed_address", "igangsetter", "sealed_alias", True),
            ("at_start", "start", "opt_in", False),
            ("by_time", "time", "none", True),
        )
    ),
    "follow_up_offered": {
        "plain": _told(_SEAT, "follow_up_due", meetings=3),
        "with_deadline": _told(_SEAT, "follow_up_due", meetings=3, deadline=MEETS_AT),
        "one_meeting": _told(_SEAT, "follow_up_due", meetings=1),
    },
    "visit_agreed": {
        "plain": _told(MEETING, "visit_agreed", kind="return_visit"),
        "asked_for": _told(MEETING, "visit_agreed", kind="visit"),
        "conflict": _told(MEETING, "visit_agreed", kind="conflict_visit"),
    },
    "visit_declined": _visits_declined(
        (
            ("plain", "visit", "centre", False),
            ("conflict", "conflict_visit", "centre", False),
            ("by_group", "return_visit", "group", False),
            ("unanswered", "return_visit", "group", True),
        )
    ),
    "member_left": {
        "plain": partial(_told(_SEAT, "member_left", reason="left"), calendar=OFF),
        "no_meetings": _told(_SEAT, "member_left", reason="left"),
    },
    "vote_opened": {
        "plain": _told(_VOTED, "vote_opened", deadline=DEADLINE, vote_subject="conflict_visit"),
        "admission": _told(_VOTED, "vote_opened", deadline=MEETS_AT, vote_subject="admission"),
    },
    "vote_closed": {
        "plain": _told(_SEAT, "vote_closed", vote_subject="conflict_visit", agreed=False),
        "conflict_agreed": _told(_SEAT, "vote_closed", vote_subject="conflict_visit", agreed=True),
        "admission_agreed": _told(_SEAT, "vote_closed", vote_subject="admission", agreed=True),
    },
    "keep_alive": {"plain": _told(_SEAT, "keep_alive_asked", deadline=DEADLINE)},
    "dissolved": {
        "plain": partial(_told(_SEAT, "dissolved", by="group"), calendar=OFF),
        "by_centre": _told(_SEAT, "dissolved", by="centre"),
    },
    "way_on": _ways(
        (
            ("plain", "goodbye", False),
            ("pause", "pause", False),
            ("new_group", "new_group", False),
            ("same_people", "new_group", True),
        )
    ),
    "member_admitted": {"plain": _told(_MEMBER, "member_admitted", size=6)},
    "newcomer_joined": {"plain": _told(_SEAT, "newcomer_joined", size=6)},
}
