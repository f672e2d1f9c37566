"""
Sign-in of staff with an identity provider: the way there, the answer, and the pages of a refusal and a sign-out.

The answer comes by GET, as OAuth has it. It acts only with a code of the provider, the state, and the cookie of the
browser that set out; each works once, so whoever follows a link to it, or is sent there by others, changes nothing.
"""

import hmac
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from intake.domain.identity import ClaimsFault, Identity, identity_of
from intake.domain.sign_in import Proof, Stage
from intake.usecases import staff_sessions as sessions
from intake.usecases.identity_provider import CodeRefused, ProviderAway, TokenRefused
from intake.usecases.provider_sign_in import AccountRefused, SignInAttempt, account_of
from intake.web import sign_in_events, staff_cookies
from intake.web.deps import Deps, ProviderSignIn, WebDeps
from intake.web.sessions import NEXT, PROVIDER, PROVIDER_LEFT, arrive
from intake.web.staff_account import AFTER_PROOF
from shared.kit.i18n import N_
from shared.kit.logging import get_logger
from shared.kit.web.auth import SIGN_IN_PATH
from shared.kit.web.locale import localised, split
from shared.kit.web.state import locale_of, state_of

router = APIRouter(include_in_schema=False)

ANSWER: Final = f"{PROVIDER}/svar"
REFUSED: Final = f"{PROVIDER}/nei"
PARAMETER_MAX: Final = 4096  # characters of a code or state

REFUSALS: Final = {
    "oidc_away": N_("Innloggingstjenesten svarer ikke akkurat nå. Vent litt, og prøv en gang til."),
    "oidc_attempt": N_("Innloggingen tok for lang tid, eller begynte i en annen nettleser. Begynn på nytt her."),
    "oidc_denied": N_("Innloggingstjenesten sa nei, eller du avbrøt."),
    "oidc_code": N_("Svaret fra innloggingstjenesten kan ikke brukes. Begynn på nytt her."),
    "oidc_token": N_("Svaret fra innloggingstjenesten kan ikke brukes. Begynn på nytt her."),
    "oidc_used": N_("Svaret fra innloggingstjenesten kan ikke brukes. Begynn på nytt her."),
    "oidc_unknown": N_("Du har ingen konto her. Be den som driver systemet, om å lage en til deg."),
    "oidc_other": N_("Kontoen er en annens hos innloggingstjenesten. Snakk med den som driver systemet."),
    "oidc_no_access": N_("Du er ikke med i noen gruppe som har tilgang her. Snakk med den som driver systemet."),
    "disabled": N_("Kontoen din er stengt. Snakk med administratoren ved senteret."),
    "sign_in_failures": N_("Det har vært mange forsøk herfra. Vent noen minutter før du prøver igjen."),
}
"""The reason of a refusal to its sentence (msgid)."""

_STATUS: Final = {"oidc_away": 503, "sign_in_failures": 429}

log = get_logger(__name__)


@router.get(PROVIDER)
async def set_out(request: Request, deps: WebDeps, til: str = "") -> Response:
    """Lead to the provider; with a page of the own account, to prove anew who one is."""
    way = _way(deps)
    now = state_of(request).wall()
    again = til in AFTER_PROOF
    here = localised(locale_of(request), til if again else NEXT[Stage.OPEN])
    attempt = way.attempts.begin(here, now, again=again)
    try:
        url = await way.provider.authorization_url(attempt, now, again=again)
    except ProviderAway as error:
        log.warning("provider_away", reason=str(error))
        return await _refuse(request, deps, "oidc_away", attempt)
    return staff_cookies.give_attempt(RedirectResponse(url, 303), deps, attempt.cookie())


