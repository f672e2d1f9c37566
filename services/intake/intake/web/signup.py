"""The public sign-up: first the place, then the whole form."""

import secrets
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from intake.domain.form import FieldError, FormInvalid
from intake.usecases.locations import Location, NoCentre
from intake.usecases.register import KeyUsedBefore, register_with_retry
from intake.usecases.signup_rows import Source
from intake.web.deps import Deps, LooseCheck, WebDeps, signup_wait_seconds
from intake.web.public import ANSWER_DAYS
from intake.web.signup_form import (
    HONEYPOT,
    NONCE_MAX,
    TOO_FAST,
    SentForm,
    build_form,
    consent_texts,
    empty_form,
    language_options,
    locate,
    read_form,
    travel_options,
    wishes_not_offered,
    with_defaults,
    with_errors,
)
from shared.kit.i18n import N_
from shared.kit.web import csrf
from shared.kit.web.csrf import FormCheck
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)

_WEB: Final = Source("web")

_ONCE_MORE = N_("Se gjerne over svarene en gang til, og trykk på knappen igjen.")
_OTHER_CENTRE = N_("Stedet hører til et annet senter enn før. Les hva dette senteret ber om, og kryss av på nytt.")
_CHOOSE_PLACE = N_("Flere steder passer. Velg hvilket du mener, så går vi videre.")


@router.get("/pamelding")
async def show_place(request: Request) -> Response:
    """Show the first page of the sign-up, which asks for the place."""
    return _place_page(request, empty_form(request))


@router.post("/pamelding")
async def sign_up(  # noqa: PLR0911 - one return for each page that can follow
    request: Request, deps: WebDeps, check: LooseCheck
) -> Response:
    """Read the place or the whole form; nothing is stored until the whole form is valid."""
    sent = await read_form(request)
    location, labels, fault = locate(deps.lookup, sent)
    if isinstance(location, NoCentre):
        return deps.pages.html(request, "uncovered.html", place=location.name)
    if location is None:
        errors = _place_errors(sent, labels, fault)
        if not sent.whole:
            return _place_page(request, sent, errors, labels)
        return _form_page(request, sent, _shown_location(deps, sent), errors, labels=labels)
    sent = sent.with_values(place=sent.place, place_choice="")
    if not sent.whole:
        return _form_page(request, with_defaults(sent), location)
    if sent.switching:
        return _form_page(request, sent, location)
    if sent.value("centre") != location.centre.id:
        sent = sent.with_values(consent="", information="")
        errors = wishes_not_offered(sent, location)
        return _form_page(request, sent, location, errors, notice=_OTHER_CENTRE, status=422)
    return await _register(request, deps, check, sent, location)


def _place_errors(sent: SentForm, labels: tuple[str, ...], fault: str) -> tuple[FieldError, ...]:
    if sent.switching or not fault:
        return ()
    if labels and not sent.value("place_choice"):
        return (FieldError("place_choice", "missing"),) if sent.whole else ()
    return (FieldError("place", fault),)


async def _register(request: Request, deps: Deps, check: FormCheck, sent: SentForm, location: Location) -> Response:
    try:
        form = build_form(sent, location, locale_of(request))
    except FormInvalid as invalid:
        return _form_page(request, sent, location, invalid.errors)
    if not check.fresh:
        return _form_page(request, sent, location, notice=csrf.STALE, status=422)
    too_fast = check.age < TOO_FAST and not sent.value("once_more")
    if sent.honeypot_filled or too_fast:
        return _form_page(request, sent.with_values(once_more="1"), location, notice=_ONCE_MORE, status=422)
    if signup_wait_seconds(request, deps):
        raise HTTPException(429)
    nonce = sent.value("nonce")[:NONCE_MAX] or secrets.token_urlsafe()
    transaction = deps.database.transaction
    try:
        await register_with_retry(
            transaction, deps.vault, form, location, _WEB, now=deps.clock.now(), idempotency_key=f"web:{nonce}"
        )
    except FormInvalid as invalid:
        return _form_page(request, sent, location, invalid.errors)
    except KeyUsedBefore:  # the same page was sent again with other answers: a new form
        await register_with_retry(transaction, deps.vault, form, location, _WEB, now=deps.clock.now())
    return deps.pages.redirect(request, "/takk")


def _place_page(
    request: Request, sent: SentForm, errors: tuple[FieldError, ...] = (), labels: tuple[str, ...] = ()
) -> Response:
    form = with_errors(request, sent, errors, _CHOOSE_PLACE if labels and not errors else "")
    return pages_of(request).html(request, "place.html", form=form, place_choices=[(label, label) for label in labels])


def _form_page(
    request: Request,
    sent: SentForm,
    location: Location,
    errors: tuple[FieldError, ...] = (),
    *,
    labels: tuple[str, ...] = (),
    notice: str = "",
    status: int | None = None,
) -> Response:
    locale = locale_of(request)
    return pages_of(request).html(
        request,
        "signup.html",
        status,
        form=with_errors(request, sent, errors, notice),
        centre=location.centre,
        texts=consent_texts(location, locale),
        place_choices=[(label, label) for label in labels],
        language_options=language_options(locale),
        travel_options=travel_options(),
        honeypot=HONEYPOT,
        answer_days=ANSWER_DAYS,
    )


def _shown_location(deps: Deps, sent: SentForm) -> Location:
    """Return a location of the centre that the form was shown for, while the place is being corrected."""
    centres = deps.centres
    centre = centres.get(sent.value("centre")) or centres.all[0]
    place = centre.areas[0].places[0]
    return Location(centre, centre.areas[0], place.kommune, place.latitude, place.longitude)
