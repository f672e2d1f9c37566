"""Signing in and out, and the gateway's question who that is."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from intake.usecases import staff as sessions
from intake.web.deps import tools_of
from shared.kit import staff
from shared.kit.i18n import N_
from shared.kit.logging import get_logger
from shared.kit.staff import HEADER, StaffMember, wall_now
from shared.kit.web import auth, csrf, forms
from shared.kit.web.auth import SIGN_IN_PATH
from shared.kit.web.csrf import FormCheck
from shared.kit.web.locale import localised, split

router = APIRouter(include_in_schema=False)

LABELS: Final = {"username": N_("Brukernavn"), "password": N_("Passord")}
_WRONG = N_("Navnet og passordet passer ikke sammen. Prøv en gang til.")
_WAIT = N_("Det har vært mange forsøk herfra. Vent noen minutter før du prøver igjen.")

log = get_logger(__name__)


def _cookie(request: Request) -> str:
    """The name of the session cookie; by HTTPS one that nothing else on the host can set."""
    return "__Host-selvhjelp" if tools_of(request).secure else "selvhjelp"


@router.get("/-/session")
async def who(request: Request) -> Response:
    """
    Asked by the gateway before every staff page: 204 with the signed word on who it is, or the way to the sign-in.

    Reached through the gateway only, which sends nobody here.
    """
    tools = tools_of(request)
    token = request.cookies.get(_cookie(request))
    member = None
    if token:
        async with tools.database.transaction() as session:
            member = await sessions.current(session, token, tools.map.centres, wall_now())
    if member is None:
        locale, _ = split(request.headers.get("x-forwarded-uri", "/"))
        return RedirectResponse(localised(locale, SIGN_IN_PATH), 303)
    return Response(status_code=204, headers={HEADER: staff.sign(member, tools.staff_key, wall_now())})


@router.get(SIGN_IN_PATH)
async def show_sign_in(request: Request) -> Response:
    """The sign-in page."""
    return tools_of(request).pages.html(request, "stab/sign_in.html", form=forms.blank(request, LABELS))


@router.post(SIGN_IN_PATH)
async def sign_in(request: Request, check: Annotated[FormCheck, Depends(csrf.inspect)]) -> Response:
    """Opens a session for the right name and password; says the same of a wrong name as of a wrong password."""
    tools = tools_of(request)
    body = await request.form()
    username, password = str(body.get("username", ""))[:63], str(body.get("password", ""))
    form = forms.blank(request, LABELS, {"username": username})
    _ = tools.pages.gettext(request)
    if not check.fresh:
        return tools.pages.html(request, "stab/sign_in.html", 422, form=form.saying(_(csrf.STALE)))
    if tools.sign_ins.wait_seconds(request.client.host if request.client else None):
        log.warning("sign_in_limited")
        return tools.pages.html(request, "stab/sign_in.html", 429, form=form.saying(_(_WAIT)))
    member = await tools.users.authenticate(username, password)
    if member is None:
        log.warning("sign_in_refused")
        return tools.pages.html(request, "stab/sign_in.html", form=form.refusing("username", _(_WRONG)))
    async with tools.database.transaction() as session:
        token = await sessions.open_session(session, member.username, wall_now())
    response = tools.pages.redirect(request, "/stab/")
    response.set_cookie(_cookie(request), token, path="/", httponly=True, samesite="lax", secure=tools.secure)
    log.info("signed_in")
    return response


@router.post("/stab/logg-ut")
async def sign_out(
    request: Request,
    member: Annotated[StaffMember, Depends(auth.require())],
    _check: Annotated[FormCheck, Depends(csrf.protect)],
) -> Response:
    """Ends the session at once."""
    tools = tools_of(request)
    try:
        session_id = UUID(member.session_id)
    except ValueError as error:
        raise HTTPException(404) from error
    async with tools.database.transaction() as session:
        await sessions.close_session(session, session_id)
    response = tools.pages.redirect(request, SIGN_IN_PATH)
    response.delete_cookie(_cookie(request), path="/", httponly=True, samesite="lax", secure=tools.secure)
    return response
