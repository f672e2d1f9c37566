"""Every event there is, by subject."""

from typing import Final

from shared.events import groups, people, signups, tasks
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
        signups.Withdrawn,
        people.ContactChanged,
        people.PageLinkAsked,
        people.Erased,
        groups.Proposed,
        groups.SeatOffered,
        groups.SeatTaken,
        groups.SeatReleased,
        groups.Confirmed,
        groups.MeetingCalled,
        groups.MeetingPostponed,
        groups.MeetingReported,
        groups.OffersPaused,
        groups.Started,
        groups.StartRevoked,
        groups.Cancelled,
        tasks.Opened,
        tasks.Closed,
    )
}

STREAMS: Final[tuple[Stream, ...]] = tuple(Stream)


def event_class(subject: str) -> type[Event] | None:
    """Return the class of the events under a subject; None for an unknown noun, happening or version."""
    return EVENTS.get(subject)
