"""The forsamtale of one sign-up: a time or a call, at most three times in vain, and one of three outcomes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from intake.domain.signups import ACTIVE, SignupState
from shared.reference.calls import UNANSWERED_AT_MOST

BOOKED_BEFORE: Final = timedelta(hours=2)
"""Least time from a booking to the talk, so that staff see it on the list of today."""

SHOWN_AHEAD: Final = timedelta(weeks=6)
"""How far ahead people are shown times."""

OFFER_STANDS: Final = timedelta(days=7)
"""Time to answer an offer of new times, before it counts as unanswered."""

CALL_AFTER: Final = timedelta(days=3)
"""Time in which a person who can pick a time is not called about it."""


class TalkOutcome(StrEnum):
    """
    All that is kept of a talk.

    Attributes:
        CLEAR: The person is ready for a group.
        NOT_NOW: The person takes a pause, and can talk again after it.
        REFERRED: The person is helped on to something else, and the sign-up is over.
    """

    CLEAR = "clear"
    NOT_NOW = "not_now"
    REFERRED = "referred"


Stage = Literal["open", "booked", "past", "asked", "silent", "held"]
"""
Stage of a talk: nothing is agreed, a time is booked, the booked time is over, the person waits for a call, nobody was
reached so often that nothing more is sent, or the talk has been held.
"""


@dataclass(frozen=True, slots=True)
class Talk:
    """
    The talk of one sign-up.

    Attributes:
        talk_id: Id of the booking or offer that is open; None if there is none.
        sequence: Version of the plan of that booking.
        time_id: The booked time; None without one.
        past: True once the booked time is over.
        call_from: When staff are to call a person who has asked for it; None if they have not.
        unanswered: Number of calls and offers in vain.
        offered_until: When the last offer of new times counts as unanswered; None without an open one.
        outcome: None until the talk has been held, and again after a pause.
    """

    talk_id: UUID | None = None
    sequence: int = 0
    time_id: UUID | None = None
    past: bool = False
    call_from: datetime | None = None
    unanswered: int = 0
    offered_until: datetime | None = None
    outcome: TalkOutcome | None = None

    @property
    def stage(self) -> Stage:
        """The stage of the talk."""
        if self.outcome is not None:
            return "held"
        if self.time_id is not None:
            return "past" if self.past else "booked"
        if self.call_from is not None:
            return "asked"
        return "silent" if self.unanswered >= UNANSWERED_AT_MOST else "open"

    @property
    def agreed(self) -> bool:
        """True if a time or a call is agreed and has not been."""
        return self.stage in {"booked", "asked"}

    def book(self, time_id: UUID, new_id: UUID) -> "Talk":
        """Return the talk at a time, instead of what was agreed before; a change keeps the id of the booking."""
        sequence = self.sequence + 1 if self.time_id is not None else 0
        return replace(
            self,
            talk_id=self.talk_id or new_id,
            sequence=sequence,
            time_id=time_id,
            past=False,
            call_from=None,
            offered_until=None,
        )

    def ask(self, call_from: datetime, new_id: UUID) -> "Talk":
        """Return the talk of a person who would rather be called; a booked time is given up first."""
        return replace(self, talk_id=self.talk_id or new_id, call_from=call_from, offered_until=None)

    def give_up(self) -> "Talk":
        """Return the talk without what was agreed."""
        return replace(self, talk_id=None, sequence=0, time_id=None, past=False, call_from=None, offered_until=None)

    def offer(self, new_id: UUID, offered_until: datetime | None, call_from: datetime | None) -> "Talk":
        """
        Return the talk without what was agreed, for which times are offered anew.

        Args:
            new_id: Id of the offer.
            offered_until: When it counts as unanswered; None if no answer is needed.
            call_from: When staff call a person who cannot get a mail; None for all others.
        """
        given_up = self.give_up()
        if call_from is not None:
            return replace(given_up, talk_id=new_id, call_from=call_from)
        return replace(given_up, talk_id=new_id, offered_until=offered_until)

    def miss(self, new_id: UUID, offered_until: datetime | None, call_from: datetime | None) -> "Talk":
        """Return the talk after a call, or an offer, in vain: an offer of new times, or after three nothing more."""
        missed = replace(self.give_up(), unanswered=self.unanswered + 1)
        return missed if missed.stage == "silent" else missed.offer(new_id, offered_until, call_from)

    def end(self) -> "Talk":
        """Return the talk after its booked time."""
        return replace(self, past=self.time_id is not None)

    def hold(self, outcome: TalkOutcome) -> "Talk":
        """Return the talk after it was held."""
        return replace(self.give_up(), outcome=outcome)

    def reopen(self) -> "Talk":
        """Return the talk after a pause: whoever was not ready may talk again."""
        return replace(self, outcome=None) if self.outcome is TalkOutcome.NOT_NOW else self


def can_arrange(state: str, *, paused: bool, held: bool, offers: bool, talk: Talk) -> bool:
    """
    Return True if a person may agree on a time, or ask for a call.

    Args:
        state: The state of the sign-up.
        paused: True in a pause.
        held: True if a talk has been held for this sign-up, or for another one that it has taken the place of.
        offers: True if the centre has talks; what is agreed may be changed even if it no longer has.
        talk: The talk so far.
    """
    if SignupState(state) not in ACTIVE or paused or held or talk.stage in {"held", "past"}:
        return False
    return offers or talk.agreed


def outcomes_for(state: str) -> tuple[TalkOutcome, ...]:
    """Return the outcomes that a sign-up in this state can have; a member of a group can no longer be referred."""
    match SignupState(state):
        case SignupState.MEMBER:
            return (TalkOutcome.CLEAR,)
        case SignupState.RECEIVED | SignupState.WITHDRAWN:
            return ()
        case _:
            return tuple(TalkOutcome)
