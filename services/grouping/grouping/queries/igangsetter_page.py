"""The page of one igangsetter: what they are asked, and the groups that they start."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import GroupState
from grouping.domain.life.model import LifeState
from grouping.domain.starters import QuestionState
from grouping.queries.groups import date_of
from grouping.queries.rooms import place_name
from grouping.store import Group, Igangsetter, Life, Meeting, StarterQuestion
from grouping.usecases.context import GroupingContext
from shared.reference.centres import Centre

Phase = Literal["asked", "coming", "postponed", "accompanied"]


@dataclass(frozen=True)
class OwnGroup:
    """
    A group of an igangsetter, as they see it in the list.

    Attributes:
        phase: They are asked about it, it is to start, its date is taken back, or it has started with them.
        question: The newest question to them about it; None if staff have chosen them before there was one.
        number: See :mod:`grouping.store.group_numbers`.
    """

    group: Group
    centre: Centre
    place_name: str
    number: int
    start_meeting: Meeting | None
    phase: Phase
    question: StarterQuestion | None
    life: Life | None = None

    @property
    def named_at(self) -> datetime | None:
        """The start meeting, by which the group is called."""
        return date_of(self.start_meeting)

    @property
    def path(self) -> str:
        """Its page."""
        return f"/igangsetter/grupper/{self.group.id}"


@dataclass(frozen=True)
class OwnPage:
    """
    Everything on the page of an igangsetter.

    Attributes:
        registered: Their times, reach and languages; None until they have registered them.
        groups: Their groups, what they are asked first, and then by date.
    """

    centre: Centre
    registered: Igangsetter | None
    groups: tuple[OwnGroup, ...]

    @property
    def asked(self) -> tuple[OwnGroup, ...]:
        """The groups that they are asked about."""
        return tuple(own for own in self.groups if own.phase == "asked")

    @property
    def own(self) -> tuple[OwnGroup, ...]:
        """The groups that they start."""
        return tuple(own for own in self.groups if own.phase != "asked")


@dataclass(frozen=True)
class StarterRef:
    """The ids of a question to an igangsetter."""

    id: UUID
    igangsetter_id: UUID
    group_id: UUID
    centre_id: str


async def starter_ref(session: AsyncSession, question_id: UUID) -> StarterRef | None:
    """Read the ids of a question; None if it has been deleted."""
    question = await store.starters.question(session, question_id)
    group = await store.groups.get(session, question.group_id) if question is not None else None
    if question is None or group is None:
        return None
    return StarterRef(question.id, question.igangsetter_id, group.id, group.centre)


QuestionPage = Literal["open", "accepted", "declined", "lapsed", "over", "started"]


@dataclass(frozen=True)
class QuestionView(OwnGroup):
    """
    A question behind the link in its mail.

    Attributes:
        page: Its state in words.
    """

    page: QuestionPage = "over"


async def question_view(
    session: AsyncSession, context: GroupingContext, question_id: UUID, now: datetime
) -> QuestionView | None:
    """Read a question for the igangsetter who has its link; None if it has been deleted."""
    question = await store.starters.question(session, question_id)
    if question is None:
        return None
    ((group, meeting),) = await store.groups.with_start_meetings(session, [question.group_id])
    centre, area = context.area(group.area)
    numbers = await store.group_numbers.numbers(session, [group.id])
    return QuestionView(
        group,
        centre,
        await place_name(session, area, group.place),
        numbers.get(group.id, 1),
        meeting,
        "asked",
        question,
        page=_page_of(question, group, now),
    )


def _page_of(question: StarterQuestion, group: Group, now: datetime) -> QuestionPage:
    match QuestionState(question.state):
        case QuestionState.OPEN:
            return "open" if now < question.deadline and group.state == GroupState.CONFIRMED else "lapsed"
        case QuestionState.ACCEPTED:
            return "accepted" if group.state == GroupState.CONFIRMED else "started"
        case QuestionState.DECLINED:
            return "declined"
        case QuestionState.LAPSED:
            return "lapsed"
        case QuestionState.WITHDRAWN:
            return "over"


async def own_page(
    session: AsyncSession, context: GroupingContext, igangsetter_id: UUID, centre: Centre, now: datetime
) -> OwnPage:
    """Read the page of an igangsetter of a centre."""
    registered = await store.igangsettere.get(session, igangsetter_id)
    if registered is None:
        return OwnPage(centre, None, ())
    rows = await store.starters.groups_of(session, igangsetter_id)
    meetings = {
        group.id: meeting
        for group, meeting in await store.groups.with_start_meetings(session, [row.id for row in rows])
    }
    questions = await store.starters.questions_of_groups(session, [row.id for row in rows])
    numbers = await store.group_numbers.numbers(session, [row.id for row in rows])
    own = []
    for group in rows:
        meeting = meetings.get(group.id)
        question = next((each for each in reversed(questions[group.id]) if each.igangsetter_id == igangsetter_id), None)
        life = await store.lives.get(session, group.id) if group.state == GroupState.STARTED else None
        phase = _phase(group, meeting, question, life, now)
        if phase is None:
            continue
        place = await place_name(session, context.area(group.area)[1], group.place)
        own.append(OwnGroup(group, centre, place, numbers.get(group.id, 1), meeting, phase, question, life))
    own.sort(key=lambda each: (each.start_meeting is None, each.named_at or now, each.group.id))
    return OwnPage(centre, registered, tuple(own))


def _phase(
    group: Group, meeting: Meeting | None, question: StarterQuestion | None, life: Life | None, now: datetime
) -> Phase | None:
    """Return what a group is to an igangsetter who is kept for it; None for nothing that they see."""
    if group.state == GroupState.STARTED:
        return "accompanied" if life is None or life.state == LifeState.ACCOMPANIED else None
    if group.state != GroupState.CONFIRMED or meeting is None:
        return None
    if question is not None and question.state == QuestionState.OPEN:
        return "asked" if now < question.deadline else None
    if meeting.is_postponed:
        return "postponed"
    return "coming"
