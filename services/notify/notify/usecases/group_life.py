"""
Store the facts in grouping's events about the life of a group after its start, and plan the mails.

Two ids in these events are rights by themselves: the secret of a group's return link, and a member's ballot. Each is
put into the queued mail that carries its link and into no other row (``mails.link_id``). It is deleted when the mail
has left or will not be sent, a ballot at the latest when the vote is closed, and the return link when the members are
forgotten; see :mod:`notify.usecases.forgetting`. Staff who preview such a mail do not see its link.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import announcements
from notify.domain.announcements import Announcement
from notify.mails.registry import MailRegistry
from notify.store import Group, Seat, group_life, projections
from notify.usecases import contact_groups, forgetting
from notify.usecases.groups import load, release
from notify.usecases.mail_plan import sync_group_mails
from shared.events import group_life as events
from shared.events import groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause

HANDED_OVER_MAIL: Final = "handed_over"
VOTE_MAIL: Final = "vote_opened"
BACK_IN_LINE: Final = frozenset({"new_group", "pause"})
"""Ways on with which a person's sign-up goes on."""


@dataclass(frozen=True)
class _Reading:
    """
    How an event becomes an announcement to its seats.

    Attributes:
        subject: Name of the field with the visit or vote that it is about.
        details: Names of the fields that its mail states.
    """

    kind: str
    subject: str | None = None
    details: frozenset[str] = frozenset()


_READINGS: Final[Mapping[type[GroupEvent], _Reading]] = {
    events.RhythmSet: _Reading(
        announcements.RHYTHM_SET, details=frozenset({"every_weeks", "weekday", "at", "minutes", "first_on"})
    ),
    events.MeetingCancelled: _Reading(announcements.MEETING_CANCELLED, details=frozenset({"reason", "sequence"})),
    events.AbsenceTold: _Reading(announcements.ABSENCE_TOLD),
    events.HandoverAsked: _Reading(announcements.HANDOVER_ASKED, details=frozenset({"meetings"})),
    events.HandedOver: _Reading(announcements.HANDED_OVER, details=frozenset({"by", "memory", "followed_up"})),
    events.FollowUpDue: _Reading(announcements.FOLLOW_UP_DUE, "visit_id", frozenset({"meetings"})),
    events.VisitAgreed: _Reading(announcements.VISIT_AGREED, "visit_id", frozenset({"kind"})),
    events.VisitDeclined: _Reading(announcements.VISIT_DECLINED, "visit_id", frozenset({"kind", "by", "unanswered"})),
    events.VoteOpened: _Reading(announcements.VOTE_OPENED, "vote_id", frozenset({"vote_subject"})),
    events.VoteClosed: _Reading(announcements.VOTE_CLOSED, "vote_id", frozenset({"vote_subject", "agreed"})),
    events.KeepAliveAsked: _Reading(announcements.KEEP_ALIVE_ASKED),
    events.KeptAlive: _Reading(announcements.KEPT_ALIVE),
    events.Expired: _Reading(announcements.EXPIRED),
    events.Dissolved: _Reading(announcements.DISSOLVED, details=frozenset({"by"})),
    events.WayOnChosen: _Reading(announcements.WAY_ON_CHOSEN, details=frozenset({"way", "with_same_people"})),
    events.MemberLeft: _Reading(announcements.MEMBER_LEFT, details=frozenset({"reason"})),
    events.MemberAdmitted: _Reading(announcements.MEMBER_ADMITTED, details=frozenset({"size"})),
}
EVENTS: Final[tuple[type[GroupEvent], ...]] = (*_READINGS, events.MembersForgotten)
"""Events that :func:`on_group_life` handles. The others of the contract are about nobody whom notify writes to."""


