"""Acts of staff about a mail that failed or may not have arrived, the best one first."""

from enum import StrEnum

from notify.domain.delivery import COMPLAINED, Delivery, Status, call_instead, is_stuck, set_aside


class Remedy(StrEnum):
    """One act of staff."""

    SEND_AGAIN = "send_again"
    CALL = "call"
    LET_BE = "let_be"


def remedy(mail: Delivery, *, address_refused: bool, moot: bool, can_call: bool) -> Remedy | None:
    """
    Return the one act that fits the state of a mail; None if it needs none.

    Args:
        mail: The state.
        address_refused: True if the recipient's mailbox was refused for good: another copy would be refused too.
        moot: True if the mail has no use any more.
        can_call: True if what it says can be told on the phone.
    """
    if set_aside(mail) is None or mail.reason == "by_staff":
        return None
    if moot or mail.reason == COMPLAINED:
        return Remedy.LET_BE
    if mail.status is Status.FAILED and not address_refused:
        return Remedy.SEND_AGAIN
    # A third copy of a mail that may have arrived confuses more than it helps.
    return Remedy.CALL if can_call else Remedy.LET_BE


def remedies(mail: Delivery, best: Remedy | None, *, can_call: bool) -> tuple[Remedy, ...]:
    """Return all acts that the state of a mail allows, the best one first."""
    allowed = {
        Remedy.SEND_AGAIN: is_stuck(mail),
        Remedy.CALL: can_call and call_instead(mail) is not None,
        Remedy.LET_BE: set_aside(mail) is not None and mail.reason != "by_staff",
    }
    return tuple(sorted((act for act, fits in allowed.items() if fits), key=lambda act: act is not best))
