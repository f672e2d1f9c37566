"""The page of a waiting person, behind the link in a mail: the outlook, and changes that would help."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.queries.waiting import waiting_view
from grouping.web.deps import WaitingLink, WebDeps
from shared.reference.link_purposes import GROUP, LEAVE, SEAT, STILL_WAITING, TALK

router = APIRouter(include_in_schema=False)


@router.get("/venter/{token}")
async def show_waiting(request: Request, deps: WebDeps, signup_id: WaitingLink) -> Response:
    """Show the outlook to a waiting person."""
    if signup_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    view = await waiting_view(deps.database, deps.context, deps.snapshots, signup_id, deps.clock.now())
    if view is None:
        return deps.pages.html(request, "waiting_gone.html", 404)
    links = deps.links
    return deps.pages.html(
        request,
        "waiting.html",
        view=view,
        centre=view.centre,
        seat=f"/plass/{links.token(SEAT, view.seat_id)}" if view.seat_id else "",
        group=f"/gruppe/{links.token(GROUP, view.seat_id)}" if view.seat_id else "",
        still_waiting=f"/fortsatt/{links.token(STILL_WAITING, signup_id)}",
        talk=f"/prat/{links.token(TALK, signup_id)}",
        leave=f"/meld-av/{links.token(LEAVE, signup_id)}",
    )
