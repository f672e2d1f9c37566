"""The page of a waiting person, behind the link in a mail: the outlook, and changes that would help."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.queries.waiting import waiting_view
from grouping.web.deps import WaitingLink, WebDeps

router = APIRouter(include_in_schema=False)


@router.get("/venter/{token}")
async def show_waiting(request: Request, deps: WebDeps, signup_id: WaitingLink) -> Response:
    """Show the outlook to a waiting person."""
    if signup_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    view = await waiting_view(deps.database, deps.context, deps.snapshots, signup_id, deps.clock.now())
    if view is None:
        return deps.pages.html(request, "waiting_gone.html", 404)
    return deps.pages.html(request, "waiting.html", view=view)
