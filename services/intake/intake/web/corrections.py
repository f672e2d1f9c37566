"""Pages on which a waiting person, or staff with the person on the phone, correct what was answered."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.corrections import SeatEffect, seat_effect
from intake.domain.form import FieldError, FormInvalid, SignupForm
from intake.domain.signups import ACTIVE, SignupState
from intake.store import Signup, signups
from intake.usecases import contacts, corrections
from intake.usecases.locations import Location
from intake.usecases.signup_rows import form_wishes
from intake.web.acute import ACUTE_PATH, without_danger
from intake.web.deps import Acting, Deps, LooseCheck, OwnPerson, StillWaitingLink, WebDeps
from intake.web.signup_form import (
    WISH_FIELDS,
    SentForm,
    build_form,
    language_options,
    locate,
    read_form,
    shown_form,
    travel_options,
    with_errors,
)
from shared.errors import NotFoundError
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web import csrf
from shared.kit.web.csrf import FormCheck
from shared.kit.web.forms import Value
from shared.kit.web.state import locale_of
from shared.reference import slots
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

PUBLIC: Final = "of_centre.html"
"""The template of a page that its owner reads."""

LOSE_SEAT: Final = "_mist"
"""The name of the button that changes the wishes although a seat is lost."""

_SOMEBODY: Final = {"first_name": "-", "channel": "mobile", "mobile": "+4790000000"}
"""Contact details that pass the check of a form which does not ask for any."""

_LOST = N_("Med denne endringen kan plassen i gruppa gå tapt. Er det greit, så trykk på knappen nederst.")


@dataclass(frozen=True)
class Correction:
    """
    A page that corrects one sign-up.

    Attributes:
        action: The path that the form posts to.
        back: The page to go back to, and on to afterwards.
        layout: The template that the page extends.
        card: The contact details that can be corrected; None if the page asks for wishes only.
    """

    row: Signup
    centre: Centre
    action: str
    back: str
    layout: str
    card: contacts.ContactCard | None = None


@router.get("/stab/personer/{person_id}/endre")
async def show_correction_by_staff(request: Request, deps: WebDeps, person: OwnPerson, actor: Acting) -> Response:
    """Show the answers of a person to a member of staff; recorded."""
    page = await _page_of_staff(deps, person.person_id, person.signups, actor)
    return show_form(request, deps, page, shown_form(request, form_values(page)))


@router.post("/stab/personer/{person_id}/endre")
async def correct_by_staff(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, check: LooseCheck
) -> Response:
    """Correct the answers of a person who is on the phone."""
    page = await _page_of_staff(deps, person.person_id, person.signups, actor)
    sent = await read_form(request)
    form, location, refusal = await checked_form(request, deps, page, sent, check)
    if refusal is not None or form is None or location is None:
        return refusal or show_form(request, deps, page, sent)
    try:
        async with deps.database.transaction() as session:
            await corrections.correct_by_staff(session, deps.vault, page.row.signup_id, form, location, actor=actor)
    except FormInvalid as invalid:
        return show_form(request, deps, page, sent, invalid.errors)
    return deps.pages.redirect(request, f"{page.back}?endret=ja")


@router.get("/fortsatt/{token}/endre")
async def show_correction(request: Request, deps: WebDeps, signup_id: StillWaitingLink, token: str) -> Response:
    """Show the wishes of a waiting person, without name, address and number. Changes nothing."""
    page = await _page_of_link(deps, signup_id, token)
    return show_form(request, deps, page, shown_form(request, form_values(page)))


@router.post("/fortsatt/{token}/endre")
async def correct_by_link(
    request: Request, deps: WebDeps, signup_id: StillWaitingLink, token: str, check: LooseCheck
) -> Response:
    """Correct the wishes of a waiting person."""
    page = await _page_of_link(deps, signup_id, token)
    sent = await read_form(request)
    form, location, refusal = await checked_form(request, deps, page, sent, check)
    if refusal is not None or form is None or location is None:
        return refusal or show_form(request, deps, page, sent)
    try:
        async with deps.database.transaction() as session:
            await corrections.correct_wishes(
                session, page.row.signup_id, form, location, now=deps.clock.now(), cause=Cause.fresh()
            )
    except FormInvalid as invalid:
        return show_form(request, deps, page, sent, invalid.errors)
    return deps.pages.redirect(request, f"{page.back}?svar=endret")


async def _page_of_staff(deps: Deps, person_id: UUID, rows: tuple[Signup, ...], actor: Acting) -> Correction:
    row = newest_active(rows)
    async with deps.database.transaction() as session:
        cards = await contacts.read_cards(session, deps.vault, rows, Purpose.PAGE, actor=actor)
    if row is None or person_id not in cards:
        raise NotFoundError("unknown_signup", person_id=person_id)
    path = f"/stab/personer/{person_id}"
    return Correction(row, _centre(deps, row), f"{path}/endre", path, "staff.html", cards[person_id])


async def _page_of_link(deps: Deps, signup_id: UUID | None, token: str) -> Correction:
    if signup_id is None:
        raise HTTPException(404)
    async with deps.database.transaction() as session:
        row = await signups.get(session, signup_id)
    if row is None or row.state not in ACTIVE:
        raise NotFoundError("unknown_signup", signup_id=signup_id)
    path = f"/fortsatt/{token}"
    return Correction(row, _centre(deps, row), f"{path}/endre", path, PUBLIC)


def newest_active(rows: tuple[Signup, ...]) -> Signup | None:
    """Return the sign-up that can be corrected: the newest that waits or has a seat."""
    active = [row for row in rows if row.state in ACTIVE]
    return active[-1] if active else None


def _centre(deps: Deps, row: Signup) -> Centre:
    centre = deps.centres.get(row.centre)
    if centre is None:
        raise NotFoundError("unknown_centre", signup_id=row.signup_id)
    return centre


def form_values(page: Correction) -> dict[str, Value]:
    """Return the answers as the form shows them; an empty place is the one of before."""
    row = page.row
    values: dict[str, Value] = {
        "slots": list(row.slots),
        "slots_if_needed": list(row.slots_if_needed),
        "digital": row.digital,
        "languages": list(row.languages),
        "max_travel_km": str(row.max_travel_km),
        "wheelchair": "true" if row.wheelchair else "",
        "mail_language": row.language,
        **{
            name: "only" if wish in row.groups_only else "also" if wish in row.groups_also else ""
            for wish, name in WISH_FIELDS.items()
        },
    }
    if page.card is not None:
        email, mobile = page.card.email or "", page.card.mobile or ""
        channel = "both" if email and mobile else "email" if email else "mobile"
        values |= {"first_name": page.card.first_name, "email": email, "mobile": mobile, "channel": channel}
    return values


async def checked_form(  # noqa: PLR0911 - one return for each page that can follow
    request: Request, deps: Deps, page: Correction, sent: SentForm, check: FormCheck
) -> tuple[SignupForm | None, Location | None, Response | None]:
    """Read the form; return it with its place, or the page to show instead."""
    row, policy = page.row, page.centre.policy
    if page.layout == PUBLIC and without_danger(sent) is not None:
        return None, None, deps.pages.redirect(request, ACUTE_PATH)
    if sent.switching:
        return None, None, show_form(request, deps, page, sent)
    if not check.fresh:
        return None, None, show_form(request, deps, page, sent, notice=csrf.STALE)
    location: Location | None = _same_place(page)
    if sent.place:
        located = locate(deps.lookup, sent.with_values(nearby=row.centre))
        location = located.location
        if location is None or location.centre.id != row.centre:
            elsewhere = (FieldError("place", "moved_centre"),)
            errors = elsewhere if located.nearby else located.errors or elsewhere
            return None, None, show_form(request, deps, page, sent, errors, labels=located.choices)
    assert location is not None
    answers = sent.with_values(
        adult="true",
        consent=policy.consent_version,
        information=policy.information_version or "",
        place=sent.place or location.kommune,
        place_choice="",
        **({} if page.card else _SOMEBODY),
    )
    try:
        form = build_form(answers, location, sent.value("mail_language") or row.language, oral=True)
    except FormInvalid as invalid:
        return None, None, show_form(request, deps, page, sent, invalid.errors)
    if _effect(row, form, location) is not None and LOSE_SEAT not in (await request.form()):
        return None, None, show_form(request, deps, page, sent, notice=_LOST, loses_seat=True)
    return form, location, None


def _same_place(page: Correction) -> Location:
    row = page.row
    area = next((area for area in page.centre.areas if area.id == row.area), page.centre.areas[0])
    return Location(page.centre, area, row.kommune, row.latitude, row.longitude)


def _effect(row: Signup, form: SignupForm, location: Location) -> SeatEffect | None:
    """Return the effect on the seat, None if there is no seat or it is kept."""
    if row.state not in (SignupState.OFFERED, SignupState.SEATED):
        return None
    effect = seat_effect(row.seat_slot, signups.wishes_of(row), signups.wishes_of(row) | form_wishes(form, location))
    return None if effect is SeatEffect.KEPT else effect


def show_form(
    request: Request,
    deps: Deps,
    page: Correction,
    sent: SentForm,
    errors: tuple[FieldError, ...] = (),
    *,
    labels: tuple[str, ...] = (),
    notice: str = "",
    loses_seat: bool = False,
) -> Response:
    locale = locale_of(request)
    row = page.row
    has_seat = row.state in (SignupState.OFFERED, SignupState.SEATED)
    return deps.pages.html(
        request,
        "correction.html",
        422 if notice else None,
        form=with_errors(request, sent, errors, notice),
        page=page,
        centre=page.centre,
        place_choices=[(label, label) for label in labels],
        language_options=language_options(locale),
        travel_options=travel_options(),
        seat=slots.label(row.seat_slot, locale) if has_seat and row.seat_slot else "",
        seat_starts_at=row.seat_starts_at if has_seat else None,
        has_seat=has_seat,
        loses_seat=loses_seat,
        lose_seat=LOSE_SEAT,
    )
