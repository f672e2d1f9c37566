"""
Events of grouping about the life of a group after its start.

A weekly meeting, and a visit, has the events of every meeting: :class:`shared.events.groups.MeetingCalled`, with its
kind and the same ``meeting_id`` for ever, and :class:`shared.events.groups.MeetingReported`. A skipped one is
:class:`MeetingCancelled`.

``seats`` are those whom the event concerns, as far as grouping still knows them: after the handover it may know nobody,
and then the field is empty.
"""

from datetime import date, time
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.base import GroupEvent, MailLanguage, Slot, SpokenLanguage
from shared.events.groups import MeetingKind, Seat

Size = Annotated[int, Field(ge=0, le=50)]

VisitKind = Literal["return_visit", "visit", "conflict_visit"]
"""Unasked after some meetings alone, asked for by the group, or to a group in conflict."""

VoteSubject = Literal["conflict_visit", "admission"]

HandedOverBy = Literal["members", "igangsetter", "start", "time"]
"""All members said yes, the igangsetter recorded that the group agrees, there never was an igangsetter, or nobody said
anything for so long that the system takes it as done."""

WayOn = Literal["new_group", "pause", "goodbye"]


class RhythmSet(GroupEvent):
    """
    The group meets regularly from now on, or at other times than before.

    Attributes:
        every_weeks: Every week or every second week.
        weekday: Monday is 0.
        at: Norwegian wall time.
        minutes: Length of a meeting.
        first_on: The day of the first meeting in this rhythm.
    """

    subject: ClassVar[str] = "groups.rhythm_set.v1"

    every_weeks: Literal[1, 2]
    weekday: Annotated[int, Field(ge=0, le=6)]
    at: time
    minutes: Annotated[int, Field(ge=15, le=480)]
    first_on: date
    seats: tuple[Seat, ...]


class MeetingCancelled(GroupEvent):
    """
    A meeting is not held, and takes no other time.

    Attributes:
        sequence: Grows by one (RFC 5545 SEQUENCE, STATUS:CANCELLED).
        starts_at: The time at which it is not held.
        reason: Somebody skipped it, the rhythm has changed, a visit is called off, the start of the group was revoked,
            or the group is on its own or dissolved.
    """

    subject: ClassVar[str] = "groups.meeting_cancelled.v1"

    meeting_id: UUID
    sequence: Annotated[int, Field(ge=0)]
    kind: MeetingKind
    starts_at: AwareDatetime
    reason: Literal["skipped", "rhythm_changed", "visit_cancelled", "start_revoked", "handed_over", "dissolved"]
    seats: tuple[Seat, ...]


class AbsenceTold(GroupEvent):
    """
    A member has said that they cannot come to a meeting. Who it is is not said; once per member and meeting.

    Attributes:
        seats: The other members, who are told.
    """

    subject: ClassVar[str] = "groups.absence_told.v1"

    meeting_id: UUID
    starts_at: AwareDatetime
    seats: tuple[Seat, ...]


class PledgeRecorded(GroupEvent):
    """
    The group has spoken about confidentiality, and signed, agreed or clarified it as its policy says.

    Attributes:
        on: The day; the signatures stay with the group.
    """

    subject: ClassVar[str] = "groups.pledge_recorded.v1"

    mode: Literal["signed", "agreed", "clarified"]
    on: date


class HandoverAsked(GroupEvent):
    """
    The members are asked whether the group is ready to go on without its igangsetter.

    Attributes:
        meetings: Number of meetings that the igangsetter has attended.
        seats: The members who have not said yes.
    """

    subject: ClassVar[str] = "groups.handover_asked.v1"

    meetings: Size
    seats: tuple[Seat, ...]


class HandedOver(GroupEvent):
    """
    The igangsetter has withdrawn by agreement with the group, which is on its own from now on.

    From now on nobody of the centre can reach the members, unless ``memory`` says so.

    Attributes:
        memory: What is kept of the members, by the policy of the group.
        return_id: The secret behind the group's return link, for the mail to its members and for nothing else: grouping
            keeps only a hash, and no other service keeps it at all.
        followed_up: True if the centre comes back after some meetings alone.
        seats: The members, who are told for the last time where ``memory`` is none.
    """

    subject: ClassVar[str] = "groups.handed_over.v1"

    by: HandedOverBy
    handed_over_at: AwareDatetime
    memory: Literal["none", "sealed_alias", "opt_in"]
    return_id: UUID
    followed_up: bool
    size: Size
    seats: tuple[Seat, ...]


