"""The page of Northern Sámi: what there is in it, and what is not translated yet."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.web.deps import WebDeps

router = APIRouter(include_in_schema=False)

NORTHERN_SAMI: Final = "/se/"


@router.get("/se")
async def forward(request: Request, deps: WebDeps) -> Response:
    """Lead an address without its last slash to the page."""
    return deps.pages.redirect(request, NORTHERN_SAMI)


@router.get(NORTHERN_SAMI)
async def show(request: Request, deps: WebDeps) -> Response:
    """Say that the pages are not translated yet, and how to get a group or a talk in the language."""
    return deps.pages.html(request, "northern_sami.html")
