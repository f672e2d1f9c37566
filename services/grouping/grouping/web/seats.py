"""The page behind the link in a mail: a seat, and one question about it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries import groups
from grouping.usecases import seats
from grouping.usecases.context import GroupingContext
from shared.errors import DomainError
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.failpoints import failpoint
from shared.kit.links import Links
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf
from shared.kit.web.pages import Pages


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock, links: Links) -> APIRouter:
    """``/plass/{token}``: GET shows and changes nothing, POST answers."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/plass/{token}")
    async def show(request: Request, token: str) -> Response:
        seat_id = links.read("seat", token)
        if seat_id is None:
            return pages.html(request, "seat_unknown.html", 404)
        async with database.transaction() as session:
            view = await groups.seat_view(session, office, seat_id, clock.now())
        if view is None:
            # The link was signed here, so there was such a seat.
            return pages.html(request, "seat_forgotten.html", 404)
        return pages.html(request, "seat.html", view=view, action=f"/plass/{token}")

    @routes.post("/plass/{token}")
    async def answer(
        request: Request,
        token: str,
        _check: Annotated[csrf.FormCheck, Depends(csrf.protect)],
        answer: Annotated[Literal["yes", "no"], Form()],
    ) -> Response:
        seat_id = links.read("seat", token)
        if seat_id is None:
            raise HTTPException(404)
        try:
            async with database.transaction() as session:
                await seats.answer_seat(
                    session, office, seat_id, yes=answer == "yes", now=clock.now(), cause=Cause.fresh()
                )
                failpoint("web.before_commit")
            failpoint("web.after_commit")
        except DomainError as refusal:
            if refusal.slug == "unknown_seat":
                return pages.html(request, "seat_forgotten.html", 404)
            # Too late, or closed: the page itself says honestly how things stand.
        return pages.redirect(request, f"/plass/{token}")

    return routes