@router.get(ANSWER)
async def take_answer(
    request: Request, deps: WebDeps, code: str = "", state: str = "", error: str = "", iss: str | None = None
) -> Response:
    """Open a session for whom the provider has proven."""
    way, now = _way(deps), state_of(request).wall()
    headroom = await deps.sign_in_limit.look(request)
    if headroom.wait_seconds and not headroom.alike:
        return await _refuse(request, deps, "sign_in_failures", None)
    attempt = way.attempts.read(staff_cookies.attempt_token(request, deps), now)
    if attempt is None or not hmac.compare_digest(state[:PARAMETER_MAX].encode(), attempt.state.encode()):
        return await _refuse(request, deps, "oidc_attempt", attempt)
    try:
        identity = await _proven(way, attempt, "" if error else code[:PARAMETER_MAX], iss, now)
        token = await _open_session(request, deps, way, attempt, identity, now)
    except (_Refused, AccountRefused) as refusal:
        return await _refuse(request, deps, refusal.reason, attempt, account=refusal.username)
    arrival = await arrive(request, deps, token, Proof.PROVIDER)
    locale = split(attempt.then)[0] or locale_of(request)
    to = attempt.then if arrival.stage is Stage.OPEN else localised(locale, NEXT[arrival.stage])
    return staff_cookies.take_attempt(arrival.give(RedirectResponse(to, 303), deps), deps)


class _Refused(Exception):  # noqa: N818 - our answer
    """The answer proves nobody."""

    username = ""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def _proven(
    way: ProviderSignIn, attempt: SignInAttempt, code: str, issuer: str | None, now: datetime
) -> Identity:
    """
    Return whom the provider has proven.

    Raises:
        _Refused: Nobody.
    """
    try:
        if not await way.provider.answers_for(issuer, now):
            raise _Refused("oidc_token")
        if not code:
            raise _Refused("oidc_denied")
        return identity_of(await way.provider.claims(code, attempt, now, again=attempt.again), way.rules)
    except ProviderAway as fault:
        log.warning("provider_away", reason=str(fault))
        raise _Refused("oidc_away") from fault
    except CodeRefused as fault:
        raise _Refused("oidc_code") from fault
    except (TokenRefused, ClaimsFault) as fault:
        log.warning("token_refused", reason=str(fault))
        raise _Refused("oidc_token") from fault


async def _open_session(
    request: Request, deps: Deps, way: ProviderSignIn, attempt: SignInAttempt, identity: Identity, now: datetime
) -> str:
    async with deps.database.transaction() as session:
        user = await account_of(session, identity, way.rules, attempt, now=deps.clock.now(), wall=now)
        return await sessions.begin(
            session,
            user.username,
            Proof.PROVIDER,
            presented=staff_cookies.session_token(request, deps),
            second_factor_from=deps.second_factor_from,
            proven_twice=identity.second_factor,
            now=now,
        )


@router.get(REFUSED)
async def show_refusal(request: Request, deps: WebDeps, grunn: str = "") -> Response:
    """Say why a sign-in was refused, and what to do."""
    _way(deps)
    sentence = REFUSALS.get(grunn, REFUSALS["oidc_attempt"])
    return deps.pages.html(
        request,
        "stab/provider_refused.html",
        _STATUS.get(grunn, 403),
        sentence=deps.pages.gettext(request)(sentence),
        sign_in=SIGN_IN_PATH,
    )


@router.get(PROVIDER_LEFT)
async def show_left(request: Request, deps: WebDeps) -> Response:
    """Say that the session here has ended, and lead to where that of the provider ends."""
    way = _way(deps)
    back = f"{deps.public_url}{SIGN_IN_PATH}"
    url = await way.provider.sign_out_url(back, state_of(request).wall())
    return deps.pages.html(request, "stab/provider_left.html", url=url, provider=way.name, sign_in=SIGN_IN_PATH)


def _way(deps: Deps) -> ProviderSignIn:
    if deps.provider is None:
        raise HTTPException(404)
    return deps.provider


async def _refuse(
    request: Request, deps: Deps, reason: str, attempt: SignInAttempt | None, *, account: str = ""
) -> Response:
    """Record a refusal, and lead to the page that tells it in the language of before."""
    if reason == "sign_in_failures":
        await sign_in_events.limit_hit(request, reason)
    else:
        if reason != "oidc_away":
            await deps.sign_in_limit.count(request)
        await sign_in_events.sign_in_refused(request, reason, account=account)
    locale = (split(attempt.then)[0] if attempt else None) or locale_of(request)
    to = f"{localised(locale, REFUSED)}?{urlencode({'grunn': reason})}"
    return staff_cookies.take_attempt(RedirectResponse(to, 303), deps)
