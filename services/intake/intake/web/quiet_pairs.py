"""
The part of a person's own page where they name whom they must not meet; it never says whom, or how many.

Its address, title and answer are the same for everything that is done there, since a browser keeps a history.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from intake.domain.crisis import is_acute
from intake.domain.form import FieldError, FormInvalid, normalized_email, normalized_mobile
from intake.store import signups
from intake.usecases import quiet_pairs
from intake.web.acute import ACUTE_PATH
from intake.web.deps import Check, Deps, WebDeps
from intake.web.messages import LABELS, explain
from intake.web.my_page import Owner, newest_centre
from intake.web.session_cookies import SessionCookie
from shared.errors import DomainError, NotFoundError
from shared.kit.web import forms
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of
from shared.reference.limits import QUIET_NAMES

router = APIRouter(include_in_schema=False)

PATH: Final = "/min-side/hensyn"
SAVED: Final = SessionCookie("lagret", PATH)
"""Has the page say once that something was saved; an address would stay in the history."""


class NameForm(BaseModel):
    """The address or number of somebody whom the person must not meet."""

    quiet_name: str = ""


@router.get(PATH)
async def show_form(request: Request, deps: WebDeps, owner: Owner) -> Response:
    """Show the form, which is the same whatever was named before."""
    if owner is None:
        return deps.pages.redirect(request, "/min-side")
    saved = SAVED.name in request.cookies
    page = await _page(request, deps, owner, forms.blank(request, LABELS), saved=saved)
    return SAVED.take(page) if saved else page


@router.post(PATH)
async def give_name(request: Request, deps: WebDeps, owner: Owner, _check: Check) -> Response:
    """Store an address or number; the answer is always the same."""
    if owner is None:
        return deps.pages.redirect(request, "/min-side")
    submission = await forms.submitted(request, NameForm, LABELS, cleaned=True)
    text = str(submission.form.value("quiet_name"))
    if is_acute(text):
        return deps.pages.redirect(request, ACUTE_PATH)
    try:
        contact = normalized_email(text) if "@" in text else normalized_mobile(text)
    except FormInvalid:
        return await _with_error(request, deps, owner, submission.form, "invalid")
    try:
        async with deps.database.transaction() as session:
            await quiet_pairs.give_name(session, deps.vault, owner, contact)
    except NotFoundError:
        return deps.pages.redirect(request, "/min-side")
    except DomainError:
        return await _with_error(request, deps, owner, submission.form, "full")
    return _saved(request, deps)


@router.post(f"{PATH}/fjern")
async def take_back_names(request: Request, deps: WebDeps, owner: Owner, _check: Check) -> Response:
    """Take back everything the person has named, later; the answer is the same if there was nothing."""
    if owner is None:
        return deps.pages.redirect(request, "/min-side")
    async with deps.database.transaction() as session:
        await quiet_pairs.take_back_names(session, owner, now=deps.clock.now())
    return _saved(request, deps)


def _saved(request: Request, deps: Deps) -> Response:
    return SAVED.give(deps.pages.redirect(request, PATH), "1", secure=deps.secure)


async def _with_error(request: Request, deps: Deps, owner: UUID, form: forms.Form, code: str) -> Response:
    errors = explain((FieldError("quiet_name", code),), pages_of(request).texts, locale_of(request))
    return await _page(request, deps, owner, replace(form, errors=errors))


async def _page(request: Request, deps: Deps, owner: UUID, form: forms.Form, *, saved: bool = False) -> Response:
    async with deps.database.transaction() as session:
        centre = newest_centre(deps, await signups.of_person(session, owner))
    return deps.pages.html(
        request, "my_page/quiet_pairs.html", form=form, saved=saved, centre=centre, most=QUIET_NAMES.figure
    )
