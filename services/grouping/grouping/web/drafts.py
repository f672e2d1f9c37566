"""A group that nobody has heard of: told now, or taken back."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.usecases import groups
from grouping.usecases.context import GroupingContext
from grouping.web.deps import Check, Coordinator, by
from grouping.web.groups import own_group
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.web.pages import Pages


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/grupper/{group}/si-fra`` and ``/angre``."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/stab/grupper/{group_id}/si-fra")
    async def tell(request: Request, member: Coordinator, _check: Check, group_id: UUID) -> Response:
        await own_group(database, office, member, group_id)
        async with database.transaction() as session:
            await groups.publish_draft_now(session, office, group_id, **by(member, clock))
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    @routes.post("/stab/grupper/{group_id}/angre")
    async def undo(request: Request, member: Coordinator, _check: Check, group_id: UUID) -> Response:
        view = await own_group(database, office, member, group_id)
        async with database.transaction() as session:
            await groups.undo_draft(session, office, group_id, **by(member, clock))
        return pages.redirect(request, f"/stab/omrader/{view.group.area}")

    return routes
