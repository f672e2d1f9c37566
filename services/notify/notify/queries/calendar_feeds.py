"""Reads for the page of a private calendar feed, and for the feed itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.discretion import discreet_place
from notify.domain.kontaktmoter.meetings import State
from notify.store import Group, KontaktmoteRow, Meeting, calendar_feeds
from shared.reference.centres import Centre, Centres

KEPT: Final = timedelta(days=30)
"""How long a meeting stays in a feed after it."""


@dataclass(frozen=True)
class FeedMeeting:
    """A meeting in a feed, in words that others may see."""

    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: str | None
    centre: Centre | None
    stamp: datetime
    cancelled: bool


async def feed_of_link(session: AsyncSession, link_id: UUID) -> tuple[bool, UUID | None]:
    """Return whether a link still has an owner, and the id of the owner's feed."""
    owner_id = await calendar_feeds.owner(session, link_id)
    feed = await calendar_feeds.of_owner(session, owner_id) if owner_id is not None else None
    return owner_id is not None, feed.id if feed is not None else None


async def meetings_of_feed(
    session: AsyncSession, centres: Centres, feed_id: UUID, now: datetime
) -> Sequence[FeedMeeting] | None:
    """Return the meetings of a feed by time; None if it is revoked."""
    feed = await calendar_feeds.get(session, feed_id)
    if feed is None:
        return None
    of_groups = await calendar_feeds.group_meetings(session, feed.owner_id, now - KEPT)
    of_centres = await calendar_feeds.centre_meetings(session, feed.owner_id, now - KEPT)
    found = [_of_group(meeting, group, centres.get(group.centre), feed.created_at) for meeting, group in of_groups]
    found += [_of_centre(row, centres.get(row.centre)) for row in of_centres]
    return sorted(found, key=lambda meeting: (meeting.starts_at, meeting.id))


def _of_group(meeting: Meeting, group: Group, centre: Centre | None, made_at: datetime) -> FeedMeeting:
    text = meeting.place_text if meeting.address_known else ""
    for sentence in centre.meeting_place.values() if centre is not None else ():
        text = text.removesuffix(sentence)
    facts = meeting.facts
    is_off = facts.cancelled or facts.postponed or group.closed_by == "cancelled"
    return FeedMeeting(
        id=meeting.id,
        sequence=max(meeting.sequence, meeting.cancelled_sequence or 0),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=discreet_place(text) if text else None,
        centre=centre,
        stamp=meeting.called_at or meeting.planned_at or made_at,
        cancelled=is_off,
    )


def _of_centre(row: KontaktmoteRow, centre: Centre | None) -> FeedMeeting:
    return FeedMeeting(
        id=row.id,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=discreet_place(row.place_text or row.online_url),
        centre=centre,
        stamp=row.cancelled_at or row.announced_at or row.created_at,
        cancelled=row.state == State.CANCELLED,
    )
