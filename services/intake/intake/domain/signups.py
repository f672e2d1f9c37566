"""The life of one sign-up, from the form to a closed group."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from intake.domain.form import Asks

CONFIRM_WITHIN = timedelta(hours=72)
"""How long the link in the mail can be used; then everything about an unconfirmed sign-up is forgotten."""

CALL_WITHIN = timedelta(days=14)
"""How long the centre has to call somebody who left a phone number only."""

FORGET_AFTER = timedelta(hours=24)
"""How long the goodbye may take before somebody who left is forgotten."""

FORGET_GROUP_AFTER = timedelta(days=14)
"""After the news of a group; from then on no row links two members of one. The same in all services."""

FORGET_MEMBER_AFTER = timedelta(weeks=8)
"""After the start of a group: its follow-up meeting and fourteen days, from the list of what must be erased."""

READINGS_KEPT = timedelta(days=365)
"""Who has read somebody's contact details, from the same list."""

MAIL_WINDOW = timedelta(hours=24)
MAILS_PER_WINDOW = 2
"""No address gets more mails asking for confirmation than this, whoever types it in."""

Step = Literal["talk", "read"]


class State(StrEnum):
    """Where a sign-up is. An erased one is not there at all."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    READY = "ready"
    OFFERED = "offered"
    SEATED = "seated"
    MEMBER = "member"
    WITHDRAWN = "withdrawn"


ANNOUNCED = frozenset({State.READY, State.OFFERED, State.SEATED})
"""Grouping knows of them and looks for a group, or has one in sight."""

WAITING = ANNOUNCED | {State.CONFIRMED}
"""On the way to a group; a second sign-up of the same person changes this one."""

ALIVE = WAITING | {State.RECEIVED, State.MEMBER}


@dataclass(frozen=True, slots=True)
class Placed:
    """
    What grouping last told of somebody's seat.

    Attributes:
        version: The group's version at the time.
        at: When it happened.
    """

    group_id: UUID
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SignupProgress:
    """
    How far a sign-up has come.

    Attributes:
        read: The information has been read.
        talked: The forsamtale has been held.
        placed: The newest of what grouping told, None before the first seat and once the group is forgotten.
    """

    state: State = State.RECEIVED
    read: bool = False
    talked: bool = False
    placed: Placed | None = None

    def awaits(self, asks: Asks) -> tuple[Step, ...]:
        """What is still to be done before the waiting list, in order."""
        steps: list[Step] = []
        if asks.reading and not self.read:
            steps.append("read")
        if asks.talk and not self.talked:
            steps.append("talk")
        return tuple(steps)

    def confirm(self, asks: Asks) -> "SignupProgress":
        """The address is the person's own. Nothing changes the second time."""
        if self.state is not State.RECEIVED:
            return self
        return _onward(replace(self, state=State.CONFIRMED), asks)

    def hold_talk(self, asks: Asks) -> "SignupProgress":
        """The forsamtale has been held."""
        return _onward(replace(self, talked=True), asks)

    def read_information(self, asks: Asks) -> "SignupProgress":
        """The information has been read."""
        return _onward(replace(self, read=True), asks)

    def withdraw(self) -> "SignupProgress":
        """The person no longer wants a group; always allowed, and final for this sign-up."""
        return replace(self, state=State.WITHDRAWN)

    def place(self, state: State, news: Placed) -> "SignupProgress":
        """
        Takes in what grouping tells, in whatever order and however often it arrives.

        Within a group the highest version counts; between groups the later news, except that what one group gives up
        says nothing about a seat in another.
        """
        known = self.placed
        group_forgotten = self.state is State.MEMBER and known is None
        if group_forgotten or (self.state not in ANNOUNCED and self.state is not State.MEMBER):
            return self
        if known is not None:
            if known.group_id == news.group_id:
                if news.version <= known.version:
                    return self
            elif news.at < known.at or (state is State.READY and self.state is not State.READY):
                return self
        return replace(self, state=state, placed=news)


def _onward(life: SignupProgress, asks: Asks) -> SignupProgress:
    if life.state is State.CONFIRMED and not life.awaits(asks):
        return replace(life, state=State.READY)
    return life
