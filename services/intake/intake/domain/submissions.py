"""The decision about a submission: a form that was stored as it came, before anybody has confirmed it."""

from enum import StrEnum

from intake.domain.signups import MAILS_PER_WINDOW


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


def decide(*, repeated: bool, by_mail: bool, recent_mails: int, number_is_asked: bool) -> Decision:
    """
    Decide about a submission by what is open already; input that nobody confirmed changes nothing else.

    Args:
        repeated: True if an identical form waits for its confirmation.
        by_mail: True if the form has an address.
        recent_mails: Mails to the mailbox within ``MAIL_WINDOW``.
        number_is_asked: True if a call to the same number is open.
    """
    if repeated:
        return Decision.DROP
    asked_enough = recent_mails >= MAILS_PER_WINDOW if by_mail else number_is_asked
    return Decision.POSTPONE if asked_enough else Decision.ASK
