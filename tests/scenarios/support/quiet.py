"""Mails to one person that contradict each other within an hour, as no page shows them."""

from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from tests.scenarios.support.town import Town

OFFERS: Final = frozenset({"seat_offered", "question_moved"})
TAKES_BACK: Final = frozenset({"seat_gone", "start_cancelled"})
QUIET: Final = timedelta(hours=1)


async def contradictions(town: Town) -> list[tuple[str, str]]:
    """
    Return the kinds of each two mails of which one offers a seat and the other takes one back.

    A meeting that the person knows of is called off at once; that is no contradiction of its offer.
    """
    mails = await town.rows(
        "notify",
        "SELECT person_id, kind, settled_at, told_starts_at, meeting_id FROM mails WHERE status = 'sent'"
        " ORDER BY person_id, settled_at, id",  # the clock stands still in a story; ids grow as mails are planned
    )
    about_seats = [mail for mail in mails if mail["kind"] in OFFERS | TAKES_BACK]
    return [(first["kind"], second["kind"]) for first, second in pairwise(about_seats) if _contradict(first, second)]


def _contradict(first: dict[str, Any], second: dict[str, Any]) -> bool:
    if first["person_id"] != second["person_id"] or second["settled_at"] - first["settled_at"] >= QUIET:
        return False
    if first["kind"] in TAKES_BACK:
        return second["kind"] in OFFERS
    return second["kind"] in TAKES_BACK and second["meeting_id"] is None
