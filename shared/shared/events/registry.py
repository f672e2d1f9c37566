"""Every event there is, by subject."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.events import (
    centres,
    erasures,
    group_life,
    groups,
    kontaktmoter,
    people,
    reconciliation,
    signups,
    talks,
    tasks,
)
from shared.events.base import Event, Stream

EVENTS: Final[dict[str, type[Event]]] = {
    event.subject: event
    for event in (
        signups.Received,
        signups.Confirmed,
        signups.Ready,
        signups.Changed,
        signups.Paused,
        signups.Resumed,
        signups.RenewalAsked,
        signups.Renewed,
        signups.TextsAsked,
        signups.TextsAccepted,
        signups.Withdrawn,
        reconciliation.Listed,
        reconciliation.SeatKnown,
        talks.TalkBooked,
        talks.TalkCancelled,
        talks.TalkOffered,
        talks.TalkHeld,
        people.KeptApart,
        people.ApartEnded,
        people.ContactChanged,
        people.PageLinkAsked,
        people.GuestAsked,
        people.Erased,
        people.AccountInvited,
        people.AccountLinkAsked,
        people.IgangsetterChanged,
        groups.Proposed,
        groups.SeatOffered,
        groups.SeatTaken,
        groups.SeatReleased,
        groups.Confirmed,
        groups.MeetingCalled,
        groups.ComingConfirmed,
        groups.MeetingPostponed,
        groups.MeetingReported,
        groups.OffersPaused,
        groups.Started,
        groups.StartRevoked,
        groups.Cancelled,
        group_life.RhythmSet,
        group_life.MeetingCancelled,
        group_life.AbsenceTold,
        group_life.PledgeRecorded,
        group_life.HandoverAsked,
        group_life.HandedOver,
        group_life.MembersForgotten,
        group_life.FollowUpDue,
        group_life.VisitAsked,
        group_life.VisitAgreed,
        group_life.VisitDeclined,
        group_life.MemberLeft,
        group_life.AdmissionDecided,
        group_life.MemberAdmitted,
        group_life.VoteOpened,
        group_life.VoteClosed,
        group_life.KeepAliveAsked,
        group_life.KeptAlive,
        group_life.Expired,
        group_life.Dissolved,
        group_life.WayOnChosen,
        group_life.IgangsetterAsked,
        group_life.IgangsetterAnswered,
        group_life.IgangsetterSettled,
        tasks.Opened,
        tasks.Closed,
        centres.PolicyChanged,
        kontaktmoter.Announced,
        kontaktmoter.KontaktmoteChanged,
        kontaktmoter.KontaktmoteCancelled,
        kontaktmoter.ReplyGiven,
        kontaktmoter.KontaktmoteHeld,
        kontaktmoter.GuestAnswered,
        erasures.Reported,
        reconciliation.Differed,
    )
}

TRANSIENT: Final = tuple(subject for subject, event in EVENTS.items() if event.transient)
"""The subjects of events that an outbox keeps for a short time only."""

STREAMS: Final[tuple[Stream, ...]] = tuple(Stream)

READERS: Final[Mapping[Stream, frozenset[str]]] = MappingProxyType(
    {
        Stream.SIGNUPS: frozenset({"grouping-signups", "notify-signups"}),
        Stream.PEOPLE: frozenset({"grouping-people", "notify-people"}),
        Stream.GROUPS: frozenset({"intake-groups", "notify-groups"}),
        Stream.TASKS: frozenset({"intake-tasks"}),
        Stream.KONTAKTMOTER: frozenset({"grouping-kontaktmoter", "intake-kontaktmoter"}),
        Stream.ERASURES: frozenset({"intake-erasures"}),
        Stream.RECONCILIATION: frozenset({"intake-reconciliation"}),
    }
)
"""
The consumers of each stream that forgets an event once all of them have handled it.

A new consumer of one of them gets older events from the outboxes only.
"""


def event_class(subject: str) -> type[Event] | None:
    """Return the class of the events under a subject; None for an unknown noun, happening or version."""
    return EVENTS.get(subject)
