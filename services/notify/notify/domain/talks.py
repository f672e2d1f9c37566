"""
The facts about a person's talk with the centre before a group, by ids and times only.

A talk id stands for one booking, with its changes, until it is cancelled or held; the next one has another id. So a
cancellation is never taken back, and the highest version of the plan wins in any order of events.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

TOLD_BY_ITSELF = frozenset({"given_up", "closed"})
"""Reasons of a cancelled talk that a mail of its own tells; a pause and a withdrawal have their receipts."""


@dataclass(frozen=True)
class Talk:
    """
    One talk.

    Attributes:
        sequence: Version of its newest plan; None until one has come.
        way: ``phone`` or ``office``.
        cancelled_sequence: Version with which it was cancelled; None if it was not.
        cancelled_by_mail: False if the centre tells the person by phone that it is off.
        offered: Number of the offer of new times that it began with; 0 if it did not.
        offered_by_mail: False if the centre calls instead of that offer.
        outcome: ``clear``, ``not_now`` or ``referred`` once it was held.
    """

    id: UUID
    signup_id: UUID
    sequence: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    way: str | None = None
    cancelled_sequence: int | None = None
    cancelled_reason: str | None = None
    cancelled_by_mail: bool = True
    offered: int = 0
    offered_by_mail: bool = True
    outcome: str | None = None

    @property
    def booked(self) -> bool:
        """True while the talk has a time and is to be held."""
        return self.sequence is not None and self.cancelled_sequence is None and self.outcome is None

    @property
    def cancelled(self) -> bool:
        """True if it had a time and was cancelled for a reason that is told by itself."""
        return self.sequence is not None and self.cancelled_reason in TOLD_BY_ITSELF and self.cancelled_by_mail

    @property
    def open_offer(self) -> bool:
        """True while new times are offered by mail, and none is picked."""
        unanswered = self.sequence is None and self.cancelled_sequence is None and self.outcome is None
        return self.offered > 0 and self.offered_by_mail and unanswered
