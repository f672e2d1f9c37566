"""The front page of one centre, at an address that it can print: ``/link-bergen/``."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from intake.web.deps import WebDeps
from intake.web.front import wait_of
from intake.web.policy_texts import quotes_in
from shared.kit.web.state import locale_of
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)


@router.get("/{centre_id}")
async def forward(request: Request, deps: WebDeps, centre_id: str) -> Response:
    """Lead an address without its last slash to the page."""
    return deps.pages.redirect(request, f"/{_known(deps, centre_id).id}/")


@router.get("/{centre_id}/")
async def show(request: Request, deps: WebDeps, centre_id: str) -> Response:
    """Show what the centre offers, how to reach it, and the way to sign up."""
    centre = _known(deps, centre_id)
    quotes = quotes_in(centre.texts.quotes, locale_of(request))
    area = centre.areas[0] if len(centre.areas) == 1 and not centre.areas[0].is_wide else None
    wait = await wait_of(deps, centre, area) if area else None
    return deps.pages.html(request, "centre.html", centre=centre, quotes=quotes, area=area, wait=wait)


def _known(deps: WebDeps, centre_id: str) -> Centre:
    """Return the centre; an address that is nobody's is answered as any page that is not there."""
    centre = deps.centres.get(centre_id)
    if centre is None:
        raise HTTPException(404)
    return centre
