"""Sign-in of igangsettere by a mailed link, and sign-out."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel
from starlette.responses import Response

from intake.domain.form import FormInvalid, normalized_email
from intake.domain.page_links import SESSION_VALID
from intake.usecases import account_sessions, own_pages
from intake.web.deps import AccountLinkId, Check, Deps, Helper, WebDeps, signup_wait_seconds
from intake.web.messages import LABELS, explain
from shared.kit.i18n import LOCALES
from shared.kit.staff import wall_now
from shared.kit.web import forms
from shared.kit.web.locale import localised
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)

IGANGSETTER: Final = "/igangsetter"
"""The page of an igangsetter, and the prefix of all that need their session."""

COOKIE: Final = "igangsetter"

_SIGN_IN: Final = "/igangsetter/logg-inn"


class _Address(BaseModel):
    email: str = ""


@router.get(_SIGN_IN)
async def show_request(request: Request, deps: WebDeps) -> Response:
    """Ask for the address that the link is sent to."""
    return deps.pages.html(request, "igangsetter/sign_in.html", form=forms.blank(request, LABELS), sent=False)


@router.post(_SIGN_IN)
async def ask_for_link(request: Request, deps: WebDeps, _check: Check) -> Response:
    """Send a link to the address if it has an account; the answer is the same if it has none."""
    submission = await forms.submitted(request, _Address, LABELS)
    if signup_wait_seconds(request, deps):
        raise HTTPException(429)
    try:
        email = normalized_email(submission.form.value("email"))
    except FormInvalid as invalid:
        errors = explain(invalid.errors, pages_of(request).texts, locale_of(request))
        form = replace(submission.form, errors=errors)
        return deps.pages.html(request, "igangsetter/sign_in.html", 422, form=form, sent=False)
    async with deps.database.transaction() as session:
        language = locale_of(request)
        await own_pages.ask(session, deps.vault, email, language, to_account=True, now=deps.clock.now())
    return deps.pages.redirect(request, f"{_SIGN_IN}/sendt")


@router.get(f"{_SIGN_IN}/sendt")
async def show_sent(request: Request, deps: WebDeps) -> Response:
    """Say that a mail is on its way if the address has an account."""
    return deps.pages.html(request, "igangsetter/sign_in.html", form=forms.blank(request, LABELS), sent=True)


@router.get("/igangsetter/apne/{token}")
async def show_link(request: Request, deps: WebDeps, link_id: AccountLinkId) -> Response:
    """Show one button that signs in. Changes nothing, so that a scanner of mails does not use the link up."""
    async with deps.database.transaction() as session:
        valid = link_id is not None and await account_sessions.can_open(session, link_id, now=deps.clock.now())
    return deps.pages.html(request, "igangsetter/open.html", 200 if valid else 410, valid=valid)


@router.post("/igangsetter/apne/{token}")
async def open_link(request: Request, deps: WebDeps, link_id: AccountLinkId, _check: Check) -> Response:
    """Use the link up, and open a short session."""
    token = None
    if link_id is not None:
        async with deps.database.transaction() as session:
            token = await account_sessions.use_link(session, link_id, now=deps.clock.now(), wall=wall_now())
    if token is None:
        return deps.pages.html(request, "igangsetter/open.html", 410, valid=False)
    return with_cookie(deps.pages.redirect(request, IGANGSETTER), deps, token)


@router.post("/igangsetter/konto/logg-ut")
async def sign_out(request: Request, deps: WebDeps, helper: Helper, _check: Check) -> Response:
    """End the session at once."""
    async with deps.database.transaction() as session:
        await account_sessions.close_session(session, UUID(helper.session_id))
    return without_cookie(deps.pages.redirect(request, "/"))


def with_cookie(response: Response, deps: Deps, token: str) -> Response:
    """Give the browser a session."""
    for path in _cookie_paths():
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(SESSION_VALID.total_seconds()),
            path=path,
            httponly=True,
            samesite="strict",
            secure=deps.secure,
        )
    return response


def without_cookie(response: Response) -> Response:
    """Take the session from the browser."""
    for path in _cookie_paths():
        response.delete_cookie(COOKIE, path=path)
    return response


def _cookie_paths() -> list[str]:
    """Return the pages of igangsettere in each language: the browser sends the cookie nowhere else."""
    return [localised(locale, IGANGSETTER) for locale in LOCALES]
