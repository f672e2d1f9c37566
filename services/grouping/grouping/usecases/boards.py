"""
The boards of this process, kept in step with the table of those who wait.

PostgreSQL is the truth. A board is only looked at while its area is locked; then it first reads what has changed since
it was looked at last, whichever process changed it. So any number of processes decide as one would. What a transaction
does to a board counts when it commits: until then the board is out of the cupboard, and where the commit fails it is
not put back but made anew next time.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from grouping.domain.board import Board
from grouping.domain.matching import AreaState
from grouping.store import queries

REREAD_SECONDS: Final = 6 * 3600.0
"""After so long a board that nobody has looked at is made anew; the changes are kept for longer."""


@dataclass
class Kept:
    """
    A board in step with its area.

    Attributes:
        seen: The number of the last change that is in it.
        read_at: When, by this process's own clock, it was last in step.
    """

    board: Board
    seen: int
    read_at: float


class Boards:
    """The cupboard: one board for each area that this process has decided about."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def forget(self, area: str) -> None:
        """Make this area's board anew next time."""
        self._kept.pop(area, None)

    async def take(
        self, session: AsyncSession, area: str, frame: AreaState, now: datetime
    ) -> tuple[Board, set[UUID] | None]:
        """
        The board of an area, in step with what the transaction sees; the area must be locked.

        Args:
            session: Of the transaction that will decide.
            area: Its id.
            frame: The area without its people: places, sizes, what is held, taken or kept apart.
            now: Decides which groups have met.

        Returns:
            The board, and whose sign-ups are new on it; None instead where everybody must be looked at.
        """
        out: dict[str, Kept] = session.info.setdefault("boards", {})
        kept = out.get(area) or self._kept.pop(area, None)
        fresh: set[UUID] | None = None
        if kept is None or time.monotonic() - kept.read_at > REREAD_SECONDS or not _same_cells(kept.board.area, frame):
            seen = await queries.newest_change(session, area)
            kept = Kept(Board(replace(frame, waiting=await queries.line(session, area))), seen, 0.0)
        else:
            fresh = await _catch_up(session, area, kept)
            if kept.board.area != frame:
                kept.board.reframe(frame)
                fresh = None
        kept.board.put_groups(await queries.open_groups(session, area, now))
        kept.read_at = time.monotonic()
        if area not in out:
            event.listen(
                session.sync_session, "after_commit", lambda _: self._kept.update({area: out[area]}), once=True
            )
        out[area] = kept
        return kept.board, fresh


def _same_cells(one: AreaState, other: AreaState) -> bool:
    return (one.places, one.offered) == (other.places, other.offered)


async def _catch_up(session: AsyncSession, area: str, kept: Kept) -> set[UUID]:
    fresh = set()
    for signup_id, change, who in await queries.changes(session, area, kept.seen):
        kept.seen = max(kept.seen, change)
        if who is None:
            kept.board.remove(signup_id)
        elif kept.board.add(who):
            fresh.add(signup_id)
    return fresh
