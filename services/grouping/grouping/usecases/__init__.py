"""
One function for each thing that can happen.

Each takes the session of a transaction that somebody else opened and will commit, the office, the moment and the cause.
"""

from grouping.usecases.arrivals import take_all_on
from grouping.usecases.context import GroupingContext
from grouping.usecases.draft_repair import check_board, repair_area
from grouping.usecases.drafts import tell_draft, tell_now, undo_draft
from grouping.usecases.matching import area_state, plan_area
from grouping.usecases.people import hold_person, keep_apart, let_meet, move_person, pin_person, resume_person
from grouping.usecases.retention import forget_group
from grouping.usecases.seats import answer_seat, extend_meeting, hold_meeting, lapse_offers
from grouping.usecases.signups import erase, take_on, withdraw
from grouping.usecases.staff import (
    ask_again,
    cancel_group,
    form_held,
    hold_area,
    meeting_not_held,
    resume_area,
    set_meeting,
)

__all__ = [
    "GroupingContext",
    "answer_seat",
    "area_state",
    "ask_again",
    "cancel_group",
    "check_board",
    "erase",
    "extend_meeting",
    "forget_group",
    "form_held",
    "hold_area",
    "hold_meeting",
    "hold_person",
    "keep_apart",
    "lapse_offers",
    "let_meet",
    "meeting_not_held",
    "move_person",
    "pin_person",
    "plan_area",
    "repair_area",
    "resume_area",
    "resume_person",
    "set_meeting",
    "take_all_on",
    "take_on",
    "tell_draft",
    "tell_now",
    "undo_draft",
    "withdraw",
]
