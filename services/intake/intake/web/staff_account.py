"""The own account of a member of staff: the password, the open sessions, and the proof before a change."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.passwords import LENGTH_MAX, LENGTH_MIN
from intake.domain.sign_in import Proof, Stage
from intake.store import StaffSession, audit_log
from intake.store import staff as users
from intake.store import staff_factors as factor_rows
from intake.store import staff_sessions as session_rows
from intake.usecases import staff as commands
from intake.usecases import staff_sessions as sessions
from intake.usecases.password_hashes import QueueFull
from intake.usecases.staff_sessions import OpenSession
from intake.web import sign_in_events, staff_cookies
from intake.web.deps import Check, Deps, SignedIn, WebDeps
from intake.web.sessions import ACCOUNT, BUSY, BUSY_SECONDS, NEXT, PROVIDER, arrive, later, rests_notice
from shared.errors import NotFoundError
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.auth import SignInNeeded
from shared.kit.web.state import state_of

router = APIRouter(include_in_schema=False)

PASSWORD: Final = f"{ACCOUNT}/passord"
PROOF: Final = f"{ACCOUNT}/bekreft"

LABELS: Final = {
    "current": N_("Passordet du har nå"),
    "new": N_("Nytt passord"),
    "repeated": N_("Det nye passordet en gang til"),
}
_WRONG = N_("Passordet stemmer ikke. Prøv en gang til.")
FAULTS: Final = {
    "password_short": N_("Passordet må ha minst 12 tegn. Flere ord etter hverandre er fint."),
    "password_long": N_("Passordet kan ha høyst 256 tegn."),
    "password_common": N_("Mange bruker dette passordet, eller det er kommet på avveie et sted. Velg et annet."),
    "password_guessable": N_(
        "Passordet er lett å gjette, for det er mest av navn og ord som andre kjenner. Legg til noe bare du vet."
    ),
    "password_same": N_("Det er det samme passordet som før. Velg et nytt."),
    "password_differs": N_("De to nye passordene er ikke like. Skriv dem en gang til."),
}
"""The fault of a new password to its sentence (msgid)."""

PROOFS: Final = {
    Proof.PASSWORD: N_("med passord"),
    Proof.TOTP: N_("med kode fra app"),
    Proof.PASSKEY: N_("med passnøkkel"),
    Proof.RECOVERY: N_("med reservekode"),
    Proof.PROVIDER: N_("hos en innloggingstjeneste"),
}

_PASSKEY = N_("Passnøkkel")
_APP = N_("App med koder")

USERS: Final = "/stab/brukere"

AFTER_PROOF: Final = frozenset({ACCOUNT, f"{ACCOUNT}/sikring", f"{ACCOUNT}/kodeapp", f"{ACCOUNT}/passnokkel", USERS})
"""The pages to which the proof leads on."""


async def own_session(request: Request, deps: WebDeps, member: SignedIn) -> OpenSession:
    """
    Return the session of the signed-in user, complete or not.

    Raises:
        SignInNeeded: It has ended since the gateway asked.
    """
    now = state_of(request).wall()
    async with deps.database.transaction() as session:
        row = await session_rows.lock(session, _session_id(member.session_id), member.username)
        user = await users.get(session, member.username)
    if row is None or user is None or user.disabled_at is not None or sessions.is_over(row, now):
        raise SignInNeeded
    return OpenSession(row, user)


OwnSession = Annotated[OpenSession, Depends(own_session)]


async def lock_row(session: AsyncSession, own: OpenSession) -> StaffSession:
    """
    Return the row of the own session, locked.

    Raises:
        SignInNeeded: It has ended meanwhile.
    """
    row = await session_rows.lock(session, own.row.session_id, own.user.username)
    if row is None:
        raise SignInNeeded
    return row


@router.get(ACCOUNT)
async def show_account(request: Request, deps: WebDeps, own: OwnSession) -> Response:
    """Show how one signs in, and where one is signed in."""
    now = state_of(request).wall()
    username = own.user.username
    async with deps.database.transaction() as session:
        opened = await sessions.of_user(session, username, now)
        passkeys = await factor_rows.passkeys_of(session, username)
        totps = await factor_rows.totps_of(session, username)
        codes = await factor_rows.count_recovery_codes(session, username)
        acts = await audit_log.entries_of(session, "staff", own.user.user_id)
    _ = deps.pages.gettext(request)
    return deps.pages.html(
        request,
        "stab/own_account.html",
        own=own,
        opened=opened,
        factors=[*((each, _(_PASSKEY)) for each in passkeys), *((each, _(_APP)) for each in totps)],
        codes=codes,
        acts=[(_(audit_log.sentence(entry.action)), entry) for entry in acts],
        proofs={proof: _(words) for proof, words in PROOFS.items()},
    )


@router.post(f"{ACCOUNT}/okter/avslutt")
async def end_session(
    request: Request, deps: WebDeps, own: OwnSession, _check: Check, session_id: Annotated[UUID, Form()]
) -> Response:
    """End one of the own sessions."""
    async with deps.database.transaction() as session:
        if not await sessions.close(session, session_id, own.user.username):
            raise NotFoundError("unknown_session")
    await sign_in_events.session_ended(request)
    return deps.pages.redirect(request, ACCOUNT)


@router.post(f"{ACCOUNT}/okter/avslutt-andre")
async def end_other_sessions(request: Request, deps: WebDeps, own: OwnSession, _check: Check) -> Response:
    """End all own sessions but this one."""
    async with deps.database.transaction() as session:
        await sessions.close_others(session, own.row.session_id, own.user.username)
    await sign_in_events.session_ended(request)
    return deps.pages.redirect(request, ACCOUNT)


@router.get(PROOF)
async def show_proof(request: Request, deps: WebDeps, own: OwnSession, til: str = ACCOUNT) -> Response:
    """Ask for the password before something is changed with which one signs in."""
    form = forms.blank(request, LABELS)
    return deps.pages.html(
        request, "stab/prove_again.html", form=form, username=own.user.username, **_proof_context(deps, til)
    )


@router.post(PROOF)
async def prove_again(
    request: Request,
    deps: WebDeps,
    own: OwnSession,
    _check: Check,
    current: Annotated[str, Form()] = "",
    til: Annotated[str, Form()] = ACCOUNT,
) -> Response:
    """Check the password, and go on to the page that asked for it."""
    form = forms.blank(request, LABELS)
    if refused := await _check_password(
        request, deps, own, current, form, "stab/prove_again.html", **_proof_context(deps, til)
    ):
        return refused
    now = state_of(request).wall()
    async with deps.database.transaction() as session:
        row = await lock_row(session, own)
        token = await sessions.go_on(
            session, row, Proof(row.proof), second_factor_from=deps.second_factor_from, now=now
        )
    return staff_cookies.give_session(deps.pages.redirect(request, _after(til)), deps, token)


@router.get(PASSWORD)
async def show_password(request: Request, deps: WebDeps, own: OwnSession) -> Response:
    """Ask for a new password."""
    return _password_page(request, deps, own, forms.blank(request, LABELS))


@router.post(PASSWORD)
async def change_password(
    request: Request,
    deps: WebDeps,
    own: OwnSession,
    _check: Check,
    current: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    repeated: Annotated[str, Form()] = "",
) -> Response:
    """Change the own password, and end all other sessions."""
    username = own.user.username
    form = forms.blank(request, LABELS)
    _ = deps.pages.gettext(request)
    names = [centre.name for centre in deps.centres.all if centre.id in own.user.centres]
    slug = commands.password_fault(new, username, names)
    if slug is None and new != repeated:
        slug = "password_differs"
    if slug is None and new == current:
        slug = "password_same"
    if slug is not None:
        field = "repeated" if slug == "password_differs" else "new"
        return _password_page(request, deps, own, form.refusing(field, _(FAULTS[slug])))
    if _asks_current(own, request) and (
        refused := await _check_password(
            request, deps, own, current, form, "stab/password.html", **_context(own, request)
        )
    ):
        return refused
    try:
        # Nothing is typed to compare with, but who made the one-time password knows it still.
        if not _asks_current(own, request) and await deps.users.hashes.verify(own.user.password_hash, new, known=True):
            slug = "password_same"
            return _password_page(request, deps, own, form.refusing("new", _(FAULTS[slug])))
        password_hash = await deps.users.hashes.make(new)
    except QueueFull:
        return _busy(request, deps, form, "stab/password.html", **_context(own, request))
    now = state_of(request).wall()
    async with deps.database.transaction() as session:
        row = await lock_row(session, own)
        if not await users.set_password(session, username, password_hash, None):
            raise SignInNeeded
        await sessions.close_others(session, row.session_id, username)
        token = await sessions.go_on(
            session, row, Proof(row.proof), second_factor_from=deps.second_factor_from, now=now
        )
    await sign_in_events.credential_changed(request, "password")
    was_open = own.stage is Stage.OPEN
    arrival = await arrive(request, deps, token, Proof(own.row.proof), signing_in=not was_open)
    target = ACCOUNT if was_open else NEXT[arrival.stage]
    return arrival.give(deps.pages.redirect(request, target), deps)


def to_proof(request: Request, deps: Deps, own: OpenSession, page: str = ACCOUNT) -> Response | None:
    """Return the way to the proof if the last one is old; ``page`` comes after it."""
    if own.is_fresh(state_of(request).wall()):
        return None
    return deps.pages.redirect(request, f"{PROOF}?til={page}")


async def _check_password(
    request: Request, deps: Deps, own: OpenSession, password: str, form: forms.Form, page: str, **context: Any
) -> Response | None:
    """Return the page again unless the password is right."""
    context = {"username": own.user.username, **context}
    try:
        attempt = await deps.users.authenticate_again(own.user.username, password, state_of(request).wall())
    except QueueFull:
        return _busy(request, deps, form, page, **context)
    if attempt.rests_seconds:
        await sign_in_events.limit_hit(request, "name_rests")
        form = form.saying(rests_notice(request, deps, attempt.rests_seconds))
        return later(deps.pages.html(request, page, 429, form=form, **context), attempt.rests_seconds)
    if attempt.user is None:
        await sign_in_events.sign_in_refused(request, attempt.refusal, account=own.user.username)
        form = form.refusing("current", deps.pages.gettext(request)(_WRONG))
        return deps.pages.html(request, page, form=form, **context)
    return None


def _busy(request: Request, deps: Deps, form: forms.Form, page: str, **context: Any) -> Response:
    form = form.saying(deps.pages.gettext(request)(BUSY))
    return later(deps.pages.html(request, page, 503, form=form, **context), BUSY_SECONDS)


def _password_page(request: Request, deps: Deps, own: OpenSession, form: forms.Form) -> Response:
    return deps.pages.html(request, "stab/password.html", form=form, **_context(own, request))


def _context(own: OpenSession, request: Request) -> dict[str, Any]:
    return {
        "username": own.user.username,
        "first": own.stage is Stage.NEW_PASSWORD,
        "asks_current": _asks_current(own, request),
        "length_min": LENGTH_MIN,
        "length_max": LENGTH_MAX,
    }


def _asks_current(own: OpenSession, request: Request) -> bool:
    """Return True unless the one-time password was typed a short while ago."""
    return own.stage is not Stage.NEW_PASSWORD or not own.is_fresh(state_of(request).wall())


def _proof_context(deps: Deps, til: str) -> dict[str, Any]:
    name = deps.provider.name if deps.provider else ""
    return {"til": _after(til), "provider": name, "provider_path": PROVIDER}


def _after(page: str) -> str:
    return page if page in AFTER_PROOF else ACCOUNT


def _session_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SignInNeeded from None
