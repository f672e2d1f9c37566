"""The page with numbers to call, for words of acute danger in any field; the words themselves are dropped."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.crisis import acute_fields
from intake.domain.drafts import STEPS
from intake.web.deps import WebDeps
from intake.web.drafts import PLACE, Key, OpenDraft
from intake.web.signup_form import SentForm

router = APIRouter(include_in_schema=False)

ACUTE_PATH = "/akutt"


@router.get(ACUTE_PATH)
async def show_help(request: Request, deps: WebDeps) -> Response:
    """Show the numbers to call; nothing is kept of what led here."""
    return deps.pages.html(request, "acute.html", key=None, onwards="/pamelding")


@router.get("/pamelding/{token}/akutt")
async def show_help_beside_form(
    request: Request, deps: WebDeps, key: Key, draft: OpenDraft, steg: str = PLACE
) -> Response:
    """Show the numbers to call, with the way back to a step of the form, which is kept without those words."""
    onwards = f"/pamelding/{key.token}/{steg if steg in STEPS else PLACE}" if draft else "/pamelding"
    return deps.pages.html(request, "acute.html", key=key if draft else None, onwards=onwards)


def without_danger(sent: SentForm) -> SentForm | None:
    """Return the form without the fields that have words of acute danger, None if none has."""
    dangerous = acute_fields(sent.form.values.items())
    return sent.without(dangerous) if dangerous else None
