"""The sign-up that staff fill in on the phone."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.form import FieldError, FormInvalid
from intake.usecases.locations import Location
from intake.usecases.register import register_by_phone
from intake.web.deps import Acting, Coordinator, LooseCheck, WebDeps
from intake.web.signup_form import (
    SentForm,
    build_form,
    consent_texts,
    language_options,
    locate,
    read_form,
    shown_form,
    travel_options,
    wishes_not_offered,
    with_defaults,
    with_errors,
)
from shared.kit.web import csrf
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)


@router.get("/stab/pamelding")
async def show_place(request: Request, _member: Coordinator) -> Response:
    """Show the first page, which asks for the place."""
    return _page(request, shown_form(request), None)


@router.post("/stab/pamelding")
async def sign_up(  # noqa: PLR0911 - one return for each page that can follow
    request: Request, deps: WebDeps, member: Coordinator, actor: Acting, check: LooseCheck
) -> Response:
    """Read the place or the whole form; a valid form is registered with an oral consent and confirmed."""
    sent = await read_form(request)
    located = locate(deps.lookup, sent)
    location = located.location
    if location is None:
        errors = located.errors or (FieldError("place", "uncovered"),)
        return _page(request, sent, None, () if sent.switching else errors, labels=located.choices)
    if not member.covers(location.centre.id):
        return _page(request, sent, None, (FieldError("place", "other_centre"),))
    sent = sent.with_values(place=sent.place, place_choice="")
    if not sent.whole:
        return _page(request, with_defaults(sent, locale_of(request)), location)
    if sent.switching:
        return _page(request, sent, location)
    if sent.value("centre") != location.centre.id:
        sent = sent.with_values(consent="", information="")
        return _page(request, sent, location, wishes_not_offered(sent, location))
    if not check.fresh:
        return _page(request, sent, location, notice=csrf.STALE)
    try:
        form = build_form(sent, location, sent.value("mail_language") or locale_of(request), oral=True)
        person_id = await register_by_phone(
            deps.database.transaction, deps.vault, deps.centres, form, location, actor=actor
        )
    except FormInvalid as invalid:
        return _page(request, sent, location, invalid.errors)
    return deps.pages.redirect(request, f"/stab/personer/{person_id}")


def _page(
    request: Request,
    sent: SentForm,
    location: Location | None,
    errors: tuple[FieldError, ...] = (),
    *,
    labels: tuple[str, ...] = (),
    notice: str = "",
) -> Response:
    locale = locale_of(request)
    return pages_of(request).html(
        request,
        "stab/signup.html",
        form=with_errors(request, sent, errors, notice),
        centre=location.centre if location else None,
        texts=consent_texts(location, locale) if location else None,
        place_choices=[(label, label) for label in labels],
        language_options=language_options(locale),
        travel_options=travel_options(),
    )
