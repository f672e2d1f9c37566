"""The page of a secret vote, for the owner of a ballot."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.usecases import votes
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Centre


@dataclass(frozen=True)
class VoteView:
    """
    A vote as the owner of a ballot sees it; never what anybody has answered.

    Attributes:
        subject: ``conflict_visit`` or ``admission``.
        answered: True once the ballot is used.
    """

    subject: str
    deadline: datetime
    answered: bool
    centre: Centre


async def vote_view(session: AsyncSession, context: GroupingContext, ballot_id: UUID, now: datetime) -> VoteView | None:
    """Read the page of a ballot; None from the deadline on."""
    found = await votes.has_answered(session, context, ballot_id)
    if found is None or now >= found[0].deadline:
        return None
    vote, answered = found
    area_id = await store.groups.area_of(session, vote.group_id)
    assert area_id is not None
    centre, _ = context.area(area_id)
    return VoteView(vote.subject, vote.deadline, answered, centre)
