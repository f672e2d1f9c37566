"""The second factors of a member of staff: passkeys, apps with codes, recovery codes."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from intake.domain.sign_in import Proof, Stage, is_required
from intake.store import staff_factors as factor_rows
from intake.usecases import staff_sessions as sessions
from intake.usecases.staff_factors import FACTORS_MAX, NAME_MAX, new_recovery_codes
from intake.web import sign_in_events
from intake.web.deps import Check, Deps, WebDeps
from intake.web.qr_codes import qr_code
from intake.web.sessions import ACCOUNT, NEXT, arrive
from intake.web.staff_account import OwnSession, lock_row, to_proof
from shared.errors import DomainError, NotFoundError
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.state import state_of

router = APIRouter(include_in_schema=False)

CHOICE: Final = f"{ACCOUNT}/sikring"
APP: Final = f"{ACCOUNT}/kodeapp"
PASSKEY: Final = f"{ACCOUNT}/passnokkel"

LABELS: Final = {"code": N_("Koden som appen viser nå"), "name": N_("Hva vil du kalle den?")}
_APP_NAME = N_("Kodeapp")
_PASSKEY_NAME = N_("Passnøkkel")
_WRONG_CODE = N_("Koden stemmer ikke. Se at klokken på telefonen går riktig, og skriv koden som appen viser nå.")
_NOT_MADE = N_("Passnøkkelen ble ikke laget. Prøv en gang til, eller bruk en app med koder.")


class NewFactor(BaseModel):
    """The form for a new factor."""

    name: Annotated[str, Field(max_length=NAME_MAX)] = ""
    code: str = ""
    credential: str = ""


@router.get(CHOICE)
async def show_choice(request: Request, deps: WebDeps, own: OwnSession) -> Response:
    """Offer the kinds of second factors."""
    return deps.pages.html(request, "stab/new_factor.html", required=own.stage is Stage.NEW_FACTOR)


@router.get(APP)
async def show_app(request: Request, deps: WebDeps, own: OwnSession) -> Response:
    """Show the QR code that an app reads."""
    return to_proof(request, deps, own, APP) or _app_page(request, deps, own, forms.blank(request, LABELS))


@router.post(APP)
async def add_app(request: Request, deps: WebDeps, own: OwnSession, _check: Check) -> Response:
    """Add an app, if it shows the right code."""
    if away := to_proof(request, deps, own, APP):
        return away
    _ = deps.pages.gettext(request)
    submission = await forms.submitted(request, NewFactor, LABELS)
    if submission.model is None:
        return _app_page(request, deps, own, submission.form)
    token = await _add(request, deps, own, submission.model, Proof.TOTP, _(_APP_NAME))
    if not token:
        await sign_in_events.sign_in_refused(request, "wrong_second_factor", account=own.user.username)
        return _app_page(request, deps, own, submission.form.refusing("code", _(_WRONG_CODE)))
    return await _added(request, deps, own, token, Proof.TOTP)


@router.get(PASSKEY)
async def show_passkey(request: Request, deps: WebDeps, own: OwnSession) -> Response:
    """Offer to make a passkey."""
    away = to_proof(request, deps, own, PASSKEY)
    return away or await _passkey_page(request, deps, own, forms.blank(request, LABELS))


@router.post(PASSKEY)
async def add_passkey(request: Request, deps: WebDeps, own: OwnSession, _check: Check) -> Response:
    """Add a passkey that the browser has made."""
    if away := to_proof(request, deps, own, PASSKEY):
        return away
    _ = deps.pages.gettext(request)
    submission = await forms.submitted(request, NewFactor, LABELS)
    if submission.model is None:
        return await _passkey_page(request, deps, own, submission.form)
    token = await _add(request, deps, own, submission.model, Proof.PASSKEY, _(_PASSKEY_NAME))
    if not token:
        return await _passkey_page(request, deps, own, submission.form.saying(_(_NOT_MADE)), 422)
    return await _added(request, deps, own, token, Proof.PASSKEY)


@router.post(f"{ACCOUNT}/fjern")
async def remove_factor(
    request: Request, deps: WebDeps, own: OwnSession, _check: Check, factor_id: Annotated[UUID, Form()]
) -> Response:
    """Remove a second factor, unless it is the last one of somebody who needs one."""
    if away := to_proof(request, deps, own):
        return away
    username = own.user.username
    async with deps.database.transaction() as session:
        if not await factor_rows.delete(session, factor_id, username):
            raise NotFoundError("unknown_factor")
        if not await factor_rows.has_any(session, username):
            if is_required(deps.second_factor_from, state_of(request).wall().date()):
                raise DomainError("last_factor")
            await factor_rows.replace_recovery_codes(session, username, [])
    await sign_in_events.credential_changed(request, "factors")
    return deps.pages.redirect(request, ACCOUNT)


@router.post(f"{ACCOUNT}/reservekoder")
async def renew_recovery_codes(request: Request, deps: WebDeps, own: OwnSession, _check: Check) -> Response:
    """Show new recovery codes, this once; the old ones are void."""
    if away := to_proof(request, deps, own):
        return away
    async with deps.database.transaction() as session:
        if not await factor_rows.has_any(session, own.user.username):
            raise DomainError("no_factor")
        codes = await new_recovery_codes(session, own.user.username)
    await sign_in_events.credential_changed(request, "recovery_codes")
    return deps.pages.html(request, "stab/recovery_codes.html", codes=codes, onward=ACCOUNT, first=False)


async def _add(request: Request, deps: Deps, own: OwnSession, sent: NewFactor, proof: Proof, default_name: str) -> str:
    """Add a factor, and return the new secret of the session; empty if the factor does not prove itself."""
    now = state_of(request).wall()
    async with deps.database.transaction() as session:
        row = await lock_row(session, own)
        number = await factor_rows.count(session, row.username)
        if number >= FACTORS_MAX:
            raise DomainError("too_many_factors")
        add, proven = (
            (deps.factors.add_totp, sent.code) if proof is Proof.TOTP else (deps.factors.add_passkey, sent.credential)
        )
        if not await add(session, row, proven, sent.name or default_name, now):
            return ""
        if not number:  # the others were opened with the password alone
            await sessions.close_others(session, row.session_id, row.username)
        return await sessions.go_on(session, row, proof, second_factor_from=deps.second_factor_from, now=now)


async def _added(request: Request, deps: Deps, own: OwnSession, token: str, proof: Proof) -> Response:
    """Show recovery codes after the first factor, and go back to the account after another one."""
    await sign_in_events.credential_changed(request, proof)
    was_open = own.stage is Stage.OPEN
    arrival = await arrive(request, deps, token, proof, signing_in=not was_open)
    async with deps.database.transaction() as session:
        has_codes = await factor_rows.count_recovery_codes(session, own.user.username) > 0
        codes = [] if has_codes else await new_recovery_codes(session, own.user.username)
    onward = ACCOUNT if was_open else NEXT[arrival.stage]
    if not codes:
        return arrival.give(deps.pages.redirect(request, onward), deps)
    page = deps.pages.html(request, "stab/recovery_codes.html", codes=codes, onward=onward, first=True)
    return arrival.give(page, deps)


def _app_page(request: Request, deps: Deps, own: OwnSession, form: forms.Form) -> Response:
    secret = deps.factors.offered_secret(own.row)
    url = deps.factors.app_url(secret, own.user.username)
    groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return deps.pages.html(request, "stab/new_app.html", form=form, code=qr_code(url), url=url, secret=groups)


async def _passkey_page(
    request: Request, deps: Deps, own: OwnSession, form: forms.Form, status: int | None = None
) -> Response:
    async with deps.database.transaction() as session:
        row = await lock_row(session, own)
        passkeys = await factor_rows.passkeys_of(session, own.user.username)
    options = deps.factors.creation_options(row, passkeys)
    return deps.pages.html(request, "stab/new_passkey.html", status, form=form, options=options)
