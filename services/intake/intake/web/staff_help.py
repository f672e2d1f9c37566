"""The page of help for staff: words for what is where, and the keys."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.web.deps import SignedIn, WebDeps
from shared.kit.i18n import N_

router = APIRouter(include_in_schema=False)

KEYS: Final = (
    ("/", N_("Søk etter en person")),
    ("g d", N_("I dag")),
    ("g p", N_("Personer")),
    ("g g", N_("Grupper")),
    ("g o", N_("Områder")),
    ("g m", N_("Møter")),
    ("g e", N_("Post")),
    ("g r", N_("Rom")),
    ("g h", N_("Historikk")),
    ("?", N_("Denne siden")),
)
"""Keys of ``staff.js``, each with where it leads (msgid)."""


@router.get("/stab/hjelp")
async def show_help(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Show the page."""
    return deps.pages.html(request, "stab/help.html", keys=KEYS)
