"""Content of mails to members of a started group: the meetings ahead, and the changes since they last heard."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import announcements
from notify.domain.announcements import ABSENCE_TOLD, MEETING_CANCELLED, MEETING_MOVED, Announcement, GroupLife
from notify.domain.content import Absence, Change, MeetingAhead
from notify.domain.facts import Meeting
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.store import group_life, projections
from notify.store.mail_tables import Mail
from shared.reference.centres import Centre

SHOWN_AHEAD: Final = 4
"""Number of meetings that a mail lists."""


async def life_of_mail(
    session: AsyncSession, mail: Mail, spec: MailSpec, mail_facts: MailFacts, centre: Centre, now: datetime
) -> Mapping[str, object]:
    """Return the parts of the content that a mail about the time after the start has."""
    life, seat = mail_facts.life, mail_facts.seat
    if seat is None or mail_facts.group is None:
        return {}
    told = mail_facts.told_version
    new = {
        item.id: item
        for item in life.to_seat(seat.id, (MEETING_CANCELLED, MEETING_MOVED, ABSENCE_TOLD))
        if item.version > told and announcements.holds(item, mail_facts.group, life)
    }
    published = await group_life.calendar_sequences(session, mail)
    ahead = [_ahead(meeting, centre, mail.language, published) for meeting in life.ahead(now)]
    return {
        "announcement": mail_facts.announcement,
        "rhythm": life.newest(announcements.RHYTHM_SET),
        "ahead": tuple(ahead[:SHOWN_AHEAD]),
        "calendar": tuple(_calendar(spec, life, ahead, centre, mail.language, published, now)),
        "changes": tuple(_changes(new, life, centre, mail.language, now)),
        "absences": tuple(_absences(new, life, now)),
        "link_id": mail.link_id,
    }


def _changes(
    new: Mapping[UUID, Announcement], life: GroupLife, centre: Centre, language: str, now: datetime
) -> list[Change]:
    changes: dict[UUID, Change] = {}
    for item in new.values():
        meeting = life.meeting(item.meeting_id)
        if item.kind == ABSENCE_TOLD or meeting is None or meeting.starts_at <= now:
            continue
        if item.kind == MEETING_CANCELLED and item.details.get("reason") not in announcements.TOLD_REASONS:
            continue
        reason = "moved" if item.kind == MEETING_MOVED else str(item.details.get("reason"))
        place = centre.in_language(meeting.place_text, language)
        planned_at = meeting.planned_at or meeting.starts_at
        changes[meeting.id] = Change(reason, planned_at, meeting.starts_at, place, meeting.address_known)
    return sorted(changes.values(), key=lambda change: change.planned_at)


def _absences(new: Mapping[UUID, Announcement], life: GroupLife, now: datetime) -> list[Absence]:
    counts = Counter(item.meeting_id for item in new.values() if item.kind == ABSENCE_TOLD)
    meetings = [(life.meeting(meeting_id), count) for meeting_id, count in counts.items()]
    absences = [Absence(meeting.starts_at, count) for meeting, count in meetings if meeting and meeting.starts_at > now]
    return sorted(absences, key=lambda absence: absence.starts_at)


def _calendar(
    spec: MailSpec,
    life: GroupLife,
    ahead: list[MeetingAhead],
    centre: Centre,
    language: str,
    published: Mapping[UUID, int],
    now: datetime,
) -> list[MeetingAhead]:
    """Return all meetings ahead, and those that are off; in a cancellation they are all off."""
    if spec.calendar_of != "ahead":
        return []
    off = [
        _off(meeting, centre, language, published)
        for meeting in life.ahead(now, cancelled=True)
        if not _goes_on(meeting, life)
    ]
    if spec.calendar == "CANCEL":
        return [_off(meeting, centre, language, published) for meeting in life.ahead(now)] + off
    return ahead + off


def _goes_on(meeting: Meeting, life: GroupLife) -> bool:
    """Return True for a meeting that is only no longer ours: the group on its own holds it, or not, as it likes."""
    return any(
        item.kind == MEETING_CANCELLED and item.meeting_id == meeting.id and item.details.get("reason") == "handed_over"
        for item in life.announcements
    )


def _ahead(meeting: Meeting, centre: Centre, language: str, published: Mapping[UUID, int]) -> MeetingAhead:
    return MeetingAhead(
        meeting_id=meeting.id,
        sequence=max(meeting.sequence, published.get(meeting.id, 0)),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place_text=centre.in_language(meeting.place_text, language),
        address_known=meeting.address_known,
    )


def _off(meeting: Meeting, centre: Centre, language: str, published: Mapping[UUID, int]) -> MeetingAhead:
    newer = max(meeting.sequence, published.get(meeting.id, 0)) + 1
    return MeetingAhead(
        meeting_id=meeting.id,
        sequence=max(newer, meeting.cancelled_sequence or 0),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place_text=centre.in_language(meeting.place_text, language),
        address_known=meeting.address_known,
        cancelled=True,
    )


async def meetings_to_leave(
    session: AsyncSession, mail: Mail, group_id: UUID, centre: Centre, now: datetime
) -> tuple[MeetingAhead, ...]:
    """Return the meetings ahead of a group as a person who leaves it has to take them out of the calendar."""
    meetings, _ = await projections.meetings_of_group(session, group_id)
    ahead = GroupLife(meetings=tuple(meetings)).ahead(now)
    return tuple(_off(meeting, centre, mail.language, {}) for meeting in ahead)


def told_up_to(spec: MailSpec, life: GroupLife) -> int | None:
    """Return the version up to which a mail of a topic tells all there is; None for a mail that stands alone."""
    if spec.topic is None:
        return None
    return max((item.version for item in life.announcements), default=0)
