"""Pages that links in mails open."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from intake.domain.signups import ConfirmationStatus
from intake.queries import links
from intake.usecases import confirm, withdraw
from intake.web.deps import Check, ConfirmationLink, Deps, LeaveLink, WebDeps
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf

router = APIRouter(include_in_schema=False)

_ONE_CLICK: Final = [("List-Unsubscribe", "One-Click")]
"""The whole body that a mail program sends for its own unsubscribe button (RFC 8058)."""


@router.get("/bekreft/{token}")
async def show_confirm(request: Request, deps: WebDeps, confirmation_id: ConfirmationLink) -> Response:
    """Show the question of a confirmation link, with one button. Changes nothing."""
    status = ConfirmationStatus.GONE
    if confirmation_id is not None:
        async with deps.database.transaction() as session:
            status = await links.confirmation_status(session, confirmation_id, deps.clock.now())
    return _confirm_page(request, deps, status)


@router.post("/bekreft/{token}")
async def confirm_signup(request: Request, deps: WebDeps, confirmation_id: ConfirmationLink, _check: Check) -> Response:
    """Confirm the sign-up of a link."""
    status = ConfirmationStatus.GONE
    if confirmation_id is not None:
        async with deps.database.transaction() as session:
            status = await confirm.confirm(
                session, deps.centres, confirmation_id, now=deps.clock.now(), cause=Cause.fresh()
            )
    return _confirm_page(request, deps, status)


def _confirm_page(request: Request, deps: Deps, status: ConfirmationStatus) -> Response:
    status_code = 410 if status is ConfirmationStatus.GONE else 200
    return deps.pages.html(request, "confirm.html", status_code, status=status.value)


@router.get("/meld-av/{token}")
async def show_leave(request: Request, deps: WebDeps, signup_id: LeaveLink) -> Response:
    """Show the consequences of leaving, with one button. Changes nothing."""
    async with deps.database.transaction() as session:
        can_leave = await links.can_withdraw(session, signup_id)
    return deps.pages.html(request, "leave.html", can_leave=can_leave)


async def leave_check(request: Request) -> None:
    """
    Accept the button of our page, or the unsubscribe button of a mail program.

    A mail program has no form token. It is admitted by the link, which cannot be guessed, together with the one body
    that no page of ours and no link scanner sends; some programs end it with a line break.
    """
    items = [(name, value.strip()) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    if items != _ONE_CLICK:
        await csrf.protect(request)


@router.post("/meld-av/{token}")
async def leave(
    request: Request, deps: WebDeps, _check: Annotated[None, Depends(leave_check)], signup_id: LeaveLink
) -> Response:
    """Withdraw the sign-up of a link."""
    async with deps.database.transaction() as session:
        await withdraw.withdraw(session, signup_id, now=deps.clock.now(), cause=Cause.fresh())
    return deps.pages.html(request, "leave.html", can_leave=False)
