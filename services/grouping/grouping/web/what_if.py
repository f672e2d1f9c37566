"""What would follow if staff did this or that about a possible group; looking changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.domain.matching.cells import Cell
from grouping.queries import people
from grouping.usecases.context import GroupingContext
from grouping.web.deps import CELL, Coordinator, must_cover
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.web.pages import Pages


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock) -> APIRouter:
    """``/stab/omrader/{area}/hva-om``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/stab/omrader/{area_id}/hva-om")
    async def what_if(
        request: Request, member: Coordinator, area_id: str, cell: Annotated[str, Query(pattern=CELL)]
    ) -> Response:
        must_cover(office, member, area_id)
        async with database.transaction() as session:
            view = await people.what_if(session, office, area_id, Cell.from_key(cell), clock.now())
        if view is None:
            raise HTTPException(404)
        return pages.html(request, "what_if.html", view=view)

    return routes
