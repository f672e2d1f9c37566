"""Sign-in of igangsettere by a mailed link, and sign-out."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.usecases import account_sessions, own_pages
from intake.web.asked_address import AddressForm, asked_address
from intake.web.deps import AccountLinkId, Check, Helper, WebDeps
from intake.web.messages import LABELS
from intake.web.session_cookies import SessionCookie
from shared.kit.staff import wall_now
from shared.kit.web import forms
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)

IGANGSETTER: Final = "/igangsetter"
"""The page of an igangsetter, and the prefix of all that need their session."""

COOKIE: Final = SessionCookie("igangsetter", IGANGSETTER)

_SIGN_IN: Final = "/igangsetter/logg-inn"


@router.get(_SIGN_IN)
async def show_request(request: Request, deps: WebDeps) -> Response:
    """Ask for the address that the link is sent to."""
    return deps.pages.html(request, "igangsetter/sign_in.html", form=forms.blank(request, LABELS), sent=False)


@router.post(_SIGN_IN)
async def ask_for_link(request: Request, deps: WebDeps, _check: Check) -> Response:
    """Send a link to the address if it has an account; the answer is the same if it has none."""
    submission = await forms.submitted(request, AddressForm, LABELS, cleaned=True)
    email = await asked_address(request, deps, submission.form, "igangsetter/sign_in.html")
    if isinstance(email, Response):
        return email
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
    return COOKIE.give(deps.pages.redirect(request, IGANGSETTER), token, secure=deps.secure)


@router.post("/igangsetter/konto/logg-ut")
async def sign_out(request: Request, deps: WebDeps, helper: Helper, _check: Check) -> Response:
    """End the session at once."""
    async with deps.database.transaction() as session:
        await account_sessions.close_session(session, UUID(helper.session_id))
    return COOKIE.take(deps.pages.redirect(request, "/"))
