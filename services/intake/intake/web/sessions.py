"""Sign-in, sign-out, and the session check of the gateway."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from intake.domain.sign_in import Proof, Stage
from intake.store import staff_sessions as session_rows
from intake.usecases import account_sessions
from intake.usecases import staff_sessions as sessions
from intake.usecases.password_hashes import QueueFull
from intake.web import sign_in_events, staff_cookies
from intake.web.account_sessions import COOKIE, IGANGSETTER
from intake.web.deps import Check, Deps, LooseCheck, SignedIn, WebDeps
from shared.kit.assertions import HEADER
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms
from shared.kit.web.auth import SIGN_IN_PATH, SignInNeeded, is_below, sign_in_path
from shared.kit.web.locale import localised, split
from shared.kit.web.state import state_of

router = APIRouter(include_in_schema=False)

SECOND_STEP: Final = f"{SIGN_IN_PATH}/bekreft"
ACCOUNT: Final = "/stab/konto"
SIGN_OUT: Final = "/stab/logg-ut"
PROVIDER: Final = f"{SIGN_IN_PATH}/tilbyder"
PROVIDER_LEFT: Final = f"{PROVIDER}/ut"

NEXT: Final = {
    Stage.SECOND_FACTOR: SECOND_STEP,
    Stage.NEW_PASSWORD: f"{ACCOUNT}/passord",
    Stage.NEW_FACTOR: f"{ACCOUNT}/sikring",
    Stage.OPEN: "/stab/",
}
"""Where a session goes on, by how far it has come."""

LABELS: Final = {"username": N_("Brukernavn"), "password": N_("Passord")}
_WRONG = N_("Navnet og passordet passer ikke sammen. Prøv en gang til.")
_WAIT = N_("Det har vært mange forsøk herfra. Vent noen minutter før du prøver igjen.")
_RESTS_SHORTLY = N_("Det har vært flere feil forsøk. Vent et minutt, og prøv en gang til.")
_RESTS = N_(
    "Det har vært mange feil forsøk. Vent %(minutes)d minutter, og prøv en gang til. I en nettleser som du har logget "
    "inn i før, kan du prøve med en gang."
)
BUSY = N_("Mange logger inn akkurat nå. Vent noen sekunder, og prøv en gang til.")
_EXPIRED = N_("Engangspassordet gikk ut etter tre døgn. Be om et nytt hos den som ga deg det.")

USERNAME_SHOWN: Final = 500  # characters; more than any name has, so that what was typed is shown again
BUSY_SECONDS: Final = 5


@router.get("/-/session/{service}")
async def check_session(request: Request, service: str, deps: WebDeps) -> Response:
    """
    Answer the gateway, which asks before each such page: 204 with the signed assertion, or the way to the sign-in.

    The assertion is for the service that has the page, and for no other. A session of staff counts on the pages of
    staff only, one of an igangsetter on theirs. Until the sign-in is complete, a session opens the user's own account
    alone, without any centre.

    Reachable through the gateway only, which forwards no such request from outside.
    """
    now = state_of(request).wall()
    locale, path = split(urlsplit(request.headers.get("x-forwarded-uri", "/")).path)
    if is_below(path, IGANGSETTER):
        member = await _helper(request, deps)
    else:
        member = None
        async with deps.database.transaction() as session:
            open_session = await sessions.current(session, staff_cookies.session_token(request, deps), now)
            if open_session is not None:
                if not _opens(open_session.stage, path):
                    return RedirectResponse(localised(locale, NEXT[open_session.stage]), 303)
                member = open_session.member(deps.centres)
    if member is None:
        return RedirectResponse(localised(locale, sign_in_path(path)), 303)
    return Response(status_code=204, headers={HEADER: deps.assertions.value.sign(member, service, now)})


def _opens(stage: Stage, path: str) -> bool:
    own = is_below(path, ACCOUNT) or path == SIGN_OUT
    return stage is Stage.OPEN or (own and stage is not Stage.SECOND_FACTOR)


async def _helper(request: Request, deps: Deps) -> StaffMember | None:
    token = request.cookies.get(COOKIE.name)
    if not token:
        return None
    async with deps.database.transaction() as session:
        return await account_sessions.current_helper(session, token, wall=state_of(request).wall())


@router.get(SIGN_IN_PATH)
async def show_sign_in(request: Request, deps: WebDeps) -> Response:
    """Show the sign-in page."""
    return _page(request, deps, forms.blank(request, LABELS))


@router.post(SIGN_IN_PATH)
async def sign_in(request: Request, deps: WebDeps, check: LooseCheck) -> Response:
    """Open a session, and end the one before; the answer is the same for a wrong name and a wrong password."""
    if not deps.local_passwords:
        raise HTTPException(404)
    body = await request.form()
    typed, password = str(body.get("username", "")), str(body.get("password", ""))
    form = forms.blank(request, LABELS, {"username": typed[:USERNAME_SHOWN]})
    _ = deps.pages.gettext(request)
    now = state_of(request).wall()
    if not check.fresh:
        return _page(request, deps, form.saying(_(csrf.STALE)), 422)
    headroom = await deps.sign_in_limit.look(request)
    # Where all callers look alike, a stranger's failures would lock out all staff.
    if headroom.wait_seconds and not headroom.alike:
        await sign_in_events.limit_hit(request, deps.sign_in_limit.limit.name, typed=typed)
        return _page(request, deps, form.saying(_(_WAIT)), 429)
    try:
        attempt = await deps.users.authenticate(typed, password, now, staff_cookies.browser_token(request, deps))
    except QueueFull:
        await sign_in_events.limit_hit(request, "hash_queue_full", typed=typed)
        return later(_page(request, deps, form.saying(_(BUSY)), 503), BUSY_SECONDS)
    if attempt.rests_seconds:
        await sign_in_events.limit_hit(request, "name_rests", typed=typed)
        notice = rests_notice(request, deps, attempt.rests_seconds)
        return later(_page(request, deps, form.saying(notice), 429), attempt.rests_seconds)
    if attempt.user is None:
        await deps.sign_in_limit.count(request)
        await sign_in_events.sign_in_refused(request, attempt.refusal, typed=typed)
        is_old = attempt.refusal == "expired"
        wrong = _(_EXPIRED) if is_old else _(_WRONG)
        return _page(request, deps, form.refusing("username", wrong))
    username = attempt.user.username
    async with deps.database.transaction() as session:
        token = await sessions.begin(
            session,
            username,
            Proof.PASSWORD,
            presented=staff_cookies.session_token(request, deps),
            second_factor_from=deps.second_factor_from,
            now=now,
        )
    return await go_on(request, deps, token, Proof.PASSWORD)


def _page(request: Request, deps: Deps, form: forms.Form, status: int | None = None) -> Response:
    return deps.pages.html(
        request,
        "stab/sign_in.html",
        status,
        form=form,
        local_passwords=deps.local_passwords,
        provider=deps.provider.name if deps.provider else "",
        provider_path=PROVIDER,
    )


@dataclass(frozen=True)
class Arrival:
    """
    A session after a step, under a new secret.

    Attributes:
        token: The secret of the session.
        browser: The secret of the browser.
    """

    stage: Stage
    token: str
    browser: str

    def give(self, response: Response, deps: Deps) -> Response:
        """Give the browser the session; from an open one on the browser is known."""
        staff_cookies.give_session(response, deps, self.token)
        return staff_cookies.give_browser(response, deps, self.browser) if self.stage is Stage.OPEN else response


async def arrive(request: Request, deps: Deps, token: str, proof: Proof, *, signing_in: bool = True) -> Arrival:
    """
    Remember the browser of an open session, and record the sign-in unless it was open before.

    Raises:
        SignInNeeded: The session has ended meanwhile.
    """
    now = state_of(request).wall()
    browser = staff_cookies.new_browser_token(request, deps)
    async with deps.database.transaction() as session:
        open_session = await sessions.current(session, token, now)
        if open_session is None:
            raise SignInNeeded
        stage, username = open_session.stage, open_session.user.username
        if stage is Stage.OPEN:
            await sessions.remember_browser(session, browser, username, now)
    if stage is Stage.OPEN and signing_in:
        await sign_in_events.signed_in(request, username, proof)
    return Arrival(stage, token, browser)


async def go_on(request: Request, deps: Deps, token: str, proof: Proof) -> Response:
    """Go on to the next step of a sign-in."""
    arrival = await arrive(request, deps, token, proof)
    return arrival.give(deps.pages.redirect(request, NEXT[arrival.stage]), deps)


def rests_notice(request: Request, deps: Deps, seconds: int) -> str:
    """Say how long to wait."""
    _ = deps.pages.gettext(request)
    minutes = -(-seconds // 60)
    return _(_RESTS_SHORTLY) if minutes == 1 else _(_RESTS) % {"minutes": minutes}


def later(response: Response, seconds: int) -> Response:
    """Say when it may be tried again."""
    response.headers["Retry-After"] = str(seconds)
    return response


@router.post(SIGN_OUT)
async def sign_out(request: Request, deps: WebDeps, member: SignedIn, _check: Check) -> Response:
    """End the session at once."""
    try:
        session_id = UUID(member.session_id)
    except ValueError as error:
        raise HTTPException(404) from error
    async with deps.database.transaction() as session:
        row = await session_rows.lock(session, session_id, member.username)
        by_provider = row is not None and row.by_provider and deps.provider is not None
        await sessions.close(session, session_id, member.username)
    await sign_in_events.signed_out(request)
    to = PROVIDER_LEFT if by_provider else SIGN_IN_PATH
    return staff_cookies.take_session(deps.pages.redirect(request, to), deps)
