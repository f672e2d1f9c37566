"""A group after its start, as its coordinator sees it: no answer of a person, and no open vote (decision 19)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.life import accompaniment, ending, membership, solo
from grouping.domain.life.model import HandedOverBy, LifeState
from grouping.domain.life.rhythm import occurrences
from grouping.domain.meetings import OVER, REPORT_TIME, Meeting, MeetingKind, MeetingState
from grouping.queries.filling import Candidate, candidates_for
from grouping.queries.life_facts import LifeFacts, read_life
from grouping.store import Group, Seat
from grouping.usecases.context import GroupingContext
from grouping.usecases.life_tasks import visit_task

_REPORTABLE = OVER | {MeetingState.NOT_HELD}


@dataclass(frozen=True, kw_only=True)
class RunningGroup(LifeFacts):
    """
    The life of a group for staff.

    Attributes:
        newcomers: People who wait and could be asked, if the group has decided to let somebody in.
    """

    newcomers: tuple[Candidate, ...]

    @property
    def state(self) -> LifeState:
        """The state of the life."""
        return self.life.state

    def questions(self, first: str = "") -> tuple[str, ...]:
        """Return the kinds of the open tasks about the group, that for which its page was opened first."""
        visit = self.life.visit
        kinds = [
            ("handover_question", self.is_question),
            (visit_task(self.life) or "", self.life.is_ongoing and visit is not None and visit.is_open),
            ("newcomer_wanted", self.can_admit),
            ("group_without_meeting", self.is_accompanied and not self.ahead),
            ("group_rest", self.is_rest),
            ("pledge_missing", self.pledge_missing and self.is_accompanied),
        ]
        open_kinds = [kind for kind, is_open in kinds if is_open]
        return tuple(sorted(open_kinds, key=lambda kind: kind != first))

    @property
    def agreed(self) -> int:
        """Number of members who are ready to go on alone."""
        return len(self.life.handover_yes)

    @property
    def can_ask(self) -> bool:
        """True if staff can ask the members whether they are ready."""
        return self.can_be_asked and self.life.handover_asked_at is None and bool(self.life.members)

    @property
    def is_question(self) -> bool:
        """True if staff are to decide with the group whether it goes on alone."""
        return accompaniment.is_question(self.life)

    @property
    def least(self) -> int:
        """Number of meetings with the igangsetter before the group can go on alone."""
        return accompaniment.least_meetings(self.policy)

    @property
    def assumed_at(self) -> datetime:
        """When a handover that nobody records is assumed."""
        return accompaniment.assumed_at(self.life)

    @property
    def handed_over_by(self) -> HandedOverBy | None:
        """The way in which the igangsetter withdrew."""
        return self.life.handed_over_by

    @property
    def reportable(self) -> tuple[Meeting, ...]:
        """The meetings of the last two weeks, on which staff can still report, the newest first."""
        meetings = [
            meeting
            for meeting in self.life.meetings
            if meeting.kind is MeetingKind.WEEKLY
            and meeting.state in _REPORTABLE
            and meeting.ends_at <= self.now <= meeting.ends_at + REPORT_TIME
        ]
        return tuple(reversed(meetings)) if self.life.is_ongoing else ()

    @property
    def pledge_missing(self) -> bool:
        """True while nobody has told that the group has spoken about confidentiality."""
        return self.life.is_ongoing and self.life.pledge_on is None

    @property
    def follow_up_at(self) -> datetime | None:
        """When the return visit is offered, by the rhythm; None if there is none, or if it was."""
        return solo.follow_up_at(self.life)

    @property
    def alive_question_at(self) -> datetime | None:
        """When the group is asked whether it still meets; None if it is asked now, or never."""
        return ending.keep_alive_at(self.life) if self.life.alive_asked_at is None else None

    @property
    def next_by_rhythm(self) -> datetime | None:
        """The next time of the rhythm that is no holiday, at least a day ahead."""
        if self.life.rhythm is None:
            return None
        times = islice(occurrences(self.life.rhythm, self.now + timedelta(days=1)), 60)
        return next((time.starts_at for time in times if time.holiday is None), None)

    @property
    def is_rest(self) -> bool:
        """True if so few are left that staff are to ask whether the group wants to start anew with others."""
        return membership.is_rest(self.life)


async def running_group(
    session: AsyncSession, context: GroupingContext, group: Group, seats: list[Seat], starters: int, now: datetime
) -> RunningGroup | None:
    """Read the life of a group; None before its start, and until the job has opened its life."""
    life = await read_life(session, group, seats)
    if life is None:
        return None
    newcomers = await candidates_for(session, context, group, seats, now) if membership.can_admit(life, now) else ()
    return RunningGroup(
        group=group,
        centre=context.area(group.area)[0],
        room=await store.rooms.get(session, group.place),
        life=life,
        now=now,
        starters=starters,
        newcomers=newcomers,
    )
