"""The accounts of igangsettere, as intake's events state them, and their part in the register."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from grouping import store
from grouping.domain.groups import FORMING
from grouping.store import IgangsetterAccount
from grouping.usecases.context import GroupingContext
from grouping.usecases.igangsettere import affected_areas
from grouping.usecases.locking import begin
from grouping.usecases.matching import run_matching_and_stage
from grouping.usecases.starter_events import publish_settled
from shared.events.people import IgangsetterChanged
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause

log = get_logger(__name__)


async def on_igangsetter_changed(
    session: AsyncSession, context: GroupingContext, event: IgangsetterChanged, *, now: datetime, cause: Cause
) -> None:
    """
    Store the newest state of an account; with a closed one nobody is asked for new groups.

    What they are registered with, if staff have registered them before, becomes theirs.
    """
    centre = context.centres.get(event.centre)
    registered = await store.igangsettere.get(session, event.account_id)
    if centre is None or (registered is not None and registered.centre != event.centre):
        log.warning("account_of_other_centre", centre=event.centre)
        return
    uow = await begin(session, context, [area.id for area in centre.areas], now, cause)
    if await store.starters.is_erased(session, event.account_id):
        return
    account = IgangsetterAccount(
        igangsetter_id=event.account_id,
        centre=event.centre,
        version=event.version,
        active=event.active,
        by_mail=event.by_mail,
        language=event.language,
    )
    before = await store.starters.account(session, event.account_id)
    was_active = before.active if before is not None else None
    if not await store.starters.write_account(session, account):
        return
    registered = await store.igangsettere.get(session, event.account_id)
    reopened = was_active is False and event.active
    if registered is not None and (reopened or not event.active):
        registered.active = event.active
        await session.flush()
        await run_matching_and_stage(uow, *affected_areas(centre))


async def forget_igangsetter(
    session: AsyncSession, context: GroupingContext, igangsetter_id: UUID, *, now: datetime, cause: Cause
) -> None:
    """Delete everything about an igangsetter who was erased; groups that they were to start get another."""
    account = await store.starters.account(session, igangsetter_id)
    registered = await store.igangsettere.get(session, igangsetter_id)
    centre_id = account.centre if account is not None else registered.centre if registered is not None else None
    centre = context.centres.get(centre_id or "")
    if centre is None:
        return
    uow = await begin(session, context, [area.id for area in centre.areas], now, cause)
    rows = await store.starters.groups_of(session, igangsetter_id)
    forming = [group.id for group in rows if group.state in FORMING]
    await store.starters.delete_account(session, igangsetter_id)
    registered = await store.igangsettere.get(session, igangsetter_id)
    if registered is None:
        return
    await session.delete(registered)
    await session.flush()
    session.expire_all()
    for group_id in forming:
        await publish_settled(uow, await uow.load_group(group_id))
    await run_matching_and_stage(uow, *affected_areas(centre))
