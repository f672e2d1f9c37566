"""The page of a member of a dissolved group, behind the link in a mail: GET shows the ways on, POST chooses one."""

from typing import Annotated, Final, get_args

from fastapi import APIRouter, Form, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.queries.ways_on import way_on_view
from grouping.usecases import departures
from grouping.web.deps import Check, WayOnLink, WebDeps
from shared.errors import DomainError
from shared.events.group_life import WayOn
from shared.kit.messaging.causes import Cause

router = APIRouter(include_in_schema=False)

WAYS: Final = frozenset(get_args(WayOn))


@router.get("/videre/{token}")
async def show_ways_on(
    request: Request, deps: WebDeps, seat_id: WayOnLink, token: str, valgt: Annotated[str, Query()] = ""
) -> Response:
    """Show the ways on to a member, or what follows from the one they have chosen."""
    if seat_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    async with deps.database.transaction() as session:
        view = await way_on_view(session, deps.context, seat_id)
    if view is None and valgt in WAYS:
        # With the last choice the members are forgotten.
        return deps.pages.html(request, "way_on_chosen.html", chosen=valgt, view=None)
    if view is None:
        # The link was signed here, so there was a member.
        return deps.pages.html(request, "way_on_gone.html", 410)
    template = "ways_on.html" if view.page == "choose" else "way_on_chosen.html"
    return deps.pages.html(
        request, template, view=view, centre=view.centre, chosen=view.page, action=f"/videre/{token}"
    )


@router.post("/videre/{token}")
async def choose_way_on(
    request: Request,
    deps: WebDeps,
    seat_id: WayOnLink,
    token: str,
    _check: Check,
    way: Annotated[WayOn, Form()],
    same_people: Annotated[bool, Form()] = False,
) -> Response:
    """Choose a way on; the first choice counts."""
    if seat_id is None:
        raise HTTPException(404)
    try:
        async with deps.database.transaction() as session:
            await departures.choose_way_on(
                session,
                deps.context,
                seat_id,
                way,
                with_same_people=same_people,
                now=deps.clock.now(),
                cause=Cause.fresh(),
            )
    except DomainError:  # chosen before, forgotten, or not dissolved: the page itself says so
        return deps.pages.redirect(request, f"/videre/{token}")
    return deps.pages.redirect(request, f"/videre/{token}?valgt={way}")
