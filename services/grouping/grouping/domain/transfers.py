"""Check that all members of one group fit another open group."""

from collections.abc import Collection, Sequence
from uuid import UUID

from grouping.domain.matching.cells import Place, WaitingPerson, fits
from grouping.domain.matching.model import OpenGroup


def can_take_all(
    target: OpenGroup,
    place: Place | None,
    members: Sequence[WaitingPerson],
    exclusions: Collection[frozenset[UUID]],
) -> bool:
    """
    Return True if an open group has seats for all members, and suits each of them.

    Args:
        target: The other group.
        place: Its place; None if no group can meet there any more.
        members: Those who would be asked.
        exclusions: Pairs of people who must never be in one group.
    """
    together = target.members | {member.person_id for member in members}
    return (
        place is not None
        and len(members) <= target.free_seats
        and all(fits(member.wishes, target.cell, place) and target.cell not in member.declined for member in members)
        and not any(pair <= together for pair in exclusions)
    )
