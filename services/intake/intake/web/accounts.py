"""Pages of staff about the accounts of igangsettere: names, addresses and consent."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.form import EmailAddress, MobileNumber
from intake.store import Account, accounts
from intake.usecases import accounts as commands
from intake.usecases.accounts import AccountDetails
from intake.web.account_consent import SENTENCES as CONSENT
from intake.web.deps import Acting, Check, Deps, LooseCheck, OwnAccount, SignedIn, WebDeps
from intake.web.labels import centre_names
from intake.web.messages import EMAIL_INVALID, MOBILE_INVALID, SENTENCES
from shared.errors import DomainError, NotFoundError
from shared.kit.i18n import LOCALES, N_
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms
from shared.kit.web.messages import FieldText, Label

router = APIRouter(include_in_schema=False)

ACCOUNTS: Final = "/stab/kontoer"
NAME_MAX: Final = 100


class InvitationForm(BaseModel):
    """
    An invitation to help a centre.

    Attributes:
        agreed: Ticked if they have heard the text on the phone and agreed.
        registered: Their id in the register of igangsettere, if they are there already.
    """

    centre: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX)]
    email: EmailAddress | None = None
    mobile: MobileNumber | None = None
    language: Literal["nb", "nn", "en"] = "nb"
    agreed: bool = False
    registered: UUID | None = None


LABELS: Final[dict[str, Label]] = {
    "centre": FieldText(N_("Senter"), missing=N_("Velg hvilket senter det gjelder.")),
    "name": FieldText(N_("Navn"), missing=N_("Skriv hva igangsetteren heter.")),
    "email": FieldText(N_("E-post"), invalid=EMAIL_INVALID),
    "mobile": FieldText(N_("Mobilnummer"), invalid=MOBILE_INVALID),
    "language": N_("Språk i e-post"),
    "agreed": N_("Har hørt teksten på telefon og sagt ja"),
    "registered": N_("Igangsetter"),
}

_REACHABLE: Final = N_("Skriv en e-postadresse, eller et mobilnummer vi kan ringe.")
_LANGUAGES: Final = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}


@router.get(ACCOUNTS)
async def list_accounts(request: Request, deps: WebDeps, member: SignedIn, actor: Acting) -> Response:
    """List the accounts of the member's centres; every name that is shown is recorded."""
    async with deps.database.transaction() as session:
        rows = await accounts.of_centres(session, sorted(member.tenants))
        cards = await commands.read_cards(session, deps.vault, rows, Purpose.LIST, actor=actor)
    return deps.pages.html(
        request,
        "stab/accounts.html",
        cards=cards,
        centre_name=centre_names(deps.centres),
        several=len(member.tenants) > 1,
    )


@router.get(f"{ACCOUNTS}/ny")
async def show_form(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    igangsetter: Annotated[UUID | None, Query()] = None,
    senter: Annotated[str, Query()] = "",
) -> Response:
    """Show the form for an invitation, empty or of somebody who is registered already."""
    values: dict[str, forms.Value] = {"language": "nb"}
    if len(member.tenants) == 1 or senter in member.tenants:
        values["centre"] = senter if senter in member.tenants else min(member.tenants)
    if igangsetter is not None:
        values["registered"] = str(igangsetter)
    return _form(request, deps, member, forms.blank(request, LABELS, values))


@router.post(f"{ACCOUNTS}/ny")
async def invite(request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck) -> Response:
    """Invite by mail, or record the consent that was given on the phone."""
    submission = await forms.submitted(request, InvitationForm, LABELS, cleaned=True)
    form, invitation = submission.form, submission.model
    _ = deps.pages.gettext(request)
    if not check.fresh:
        return _form(request, deps, member, form.saying(_(csrf.STALE)), 422)
    if invitation is None:
        return _form(request, deps, member, form, 422)
    if not member.covers(invitation.centre) or deps.centres.get(invitation.centre) is None:
        raise NotFoundError("unknown_centre", centre=invitation.centre)
    if invitation.email is None and invitation.mobile is None:
        return _form(request, deps, member, form.refusing("email", _(_REACHABLE)), 422)
    details = AccountDetails(invitation.name, invitation.email, invitation.mobile, invitation.language)
    try:
        async with deps.database.transaction() as session:
            account_id = await commands.invite(
                session,
                deps.vault,
                invitation.centre,
                details,
                registered_id=invitation.registered,
                consented=invitation.agreed,
                actor=actor,
            )
    except DomainError as error:
        field = {"account_exists": "email", "consent_missing": "agreed"}.get(error.slug)
        if field is None:
            raise
        return _form(request, deps, member, form.refusing(field, _(SENTENCES[error.slug])), 422)
    return deps.pages.redirect(request, f"{ACCOUNTS}/{account_id}")