async def on_group_life(
    session: AsyncSession, registry: MailRegistry, event: GroupEvent, *, now: datetime, cause: Cause
) -> None:
    """Store what an event announces, and plan the mails; queued mails that no longer hold are cancelled."""
    event_seats = _seats(event)
    group, loaded = await load(session, event, event_seats)
    seats = [seat for seat in loaded if seat is not None]
    await session.flush()
    reading = _READINGS.get(type(event))
    if reading is not None:
        item = _announcement(event, reading)
        await group_life.add_announcement(session, group.id, item, [seat.id for seat in seats])
    await _apply(session, event, group, seats, now)
    await contact_groups.learn(session, registry, event, group, now=now, cause=cause)
    await sync_group_mails(session, registry, group, "overtaken", now=now, cause=cause)
    await _give_links(session, event)
    await forgetting.forget_members(session, group.id, now=now, cause=cause)


def _seats(event: GroupEvent) -> list[groups.Seat]:
    """Return the seats of the people who are told."""
    if isinstance(event, events.VoteOpened):
        return [ballot.seat for ballot in event.ballots if ballot.seat is not None]
    if isinstance(event, events.MemberLeft | events.WayOnChosen | events.MemberAdmitted):
        return [event.seat]
    return list(getattr(event, "seats", ()))


def _announcement(event: GroupEvent, reading: _Reading) -> Announcement:
    details: dict[str, Any] = event.model_dump(mode="json", include=set(reading.details))
    return Announcement(
        id=event.event_id,
        kind=reading.kind,
        version=event.version,
        at=event.occurred_at,
        subject_id=getattr(event, reading.subject) if reading.subject else None,
        meeting_id=getattr(event, "meeting_id", None),
        deadline=getattr(event, "deadline", None),
        details=details,
    )


async def _apply(session: AsyncSession, event: GroupEvent, group: Group, seats: Iterable[Seat], now: datetime) -> None:
    """Store what an event changes about the group, its meetings and its seats."""
    match event:
        case events.MeetingCancelled():
            meeting = await projections.ensure_meeting(session, event.meeting_id, event.group_id, event.starts_at)
            if meeting.version == 0:
                meeting.kind = event.kind
            await group_life.cancel_meeting(session, meeting, event.sequence)
        case events.Dissolved() | events.Expired():
            group.ended_at = group.ended_at or now
        case events.MembersForgotten():
            group.forgotten_at = group.forgotten_at or now
            if event.version > (group.forgotten_version or 0):
                group.forgotten_version, group.kept_seats = event.version, list(event.kept)
        case events.MemberLeft():
            release(seats, event.reason, event.version)
        case events.WayOnChosen():
            group.ended_at = group.ended_at or now
            if event.way in BACK_IN_LINE:
                release(seats, "dissolved", event.version)
        case events.MemberAdmitted():
            await _admit(session, event, group, seats)
        case _:
            pass


async def _admit(session: AsyncSession, event: events.MemberAdmitted, group: Group, seats: Iterable[Seat]) -> None:
    """Store that the newcomer has the seat, and what the others are told."""
    for seat in seats:
        seat.taken = True
    _, others = await load(session, event, event.seats)
    await session.flush()
    joined = Announcement(
        id=uuid5(event.event_id, announcements.NEWCOMER_JOINED),
        kind=announcements.NEWCOMER_JOINED,
        version=event.version,
        at=event.occurred_at,
        details={"size": event.size},
    )
    await group_life.add_announcement(session, group.id, joined, [seat.id for seat in others if seat is not None])


async def _give_links(session: AsyncSession, event: GroupEvent) -> None:
    """Put secret ids into the queued mails that carry their links, and take those of a closed vote back."""
    match event:
        case events.HandedOver():
            links = [(seat.seat_id, event.return_id) for seat in event.seats]
            await group_life.give_links(session, HANDED_OVER_MAIL, event.event_id, links)
        case events.VoteOpened():
            ballots = [(ballot.seat.seat_id, ballot.ballot_id) for ballot in event.ballots if ballot.seat is not None]
            await group_life.give_links(session, VOTE_MAIL, event.event_id, ballots)
        case events.VoteClosed():
            await group_life.take_ballots_back(session, event.group_id, event.vote_id)
        case _:
            pass
