"""The decision about a submission: a form that was stored as it came, before anybody has confirmed it."""

from enum import StrEnum


class Decision(StrEnum):
    """
    The way on for a submission.

    Attributes:
        ASK: Ask for the confirmation now, by a mail or a call.
        POSTPONE: Ask later, because the mailbox or the number was asked enough.
        DROP: The same form waits for its confirmation already.
    """

    ASK = "ask"
    POSTPONE = "postpone"
    DROP = "drop"


def decide(*, repeated: bool, by_mail: bool, in_budget: bool, number_is_asked: bool) -> Decision:
    """
    Decide about a submission by what is open already; input that nobody confirmed changes nothing else.

    Args:
        repeated: True if an identical form waits for its confirmation.
        by_mail: True if the form has an address.
        in_budget: True if a mail to the mailbox may be sent now.
        number_is_asked: True if a call to the same number is open.
    """
    if repeated:
        return Decision.DROP
    asked_enough = not in_budget if by_mail else number_is_asked
    return Decision.POSTPONE if asked_enough else Decision.ASK
