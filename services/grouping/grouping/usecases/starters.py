"""Ask igangsettere about the groups that they are kept for, take their answers, and ask the next one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain import starters
from grouping.domain.groups import GroupState
from grouping.domain.meetings import SCHEDULED, MeetingState
from grouping.domain.starters import Candidate, GroupNeed, Question, QuestionState, Steps
from grouping.store import Group, Meeting, StarterQuestion
from grouping.usecases import audit
from grouping.usecases.capacity import assign_starters, lock_starters_if_shared, place_of
from grouping.usecases.context import GroupingContext
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.locking import begin_with_group
from grouping.usecases.starter_events import publish_question, publish_settled, settled_of
from grouping.usecases.unit_of_work import UnitOfWork
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.ids import derived_id
from shared.kit.messaging.causes import Cause
from shared.reference.policy import Policy


async def due(session: AsyncSession, context: GroupingContext, now: datetime) -> list[UUID]:
    """Return the groups whose igangsettere are to be asked, or whose questions have changed."""
    group_ids = await store.starters.to_look_at(session)
    found = []
    for group, meeting in await store.groups.with_start_meetings(session, group_ids):
        if await _steps(session, context, group, meeting, now):
            found.append(group.id)
    return sorted(found)


async def settle_group(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Ask whoever is to be asked about a group, and end the questions that are over. Idempotent."""
    uow, group = await _begin(session, context, group_id, now, cause)
    await settle(uow, group)
    await uow.stage()


async def answer(
    session: AsyncSession,
    context: GroupingContext,
    question_id: UUID,
    *,
    yes: bool,
    actor: Actor,
    by_phone: bool = False,
) -> None:
    """
    Take the answer to a question; after a no the next igangsetter is asked at once. The same answer twice is one.

    Args:
        session: The caller's transaction.
        context: Centres and policies.
        question_id: The question.
        yes: The answer.
        actor: The igangsetter, or the member of staff who heard it.
        by_phone: True if staff heard it.

    Raises:
        NotFoundError: ``unknown_question``.
        DomainError: ``question_over``.
    """
    unlocked = await store.starters.question(session, question_id)
    if unlocked is None:
        raise NotFoundError("unknown_question", question_id=question_id)
    uow, group = await _begin(session, context, unlocked.group_id, actor.now, actor.cause)
    row = await store.starters.question(session, question_id)
    if row is None:
        raise NotFoundError("unknown_question", question_id=question_id)
    before, had_said_yes = await settled_of(uow.session, row.group_id), row.state == QuestionState.ACCEPTED
    rule = starters.accept if yes else starters.decline
    state = rule(_question(row), _starts_at(group.row, group.meeting_row), actor.now)
    if state == row.state:
        return
    row.state, row.answered_at = state.value, actor.now
    if not yes:
        await store.igangsettere.unassign(session, row.group_id, [row.igangsetter_id])
    await session.flush()
    account = await store.starters.account(session, row.igangsetter_id)
    publish_question(group, row, account, had_said_yes=had_said_yes)
    await settle(uow, group, settled_before=before)
    action = f"starter.{'accepted' if yes else 'declined'}{'_by_phone' if by_phone else ''}"
    await audit.record_group(uow, actor, action, group)
    await uow.stage()


async def settle(uow: UnitOfWork, group: GroupAggregate, *, settled_before: frozenset[UUID] | None = None) -> None:
    """Do what is due about the questions of a group whose area is locked, and publish who starts it if that differs."""
    session, row = uow.session, group.row
    before = await settled_of(session, row.id) if settled_before is None else settled_before
    steps = await _steps(session, uow.context, row, group.meeting_row, uow.now)
    await _end(uow, group, steps)
    await _ask(uow, group, steps)
    if await settled_of(session, row.id) != before:
        await publish_settled(uow, group)


async def note_chosen_by_staff(uow: UnitOfWork, group: GroupAggregate, chosen: set[UUID]) -> None:
    """Record a yes for igangsettere with an account whom staff have chosen for a group with a date."""
    starts_at = _starts_at(group.row, group.meeting_row)
    if starts_at is None:
        return
    accounts = await store.starters.accounts(uow.session, chosen)
    live = {
        question.igangsetter_id
        for question in (await store.starters.questions_of_groups(uow.session, [group.row.id]))[group.row.id]
        if question.state in starters.LIVE
    }
    for igangsetter_id in sorted({each for each, account in accounts.items() if account.active} - live):
        question = _new_question(uow, group.row.id, igangsetter_id, starts_at)
        question.state, question.answered_at = QuestionState.ACCEPTED.value, uow.now
        uow.session.add(question)
        await uow.session.flush()
        publish_question(group, question, accounts[igangsetter_id])


async def _begin(
    session: AsyncSession, context: GroupingContext, group_id: UUID, now: datetime, cause: Cause
) -> tuple[UnitOfWork, GroupAggregate]:
    uow, group = await begin_with_group(session, context, group_id, now, cause)
    centre = context.centres.get(group.row.centre)
    if centre is not None:
        await lock_starters_if_shared(session, centre)
    return uow, group


