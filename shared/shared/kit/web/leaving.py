"""The way out: an address of ours in the browser's list of pages that only leads on to a neutral page."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from shared.kit.web.pages import QUICK_EXIT_URL

router = APIRouter(include_in_schema=False)


@router.get("/ut")
async def leave() -> RedirectResponse:
    """Lead to the page that the quick exit leads to; see ``static/leave.js``."""
    return RedirectResponse(QUICK_EXIT_URL, 303)
