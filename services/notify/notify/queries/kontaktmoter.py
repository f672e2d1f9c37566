"""Reads for the pages of an invitation, and for the staff pages about meetings of the centre."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.kontaktmoter.groups import CHOOSABLE, Standing
from notify.domain.kontaktmoter.invitations import Invitation
from notify.domain.kontaktmoter.meetings import Kontaktmote, Plan, State
from notify.domain.kontaktmoter.replies import Replies, Reply
from notify.store import ContactGroup, KontaktmoteRow, audit_log, contact_groups, kontaktmoter
from notify.store.contact_groups import AudienceNow
from shared.kit.audit import AuditEntry
from shared.reference.centres import Centre, Centres


@dataclass(frozen=True)
class InvitationView:
    """
    An invitation as its page shows it.

    Attributes:
        group_coming, group_waiting: Number of people from its group who have a place, and who wait for one.
        free: Number of free places; None for no limit.
        ahead: Number of invitations in line before this one.
        stopped: True if its recipient wants no more invitations.
    """

    meeting: Kontaktmote
    invitation: Invitation
    centre: Centre
    group_coming: int
    group_waiting: int
    free: int | None
    ahead: int
    stopped: bool
    now: datetime

    @property
    def plan(self) -> Plan:
        """The plan of the meeting."""
        return self.meeting.plan

    @property
    def can_answer(self) -> bool:
        """True until the meeting begins, unless it is cancelled."""
        return self.meeting.announced and self.plan.starts_at > self.now

    @property
    def line_open(self) -> bool:
        """True while a place can still be given from the line."""
        return self.plan.line_closes_at > self.now

    @property
    def of_group(self) -> bool:
        """True if a number for the whole group can be given."""
        return self.plan.audience.of_groups and self.invitation.reply.group_id is not None


async def invitation_view(
    session: AsyncSession, centres: Centres, invitation_id: UUID, now: datetime
) -> InvitationView | None:
    """Read an invitation; None if it was taken back, or its meeting is long over."""
    asking = await kontaktmoter.invitation(session, invitation_id)
    row = await kontaktmoter.get(session, asking.kontaktmote_id) if asking is not None else None
    centre = centres.get(row.centre) if row is not None else None
    if asking is None or row is None or centre is None:
        return None
    replies = kontaktmoter.replies_of(row, await kontaktmoter.invitations(session, row.id))
    own = asking.facts
    group_id = own.reply.group_id
    of_group = replies.of_group(group_id) if group_id is not None else [own.reply]
    recipients = [own.recipient_id] if own.recipient_id is not None else []
    return InvitationView(
        meeting=row.facts,
        invitation=own,
        centre=centre,
        group_coming=sum(reply.seats for reply in of_group),
        group_waiting=sum(reply.wanted - reply.seats for reply in of_group),
        free=None if row.capacity is None else max(0, row.capacity - replies.coming),
        ahead=sum(reply.line is not None and reply.line < (own.reply.line or 0) for reply in replies.in_line()),
        stopped=bool(await kontaktmoter.refusing(session, row.centre, recipients)),
        now=now,
    )


@dataclass(frozen=True)
class GroupReply:
    """The replies from one group, in numbers."""

    group: ContactGroup
    coming: int
    waiting: int
    answered: bool


@dataclass(frozen=True)
class MeetingView:
    """
    A meeting as staff see it.

    Attributes:
        audience: Whom it would invite now; only of a draft.
        left_out: Number of groups that it would not invite, by reason.
        groups: The replies of each group, those that come first.
        unanswered: Number of invitations that neither their recipient nor anybody else of the group has answered.
        history: The acts of staff, newest first.
        addresses_awaited: Number of groups whose sealed addresses are not known yet.
        allowed: False if the policy of the centre has no such meetings.
    """

    meeting: Kontaktmote
    row: KontaktmoteRow
    centre: Centre
    audience: AudienceNow
    left_out: Mapping[Standing, int]
    groups: Sequence[GroupReply]
    unanswered: int
    history: Sequence[AuditEntry]
    addresses_awaited: int
    allowed: bool
    now: datetime

    @property
    def begun(self) -> bool:
        """True from the beginning of the meeting."""
        return self.meeting.plan.starts_at <= self.now

    @property
    def can_change(self) -> bool:
        """True until it begins."""
        return self.meeting.state in (State.DRAFT, State.ANNOUNCED) and not self.begun

    @property
    def can_report(self) -> bool:
        """True from the beginning of a meeting that was announced."""
        return self.begun and self.meeting.state in (State.ANNOUNCED, State.HELD)


async def of_centres(session: AsyncSession, centres: Collection[str]) -> Sequence[KontaktmoteRow]:
    """Return the meetings of these centres, the last one first."""
    return await kontaktmoter.of_centres(session, centres)


async def meeting_of_centres(
    session: AsyncSession, kontaktmote_id: UUID, centres: Collection[str]
) -> KontaktmoteRow | None:
    """Return one meeting of these centres; None also for another centre's."""
    row = await kontaktmoter.get(session, kontaktmote_id)
    return row if row is not None and row.centre in centres else None


