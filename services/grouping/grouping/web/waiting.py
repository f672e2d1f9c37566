"""The page behind the link in the mail that says "you are on the list": how it goes, and what could help."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from grouping.queries import people
from grouping.usecases.context import GroupingContext
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.kit.links import Links
from shared.kit.web.pages import Pages


def router(pages: Pages, database: Database, office: GroupingContext, clock: Clock, links: Links) -> APIRouter:
    """``/venter/{token}``: GET only, and it changes nothing."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/venter/{token}")
    async def show(request: Request, token: str) -> Response:
        signup_id = links.read("waiting", token)
        if signup_id is None:
            return pages.html(request, "seat_unknown.html", 404)
        async with database.transaction() as session:
            view = await people.waiting_view(session, office, signup_id, clock.now())
        if view is None:
            return pages.html(request, "waiting_gone.html", 404)
        return pages.html(request, "waiting.html", view=view)

    return routes
