"""Public pages that only inform."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.web.deps import WebDeps
from intake.web.policy_texts import quotes_in
from intake.web.policy_words import Gettext, sentence
from shared.errors import NotFoundError
from shared.kit.web.state import locale_of
from shared.reference.centres import Centre
from shared.reference.retention import Data, kept_for
from shared.reference.spans import span_words

router = APIRouter(include_in_schema=False)

ANSWER_DAYS: Final = 2  # working days until staff of the centre read a sign-up


@router.get("/informasjon/{centre_id}")
async def show_information(request: Request, deps: WebDeps, centre_id: str) -> Response:
    """Show a centre's information about its groups."""
    centre = deps.centres.get(centre_id)
    if centre is None:
        raise NotFoundError("unknown_centre", centre=centre_id)
    text = centre.information(locale_of(request))
    return deps.pages.html(
        request,
        "information.html",
        centre=centre,
        text=text,
        memory=_memory(centre, deps.pages.gettext(request)),
        quotes=quotes_in(centre.texts.quotes, locale_of(request)),
    )


@router.get("/personvern")
async def show_privacy(request: Request, deps: WebDeps) -> Response:
    """Show which data are kept, and for how long."""
    gettext = deps.pages.gettext(request)
    locale = locale_of(request)
    kept = [
        (centre.name, _memory(centre, gettext), _silence(centre, locale))
        for centre in deps.centres.all
        if centre.policy.runs_groups
    ]
    return deps.pages.html(request, "privacy.html", centres=deps.centres.all, kept_of_groups=kept)


def _memory(centre: Centre, gettext: Gettext) -> str:
    """Say what is kept of a centre's groups once they are on their own."""
    return sentence("post_handover_memory", centre.policy, gettext)


def _silence(centre: Centre, locale: str) -> str:
    """Say how long a group has to tell that it still meets; nothing where nothing is kept of it."""
    keeps = centre.policy.post_handover_memory != "none"
    return span_words(kept_for(Data.SILENT_GROUP, centre.policy), locale) if keeps else ""