@router.get(f"{ACCOUNTS}/{{account_id}}")
async def show_account(request: Request, deps: WebDeps, account: OwnAccount, actor: Acting) -> Response:
    """Show one account; recorded."""
    async with deps.database.transaction() as session:
        card = await commands.view(session, deps.vault, account, actor=actor)
        consents = await accounts.consents_of(session, account.account_id)
    return deps.pages.html(
        request, "stab/account.html", card=card, consents=consents, centre_name=centre_names(deps.centres)
    )


@router.post(f"{ACCOUNTS}/{{account_id}}/inviter")
async def invite_again(request: Request, deps: WebDeps, account: OwnAccount, actor: Acting, _check: Check) -> Response:
    """Send an unanswered invitation once more."""
    async with deps.database.transaction() as session:
        await commands.invite_again(session, await _locked(session, account.account_id), actor=actor)
    return deps.pages.redirect(request, f"{ACCOUNTS}/{account.account_id}")


@router.post(f"{ACCOUNTS}/{{account_id}}/steng")
async def deactivate(request: Request, deps: WebDeps, account: OwnAccount, actor: Acting, _check: Check) -> Response:
    """Let somebody neither be asked nor sign in."""
    async with deps.database.transaction() as session:
        await commands.set_active(session, await _locked(session, account.account_id), active=False, actor=actor)
    return deps.pages.redirect(request, f"{ACCOUNTS}/{account.account_id}")


@router.post(f"{ACCOUNTS}/{{account_id}}/apne")
async def activate(request: Request, deps: WebDeps, account: OwnAccount, actor: Acting, _check: Check) -> Response:
    """Let somebody be asked and sign in again."""
    async with deps.database.transaction() as session:
        await commands.set_active(session, await _locked(session, account.account_id), active=True, actor=actor)
    return deps.pages.redirect(request, f"{ACCOUNTS}/{account.account_id}")


@router.get(f"{ACCOUNTS}/{{account_id}}/slett")
async def show_erasure(request: Request, deps: WebDeps, account: OwnAccount, actor: Acting) -> Response:
    """Ask for a second press before somebody is erased; recorded, as it shows who it is."""
    async with deps.database.transaction() as session:
        card = await commands.view(session, deps.vault, account, actor=actor)
    return deps.pages.html(request, "stab/account_erase.html", card=card)


@router.post(f"{ACCOUNTS}/{{account_id}}/slett")
async def erase(request: Request, deps: WebDeps, account: OwnAccount, actor: Acting, _check: Check) -> Response:
    """Erase somebody in the whole system."""
    async with deps.database.transaction() as session:
        await commands.erase(session, deps.vault, await _locked(session, account.account_id), actor=actor)
    return deps.pages.redirect(request, ACCOUNTS)


async def _locked(session: AsyncSession, account_id: UUID) -> Account:
    account = await accounts.get(session, account_id, lock=True)
    if account is None:
        raise NotFoundError("unknown_account", account_id=account_id)
    return account


def _form(request: Request, deps: Deps, member: StaffMember, form: forms.Form, status: int = 200) -> Response:
    chosen = deps.centres.get(form.value("centre"))
    _ = deps.pages.gettext(request)
    return deps.pages.html(
        request,
        "stab/account_form.html",
        status,
        form=form,
        centres=[(centre.id, centre.name) for centre in deps.centres.all if member.covers(centre.id)],
        mail_languages=[(locale, _LANGUAGES[locale]) for locale in LOCALES],
        consent=[_(sentence) % {"centre": chosen.name if chosen else _("Senteret")} for sentence in CONSENT],
    )
