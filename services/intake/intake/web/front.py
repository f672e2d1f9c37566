"""The front page: the place of a person's home first, then the wait there."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.crisis import is_acute
from intake.queries.waiting import Wait, wait_in
from intake.usecases.locations import Location
from intake.web.acute import ACUTE_PATH
from intake.web.deps import Deps, WebDeps
from intake.web.signup_form import locate, shown_form, with_errors
from shared.kit.messaging.retry import is_infrastructure
from shared.reference.areas import Area
from shared.reference.centres import Centre
from shared.reference.northern_sami import NORTHERN_SAMI_KOMMUNER
from shared.timezone import OSLO_TZ

router = APIRouter(include_in_schema=False)

MAX_PLACE: Final = 100
"""Characters of a place in an address; nothing longer is looked up."""


@router.get("/")
async def show_front(request: Request, deps: WebDeps, sted: str = "") -> Response:
    """Show the front page; ``sted`` is a place or a postal code, and nothing else of the page needs the database."""
    if is_acute(sted):
        return deps.pages.redirect(request, ACUTE_PATH)
    sent = shown_form(request, {"place": sted[:MAX_PLACE].strip()})
    located = locate(deps.lookup, sent)
    if located.uncovered:
        return deps.pages.redirect(request, "/pamelding/utenfor")
    errors = located.errors if sent.place and not located.nearby else ()
    return deps.pages.html(
        request,
        "front.html",
        200,
        form=with_errors(request, sent, tuple(error for error in errors if error.field == "place")),
        centres=deps.centres.all,
        choices=located.choices,
        nearby=[near.location.centre for near in located.nearby],
        location=located.location,
        offers_sami=located.location is not None and located.location.kommune in NORTHERN_SAMI_KOMMUNER,
        wait=await _wait_at(deps, located.location),
    )


async def wait_of(deps: Deps, centre: Centre, area: Area) -> Wait | None:
    """Return the wait in an area; None while the database is away, since a public page is shown then too."""
    today = deps.clock.now().astimezone(OSLO_TZ).date()
    try:
        async with deps.database.transaction() as session:
            return await wait_in(session, deps.centres, centre, area, today)
    except Exception as error:
        if not is_infrastructure(error):
            raise
        return None


async def _wait_at(deps: Deps, location: Location | None) -> Wait | None:
    return await wait_of(deps, location.centre, location.area) if location else None
