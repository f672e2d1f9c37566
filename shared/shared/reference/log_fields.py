"""The ids, codes and counts of this system that may stand in a log."""

from typing import Final

LOG_FIELDS: Final = frozenset(
    {
        "signup_id",
        "person_id",
        "group_id",
        "seat_id",
        "meeting_id",
        "mail_id",
        "confirmation_id",
        "centre",
        "area",
        "kommune",
        "slot",
        "placed",
        "waiting",
        "proposed",
        "released",
        "started",
        "cancelled",
    }
)
"""Never a name, an address or anything that a person typed."""
