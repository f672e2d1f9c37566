"""Consequences of decisions about a possible group; reading them changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from grouping.domain.matching.cells import Cell
from grouping.queries.what_if import what_if_view
from grouping.web.deps import OwnArea, WebDeps
from grouping.web.forms import CELL
from shared.errors import NotFoundError

router = APIRouter(include_in_schema=False)


@router.get("/stab/omrader/{area_id}/hva-om")
async def show_what_if(
    request: Request, deps: WebDeps, area_id: OwnArea, cell: Annotated[str, Query(pattern=CELL)]
) -> Response:
    """Show the consequences of each decision about a cell."""
    view = await what_if_view(
        deps.database, deps.context, deps.snapshots, area_id, Cell.from_key(cell), deps.clock.now()
    )
    if view is None:
        raise NotFoundError("unknown_cell", area=area_id)
    return deps.pages.html(request, "stab/what_if.html", view=view)
