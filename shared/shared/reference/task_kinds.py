"""
The kinds of tasks on the list of today, and the facts that the sentence of each states.

Times are ISO 8601 with offset, slots as ``tue-evening``, places by name as staff call them. The date of a group is its
start meeting, empty while it has none; its number tells groups with the same name apart (1 for the first). A
service that publishes a task gives exactly these facts; the page that shows the list has a sentence and a button for
each kind.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_GROUP: Final = frozenset({"place", "slot", "date", "number"})

TASK_KINDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        # notify
        "call": frozenset({"question", "attempts"}),
        "mail_failed": frozenset({"mail", "reason"}),
        "mail_complaint": frozenset({"mail"}),
        "mail_server": frozenset({"reason"}),
        "meeting_to_announce": frozenset({"starts_at"}),
        "meeting_attendance": frozenset({"starts_at"}),
        # intake
        "talk": frozenset(),
        "talk_asked": frozenset(),
        "talk_phone": frozenset({"starts_at"}),
        "talk_office": frozenset({"starts_at"}),
        "talk_outcome": frozenset({"starts_at"}),
        "information": frozenset(),
        # grouping
        "offer_expiring": _GROUP | {"deadline"},
        "group_filling": _GROUP | {"taken", "size_min", "until"},
        "group_below_minimum": _GROUP | {"taken", "size_min", "starts_at"},
        "group_to_decide": _GROUP | {"taken", "size_min", "starts_at"},
        "meeting_lacks_address": _GROUP | {"starts_at"},
        "meeting_lacks_igangsetter": _GROUP | {"starts_at"},
        "meeting_without_date": _GROUP | {"since"},
        "pledge_missing": _GROUP | {"since"},
        "group_without_meeting": _GROUP | {"since"},
        "handover_question": _GROUP | {"meetings"},
        "follow_up_due": _GROUP | {"since"},
        "visit_asked": _GROUP | {"since"},
        "conflict_visit_agreed": _GROUP | {"since"},
        "group_rest": _GROUP | {"members"},
        "newcomer_wanted": _GROUP | {"until"},
        "lending_deadline": frozenset({"lender", "what", "last_day"}),
        "area_on_hold": frozenset({"area_name", "since", "waiting"}),
        "long_wait": frozenset({"area_name", "waited_days"}),
        # every service
        "dead_letters": frozenset({"service", "count"}),
    }
)
"""Kind to names of facts."""