class MembersForgotten(GroupEvent):
    """
    Grouping no longer knows who is in the group; every service that still does deletes it.

    Attributes:
        kept: The seats of the members who have asked to be kept, where the policy lets them.
        sealed: The seats of the members whose address is to be sealed for the group before they are forgotten.
    """

    subject: ClassVar[str] = "groups.members_forgotten.v1"

    kept: tuple[UUID, ...] = ()
    sealed: tuple[UUID, ...] = ()


class FollowUpDue(GroupEvent):
    """
    The group has met alone as often as the policy says: the centre offers to come back. Once in the life of a group.

    Attributes:
        meetings: Number of meetings alone, as estimated from the rhythm or told by a member.
        deadline: Without an answer the offer lapses then.
    """

    subject: ClassVar[str] = "groups.follow_up_due.v1"

    visit_id: UUID
    meetings: Size
    deadline: AwareDatetime | None = None
    seats: tuple[Seat, ...]


class AskedBack(BaseModel):
    """An igangsetter of the group with an open account, who is asked first; with the language of their mails."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    igangsetter_id: UUID
    language: MailLanguage


class VisitAsked(GroupEvent):
    """
    The group asks the centre, or its igangsetter, to come back; who asked is not said.

    Attributes:
        igangsetter_ids: The igangsettere who started the group; empty for a conflict, to which the centre comes itself.
        asked_first: Those of them who are asked before anybody else.
        slot, spoken_language, place_text: When, in which language and in which part of town the group meets.
    """

    subject: ClassVar[str] = "groups.visit_asked.v1"

    visit_id: UUID
    kind: VisitKind
    igangsetter_ids: tuple[UUID, ...] = ()
    asked_first: tuple[AskedBack, ...] = ()
    slot: Slot | None = None
    spoken_language: SpokenLanguage | None = None
    place_text: str | None = None


class VisitAgreed(GroupEvent):
    """
    The centre comes; ``MeetingCalled`` with the same ``meeting_id`` tells when and where.

    Attributes:
        meeting_id: The meeting at which it comes.
    """

    subject: ClassVar[str] = "groups.visit_agreed.v1"

    visit_id: UUID
    kind: VisitKind
    meeting_id: UUID
    starts_at: AwareDatetime
    seats: tuple[Seat, ...]


class VisitDeclined(GroupEvent):
    """
    There will be no visit.

    Attributes:
        by: The group did not want the visit that was offered, or the centre chose not to come.
        unanswered: True if nobody of the group has answered the offer in time.
    """

    subject: ClassVar[str] = "groups.visit_declined.v1"

    visit_id: UUID
    kind: VisitKind
    by: Literal["group", "centre"]
    unanswered: bool = False
    seats: tuple[Seat, ...]


class MemberLeft(GroupEvent):
    """
    A member is no longer in the group. The others are not told by the system; the group stays closed.

    Attributes:
        reason: They left the group, withdrew their sign-up, or were erased.
        size: Number of members who are left.
    """

    subject: ClassVar[str] = "groups.member_left.v1"

    seat: Seat
    reason: Literal["left", "withdrawn", "erased"]
    size: Size


class AdmissionDecided(GroupEvent):
    """
    The members have decided whether one new member may join them; only they can.

    Attributes:
        admitted: True if every member wants it.
    """

    subject: ClassVar[str] = "groups.admission_decided.v1"

    admitted: bool
    seats: tuple[Seat, ...]


class MemberAdmitted(GroupEvent):
    """
    A new member has joined a started group, by its own decision.

    Attributes:
        seat: The newcomer's.
        size: Number of members with the newcomer.
        seats: The others.
    """

    subject: ClassVar[str] = "groups.member_admitted.v1"

    seat: Seat
    size: Size
    seats: tuple[Seat, ...]


class Ballot(BaseModel):
    """
    The right to answer once in one vote, by ``ballot_id`` in the link of the purpose ``vote``.

    Attributes:
        seat: Whose it is; None where grouping does not know the members, and each sealed address gets one.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ballot_id: UUID
    seat: Seat | None = None


