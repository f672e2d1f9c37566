"""The second step of a sign-in: a passkey, a code of an app, or a recovery code."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.sign_in import Proof, Stage
from intake.store import staff_factors as factor_rows
from intake.usecases import staff_sessions as sessions
from intake.usecases.staff_factors import is_app_code
from intake.usecases.staff_sessions import OpenSession
from intake.web import sign_in_events, staff_cookies
from intake.web.deps import Deps, LooseCheck, WebDeps
from intake.web.sessions import SECOND_STEP, go_on, later, rests_notice
from shared.kit.i18n import N_
from shared.kit.web import csrf, forms
from shared.kit.web.auth import SIGN_IN_PATH
from shared.kit.web.state import state_of

router = APIRouter(include_in_schema=False)

PASSKEY: Final = f"{SIGN_IN_PATH}/passnokkel"
CODE_LENGTH: Final = 60  # characters; a recovery code has 29

LABELS: Final = {"code": N_("Kode")}
_WRONG_CODE = N_("Koden stemmer ikke. Bruk den som appen viser nå, eller en reservekode som du ikke har brukt.")
_WRONG_PASSKEY = N_("Det gikk ikke med passnøkkelen. Prøv en gang til, eller bruk en kode.")


@router.get(SECOND_STEP)
async def show_second_step(request: Request, deps: WebDeps) -> Response:
    """Ask for a second factor."""
    async with deps.database.transaction() as session:
        waiting = await _waiting(session, request, deps)
        if waiting is None:
            return deps.pages.redirect(request, SIGN_IN_PATH)
        return await _page(session, request, deps, waiting, forms.blank(request, LABELS))


@router.post(SECOND_STEP)
async def use_code(request: Request, deps: WebDeps, check: LooseCheck, code: Annotated[str, Form()] = "") -> Response:
    """Open the session with a code."""
    now = state_of(request).wall()
    browser = staff_cookies.browser_token(request, deps)
    form = forms.blank(request, LABELS)
    code = code[:CODE_LENGTH]
    rests, token, proof = 0, "", None
    async with deps.database.transaction() as session:
        waiting = await _waiting(session, request, deps)
        if waiting is None:
            return deps.pages.redirect(request, SIGN_IN_PATH)
        username = waiting.user.username
        if not check.fresh:
            stale = form.saying(deps.pages.gettext(request)(csrf.STALE))
            return await _page(session, request, deps, waiting, stale, 422)
        if is_app_code(code):
            rests = await deps.users.count_code(session, username, browser, now)
        if not rests:
            proof = await deps.factors.use_code(session, username, code, now)
        if proof is not None:
            await deps.users.forget_codes(session, username, browser)
            token = await sessions.go_on(
                session, waiting.row, proof, second_factor_from=deps.second_factor_from, now=now
            )
    if proof is not None:
        return await go_on(request, deps, token, proof)
    if rests:
        await sign_in_events.limit_hit(request, "name_rests")
        answer = await _again(request, deps, form.saying(rests_notice(request, deps, rests)), 429)
        return later(answer, rests)
    await sign_in_events.sign_in_refused(request, "wrong_second_factor", account=username)
    return await _again(request, deps, form.refusing("code", deps.pages.gettext(request)(_WRONG_CODE)), 422)


@router.post(PASSKEY)
async def use_passkey(
    request: Request, deps: WebDeps, check: LooseCheck, credential: Annotated[str, Form()] = ""
) -> Response:
    """Open the session with a passkey."""
    now = state_of(request).wall()
    token = ""
    async with deps.database.transaction() as session:
        waiting = await _waiting(session, request, deps)
        if waiting is None:
            return deps.pages.redirect(request, SIGN_IN_PATH)
        username = waiting.user.username
        if check.fresh and await deps.factors.use_passkey(session, waiting.row, credential, now):
            token = await sessions.go_on(
                session, waiting.row, Proof.PASSKEY, second_factor_from=deps.second_factor_from, now=now
            )
    if token:
        return await go_on(request, deps, token, Proof.PASSKEY)
    await sign_in_events.sign_in_refused(request, "wrong_second_factor", account=username)
    form = forms.blank(request, LABELS).saying(deps.pages.gettext(request)(_WRONG_PASSKEY))
    return await _again(request, deps, form, 422)


async def _waiting(session: AsyncSession, request: Request, deps: Deps) -> OpenSession | None:
    """Return the session of the cookie if it waits for its second factor."""
    waiting = await sessions.current(session, staff_cookies.session_token(request, deps), state_of(request).wall())
    return waiting if waiting is not None and waiting.stage is Stage.SECOND_FACTOR else None


async def _again(request: Request, deps: Deps, form: forms.Form, status: int) -> Response:
    async with deps.database.transaction() as session:
        waiting = await _waiting(session, request, deps)
        if waiting is None:
            return deps.pages.redirect(request, SIGN_IN_PATH)
        return await _page(session, request, deps, waiting, form, status)


async def _page(
    session: AsyncSession, request: Request, deps: Deps, waiting: OpenSession, form: forms.Form, status: int = 200
) -> Response:
    passkeys = await factor_rows.passkeys_of(session, waiting.user.username)
    options = deps.factors.request_options(waiting.row, passkeys) if passkeys else ""
    return deps.pages.html(
        request, "stab/second_step.html", status, form=form, options=options, action=SECOND_STEP, passkey=PASSKEY
    )
