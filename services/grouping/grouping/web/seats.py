"""The page of a seat, behind the link in a mail: GET shows the seat, POST answers the offer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries.seats import seat_view
from grouping.usecases import seats
from grouping.web.deps import Check, SeatLink, WebDeps
from shared.errors import DomainError
from shared.kit.failpoints import failpoint
from shared.kit.messaging.causes import Cause

router = APIRouter(include_in_schema=False)


@router.get("/plass/{token}")
async def show_seat(request: Request, deps: WebDeps, seat_id: SeatLink, token: str) -> Response:
    """Show a seat to its owner."""
    if seat_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    async with deps.database.transaction() as session:
        view = await seat_view(session, deps.context, seat_id, deps.clock.now())
    if view is None:
        # The link was signed here, so the seat existed and has been deleted.
        return deps.pages.html(request, "seat_deleted.html", 404)
    return deps.pages.html(request, "seat.html", view=view, action=f"/plass/{token}")


@router.post("/plass/{token}")
async def answer_seat(
    request: Request,
    deps: WebDeps,
    seat_id: SeatLink,
    token: str,
    _check: Check,
    answer: Annotated[Literal["yes", "no"], Form()],
) -> Response:
    """Take or decline the seat."""
    if seat_id is None:
        raise HTTPException(404)
    try:
        async with deps.database.transaction() as session:
            await seats.answer_seat(
                session, deps.context, seat_id, yes=answer == "yes", now=deps.clock.now(), cause=Cause.fresh()
            )
            failpoint("web.before_commit")
        failpoint("web.after_commit")
    except DomainError as error:
        if error.slug == "unknown_seat":
            return deps.pages.html(request, "seat_deleted.html", 404)
        # Lapsed or closed: the page itself explains the state of the seat.
    return deps.pages.redirect(request, f"/plass/{token}")
