"""The sign-up that staff fill in on the phone."""

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.domain.form import FieldError, FormInvalid
from intake.usecases.locations import Location
from intake.usecases.register import register_by_phone
from intake.web.deps import Acting, Deps, LooseCheck, SignedIn, WebDeps
from intake.web.signup_form import (
    Located,
    SentForm,
    build_form,
    consent_texts,
    language_options,
    locate,
    nearby_options,
    read_form,
    shown_form,
    travel_options,
    wishes_not_offered,
    with_defaults,
    with_errors,
)
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import csrf
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)

_SPOKEN: Final = {
    "place": N_("Hvor bor du?"),
    "first_name": N_("Hva heter du? Fornavnet holder."),
    "channel": N_("Hvordan kan vi nå deg?"),
    "email": N_("Hva er e-postadressen din?"),
    "mobile": N_("Hvilket nummer kan vi ringe?"),
    "slots": N_("Hvilke dager og tider kan du?"),
    "max_travel_km": N_("Hvor langt kan du reise?"),
    "languages": N_("Hvilke språk kan du snakke i gruppa?"),
    "wheelchair": N_("Trenger et møtested uten trapper"),
    "adult": N_("Er 18 år eller eldre"),
    "mail_language": N_("Hvilket språk vil du ha beskjeder på?"),
}
"""The questions as they are read aloud; a statement is what staff tick themselves."""


@router.get("/stab/pamelding")
async def show_place(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show the whole form of the member's only centre, else the page that asks for the place."""
    location = _of_only_centre(deps, member)
    sent = shown_form(request)
    return _page(request, with_defaults(sent, locale_of(request)) if location else sent, location)


@router.post("/stab/pamelding")
async def sign_up(  # noqa: PLR0911 - one return for each page that can follow
    request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck
) -> Response:
    """Read the place or the whole form; a valid form is registered with an oral consent and confirmed."""
    sent = await read_form(request)
    located = locate(deps.lookup, sent)
    location = located.location
    if location is None:
        errors = located.errors or (FieldError("place", "uncovered"),)
        shown = _of_only_centre(deps, member) if sent.whole else None
        return _page(request, sent, shown, () if sent.switching else errors, located)
    if not member.covers(location.centre.id):
        shown = _of_only_centre(deps, member) if sent.whole else None
        return _page(request, sent, shown, (FieldError("place", "other_centre"),))
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


def _of_only_centre(deps: Deps, member: StaffMember) -> Location | None:
    """Return a location of the one centre that the member works for, None for several."""
    own = [centre for centre in deps.centres.all if member.covers(centre.id)]
    if len(own) != 1:
        return None
    place = own[0].areas[0].places[0]
    return Location(own[0], own[0].areas[0], place.kommune, place.latitude, place.longitude)


def _page(
    request: Request,
    sent: SentForm,
    location: Location | None,
    errors: tuple[FieldError, ...] = (),
    located: Located | None = None,
    *,
    notice: str = "",
) -> Response:
    locale, _ = locale_of(request), pages_of(request).gettext(request)
    form = with_errors(request, sent, errors, notice)
    return pages_of(request).html(
        request,
        "stab/signup.html",
        form=replace(form, labels={**form.labels, **{name: _(question) for name, question in _SPOKEN.items()}}),
        centre=location.centre if location else None,
        texts=consent_texts(location, locale) if location else None,
        place_choices=[(label, label) for label in located.choices] if located else [],
        nearby=nearby_options(located.nearby) if located else [],
        language_options=language_options(locale),
        travel_options=travel_options(),
    )
