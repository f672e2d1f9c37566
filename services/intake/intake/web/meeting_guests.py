"""The page on which anybody signs up for a meeting that is open to all, with an address and nothing else."""

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from intake.domain.crisis import is_acute
from intake.domain.drafts import Draft
from intake.domain.form import FormInvalid, normalized_email
from intake.store import AnnouncedMeeting
from intake.usecases import meeting_guests, proofs_of_work
from intake.web.acute import ACUTE_PATH
from intake.web.asked_address import AddressForm
from intake.web.deps import Check, Deps, WebDeps, signup_wait_seconds
from intake.web.limits import of_this_machine
from intake.web.messages import LABELS, explain
from intake.web.signup_form import PROOF
from shared.kit.web import forms
from shared.kit.web.forms import Form
from shared.kit.web.state import locale_of, state_of
from shared.reference.retention import Data, kept_for
from shared.reference.spans import span_words

router = APIRouter(include_in_schema=False)

PATH: Final = "/orienteringsmote"


async def _meeting(kontaktmote_id: UUID, deps: WebDeps) -> AnnouncedMeeting:
    async with deps.database.transaction() as session:
        return await meeting_guests.open_meeting(session, kontaktmote_id, deps.clock.now())


OpenMeeting = Annotated[AnnouncedMeeting, Depends(_meeting)]


@router.get(f"{PATH}/{{kontaktmote_id}}")
async def show_form(request: Request, deps: WebDeps, meeting: OpenMeeting) -> Response:
    """Ask for the address."""
    return _page(request, deps, meeting, forms.blank(request, LABELS))


@router.post(f"{PATH}/{{kontaktmote_id}}")
async def sign_up(request: Request, deps: WebDeps, meeting: OpenMeeting, _check: Check) -> Response:
    """Have the address asked by mail; the answer and its time are the same if it was asked before."""
    submission = await forms.submitted(request, AddressForm, LABELS, cleaned=True)
    form = submission.form
    if is_acute(str(form.value("email"))):
        return deps.pages.redirect(request, ACUTE_PATH)
    if await signup_wait_seconds(request, deps):
        raise HTTPException(429)
    try:
        email = normalized_email(form.value("email"))
    except FormInvalid as invalid:
        errors = explain(invalid.errors, deps.pages.texts, locale_of(request))
        return _page(request, deps, meeting, replace(form, errors=errors))
    proof, wall = submission.extra.get(PROOF, ""), state_of(request).wall()
    async with deps.database.transaction() as session:
        proven = of_this_machine(request) or await proofs_of_work.is_proven(
            session, deps.vault, _bound_to(meeting), proof, wall
        )
        language = locale_of(request)
        await meeting_guests.ask(
            session, deps.vault, meeting.kontaktmote_id, email, language, proven=proven, now=deps.clock.now()
        )
    return deps.pages.redirect(request, f"{PATH}/{meeting.kontaktmote_id}/sendt")


@router.get(f"{PATH}/{{kontaktmote_id}}/sendt")
async def show_sent(request: Request, deps: WebDeps, meeting: OpenMeeting) -> Response:
    """Say that a mail is on its way."""
    return _page(request, deps, meeting, forms.blank(request, LABELS), sent=True)


def _bound_to(meeting: AnnouncedMeeting) -> Draft:
    """Return what a proof of work is bound to; each counts once."""
    return Draft(values={}, nonce=f"guest|{meeting.kontaktmote_id}", started=0.0)


def _page(request: Request, deps: Deps, meeting: AnnouncedMeeting, form: Form, *, sent: bool = False) -> Response:
    locale = locale_of(request)
    return deps.pages.html(
        request,
        "meeting_guest.html",
        form=form,
        sent=sent,
        proof=PROOF,
        challenge=None if sent else proofs_of_work.challenge(deps.vault, _bound_to(meeting), state_of(request).wall()),
        meeting=meeting,
        centre=deps.centres.get(meeting.centre),
        action=f"{PATH}/{meeting.kontaktmote_id}",
        unconfirmed=span_words(kept_for(Data.UNCONFIRMED_SIGNUP), locale),
        afterwards=span_words(kept_for(Data.MEETING_GUEST), locale),
    )
