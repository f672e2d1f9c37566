"""The progress of one sign-up, from the form to a group that has started."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from intake.domain.requirements import Requirements

Step = Literal["talk", "read"]
"""A step between confirmation and the waiting list."""


class SignupState(StrEnum):
    """The state of a sign-up. An erased sign-up has no row."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    READY = "ready"
    OFFERED = "offered"
    SEATED = "seated"
    MEMBER = "member"
    WITHDRAWN = "withdrawn"


class ConfirmationStatus(StrEnum):
    """
    The status of a confirmation link.

    Attributes:
        OPEN: Can be confirmed.
        CONFIRMED: Confirmed just now.
        ALREADY: Confirmed earlier.
        GONE: Unknown, expired or withdrawn.
    """

    OPEN = "open"
    CONFIRMED = "confirmed"
    ALREADY = "already"
    GONE = "gone"


IN_MATCHING: Final = frozenset({SignupState.READY, SignupState.OFFERED, SignupState.SEATED})
"""States of a sign-up that takes part in matching: published to grouping, with or without a seat."""

ACTIVE: Final = IN_MATCHING | {SignupState.CONFIRMED}
"""States of a sign-up that a second one of the same person is merged into."""


@dataclass(frozen=True, slots=True)
class SeatChange:
    """
    The newest event of grouping about a seat of the sign-up.

    Attributes:
        version: The group's version in that event.
        at: When it happened.
    """

    group_id: UUID
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SignupProgress:
    """
    The progress of a sign-up.

    Attributes:
        information_read: True once the information has been read, in any version.
        read_version: The newest version that was read; None if it is not known.
        talk_held: True once the forsamtale has been held.
        seat_change: The newest seat change; None before the first seat and after the link to the group is deleted.
    """

    state: SignupState = SignupState.RECEIVED
    information_read: bool = False
    talk_held: bool = False
    seat_change: SeatChange | None = None
    read_version: str | None = None

    def has_read(self, requirements: Requirements) -> bool:
        """Return True if the information was read in its current version, or in one of the same content."""
        current = requirements.same_information | {requirements.information_version, None}
        return self.information_read and self.read_version in current

    def must_read_again(self, requirements: Requirements) -> bool:
        """Return True if a person who waits has to read the information as it is now, which they had no step for."""
        in_question = self.information_read or self.state is not SignupState.CONFIRMED
        return requirements.reading and in_question and not self.has_read(requirements)

    def pending_steps(self, requirements: Requirements) -> tuple[Step, ...]:
        """Return the steps that remain before the waiting list, in order."""
        steps: list[Step] = []
        if requirements.reading and not self.has_read(requirements):
            steps.append("read")
        if requirements.talk and not self.talk_held:
            steps.append("talk")
        return tuple(steps)

    def confirm(self, requirements: Requirements) -> "SignupProgress":
        """Confirm that the address or number is the person's own. Idempotent."""
        if self.state is not SignupState.RECEIVED:
            return self
        return _ready_if_complete(replace(self, state=SignupState.CONFIRMED), requirements)

    def complete_talk(self, requirements: Requirements) -> "SignupProgress":
        """Mark the forsamtale as held."""
        return _ready_if_complete(replace(self, talk_held=True), requirements)

    def complete_reading(self, requirements: Requirements) -> "SignupProgress":
        """Mark the current information as read."""
        version = self.read_version if self.has_read(requirements) else requirements.information_version
        return _ready_if_complete(replace(self, information_read=True, read_version=version), requirements)

    def withdraw(self) -> "SignupProgress":
        """Withdraw the sign-up; allowed in every state, and final."""
        return replace(self, state=SignupState.WITHDRAWN)

    def apply_seat_change(self, state: SignupState, change: SeatChange) -> "SignupProgress":
        """
        Return the progress after a seat change; events may arrive in any order and more than once.

        For the same group the highest version wins. For different groups the later event wins, but a release never
        overwrites a seat in another group.
        """
        latest = self.seat_change
        group_link_deleted = self.state is SignupState.MEMBER and latest is None
        if group_link_deleted or (self.state not in IN_MATCHING and self.state is not SignupState.MEMBER):
            return self
        if latest is not None:
            if latest.group_id == change.group_id:
                if change.version <= latest.version:
                    return self
            elif change.at < latest.at or (state is SignupState.READY and self.state is not SignupState.READY):
                return self
        return replace(self, state=state, seat_change=change)


def _ready_if_complete(progress: SignupProgress, requirements: Requirements) -> SignupProgress:
    if progress.state is SignupState.CONFIRMED and not progress.pending_steps(requirements):
        return replace(progress, state=SignupState.READY)
    return progress
