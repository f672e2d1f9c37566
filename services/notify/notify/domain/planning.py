"""
Plan mails: a pure function of the facts.

Events may come twice and in any order; the same facts give the same mails.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from notify.domain import announcements
from notify.domain.announcements import NO_LIFE, GroupLife
from notify.domain.centre_messages import Addressed, CentreMessage
from notify.domain.facts import Group, Meeting, PageLink, Seat, Signup
from notify.domain.helpers import Notice
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import (
    FromAnnouncement,
    FromInvitation,
    FromMeeting,
    FromMeetingAhead,
    FromMessage,
    FromNotice,
    FromPageLink,
    FromSeat,
    FromSignup,
    FromTalk,
    MailSpec,
)
from notify.domain.talks import Talk


@dataclass(frozen=True)
class PlannedMail:
    """
    A mail that should be sent, or have been sent.

    Attributes:
        cause_id: Id of the cause; there is one mail of each kind per cause and person.
        not_before: Earliest time of sending; None for at once.
    """

    spec: MailSpec
    cause_id: UUID
    person_id: UUID
    language: str
    centre: str | None
    signup_id: UUID | None
    group_id: UUID | None = None
    seat_id: UUID | None = None
    meeting_id: UUID | None = None
    sequence: int | None = None
    not_before: datetime | None = None
    invitation_id: UUID | None = None

    @property
    def key(self) -> tuple[str, UUID, UUID]:
        """Kind, cause and person; the queue has at most one mail with this key."""
        return self.spec.kind, self.cause_id, self.person_id


def plan_signup(specs: Iterable[MailSpec], signup: Signup) -> Iterator[PlannedMail]:
    """Yield the mails of a sign-up, in the order of ``specs``."""
    for spec in specs:
        if isinstance(spec.plan, FromSignup) and (cause_id := spec.plan.cause(signup)) is not None:
            yield PlannedMail(spec, cause_id, signup.person_id, signup.language, signup.centre, signup.id)


def plan_talk(specs: Iterable[MailSpec], talk: Talk, signup: Signup) -> Iterator[PlannedMail]:
    """Yield the mails of a talk, in the order of ``specs``; none once the sign-up is withdrawn."""
    for spec in specs:
        if not isinstance(spec.plan, FromTalk) or signup.withdrawn:
            continue
        if (cause_id := spec.plan.cause(talk)) is not None:
            yield PlannedMail(
                spec,
                cause_id,
                signup.person_id,
                signup.language,
                signup.centre,
                signup.id,
                meeting_id=talk.id,
                sequence=talk.sequence,
                not_before=spec.plan.due_at and spec.plan.due_at(talk),
            )


def plan_page_link(specs: Iterable[MailSpec], link: PageLink) -> Iterator[PlannedMail]:
    """Yield the mails that answer a request for the link to a person's own page."""
    for spec in specs:
        if isinstance(spec.plan, FromPageLink):
            yield PlannedMail(spec, link.id, link.person_id, link.language, link.centre, None)


def plan_notice(specs: Iterable[MailSpec], notice: Notice) -> Iterator[PlannedMail]:
    """Yield the mails about a question to an igangsetter, in the order of ``specs``."""
    for spec in specs:
        plan = spec.plan
        if isinstance(plan, FromNotice) and plan.wanted(notice):
            yield PlannedMail(
                spec,
                notice.id,
                notice.account_id,
                notice.language,
                notice.centre,
                None,
                not_before=plan.due_at and plan.due_at(notice),
            )


def plan_message(
    specs: Iterable[MailSpec], message: CentreMessage, recipients: Iterable[Addressed]
) -> Iterator[PlannedMail]:
    """Yield the mails with a message of the centre, one to each recipient, due when it can no longer be taken back."""
    (spec,) = (spec for spec in specs if isinstance(spec.plan, FromMessage))
    for recipient in recipients:
        yield PlannedMail(
            spec,
            message.id,
            recipient.person_id,
            recipient.language,
            message.centre,
            None,
            not_before=message.leaves_at,
        )


def plan_invitation(specs: Iterable[MailSpec], invited: Invited) -> Iterator[PlannedMail]:
    """Yield the mails about an invitation, in the order of ``specs``; none once nobody knows whose it is."""
    meeting, invitation = invited.meeting, invited.invitation
    if invitation.recipient_id is None:
        return
    for spec in specs:
        plan = spec.plan
        if isinstance(plan, FromInvitation) and (cause_id := plan.cause(invited)) is not None:
            yield PlannedMail(
                spec,
                cause_id,
                invitation.recipient_id,
                invitation.language,
                meeting.centre,
                None,
                meeting_id=meeting.id,
                sequence=meeting.sequence,
                not_before=plan.due_at and plan.due_at(invited),
                invitation_id=invitation.id,
            )


