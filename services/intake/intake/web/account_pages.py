"""The invitation to become an igangsetter, and an igangsetter's own account."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain import account_consent
from intake.domain.contacts import Purpose
from intake.store import Account, accounts
from intake.usecases import account_sessions
from intake.usecases import accounts as commands
from intake.web.account_consent import SENTENCES
from intake.web.account_sessions import COOKIE, IGANGSETTER
from intake.web.deps import Check, Deps, Helper, InvitationLink, WebDeps
from shared.errors import NotFoundError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember, wall_now
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)


@router.get("/igangsetter/invitasjon/{token}")
async def show_invitation(request: Request, deps: WebDeps, invitation_id: InvitationLink) -> Response:
    """Show who asks, and the text that one agrees to, with a yes and a no. Changes nothing."""
    async with deps.database.transaction() as session:
        account = await accounts.by_invitation(session, invitation_id) if invitation_id else None
    return _invitation(request, deps, account)


@router.post("/igangsetter/invitasjon/{token}")
async def answer_invitation(
    request: Request,
    deps: WebDeps,
    invitation_id: InvitationLink,
    _check: Check,
    svar: Annotated[Literal["ja", "nei"], Form()],
    samtykke: Annotated[str, Form()] = "",
) -> Response:
    """Open the account and a first session, or delete everything."""
    if invitation_id is None:
        return _invitation(request, deps, None)
    async with deps.database.transaction() as session:
        account = await accounts.by_invitation(session, invitation_id)
        if account is None:
            return _invitation(request, deps, None)
        actor = Actor(str(account.account_id), deps.clock.now(), Cause.fresh())
        if svar == "nei":
            if await commands.decline(session, deps.vault, invitation_id, actor=actor):
                return deps.pages.html(request, "igangsetter/declined.html")
            return _invitation(request, deps, account)
        opened = await commands.accept(session, invitation_id, samtykke, locale_of(request), actor=actor)
        if opened is None:
            return _invitation(request, deps, account)
        token = account_sessions.open_session(session, opened, wall=wall_now())
    return COOKIE.give(deps.pages.redirect(request, f"{IGANGSETTER}/tider"), token, secure=deps.secure)


@router.get("/igangsetter/konto")
async def show_account(request: Request, deps: WebDeps, helper: Helper) -> Response:
    """Show an igangsetter what is known about them; recorded as their own reading."""
    async with deps.database.transaction() as session:
        account, actor = await _own(session, deps, helper)
        cards = await commands.read_cards(session, deps.vault, [account], Purpose.PAGE, actor=actor)
        consents = await accounts.consents_of(session, account.account_id)
    if not cards:
        raise NotFoundError("unknown_account", account_id=account.account_id)
    return deps.pages.html(
        request,
        "igangsetter/account.html",
        card=cards[0],
        consents=consents,
        centre=deps.centres.get(account.centre),
        centre_name=_centre_name(deps, account),
    )


@router.get("/igangsetter/konto/slett")
async def show_erasure(request: Request, deps: WebDeps, helper: Helper) -> Response:
    """Ask for a second press before everything is erased."""
    async with deps.database.transaction() as session:
        account, _ = await _own(session, deps, helper)
    return deps.pages.html(request, "igangsetter/erase.html", done=False, centre=deps.centres.get(account.centre))


@router.post("/igangsetter/konto/slett")
async def erase_account(request: Request, deps: WebDeps, helper: Helper, _check: Check) -> Response:
    """Erase an igangsetter in the whole system, at their own wish."""
    async with deps.database.transaction() as session:
        account, actor = await _own(session, deps, helper)
        await commands.erase(session, deps.vault, account, actor=actor)
    return COOKIE.take(
        deps.pages.html(request, "igangsetter/erase.html", done=True, centre=deps.centres.get(account.centre))
    )


async def _own(session: AsyncSession, deps: Deps, helper: StaffMember) -> tuple[Account, Actor]:
    account = await accounts.get(session, UUID(helper.username))
    if account is None:
        raise NotFoundError("unknown_account")
    return account, Actor(helper.username, deps.clock.now(), Cause.fresh())


def _invitation(request: Request, deps: Deps, account: Account | None) -> Response:
    now = deps.clock.now()
    is_open = account is not None and account.expires_at is not None and now < account.expires_at
    _ = deps.pages.gettext(request)
    name = _centre_name(deps, account) if account is not None else ""
    return deps.pages.html(
        request,
        "igangsetter/invitation.html",
        200 if is_open else 410,
        open=is_open,
        answered=account is not None and account.confirmed_at is not None,
        centre=deps.centres.get(account.centre) if account is not None else None,
        centre_name=name,
        consent=[_(sentence) % {"centre": name} for sentence in SENTENCES],
        version=account_consent.VERSION,
    )


def _centre_name(deps: Deps, account: Account) -> str:
    centre = deps.centres.get(account.centre)
    return centre.name if centre else account.centre
