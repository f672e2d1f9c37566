"""The choice that a group starts without an igangsetter."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import must_be_forming
from grouping.usecases import audit
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import begin_with_group
from shared.errors import DomainError
from shared.kit.audit import Actor


async def set_self_start(
    session: AsyncSession, context: GroupingContext, group_id: UUID, *, chosen: bool, actor: Actor
) -> None:
    """
    Record that a group starts with the start sheet and no igangsetter, or that it waits for one again.

    Its members hear of the sheet in the mails about the start meeting.

    Raises:
        NotFoundError: ``unknown_group``.
        DomainError: ``group_closed`` or ``group_cancelled``; ``has_igangsetter``.
    """
    uow, group = await begin_with_group(session, context, group_id, actor.now, actor.cause)
    must_be_forming(group.group)
    if group.row.self_start == chosen:
        return
    if chosen and await store.igangsettere.of_group(session, group_id):
        raise DomainError("has_igangsetter", group_id=group_id)
    group.row.self_start = chosen
    group.call_meeting_again()
    await audit.record_group(uow, actor, "group.self_start" if chosen else "group.waits_for_igangsetter", group)
    await uow.stage()