class VoteOpened(GroupEvent):
    """
    The members are asked in secret whether they all want something; silence counts as no.

    Attributes:
        deadline: When the result is known, whatever has been answered by then.
    """

    subject: ClassVar[str] = "groups.vote_opened.v1"

    vote_id: UUID
    vote_subject: VoteSubject
    deadline: AwareDatetime
    ballots: tuple[Ballot, ...]


class VoteClosed(GroupEvent):
    """
    The deadline of a vote has passed; its answers are deleted.

    Attributes:
        agreed: True if every member said yes. False tells no more than that.
    """

    subject: ClassVar[str] = "groups.vote_closed.v1"

    vote_id: UUID
    vote_subject: VoteSubject
    agreed: bool
    seats: tuple[Seat, ...]


class KeepAliveAsked(GroupEvent):
    """
    Once a year a group on its own is asked whether it still meets; one tap of any member, who is not recorded.

    Attributes:
        deadline: Without an answer it is no active group any more from then on.
    """

    subject: ClassVar[str] = "groups.keep_alive_asked.v1"

    deadline: AwareDatetime
    seats: tuple[Seat, ...]


class KeptAlive(GroupEvent):
    """A member has said that the group still meets."""

    subject: ClassVar[str] = "groups.kept_alive.v1"


class Expired(GroupEvent):
    """The yearly question was not answered: the group no longer counts as active, and its address is deleted."""

    subject: ClassVar[str] = "groups.expired.v1"


class Dissolved(GroupEvent):
    """
    The group has ended. Each member is told once, with three ways on; nobody is signed up again by itself.

    Attributes:
        seats: The members, each with a link of the purpose ``way_on`` by the id of the seat.
    """

    subject: ClassVar[str] = "groups.dissolved.v1"

    by: Literal["group", "centre"]
    seats: tuple[Seat, ...]


class WayOnChosen(GroupEvent):
    """
    A member of a dissolved group has said what they want now; the first answer counts.

    Attributes:
        way: A new group, with the place in the queue that they had; a pause without an end; or goodbye.
        with_same_people: True if they would like to be with the same people again.
    """

    subject: ClassVar[str] = "groups.way_on_chosen.v1"

    seat: Seat
    way: WayOn
    with_same_people: bool = False


class IgangsetterAsked(GroupEvent):
    """
    An igangsetter is asked to start a group.

    Attributes:
        deadline: Without an answer the next one is asked.
        question_id: The question that the link of the mail answers.
        language: The language of the igangsetter's mails.
        place_text: The part of town; the address is told after a yes.
        again: True if they are asked once more because the group has another time.
    """

    subject: ClassVar[str] = "groups.igangsetter_asked.v1"

    igangsetter_id: UUID
    deadline: AwareDatetime
    starts_at: AwareDatetime | None = None
    question_id: UUID
    language: MailLanguage
    ends_at: AwareDatetime | None = None
    slot: Slot
    spoken_language: SpokenLanguage
    place_text: str | None = None
    again: bool = False


class IgangsetterAnswered(GroupEvent):
    """
    A question to an igangsetter is answered, or no longer asked.

    Attributes:
        answer: ``withdrawn`` if the group is called off or moved, others start it, or the account is closed.
        reason: Why it is withdrawn.
        had_said_yes: True if they had accepted before.
        place_text: Where the group meets; the address after a yes.
    """

    subject: ClassVar[str] = "groups.igangsetter_answered.v1"

    igangsetter_id: UUID
    question_id: UUID
    answer: Literal["accepted", "declined", "lapsed", "withdrawn"]
    reason: Literal["cancelled", "postponed", "moved", "other_chosen", "account_closed"] | None = None
    had_said_yes: bool = False
    language: MailLanguage
    deadline: AwareDatetime
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    slot: Slot
    spoken_language: SpokenLanguage
    place_text: str | None = None


class IgangsetterSettled(GroupEvent):
    """
    The igangsettere of the group are settled, or have changed.

    Attributes:
        igangsetter_ids: All of them; empty if they have withdrawn before the handover.
    """

    subject: ClassVar[str] = "groups.igangsetter_settled.v1"

    igangsetter_ids: tuple[UUID, ...]
