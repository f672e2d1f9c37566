"""How long somebody will probably wait: from how many have signed up in their area, and what those wanted."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.board import Board
from grouping.domain.cells import Waiting
from grouping.domain.forecast import Range
from shared.reference.centres import Policy


async def wait_of(session: AsyncSession, board: Board, who: Waiting, policy: Policy, now: datetime) -> Range | None:
    """The range in which their start meeting will probably lie, in days from now; None where nobody knows."""
    del session, board, who, policy, now
    return None
