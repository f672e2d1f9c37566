"""Unfinished forms behind the pages of the sign-up: the key in the address, and what is still missing."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from intake.domain import typos
from intake.domain.drafts import STEP_FIELDS, STEPS, Draft, Value
from intake.domain.form import FieldError, FormInvalid, SignupForm
from intake.usecases import drafts
from intake.usecases.locations import CentreLookup, Location
from intake.vault.draft_key import DraftKey
from intake.web.deps import Deps, WebDeps
from intake.web.signup_form import (
    WISH_FIELDS,
    Located,
    SentForm,
    build_form,
    contact_of,
    default_values,
    locate,
    shown_form,
)
from shared.kit.web.auth import object_access
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of, state_of

PLACE, TIMES, ABOUT = STEPS

_STEP_OF: Final = {name: step for step, names in STEP_FIELDS.items() for name in names} | {
    "consent_version": ABOUT,
    "information_version": ABOUT,
    "wishes": TIMES,
}


@object_access
async def draft_key(token: str) -> DraftKey:
    """Return the key in the address; 404 if it cannot be one."""
    key = DraftKey.of(token)
    if key is None:
        raise HTTPException(404)
    return key


Key = Annotated[DraftKey, Depends(draft_key)]


async def open_draft(key: Key, request: Request, deps: WebDeps) -> Draft | None:
    """Return the form of the address, None if its time is over."""
    async with deps.database.transaction() as session:
        return await drafts.read(session, key, now=state_of(request).wall())


OpenDraft = Annotated[Draft | None, Depends(open_draft)]


async def known_step(step: str) -> str:
    """Return the step in the address; 404 if there is none of that name."""
    if step not in STEPS:
        raise HTTPException(404)
    return step


Step = Annotated[str, Depends(known_step)]


@dataclass(frozen=True)
class Review:
    """
    The content of a form, and the faults in it.

    Attributes:
        faults: The errors of each step that has some, in the order of the steps.
        form: The sign-up, if nothing is missing.
    """

    located: Located
    faults: Mapping[str, tuple[FieldError, ...]]
    form: SignupForm | None

    @property
    def location(self) -> Location | None:
        """The location of the place, if it is known and covered."""
        return self.located.location

    def first_fault(self, until: str) -> str | None:
        """Return the first step with a fault, up to this one."""
        return next((step for step in STEPS[: STEPS.index(until) + 1] if step in self.faults), None)


def new_draft(request: Request, values: Mapping[str, Value], *, notice: str = "") -> Draft:
    """Return a form that begins now, with the most common answers where none is given."""
    return Draft(
        values={**default_values(locale_of(request)), **values},
        nonce=secrets.token_urlsafe(16),
        started=state_of(request).wall().timestamp(),
        notice=notice,
    )


def sent_form(request: Request, draft: Draft) -> SentForm:
    """Return the form as the pages show it."""
    return shown_form(request, draft.values)


def review(request: Request, lookup: CentreLookup, draft: Draft) -> Review:
    """Return what the form holds and lacks, for the centre that covers its place."""
    sent = sent_form(request, draft)
    located = locate(lookup, sent)
    if located.location is None:
        return Review(located, {PLACE: located.errors or (FieldError("place", "uncovered"),)}, None)
    try:
        form = build_form(sent, located.location, locale_of(request))
    except FormInvalid as invalid:
        faults: dict[str, tuple[FieldError, ...]] = {}
        for step in STEPS:
            if errors := tuple(error for error in invalid.errors if _STEP_OF.get(error.field, ABOUT) == step):
                faults[step] = errors
        return Review(located, faults, None)
    return Review(located, {}, form)


def settled(draft: Draft, lookup: CentreLookup, sent: SentForm) -> Draft:
    """Return the form after its place was answered: what was agreed with another centre does not hold here."""
    located = locate(lookup, sent)
    if located.location is None:
        return draft
    draft = draft.with_values(place=sent.place, place_choice="")
    if not located.nearby:
        draft = draft.with_values(nearby="")
    centre = located.location.centre
    if draft.centre in {"", centre.id}:
        return replace(draft, centre=centre.id)
    offered = {WISH_FIELDS[wish] for wish in centre.policy.wishes}
    lost = {name: "" for name in WISH_FIELDS.values() if name not in offered}
    had_wish = any(draft.value(name) for name in lost)
    if not centre.policy.digital_groups:
        lost["digital"] = ""
    draft = draft.with_values(consent="", information="", **lost)
    return replace(draft, centre=centre.id, notice="wishes_lost" if had_wish else "other_centre")


def likely_slip(request: Request, draft: Draft) -> str | None:
    """Return the address that was probably meant, unless the person has said that theirs is right."""
    email = contact_of(sent_form(request, draft))["email"]
    return typos.suggestion(email) if email and email != draft.kept_email else None


def to_step(request: Request, key: DraftKey, step: str) -> Response:
    """Return the redirect to a step of the form."""
    return pages_of(request).redirect(request, f"/pamelding/{key.token}/{step}")


def to_thanks(request: Request, key: DraftKey) -> Response:
    """Return the redirect to the page after the form was sent."""
    return pages_of(request).redirect(request, f"/takk/{key.token}")


def gone(request: Request, deps: Deps) -> Response:
    """Return the page for a form whose time is over."""
    return deps.pages.html(request, "draft_gone.html", 410)
