"""The coming weeks of the igangsettere of some centres: who meets which group when, and who is free."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.starters import QuestionState
from grouping.queries.igangsettere import IgangsetterRow, igangsetter_rows
from grouping.store import Group, Meeting
from grouping.usecases.context import GroupingContext
from shared.timezone import OSLO_TZ, monday_of

WEEKS: Final = 6
"""Coming weeks, with this one."""

_STATUSES: Final = ("free", "busy", "paused")


@dataclass(frozen=True)
class StarterMeeting:
    """
    A group that an igangsetter has.

    Attributes:
        meeting: A scheduled meeting of it; None while it has no date.
        asked: True while the igangsetter has not answered if they start the group.
    """

    group: Group
    meeting: Meeting | None
    asked: bool

    @property
    def day(self) -> date | None:
        """The day of the meeting, Oslo time; None without one."""
        return self.meeting.starts_at.astimezone(OSLO_TZ).date() if self.meeting is not None else None


@dataclass(frozen=True)
class WeeksRow:
    """One igangsetter with the meetings that they have ahead, by time."""

    row: IgangsetterRow
    meetings: tuple[StarterMeeting, ...]

    def in_week(self, monday: date) -> tuple[StarterMeeting, ...]:
        """Return the meetings of the week that begins on a Monday."""
        return tuple(each for each in self.meetings if each.day is not None and monday_of(each.day) == monday)

    def beyond(self, mondays: Collection[date]) -> tuple[StarterMeeting, ...]:
        """Return the groups without a date, and the meetings after the last of these weeks."""
        end = max(mondays) + timedelta(days=7)
        return tuple(each for each in self.meetings if each.day is None or each.day >= end)


def coming_weeks(now: datetime) -> tuple[date, ...]:
    """Return the Monday of each coming week, this week's first."""
    monday = monday_of(now.astimezone(OSLO_TZ).date())
    return tuple(monday + timedelta(weeks=number) for number in range(WEEKS))


async def weeks_rows(
    session: AsyncSession, context: GroupingContext, centres: Collection[str], now: datetime
) -> tuple[WeeksRow, ...]:
    """Read the igangsettere of some centres with what they have ahead: those that are free first, then by label."""
    rows = await igangsetter_rows(session, context, centres, now)
    ahead = await store.igangsettere.ahead(session, [row.igangsetter.id for row in rows], now)
    questions = await store.starters.questions_of_groups(session, {group.id for _, group, _ in ahead})
    asked = {
        (question.igangsetter_id, question.group_id)
        for of_group in questions.values()
        for question in of_group
        if question.state == QuestionState.OPEN
    }
    meetings: defaultdict[UUID, list[StarterMeeting]] = defaultdict(list)
    for igangsetter_id, group, meeting in ahead:
        is_asked = (igangsetter_id, group.id) in asked
        meetings[igangsetter_id].append(StarterMeeting(group, meeting, is_asked))
    found = [WeeksRow(row, tuple(meetings[row.igangsetter.id])) for row in rows]
    return tuple(sorted(found, key=lambda each: (_STATUSES.index(each.row.status), len(each.meetings))))
