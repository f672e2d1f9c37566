"""Differences between notify and a list of intake's sign-ups."""

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

SEAT: Final = "seat"
"""A seat or an open offer here, and the person waits in intake: mails about that group would still leave."""

NO_SEAT: Final = "no_seat"
"""A seat or an open offer in intake, and none here: mails about it never leave."""


def compare(
    listed: Mapping[UUID, str], known: Collection[UUID], with_seat: Collection[UUID]
) -> tuple[tuple[UUID, ...], dict[str, tuple[UUID, ...]]]:
    """
    Return who is missing here, and who has another seat here than in intake, by SEAT and NO_SEAT.

    Members are not compared: what notify keeps of a started group ends before intake forgets who was in it.

    Args:
        listed: The state of each sign-up in intake.
        known: Sign-ups that notify knows.
        with_seat: Sign-ups with a seat or an open offer here, in a group that has not started.
    """
    ready = {id_ for id_, state in listed.items() if state == "ready"}
    placed = {id_ for id_, state in listed.items() if state in {"offered", "seated"}}
    contradicted = {SEAT: sorted(ready & set(known) & set(with_seat)), NO_SEAT: sorted(placed - set(with_seat))}
    missing = sorted(ready - set(known))
    return tuple(missing), {status: tuple(ids) for status, ids in contradicted.items() if ids}