async def _end(uow: UnitOfWork, group: GroupAggregate, steps: Steps) -> None:
    """End questions, and free the igangsettere whom the group no longer keeps."""
    over = [(question, QuestionState.WITHDRAWN, reason) for question, reason in steps.withdraw]
    ended = [*over, *((question, QuestionState.LAPSED, None) for question in steps.lapse)]
    accounts = await store.starters.accounts(uow.session, [question.igangsetter_id for question, _, _ in ended])
    for question, state, reason in ended:
        row = await store.starters.question(uow.session, question.id)
        assert row is not None
        row.state, row.answered_at = state.value, uow.now
        publish_question(
            group,
            row,
            accounts.get(question.igangsetter_id),
            reason=reason,
            had_said_yes=question.state is QuestionState.ACCEPTED,
        )
    await uow.session.flush()
    await store.igangsettere.unassign(uow.session, group.row.id, steps.release)


async def _ask(uow: UnitOfWork, group: GroupAggregate, steps: Steps) -> None:
    if not steps.ask:
        return
    starts_at = _starts_at(group.row, group.meeting_row)
    assert starts_at is not None
    await assign_starters(uow.session, group.row, steps.ask, now=uow.now)
    accounts = await store.starters.accounts(uow.session, steps.ask)
    for igangsetter_id in steps.ask:
        question = _new_question(uow, group.row.id, igangsetter_id, starts_at)
        uow.session.add(question)
        await uow.session.flush()
        publish_question(group, question, accounts[igangsetter_id], again=igangsetter_id in steps.again)


def _new_question(uow: UnitOfWork, group_id: UUID, igangsetter_id: UUID, starts_at: datetime) -> StarterQuestion:
    return StarterQuestion(
        id=derived_id(group_id, "starter", igangsetter_id, starts_at.isoformat(), uow.cause.id),
        group_id=group_id,
        igangsetter_id=igangsetter_id,
        state=QuestionState.OPEN.value,
        asked_at=uow.now,
        deadline=starters.deadline(starts_at, uow.now),
        starts_at=starts_at,
    )


async def _steps(
    session: AsyncSession, context: GroupingContext, group: Group, meeting: Meeting | None, now: datetime
) -> Steps:
    rows = (await store.starters.questions_of_groups(session, [group.id]))[group.id]
    need = await _need(session, group, meeting)
    candidates: list[Candidate] = []
    if need.starts_at is not None and len(need.assigned) - len(need.closed) <= need.required:
        candidates = await _candidates(session, context, group, need.starts_at, now)
    return starters.next_steps(need, [_question(row) for row in rows], candidates, now)


async def _need(session: AsyncSession, group: Group, meeting: Meeting | None) -> GroupNeed:
    if group.state == GroupState.STARTED:
        return GroupNeed(None, started=True)
    if group.state == GroupState.CANCELLED:
        return GroupNeed(None, over="cancelled")
    assigned = [igangsetter.id for igangsetter in await store.igangsettere.of_group(session, group.id)]
    accounts = await store.starters.accounts(session, assigned)
    return GroupNeed(
        _starts_at(group, meeting),
        required=0 if group.self_start else Policy.model_validate(group.policy).starters_min,
        assigned=frozenset(assigned),
        askable=frozenset(each for each, account in accounts.items() if account.active),
        closed=frozenset(each for each, account in accounts.items() if not account.active),
    )


async def _candidates(
    session: AsyncSession, context: GroupingContext, group: Group, starts_at: datetime, now: datetime
) -> list[Candidate]:
    """Return the igangsettere with an open account who are free for a group, in its language and within reach."""
    known = context.centres.area(group.area)
    place = await place_of(session, known[1], group.place) if known else None
    if place is None:
        return []
    workloads = await store.igangsettere.of_centres(session, [group.centre], now)
    accounts = await store.starters.accounts(session, [workload.igangsetter.id for workload in workloads])
    at_that_time = await store.starters.busy_at(session, starts_at, group.id)
    found = []
    for workload in workloads:
        igangsetter = workload.igangsetter
        account = accounts.get(igangsetter.id)
        free = account is not None and account.active and workload.free > 0 and igangsetter.id not in at_that_time
        able = group.slot in set(igangsetter.slots) - workload.slots and group.spoken_language in igangsetter.languages
        km = place.km_from(igangsetter.latitude, igangsetter.longitude)
        if free and able and km <= igangsetter.reach_km:
            found.append(Candidate(igangsetter.id, workload.groups, km))
    return found


def _starts_at(group: Group, meeting: Meeting | None) -> datetime | None:
    """Return the start meeting of a confirmed group; None while it has no date."""
    dated = meeting is not None and MeetingState(meeting.state) in SCHEDULED
    return meeting.starts_at if meeting is not None and dated and group.state == GroupState.CONFIRMED else None


def _question(row: StarterQuestion) -> Question:
    return Question(row.id, row.igangsetter_id, QuestionState(row.state), row.deadline, row.starts_at)
