"""The page of a seat, behind the link in a mail: GET shows the seat, POST answers the offer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries.seats import current_seat_id, seat_view
from grouping.usecases import seats
from grouping.usecases.coming import confirm_coming
from grouping.usecases.seat_returns import take_back_seat
from grouping.web.deps import Check, SeatLink, WebDeps
from shared.errors import DomainError
from shared.kit.failpoints import failpoint
from shared.kit.messaging.causes import Cause
from shared.reference.link_purposes import GROUP

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
    group = f"/gruppe/{deps.links.token(GROUP, view.seat.id)}"
    return deps.pages.html(request, "seat.html", view=view, centre=view.centre, action=f"/plass/{token}", group=group)


@router.post("/plass/{token}")
async def answer_seat(
    request: Request,
    deps: WebDeps,
    seat_id: SeatLink,
    token: str,
    _check: Check,
    answer: Annotated[Literal["yes", "no", "back", "coming"], Form()],
) -> Response:
    """Take or decline the seat, take a declined one back, or say that one still comes to the start meeting."""
    if seat_id is None:
        raise HTTPException(404)
    try:
        async with deps.database.transaction() as session:
            now, cause = deps.clock.now(), Cause.fresh()
            if answer == "back":
                await take_back_seat(session, deps.context, seat_id, now=now, cause=cause)
            elif answer == "coming":
                current_id = await current_seat_id(session, seat_id)
                await confirm_coming(session, deps.context, current_id, now=now, cause=cause)
            else:
                current_id = await current_seat_id(session, seat_id)
                await seats.answer_seat(session, deps.context, current_id, yes=answer == "yes", now=now, cause=cause)
            failpoint("web.before_commit")
        failpoint("web.after_commit")
    except DomainError as error:
        if error.slug == "unknown_seat":
            return deps.pages.html(request, "seat_deleted.html", 404)
        # Lapsed or closed: the page itself explains the state of the seat.
    return deps.pages.redirect(request, f"/plass/{token}")
