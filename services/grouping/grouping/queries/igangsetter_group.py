"""One group for the igangsetter who starts it, from seven days before its first meeting until the handover."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState, SeatState
from grouping.domain.life.model import LifeState
from grouping.domain.starters import QuestionState
from grouping.queries.groups import can_report_start, date_of
from grouping.queries.rooms import place_name
from grouping.queries.running_groups import RunningGroup, running_group
from grouping.store import Group, Meeting, StarterQuestion
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Centre
from shared.reference.policy import Policy

NAMES_BEFORE: Final = timedelta(days=7)
"""Time before the start meeting from which the first names are shown; intake checks the same."""

StarterPage = Literal["coming", "starting", "accompanied", "over"]


@dataclass(frozen=True, kw_only=True)
class StarterGroup:
    """
    A group for its igangsetter: nothing about who came, and nobody's answers.

    Attributes:
        page: Before the start; just after it; with the igangsetter; or over for them.
        question: The yes that can be taken back before the start; None if staff have chosen them without one.
        person_ids: The members, while their first names may be shown; else nobody.
        running: The life of the group; None before its start.
        can_report: True if they can say whether the start meeting was held.
    """

    group: Group
    centre: Centre
    place_name: str
    number: int
    start_meeting: Meeting | None
    page: StarterPage
    now: datetime
    question: StarterQuestion | None
    person_ids: tuple[UUID, ...]
    running: RunningGroup | None
    can_report: bool

    @property
    def named_at(self) -> datetime | None:
        """The start meeting, by which the group is called."""
        return date_of(self.start_meeting)

    @property
    def policy(self) -> Policy:
        """The policy that the group keeps."""
        return Policy.model_validate(self.group.policy)

    @property
    def names_from(self) -> datetime | None:
        """From when the first names are shown; None while the start meeting has no date."""
        at = self.named_at
        return at - NAMES_BEFORE if at is not None else None

    @property
    def shows_names(self) -> bool:
        """True from seven days before the start meeting until the handover."""
        return bool(self.person_ids)

    @property
    def path(self) -> str:
        """Its page."""
        return f"/igangsetter/grupper/{self.group.id}"


async def starter_group(
    session: AsyncSession, context: GroupingContext, group_id: UUID, igangsetter_id: UUID, now: datetime
) -> StarterGroup | None:
    """Read a group for an igangsetter who starts it; None for everybody else."""
    if igangsetter_id not in {each.id for each in await store.igangsettere.of_group(session, group_id)}:
        return None
    ((group, meeting),) = await store.groups.with_start_meetings(session, [group_id])
    questions = (await store.starters.questions_of_groups(session, [group_id]))[group_id]
    question = next((each for each in reversed(questions) if each.igangsetter_id == igangsetter_id), None)
    accepted = question is None or question.state == QuestionState.ACCEPTED
    if not accepted or group.state not in (GroupState.CONFIRMED, GroupState.STARTED):
        return None
    centre, area = context.area(group.area)
    seats = (await store.seats.of_groups(session, [group_id]))[group_id]
    running = await running_group(session, context, group, seats, 1, now)
    page = _page(group, running)
    shown = page in ("starting", "accompanied")
    if page == "coming" and meeting is not None and not meeting.is_postponed:
        shown = now >= meeting.starts_at - NAMES_BEFORE
    members = running.life.members if running is not None else {seat.id for seat in seats if _is_member(seat.state)}
    return StarterGroup(
        group=group,
        centre=centre,
        place_name=await place_name(session, area, group.place),
        number=(await store.group_numbers.numbers(session, [group_id])).get(group_id, 1),
        start_meeting=meeting,
        page=page,
        now=now,
        question=question,
        person_ids=tuple(sorted(seat.person_id for seat in seats if seat.id in members)) if shown else (),
        running=running,
        can_report=page != "over" and can_report_start(group, seats, meeting, now),
    )


def _is_member(state: str) -> bool:
    return state == SeatState.TAKEN


def _page(group: Group, running: RunningGroup | None) -> StarterPage:
    if group.state == GroupState.CONFIRMED:
        return "coming"
    if running is None:
        return "starting"
    return "accompanied" if running.life.state is LifeState.ACCOMPANIED else "over"
