"""Facts about groups after their start, from grouping's events, with what follows for their invitations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.groups import Fact, Standing
from notify.mails.registry import MailRegistry
from notify.store import ContactGroup, Group, contact_groups, kontaktmoter, projections
from notify.usecases import kontaktmote_forgetting, kontaktmote_replies
from shared.events import group_life, groups
from shared.events.base import GroupEvent
from shared.kit.messaging.causes import Cause

FACTS: Final[Mapping[type[GroupEvent], Fact]] = {
    groups.Started: Fact.STARTED,
    groups.StartRevoked: Fact.START_REVOKED,
    group_life.HandedOver: Fact.HANDED_OVER,
    group_life.KeptAlive: Fact.KEPT_ALIVE,
    group_life.Expired: Fact.EXPIRED,
    group_life.Dissolved: Fact.DISSOLVED,
}
_OVER: Final = frozenset({Standing.DISSOLVED, Standing.SILENT, Standing.NOT_STARTED})


async def learn(
    session: AsyncSession, registry: MailRegistry, event: GroupEvent, group: Group, *, now: datetime, cause: Cause
) -> None:
    """
    Keep what an event says about a group, and take its invitations back if it is not active any more.

    The caller holds the lock of the group.
    """
    await session.flush()
    match event:
        case groups.MeetingCalled(kind="start"):
            row = await contact_groups.get(session, event.group_id)
            if row is not None:
                await _name(session, row)
        case group_life.MembersForgotten():
            await _forget(session, group, now=now, cause=cause)
        case group_life.MemberLeft():
            person_id = event.seat.person_id
            await kontaktmote_replies.withdraw_member(session, registry, group.id, person_id, now=now, cause=cause)
        case _ if (fact := FACTS.get(type(event))) is not None:
            await _add(session, registry, event, fact, now=now, cause=cause)
            if fact is Fact.HANDED_OVER and group.forgotten_at is not None:  # it came late, and tells what is kept
                await _forget(session, group, now=now, cause=cause)
        case _:
            pass


async def _add(
    session: AsyncSession, registry: MailRegistry, event: GroupEvent, fact: Fact, *, now: datetime, cause: Cause
) -> None:
    row = await contact_groups.ensure(session, event.group_id, event.centre, event.area)
    memory = event.memory if isinstance(event, group_life.HandedOver) else None
    facts = row.facts.knowing(fact, event.version, memory)
    row.versions = {name.value: version for name, version in facts.versions.items()}
    row.memory = facts.memory
    row.ended_at = (row.ended_at or now) if facts.standing in {Standing.DISSOLVED, Standing.SILENT} else None
    await _name(session, row)
    await session.flush()
    if facts.standing in _OVER:
        await kontaktmote_replies.withdraw_group(session, registry, row.id, now=now, cause=cause)
        await kontaktmoter.delete_refusals_of_group(session, row.id)


async def _name(session: AsyncSession, row: ContactGroup) -> None:
    """Store where and when the group first met, by which staff know it."""
    meeting = await projections.start_meeting(session, row.id)
    if meeting is not None and meeting.version > 0:
        row.place_text, row.starts_at = meeting.place_text, meeting.starts_at


async def _forget(session: AsyncSession, group: Group, *, now: datetime, cause: Cause) -> None:
    """Forget whose the invitations are of members whom grouping no longer knows."""
    kept = [
        seat.person_id for seat in await projections.seats_of_group(session, group.id) if seat.id in group.kept_seats
    ]
    await kontaktmote_forgetting.forget_members(session, group.id, kept, now=now, cause=cause)
