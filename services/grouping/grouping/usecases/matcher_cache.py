"""
The boards of this process, kept in step with the table of those who wait.

PostgreSQL is the truth. A board is only looked at while its area is locked; then it first reads what has changed since
it was looked at last, whichever process changed it. So any number of processes decide as one would. What a transaction
does to a board counts when it commits: until then the board is out of the cupboard, and where the commit fails it is
not put back but made anew next time.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.matching.cells import WaitingPerson
from grouping.domain.matching.matcher import AreaMatcher
from grouping.domain.matching.model import AreaConfig, AreaState

REREAD_SECONDS: Final = 6 * 3600.0
"""After so long a board that nobody has looked at is made anew; the changes are kept for longer."""


@dataclass
class CachedMatcher:
    """
    A board in step with its area.

    Attributes:
        seen: The number of the last change that is in it, or in the news.
        read_at: When, by this process's own clock, it was last in step.
        news: By sign-up who is still to be put on the board, one after the other as they came; empty when it is kept.
    """

    board: AreaMatcher
    seen: int
    read_at: float
    news: dict[UUID, WaitingPerson] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckedOutMatcher:
    """
    A board on the table.

    Attributes:
        news: As :attr:`Kept.news`.
        anew: Whether everybody on the board must be looked at.
    """

    board: AreaMatcher
    news: dict[UUID, WaitingPerson]
    anew: bool

    def next_person(self) -> list[WaitingPerson]:
        """The sign-ups of whoever comes first in the news, which they then are no more."""
        person_id = next(iter(self.news.values())).person_id
        found = [who for who in self.news.values() if who.person_id == person_id]
        for who in found:
            del self.news[who.signup_id]
        return found


class MatcherCache:
    """
    The cupboard: one board for each area that this process has decided about.

    Attributes:
        differed: In how many places a recount has found boards to be wrong since this process began; zero, we hope.
    """

    def __init__(self) -> None:
        self._kept: dict[str, CachedMatcher] = {}
        self.differed = 0

    def __len__(self) -> int:
        return len(self._kept)

    def forget(self, area: str) -> None:
        """Make this area's board anew next time."""
        self._kept.pop(area, None)

    async def take(
        self, session: AsyncSession, frames: Mapping[str, AreaConfig], now: datetime
    ) -> dict[str, CheckedOutMatcher]:
        """
        The boards of some areas, in step with what the transaction sees; the areas must be locked.

        Args:
            session: Of the transaction that will decide.
            frames: The areas without their people: places, sizes, what is held, taken or kept apart.
            now: Decides which groups have met.
        """
        out: dict[str, CachedMatcher] = session.info.setdefault("boards", {})
        kept = {area: out.get(area) or self._kept.pop(area, None) for area in frames}
        seen = {area: one.seen for area, one in kept.items() if one is not None and _useful(one, frames[area])}
        news = await store.matching.changes(session, seen) if seen else {}
        made = await _made(session, {area: frame for area, frame in frames.items() if area not in seen})
        groups = await store.matching.open_groups(session, list(frames), now)
        taken = {}
        for area, frame in frames.items():
            one = kept[area]
            if one is None or area not in seen:
                one, anew = made[area], True
            else:
                _catch_up(one, news.get(area, ()))
                anew = one.board.update_config(frame)
            one.board.open_groups.replace_all(groups[area])
            one.read_at = time.monotonic()
            if area not in out:
                event.listen(session.sync_session, "after_commit", partial(self._put_back, area, out), once=True)
            out[area] = one
            taken[area] = CheckedOutMatcher(one.board, one.news, anew)
        return taken

    def areas(self) -> tuple[str, ...]:
        """The areas that have a board in the cupboard."""
        return tuple(sorted(self._kept))

    def out(self, session: AsyncSession, area: str) -> AreaMatcher:
        """The board that this transaction has taken; KeyError where it has not."""
        out: dict[str, CachedMatcher] = session.info["boards"]
        return out[area].board

    def discard(self, session: AsyncSession, area: str) -> None:
        """Do not put the board that this transaction has taken back; it is made anew next time."""
        session.info["boards"].pop(area)

    def _put_back(self, area: str, out: dict[str, CachedMatcher], _session: object) -> None:
        if area in out:
            self._kept[area] = out[area]


def _useful(kept: CachedMatcher, frame: AreaConfig) -> bool:
    same_cells = (kept.board.config.places, kept.board.config.offered_wishes) == (
        frame.places,
        frame.offered_wishes,
    )
    return same_cells and time.monotonic() - kept.read_at <= REREAD_SECONDS


async def _made(session: AsyncSession, frames: Mapping[str, AreaConfig]) -> dict[str, CachedMatcher]:
    """
    Boards from the table.

    What the transaction itself has changed is news on them, as on boards that were there before: so it does not matter
    to what is decided which process decides.
    """
    if not frames:
        return {}
    newest = await store.matching.newest_changes(session, frames)
    own = await store.matching.own_changes(session, frames)
    lines = await store.matching.waiting_people(session, frames)
    made = {}
    for area, frame in frames.items():
        line = {who.signup_id: who for who in lines[area]}
        news = {signup_id: line.pop(signup_id) for signup_id in own[area] if signup_id in line}
        board = AreaMatcher(AreaState(frame, tuple(line.values())))
        made[area] = CachedMatcher(board, newest.get(area, 0), time.monotonic(), news)
    return made


def _catch_up(kept: CachedMatcher, changes: Iterable[store.matching.Change]) -> None:
    """
    Take off whoever waits no longer, and hear who is new, in the order in which that happened.

    What other transactions have changed they have as a rule decided about, so that is no news.
    """
    for change in changes:
        kept.seen = max(kept.seen, change.number)
        kept.news.pop(change.signup_id, None)
        if change.waiting is None or not kept.board.is_current(change.waiting):
            kept.board.remove(change.signup_id)
            if change.waiting is not None and change.own:
                kept.news[change.signup_id] = change.waiting
            elif change.waiting is not None and kept.board.add(change.waiting):
                kept.board.mark_for_evaluation(change.signup_id)
