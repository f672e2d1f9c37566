"""The page on which a waiting person reads the texts that have changed, and says yes to them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from intake.store import signups
from intake.usecases import changed_texts
from intake.usecases.changed_texts import NOTHING_ASKED, AskedTexts
from intake.web.deps import Check, Deps, StillWaitingLink, WebDeps
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.kit.web.state import locale_of
from shared.reference.link_purposes import LEAVE, WAITING

router = APIRouter(include_in_schema=False)


@router.get("/fortsatt/{token}/tekst")
async def show_changed_texts(request: Request, deps: WebDeps, signup_id: StillWaitingLink, token: str) -> Response:
    """Show the texts that have changed since the person agreed to them. Changes nothing."""
    return await _page(request, deps, _known(signup_id), token)


@router.post("/fortsatt/{token}/tekst")
async def accept_changed_texts(
    request: Request,
    deps: WebDeps,
    signup_id: StillWaitingLink,
    token: str,
    _check: Check,
    consent: Annotated[str, Form()] = "",
    information: Annotated[str, Form()] = "",
) -> Response:
    """Store that the person agrees to the changed texts; without the tick, or for an older text, ask again."""
    signup_id = _known(signup_id)
    actor = Actor("owner", deps.clock.now(), Cause.fresh())
    accepted = AskedTexts(consent or None, information or None)
    try:
        async with deps.database.transaction() as session:
            await changed_texts.accept(
                session, deps.centres, signup_id, accepted, language=locale_of(request), actor=actor
            )
    except DomainError as error:
        if error.slug != "consent_outdated":
            raise
        return await _page(request, deps, signup_id, token, unticked=True)
    return deps.pages.redirect(request, f"/fortsatt/{token}/tekst")


def _known(signup_id: UUID | None) -> UUID:
    if signup_id is None:
        raise HTTPException(404)
    return signup_id


async def _page(request: Request, deps: Deps, signup_id: UUID, token: str, *, unticked: bool = False) -> Response:
    async with deps.database.transaction() as session:
        row = await signups.get(session, signup_id)
        centre = deps.centres.get(row.centre) if row else None
        asked = await changed_texts.outstanding(session, centre, row) if row and centre else NOTHING_ASKED
    locale = locale_of(request)
    return deps.pages.html(
        request,
        "changed_texts.html",
        422 if unticked else 200 if centre else 410,
        centre=centre,
        asked=asked,
        consent=centre.consent(locale) if centre and asked.consent else None,
        information=centre.information(locale) if centre and asked.information else None,
        unticked=unticked,
        action=f"/fortsatt/{token}/tekst",
        still_waiting=f"/fortsatt/{token}",
        leave=f"/meld-av/{deps.links.token(LEAVE, signup_id)}",
        waiting=f"/venter/{deps.links.token(WAITING, signup_id)}",
    )
