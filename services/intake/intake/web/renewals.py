"""The page on which a waiting person says whether the wish for a group still holds: stay, change, pause or leave."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from intake.queries import links
from intake.usecases import confirm, pauses, renewals
from intake.web.deps import Check, Deps, StillWaitingLink, WebDeps
from shared.errors import DomainError
from shared.kit.messaging.causes import Cause
from shared.kit.web.state import locale_of
from shared.reference.link_purposes import LEAVE, WAITING

router = APIRouter(include_in_schema=False)

Answer = Literal["bli", "pause", "tilbake"]


@router.get("/fortsatt/{token}")
async def show_renewal(
    request: Request, deps: WebDeps, signup_id: StillWaitingLink, token: str, svar: str = ""
) -> Response:
    """Show what a person can answer. Changes nothing."""
    return await _page(request, deps, _known(signup_id), token, done=svar)


@router.post("/fortsatt/{token}")
async def answer_renewal(
    request: Request,
    deps: WebDeps,
    signup_id: StillWaitingLink,
    token: str,
    _check: Check,
    svar: Annotated[Answer, Form()],
    consent: Annotated[str, Form()] = "",
) -> Response:
    """Stay on the waiting list, pause, or come back from a pause with a new consent."""
    signup_id = _known(signup_id)
    now, cause = deps.clock.now(), Cause.fresh()
    try:
        async with deps.database.transaction() as session:
            if svar == "pause":
                await pauses.pause(session, signup_id, now=now, cause=cause)
            elif svar == "tilbake":
                given = pauses.NewConsent(consent, locale_of(request))
                await pauses.resume(session, deps.centres, signup_id, given, now=now, cause=cause)
            else:
                await renewals.renew(session, signup_id, now=now, cause=cause)
    except DomainError as error:
        if error.slug != "consent_outdated":
            raise
        return await _page(request, deps, signup_id, token, unticked=True)
    return deps.pages.redirect(request, f"/fortsatt/{token}?svar={svar}")


def _known(signup_id: UUID | None) -> UUID:
    if signup_id is None:
        raise HTTPException(404)
    return signup_id


async def _page(
    request: Request, deps: Deps, signup_id: UUID, token: str, *, done: str = "", unticked: bool = False
) -> Response:
    async with deps.database.transaction() as session:
        signup = await links.waiting_signup(session, deps.centres, signup_id)
    centre = deps.centres.get(signup.centre) if signup else None
    return deps.pages.html(
        request,
        "still_waiting.html",
        422 if unticked else 200 if signup else 410,
        centre=centre,
        signup=signup,
        consent=centre.consent(locale_of(request)) if centre else None,
        consent_version=centre.policy.consent_version if centre else "",
        done=done,
        unticked=unticked,
        action=f"/fortsatt/{token}",
        leave=f"/meld-av/{deps.links.token(LEAVE, signup_id)}",
        waiting=f"/venter/{deps.links.token(WAITING, signup_id)}",
    )


@router.get("/fortsatt/{token}/les")
async def show_reading(request: Request, deps: WebDeps, signup_id: StillWaitingLink, token: str) -> Response:
    """Show the centre's information to a person who is to read it, with the button that says so. Changes nothing."""
    async with deps.database.transaction() as session:
        signup = await links.waiting_signup(session, deps.centres, _known(signup_id))
    centre = deps.centres.get(signup.centre) if signup else None
    if signup is None or centre is None or signup.page not in ("waiting", "paused"):
        return await _page(request, deps, _known(signup_id), token)
    return deps.pages.html(
        request,
        "read_information.html",
        text=centre.information(locale_of(request)),
        centre=centre,
        signup=signup,
        action=f"/fortsatt/{token}/les",
        waiting=f"/venter/{deps.links.token(WAITING, signup.signup_id)}",
    )


@router.post("/fortsatt/{token}/les")
async def complete_reading(
    request: Request, deps: WebDeps, signup_id: StillWaitingLink, token: str, _check: Check
) -> Response:
    """Mark the information as read by the person."""
    async with deps.database.transaction() as session:
        await confirm.complete_own_reading(
            session, deps.centres, _known(signup_id), now=deps.clock.now(), cause=Cause.fresh()
        )
    return deps.pages.redirect(request, f"/fortsatt/{token}/les")
