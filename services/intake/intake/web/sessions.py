"""Sign-in, sign-out, and the session check of the gateway."""

from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from intake.usecases import account_sessions
from intake.usecases import staff as sessions
from intake.web.account_sessions import COOKIE, IGANGSETTER
from intake.web.deps import Check, Deps, LooseCheck, SignedIn, WebDeps
from shared.kit.assertions import HEADER
from shared.kit.i18n import N_
from shared.kit.logging import get_logger
from shared.kit.security_events import SecurityKind
from shared.kit.staff import StaffMember, wall_now
from shared.kit.web import csrf, forms
from shared.kit.web.auth import SIGN_IN_PATH, is_below, sign_in_path
from shared.kit.web.locale import localised, split
from shared.kit.web.security import record_event

router = APIRouter(include_in_schema=False)

LABELS: Final = {"username": N_("Brukernavn"), "password": N_("Passord")}
_WRONG = N_("Navnet og passordet passer ikke sammen. Prøv en gang til.")
_WAIT = N_("Det har vært mange forsøk herfra. Vent noen minutter før du prøver igjen.")

log = get_logger(__name__)


def _cookie_name(*, secure: bool) -> str:
    """Return the name of the session cookie; over HTTPS one that no other page of the host can set."""
    return "__Host-selvhjelp" if secure else "selvhjelp"


USERNAME_SHOWN: Final = 500  # characters; more than any name has, so that what was typed is shown again


@router.get("/-/session/{service}")
async def check_session(request: Request, service: str, deps: WebDeps) -> Response:
    """
    Answer the gateway, which asks before each such page: 204 with the signed assertion, or the way to the sign-in.

    The assertion is for the service that has the page, and for no other. A session of staff counts on the pages of
    staff only, one of an igangsetter on theirs.

    Reachable through the gateway only, which forwards no such request from outside.
    """
    locale, path = split(urlsplit(request.headers.get("x-forwarded-uri", "/")).path)
    if is_below(path, IGANGSETTER):
        member = await _helper(request, deps)
    else:
        member = await _member(request, deps)
    if member is None:
        return RedirectResponse(localised(locale, sign_in_path(path)), 303)
    return Response(status_code=204, headers={HEADER: deps.assertions.value.sign(member, service, wall_now())})


async def _member(request: Request, deps: Deps) -> StaffMember | None:
    token = request.cookies.get(_cookie_name(secure=deps.secure))
    if not token:
        return None
    async with deps.database.transaction() as session:
        return await sessions.current_member(session, token, deps.centres, wall_now())


async def _helper(request: Request, deps: Deps) -> StaffMember | None:
    token = request.cookies.get(COOKIE.name)
    if not token:
        return None
    async with deps.database.transaction() as session:
        return await account_sessions.current_helper(session, token, wall=wall_now())


@router.get(SIGN_IN_PATH)
async def show_sign_in(request: Request, deps: WebDeps) -> Response:
    """Show the sign-in page."""
    return deps.pages.html(request, "stab/sign_in.html", form=forms.blank(request, LABELS))


@router.post(SIGN_IN_PATH)
async def sign_in(request: Request, deps: WebDeps, check: LooseCheck) -> Response:
    """Open a session; the answer is the same for a wrong name and a wrong password."""
    body = await request.form()
    username, password = str(body.get("username", ""))[:USERNAME_SHOWN], str(body.get("password", ""))
    form = forms.blank(request, LABELS, {"username": username})
    _ = deps.pages.gettext(request)
    if not check.fresh:
        return deps.pages.html(request, "stab/sign_in.html", 422, form=form.saying(_(csrf.STALE)))
    room = await deps.sign_in_limit.look(request)
    if room.wait_seconds and not room.alike:  # where all look alike, a stranger's failures would lock out all staff
        log.warning("sign_in_limited")
        await record_event(request, SecurityKind.LIMIT_HIT, reason=deps.sign_in_limit.limit.name, typed=username)
        return deps.pages.html(request, "stab/sign_in.html", 429, form=form.saying(_(_WAIT)))
    member = await deps.users.authenticate(username, password)
    if member is None:
        await deps.sign_in_limit.count(request)
        log.warning("sign_in_refused")
        return deps.pages.html(request, "stab/sign_in.html", form=form.refusing("username", _(_WRONG)))
    async with deps.database.transaction() as session:
        token = await sessions.open_session(session, member.username, wall_now())
    response = deps.pages.redirect(request, "/stab/")
    name = _cookie_name(secure=deps.secure)
    response.set_cookie(name, token, path="/", httponly=True, samesite="lax", secure=deps.secure)
    log.info("signed_in")
    return response


@router.post("/stab/logg-ut")
async def sign_out(request: Request, deps: WebDeps, member: SignedIn, _check: Check) -> Response:
    """End the session at once."""
    try:
        session_id = UUID(member.session_id)
    except ValueError as error:
        raise HTTPException(404) from error
    async with deps.database.transaction() as session:
        await sessions.close_session(session, session_id)
    response = deps.pages.redirect(request, SIGN_IN_PATH)
    response.delete_cookie(
        _cookie_name(secure=deps.secure), path="/", httponly=True, samesite="lax", secure=deps.secure
    )
    return response
