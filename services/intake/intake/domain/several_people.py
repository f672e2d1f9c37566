"""Acts that staff do for several people at once: whom each concerns."""

from dataclasses import dataclass
from typing import Final, Literal

from intake.domain.signups import SignupState

SharedAct = Literal["fortsatt", "pause", "avmeld", "informasjon"]
"""The wish for a group still holds, a pause, the withdrawal, or the information is read; by their words in paths."""

Hindrance = Literal["withdrawn", "unconfirmed", "member", "paused", "not_asked", "nothing_to_read", "changed"]
"""A reason for which an act does not concern somebody; ``changed`` if the state is another one than was shown."""

MOST_TOGETHER: Final = 250
"""People of one transaction, which holds the locks of all of them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """
    The facts about a sign-up that decide which acts concern it, as on the page of the person.

    Attributes:
        is_asked: True if the person was asked whether they still want a group, and has not answered.
        must_read: True if reading the information is a step that remains.
    """

    state: SignupState
    is_paused: bool = False
    is_asked: bool = False
    must_read: bool = False

    @property
    def word(self) -> str:
        """The state as a form carries it, to be compared with the state at the press."""
        return f"{self.state}-paused" if self.is_paused else str(self.state)


def hindrance(act: SharedAct, standing: Standing) -> Hindrance | None:
    """Return the reason for which an act does not concern a sign-up; None if it does."""
    state = standing.state
    reasons: list[tuple[Hindrance, bool]] = [("withdrawn", state is SignupState.WITHDRAWN)]
    if act != "avmeld":
        reasons.append(("unconfirmed", state is SignupState.RECEIVED))
    if act in {"fortsatt", "pause"}:
        reasons += [("member", state is SignupState.MEMBER), ("paused", standing.is_paused)]
    if act == "fortsatt":
        reasons.append(("not_asked", not standing.is_asked))
    if act == "informasjon":
        reasons.append(("nothing_to_read", not standing.must_read or state is not SignupState.CONFIRMED))
    return next((reason for reason, holds in reasons if holds), None)
