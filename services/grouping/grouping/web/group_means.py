"""Who starts a group, and its room."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries import rooms
from grouping.usecases import igangsettere
from grouping.usecases import rooms as commands
from grouping.usecases.context import GroupingContext
from grouping.usecases.locking import By
from grouping.web.deps import Check, Coordinator, by
from grouping.web.groups import own_group
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.web.pages import Pages


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/grupper/{group}/igangsettere`` and ``/rom-ledig``."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/stab/grupper/{group_id}/igangsettere")
    async def set_starters(
        request: Request,
        member: Coordinator,
        _check: Check,
        group_id: UUID,
        starters: Annotated[list[UUID] | None, Form()] = None,
    ) -> Response:
        view = await own_group(database, office, member, group_id)
        chosen = frozenset(starters or ())
        async with database.transaction() as session:
            lines = await rooms.igangsetter_lines(session, office, [view.centre.id], clock.now())
        if not chosen <= {line.busy.igangsetter.id for line in lines}:
            raise HTTPException(404)
        async with database.transaction() as session:
            await igangsettere.set_starters(session, office, group_id, chosen, by=By(**by(member, clock)))
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    @routes.post("/stab/grupper/{group_id}/rom-ledig")
    async def free_room(request: Request, member: Coordinator, _check: Check, group_id: UUID) -> Response:
        await own_group(database, office, member, group_id)
        async with database.transaction() as session:
            await commands.release_room(session, office, group_id, by=By(**by(member, clock)))
        return pages.redirect(request, f"/stab/grupper/{group_id}")

    return routes
