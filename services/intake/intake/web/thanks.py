"""The page after a sign-up: what was sent and to whom, with a way to correct a wrong address."""

import secrets
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.drafts import Draft
from intake.usecases import drafts
from intake.web.deps import LooseCheck, WebDeps
from intake.web.drafts import ABOUT, Key, OpenDraft, gone, review, to_step
from intake.web.public import ANSWER_DAYS
from shared.kit.web.state import state_of

router = APIRouter(include_in_schema=False)


@router.get("/takk")
async def show_thanks_to_anybody(request: Request, deps: WebDeps) -> Response:
    """Show the page without what was sent, as after its time is over."""
    return deps.pages.html(request, "thanks.html", sent=None, centre=None, key=None, answer_days=ANSWER_DAYS)


@router.get("/takk/{token}")
async def show_thanks(request: Request, deps: WebDeps, key: Key, draft: OpenDraft) -> Response:
    """Show what was sent; the same for known and unknown addresses."""
    if draft is None:
        return await show_thanks_to_anybody(request, deps)
    if not draft.sent:
        return to_step(request, key, ABOUT)
    found = review(request, deps.lookup, draft)
    if found.form is None or found.location is None:
        return await show_thanks_to_anybody(request, deps)
    return deps.pages.html(
        request, "thanks.html", sent=found.form, centre=found.location.centre, key=key, answer_days=ANSWER_DAYS
    )


@router.post("/takk/{token}/rett")
async def correct(request: Request, deps: WebDeps, key: Key, _check: LooseCheck) -> Response:
    """Open the form again, to correct it and send it once more."""

    def opened(draft: Draft) -> Draft:
        if not draft.sent:
            return draft
        nonce = secrets.token_urlsafe(16)
        return replace(draft, sent=False, nonce=nonce, replaces=draft.nonce, notice="", kept_email="")

    async with deps.database.transaction() as session:
        draft = await drafts.change(session, key, opened, now=state_of(request).wall())
    return to_step(request, key, ABOUT) if draft else gone(request, deps)
