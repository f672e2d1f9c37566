"""The events of a group about its igangsettere."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.starters import QuestionState
from grouping.store import IgangsetterAccount, StarterQuestion
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.unit_of_work import UnitOfWork


async def settled_of(session: AsyncSession, group_id: UUID) -> frozenset[UUID]:
    """Return the igangsettere who start a group; with an account only those who have said yes."""
    questions = (await store.starters.questions_of_groups(session, [group_id]))[group_id]
    accepted = {question.igangsetter_id for question in questions if question.state == QuestionState.ACCEPTED}
    assigned = {igangsetter.id for igangsetter in await store.igangsettere.of_group(session, group_id)}
    with_account = (await store.starters.accounts(session, assigned)).keys()
    return frozenset((assigned - with_account) | (assigned & accepted))


async def publish_settled(uow: UnitOfWork, group: GroupAggregate) -> None:
    """Publish who starts a group that people know of."""
    if not group.is_draft:
        group.events.igangsetter_settled(sorted(await settled_of(uow.session, group.row.id)))


def publish_question(
    group: GroupAggregate,
    question: StarterQuestion,
    account: IgangsetterAccount | None,
    *,
    again: bool = False,
    reason: str | None = None,
    had_said_yes: bool = False,
) -> None:
    """Publish a question in its newest state; nothing about an igangsetter without an account."""
    if account is None:
        return
    meeting = group.group.start_meeting
    if question.state == QuestionState.OPEN:
        group.events.igangsetter_asked(question, account, meeting, place_text=group.place_name, again=again)
        return
    accepted = question.state == QuestionState.ACCEPTED
    place = meeting.place_text if meeting is not None and accepted else group.place_name
    group.events.igangsetter_answered(
        question, account, meeting, place_text=place, reason=reason, had_said_yes=had_said_yes
    )