def plan_seat(
    specs: Iterable[MailSpec],
    seat: Seat,
    group: Group,
    meetings: Sequence[Meeting],
    signup: Signup | None,
    life: GroupLife = NO_LIFE,
) -> Iterator[PlannedMail]:
    """
    Yield the mails of a seat, of the meetings it was called to and of its announcements, in the order of ``specs``.

    Args:
        specs: All mails.
        seat: The seat, with the meetings it was called to.
        group: The group of the seat.
        meetings: All meetings of the group, the first one first.
        signup: Its sign-up, if it is known. Once it is withdrawn, no mail about its seats is planned any more.
        life: The announcements of the group.
    """
    if signup is not None and signup.withdrawn:
        return
    language = signup.language if signup is not None else seat.language
    called_to = [meeting for meeting in meetings if meeting.id in seat.first_called]
    start_meetings = [meeting for meeting in called_to if meeting.kind == "start"]
    for spec in specs:
        plan = spec.plan
        if isinstance(plan, FromSeat) and (cause_id := plan.cause(seat, group)) is not None:
            first_meeting = start_meetings[0] if plan.with_meeting and start_meetings else None
            yield _about_seat(spec, cause_id, seat, group, language, first_meeting)
        elif isinstance(plan, FromMeeting) and seat.released is None and not group.closed:
            for meeting in start_meetings:
                if meeting.reported or meeting.postponed is not plan.postponed:
                    continue
                if (cause_id := plan.cause(seat, meeting)) is not None:
                    not_before = plan.due_at and plan.due_at(meeting)
                    yield _about_seat(spec, cause_id, seat, group, language, meeting, not_before)
        elif spec.about_life and (spec.outlives_members or not group.has_forgotten(seat.id)):
            yield from _after_start(spec, seat, group, called_to, language, life)


def _after_start(
    spec: MailSpec, seat: Seat, group: Group, called_to: Sequence[Meeting], language: str, life: GroupLife
) -> Iterator[PlannedMail]:
    """Yield the mails of one specification about the time after the start."""
    plan = spec.plan
    if isinstance(plan, FromAnnouncement) and (seat.released is None or plan.after_leaving):
        for item in life.to_seat(seat.id, plan.kinds):
            if plan.wanted(item) and announcements.holds(item, group, life):
                not_before = plan.due_at and plan.due_at(item)
                meeting = life.meeting(item.meeting_id)
                yield _about_seat(spec, item.id, seat, group, language, meeting, not_before)
    elif isinstance(plan, FromMeetingAhead) and seat.released is None and group.started and not group.ended:
        for number, meeting in enumerate(weekly_meetings(life.meetings), 1):
            if meeting not in called_to or meeting.reported or meeting.postponed:
                continue
            if (cause_id := plan.cause(meeting, number)) is not None:
                yield _about_seat(spec, cause_id, seat, group, language, meeting, plan.due_at(meeting))


def weekly_meetings(meetings: Iterable[Meeting]) -> list[Meeting]:
    """Return the weekly meetings that are, or were, not cancelled, by time."""
    weekly = [meeting for meeting in meetings if meeting.kind == "weekly" and meeting.known and not meeting.cancelled]
    return sorted(weekly, key=lambda meeting: (meeting.starts_at, meeting.id))


def is_planned(spec: MailSpec, cause_id: UUID, facts: MailFacts) -> bool:
    """
    Return True if the facts still ask for a queued mail.

    A mail that has waited in the queue, or as a call, is checked once more when it is its turn.
    """
    plan, signup = spec.plan, facts.signup
    match plan:
        case FromPageLink():
            return facts.page_link is not None
        case FromNotice():
            return facts.notice is not None and plan.wanted(facts.notice)
        case FromMessage():
            return True  # its drop reason says why not
        case FromInvitation():
            return facts.invited is not None and plan.cause(facts.invited) == cause_id
        case FromSignup():
            return signup is None or plan.cause(signup) == cause_id
        case _:
            return _is_planned_for(spec, cause_id, facts)


def reason_to_drop(spec: MailSpec, cause_id: UUID, facts: MailFacts, now: datetime) -> str | None:
    """Return the reason, as a fixed word, for which a queued mail has no use any more; None while it has."""
    if not is_planned(spec, cause_id, facts):
        return "overtaken"
    if not spec.while_paused and facts.signup is not None and facts.signup.paused:
        return "paused"
    return spec.drop_reason(facts, now)


def _is_planned_for(spec: MailSpec, cause_id: UUID, facts: MailFacts) -> bool:
    """Return True if a talk or a seat still asks for a queued mail."""
    plan, signup, seat = spec.plan, facts.signup, facts.seat
    if isinstance(plan, FromTalk):
        planned_for_talk = plan_talk([spec], facts.talk, signup) if facts.talk and signup else ()
        return any(mail.cause_id == cause_id for mail in planned_for_talk)
    if seat is None or facts.group is None:
        return True
    meetings = facts.life.meetings or ([facts.meeting] if facts.meeting else [])
    planned = plan_seat([spec], seat, facts.group, meetings, signup, facts.life)
    return any(mail.cause_id == cause_id for mail in planned)


def _about_seat(
    spec: MailSpec,
    cause_id: UUID,
    seat: Seat,
    group: Group,
    language: str,
    meeting: Meeting | None,
    not_before: datetime | None = None,
) -> PlannedMail:
    return PlannedMail(
        spec=spec,
        cause_id=cause_id,
        person_id=seat.person_id,
        language=language,
        centre=group.centre,
        signup_id=seat.signup_id,
        group_id=seat.group_id,
        seat_id=seat.id,
        meeting_id=meeting.id if meeting else None,
        sequence=meeting.sequence if meeting else None,
        not_before=not_before,
    )


def plan_id(meeting: Meeting) -> UUID:
    """Return the id of one version of a meeting's plan, as the cause of a mail."""
    return uuid5(meeting.id, str(meeting.sequence))


def message_id(mail_id: UUID, domain: str) -> str:
    """Return the Message-ID of a mail: the same in every copy (RFC 5322, 3.6.4)."""
    return f"<{uuid5(mail_id, 'message')}@{domain}>"
