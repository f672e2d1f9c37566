"""Pages that links in mails open."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from intake.domain.signups import ConfirmationStatus
from intake.queries import links
from intake.queries.confirmations import ConfirmationView, confirmation_view
from intake.queries.talks import may_talk
from intake.usecases import confirm, withdraw
from intake.usecases.binding import Choice
from intake.web.deps import Check, ConfirmationLink, Deps, LeaveLink, WebDeps
from intake.web.labels import WISHES, centre_names, translated
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf
from shared.kit.web.state import locale_of
from shared.reference import languages, slots
from shared.reference.link_purposes import STILL_WAITING, TALK, WAITING

router = APIRouter(include_in_schema=False)

_ONE_CLICK: Final = [("List-Unsubscribe", "One-Click")]
_ONE_CLICK_BODY: Final = b"List-Unsubscribe=One-Click"
"""The whole body that a mail program sends for its own unsubscribe button (RFC 8058)."""


@router.get("/bekreft/{token}")
async def show_confirm(request: Request, deps: WebDeps, confirmation_id: ConfirmationLink) -> Response:
    """Show what a confirmation link confirms and changes, with its buttons. Changes nothing."""
    async with deps.database.transaction() as session:
        view = await confirmation_view(session, deps.vault, deps.centres, confirmation_id, now=deps.clock.now())
    return _confirm_page(request, deps, view, view.status)


@router.post("/bekreft/{token}")
async def confirm_signup(
    request: Request,
    deps: WebDeps,
    confirmation_id: ConfirmationLink,
    _check: Check,
    person: Annotated[str, Form()] = "",
) -> Response:
    """Confirm the sign-up of a link, as a new person or as one who has the address already."""
    status, new_address = ConfirmationStatus.GONE, False
    if confirmation_id is not None:
        async with deps.database.transaction() as session:
            asked = await confirmation_view(session, deps.vault, deps.centres, confirmation_id, now=deps.clock.now())
            new_address = asked.new_address
            status = await confirm.confirm(
                session,
                deps.vault,
                deps.centres,
                confirmation_id,
                choice=_choice(person),
                now=deps.clock.now(),
                cause=Cause.fresh(),
            )
    async with deps.database.transaction() as session:
        view = await confirmation_view(session, deps.vault, deps.centres, confirmation_id, now=deps.clock.now())
    return _confirm_page(request, deps, view, status, new_address=new_address)


def _choice(text: str) -> Choice | None:
    if text == "new":
        return "new"
    try:
        return UUID(text)
    except ValueError:
        return None


def _confirm_page(
    request: Request, deps: Deps, view: ConfirmationView, status: ConfirmationStatus, *, new_address: bool = False
) -> Response:
    locale = locale_of(request)
    kommune = deps.places.kommune(view.signup.kommune) if view.signup else None
    may_arrange = view.signup is not None and not new_address and may_talk(deps.centres, view.signup)
    centre = deps.centres.get(view.signup.centre) if view.signup else None
    return deps.pages.html(
        request,
        "confirm.html",
        410 if status is ConfirmationStatus.GONE else 200,
        view=view,
        centre=centre,
        status=status.value,
        new_address=new_address,
        home=kommune.name if kommune else "",
        centre_name=centre_names(deps.centres),
        wishes=translated(request, WISHES),
        slot_label=lambda slot: slots.label(slot, locale),
        language_label=lambda code: languages.label(code, locale),
        reading=f"{_still_waiting(deps, view.signup.signup_id)}/les" if view.signup else "",
        waiting=f"/venter/{deps.links.token(WAITING, view.signup.signup_id)}" if view.signup else "",
        talk=f"/prat/{deps.links.token(TALK, view.signup.signup_id)}" if view.signup and may_arrange else "",
        talk_required=may_arrange and centre is not None and centre.policy.forsamtale == "required",
    )


@router.get("/meld-av/{token}")
async def show_leave(request: Request, deps: WebDeps, signup_id: LeaveLink) -> Response:
    """Show the consequences of leaving, with one button. Changes nothing."""
    async with deps.database.transaction() as session:
        signup = await links.waiting_signup(session, deps.centres, signup_id)
    return _leave_page(request, deps, signup, signup_id)


async def leave_check(request: Request) -> None:
    """
    Accept the button of our page, or the unsubscribe button of a mail program.

    A mail program has no form token. It is admitted by the link, which cannot be guessed, together with the one body
    that no page of ours and no link scanner sends; some programs put line breaks around it, or no media type.
    """
    if (await request.body()).strip() == _ONE_CLICK_BODY:
        return
    fields = (await request.form()).multi_items()
    items = [(name.strip(), value.strip()) for name, value in fields if isinstance(value, str)]
    if items != _ONE_CLICK:
        await csrf.protect(request)


@router.post("/meld-av/{token}")
async def leave(
    request: Request, deps: WebDeps, _check: Annotated[None, Depends(leave_check)], signup_id: LeaveLink
) -> Response:
    """Withdraw the sign-up of a link."""
    async with deps.database.transaction() as session:
        await withdraw.withdraw(session, signup_id, now=deps.clock.now(), cause=Cause.fresh())
        signup = await links.waiting_signup(session, deps.centres, signup_id)
    return _leave_page(request, deps, signup, signup_id)


def _leave_page(request: Request, deps: Deps, signup: links.WaitingSignup | None, signup_id: UUID) -> Response:
    return deps.pages.html(
        request,
        "leave.html",
        signup=signup,
        centre=deps.centres.get(signup.centre) if signup else None,
        still_waiting=_still_waiting(deps, signup_id),
    )


def _still_waiting(deps: Deps, signup_id: UUID) -> str:
    return f"/fortsatt/{deps.links.token(STILL_WAITING, signup_id)}"
