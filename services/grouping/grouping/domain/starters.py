"""
The question to an igangsetter whether they start a group: asked, answered, and passed on to the next.

An igangsetter with an account is asked once the start meeting has a date, and answers within two days; else the next
is asked. Whoever is asked counts as taken, so that nobody is asked for more than they can have.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from shared.errors import DomainError

ANSWER_TIME: Final = timedelta(days=2)


class QuestionState(StrEnum):
    """
    The states of a question; ``open`` and ``accepted`` are live.

    Attributes:
        LAPSED: Not answered in time, or not before the meeting.
        WITHDRAWN: No longer asked: the group is called off or moved, staff have chosen another, or the account is
            closed.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


LIVE: Final = frozenset({QuestionState.OPEN, QuestionState.ACCEPTED})

WithdrawReason = Literal["cancelled", "postponed", "moved", "other_chosen", "account_closed"]


@dataclass(frozen=True, slots=True)
class Question:
    """
    One question to one igangsetter about one group.

    Attributes:
        deadline: Without an answer until then, the next one is asked.
        starts_at: The start meeting that they are asked about.
    """

    id: UUID
    igangsetter_id: UUID
    state: QuestionState
    deadline: datetime
    starts_at: datetime

    @property
    def is_live(self) -> bool:
        """True while the igangsetter is kept for the group."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    An igangsetter who could take a group: free, at that time, in that language, within reach.

    Attributes:
        groups: Number of groups that they have.
        distance_km: From their home to the group.
    """

    igangsetter_id: UUID
    groups: int
    distance_km: float


@dataclass(frozen=True)
class GroupNeed:
    """
    The need of a group for igangsettere.

    Attributes:
        starts_at: Its start meeting; None while it has no date, or no longer needs one.
        over: Why nobody is to be asked any more; None while the group is to start.
        started: True once it has started: who has said yes stays.
        required: Number of igangsettere by its policy.
        assigned: Those who are kept for it.
        askable: Those of them with an open account, who are asked.
        closed: Those of them with a closed account.
    """

    starts_at: datetime | None
    over: WithdrawReason | None = None
    started: bool = False
    required: int = 0
    assigned: frozenset[UUID] = frozenset()
    askable: frozenset[UUID] = frozenset()
    closed: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Steps:
    """
    The changes that are due to the questions of a group.

    Attributes:
        withdraw: Questions that are no longer asked, each with the reason.
        lapse: Questions whose deadline has passed.
        release: Igangsettere who are free again.
        ask: Igangsettere to ask; those who are not assigned are assigned.
        again: Those of them who are asked because the group has another time.
    """

    withdraw: tuple[tuple[Question, WithdrawReason], ...] = ()
    lapse: tuple[Question, ...] = ()
    release: tuple[UUID, ...] = ()
    ask: tuple[UUID, ...] = ()
    again: frozenset[UUID] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.withdraw or self.lapse or self.release or self.ask)


def next_steps(
    need: GroupNeed, questions: Sequence[Question], candidates: Collection[Candidate], now: datetime
) -> Steps:
    """
    Return what is to be done now; doing it leaves nothing to do.

    Args:
        need: The group.
        questions: All its questions so far.
        candidates: Those with an open account who could take it.
        now: The time.
    """
    live = [question for question in questions if question.is_live]
    if need.started:
        open_questions = tuple(question for question in live if question.state is QuestionState.OPEN)
        return Steps(lapse=open_questions, release=tuple(question.igangsetter_id for question in open_questions))
    if need.over is not None:
        return Steps(withdraw=tuple((question, need.over) for question in live))
    if need.starts_at is None or need.starts_at <= now:
        open_questions = tuple(question for question in live if question.state is QuestionState.OPEN)
        return Steps(withdraw=tuple((question, "postponed") for question in open_questions))
    return _of_called_group(need, need.starts_at, questions, live, candidates, now)


def _of_called_group(
    need: GroupNeed,
    starts_at: datetime,
    questions: Sequence[Question],
    live: Sequence[Question],
    candidates: Collection[Candidate],
    now: datetime,
) -> Steps:
    withdraw: list[tuple[Question, WithdrawReason]] = []
    lapse: list[Question] = []
    kept: set[UUID] = set()
    for question in live:
        if question.igangsetter_id not in need.assigned:
            withdraw.append((question, "other_chosen"))
        elif question.igangsetter_id in need.closed:
            withdraw.append((question, "account_closed"))
        elif question.starts_at != starts_at:
            withdraw.append((question, "moved"))
        elif question.state is QuestionState.OPEN and question.deadline <= now:
            lapse.append(question)
        else:
            kept.add(question.igangsetter_id)
    release = {question.igangsetter_id for question in lapse} | (need.closed & need.assigned)
    moved = {question.igangsetter_id for question, reason in withdraw if reason == "moved"}
    refused = {
        question.igangsetter_id for question in questions if question.starts_at == starts_at and not question.is_live
    }
    release |= (need.askable & need.assigned & refused) - kept  # the register has given them the group once more
    refused |= release
    ask = sorted((need.askable & need.assigned) - kept - release)
    missing = need.required - len(need.assigned - release)
    others = [each for each in candidates if each.igangsetter_id not in refused | need.assigned]
    best = sorted(others, key=lambda each: (each.groups, each.distance_km, each.igangsetter_id))
    ask += [candidate.igangsetter_id for candidate in best[: max(0, missing)]]
    return Steps(tuple(withdraw), tuple(lapse), tuple(sorted(release)), tuple(ask), frozenset(moved))


def deadline(starts_at: datetime, now: datetime) -> datetime:
    """Return until when a question asked now can be answered."""
    return min(now + ANSWER_TIME, starts_at)


def accept(question: Question, starts_at: datetime | None, now: datetime) -> QuestionState:
    """
    Return the state after a yes.

    Raises:
        DomainError: ``question_over`` if it is no longer asked, or about another time than the group has now.
    """
    if question.state is QuestionState.ACCEPTED:
        return question.state
    if question.state is not QuestionState.OPEN or question.starts_at != starts_at or question.deadline <= now:
        raise DomainError("question_over", question_id=question.id)
    return QuestionState.ACCEPTED


def decline(question: Question, starts_at: datetime | None, now: datetime) -> QuestionState:
    """
    Return the state after a no, which also takes a yes back until the meeting.

    Raises:
        DomainError: ``question_over`` if it is no longer asked.
    """
    if question.state is QuestionState.DECLINED:
        return question.state
    if not question.is_live or (starts_at is not None and starts_at <= now):
        raise DomainError("question_over", question_id=question.id)
    return QuestionState.DECLINED