async def meeting_view(
    session: AsyncSession, centres: Centres, kontaktmote_id: UUID, now: datetime
) -> MeetingView | None:
    """Read a meeting for its staff page."""
    row = await kontaktmoter.get(session, kontaktmote_id)
    centre = centres.get(row.centre) if row is not None else None
    if row is None or centre is None:
        return None
    audience = AudienceNow()
    if row.state == State.DRAFT:
        audience = await contact_groups.audience(session, row.centre, row.plan)
    replies = kontaktmoter.replies_of(row, await kontaktmoter.invitations(session, row.id))
    sealed = await kontaktmoter.sealed(session, row.id)
    return MeetingView(
        meeting=row.facts,
        row=row,
        centre=centre,
        audience=audience,
        left_out=Counter(audience.left_out),
        groups=await _group_replies(session, row, replies),
        unanswered=_unanswered(replies),
        history=await audit_log.entries_of(session, "kontaktmote", row.id),
        addresses_awaited=sum(not group.opened for group in sealed),
        allowed=row.plan.audience.allowed_by(centre.policy.kontaktmote),
        now=now,
    )


def _unanswered(replies: Replies) -> int:
    heard = {reply.group_id for reply in replies.by_invitation.values() if reply.answered and reply.group_id}
    return sum(not reply.answered and reply.group_id not in heard for reply in replies.by_invitation.values())


async def _group_replies(session: AsyncSession, row: KontaktmoteRow, replies: Replies) -> list[GroupReply]:
    """Return what each group has answered, as numbers: nobody sees who."""
    by_group: dict[UUID, list[Reply]] = {}
    for reply in replies.by_invitation.values():
        if reply.group_id is not None:
            by_group.setdefault(reply.group_id, []).append(reply)
    if not by_group:
        return []
    found = []
    for group in await contact_groups.of_centre(session, row.centre):
        if own := by_group.get(group.id):
            coming, waiting = sum(one.seats for one in own), sum(one.wanted - one.seats for one in own)
            found.append(GroupReply(group, coming, waiting, any(one.answered for one in own)))
    return sorted(found, key=lambda of_group: (-of_group.coming, -of_group.waiting, not of_group.answered))


async def choosable_groups(session: AsyncSession, centres: Collection[str]) -> list[ContactGroup]:
    """Return the groups of these centres that staff may choose one by one."""
    groups = [group for centre in sorted(centres) for group in await contact_groups.of_centre(session, centre)]
    return [group for group in groups if group.facts.standing in CHOOSABLE]


async def public_meetings(session: AsyncSession, centre: str, now: datetime) -> Sequence[KontaktmoteRow]:
    """Return the meetings on the public page of a centre, the next one first."""
    return await kontaktmoter.public_ahead(session, centre, now)
