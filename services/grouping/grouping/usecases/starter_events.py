"""The events of a group about its igangsettere."""

from grouping import store
from grouping.domain.starters import LIVE, QuestionState
from grouping.store import IgangsetterAccount, StarterQuestion
from grouping.usecases.group_aggregate import GroupAggregate
from grouping.usecases.unit_of_work import UnitOfWork


async def publish_settled(uow: UnitOfWork, group: GroupAggregate) -> None:
    """Publish who starts a group; who has not answered yet is not among them."""
    open_to = {
        question.igangsetter_id
        for question in (await store.starters.questions_of_groups(uow.session, [group.row.id]))[group.row.id]
        if question.state == QuestionState.OPEN
    }
    assigned = {igangsetter.id for igangsetter in await store.igangsettere.of_group(uow.session, group.row.id)}
    if not group.is_draft:
        group.events.igangsetter_settled(sorted(assigned - open_to))


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
    else:
        place = meeting.place_text if meeting is not None and question.state in LIVE else group.place_name
        group.events.igangsetter_answered(
            question, account, meeting, place_text=place, reason=reason, had_said_yes=had_said_yes
        )
