"""The address in a form that asks for a mailed link."""

from dataclasses import replace

from fastapi import HTTPException, Request
from pydantic import BaseModel
from starlette.responses import Response

from intake.domain.form import FormInvalid, normalized_email
from intake.web.deps import Deps, signup_wait_seconds
from intake.web.messages import explain
from shared.kit.web.forms import Form
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of


class AddressForm(BaseModel):
    """The address that a link is to be sent to."""

    email: str = ""


async def asked_address(request: Request, deps: Deps, form: Form, template: str) -> str | Response:
    """
    Return the normalized address of a form, or the page again with what is wrong with it.

    Raises:
        HTTPException: 429 if too many forms came from the network address.
    """
    if await signup_wait_seconds(request, deps):
        raise HTTPException(429)
    try:
        return normalized_email(form.value("email"))
    except FormInvalid as invalid:
        errors = explain(invalid.errors, pages_of(request).texts, locale_of(request))
        return deps.pages.html(request, template, form=replace(form, errors=errors), sent=False)
