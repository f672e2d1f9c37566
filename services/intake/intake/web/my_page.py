"""A person's own page: everything that is known, and what can be done about it."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.crisis import is_acute
from intake.domain.form import FormInvalid
from intake.queries.talks import talk_pages
from intake.store import Signup, contact_readings, people, signups
from intake.usecases import contacts, corrections, erase, export, own_pages
from intake.usecases.contacts import ContactCard
from intake.web.acute import ACUTE_PATH
from intake.web.asked_address import AddressForm, asked_address
from intake.web.corrections import PUBLIC, Correction, checked_form, form_values, newest_active, show_form
from intake.web.deps import Check, Deps, LooseCheck, MyPageLink, WebDeps
from intake.web.export_pdf import export_file
from intake.web.labels import STATES, WISHES, area_names, centre_names, translated
from intake.web.messages import LABELS
from intake.web.session_cookies import SessionCookie
from intake.web.signup_form import read_form, shown_form
from shared.kit.audit import Actor
from shared.kit.i18n import N_, format_when
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.kit.staff import wall_now
from shared.kit.web import forms
from shared.kit.web.state import locale_of
from shared.reference import languages, slots
from shared.reference.centres import Centre
from shared.reference.link_purposes import LEAVE, RECEIPT, STILL_WAITING, TALK, WAITING

router = APIRouter(include_in_schema=False)

COOKIE: Final = SessionCookie("min-side", "/min-side")
READER: Final = "owner"
"""The name under which a person's own reading is recorded."""

_HOME: Final = "/min-side/oversikt"

_TALK_LINES: Final = {
    "open": N_("Velg en tid for en prat med senteret"),
    "silent": N_("Velg en tid for en prat med senteret"),
    "asked": N_("Senteret ringer deg"),
    "booked": N_("Prat med senteret %(when)s"),
    "past": N_("Prat med senteret %(when)s"),
}
"""Words of the link to the page about the talk, by its page."""

log = get_logger(__name__)


async def _owner(request: Request, deps: WebDeps) -> UUID | None:
    """Return the person whose session the browser has, None if there is none or it has ended."""
    token = request.cookies.get(COOKIE.name, "")
    if not token:
        return None
    async with deps.database.transaction() as session:
        return await own_pages.person_of(session, token, wall=wall_now())


Owner = Annotated[UUID | None, Depends(_owner)]


@router.get("/min-side")
async def show_request(request: Request, deps: WebDeps) -> Response:
    """Ask for the address that the link is sent to."""
    return deps.pages.html(request, "my_page/request.html", form=forms.blank(request, LABELS), sent=False)


@router.post("/min-side")
async def ask_for_link(request: Request, deps: WebDeps, _check: Check) -> Response:
    """Send a link to the address if it is known; the answer is the same if it is not."""
    submission = await forms.submitted(request, AddressForm, LABELS, cleaned=True)
    if is_acute(str(submission.form.value("email"))):
        return deps.pages.redirect(request, ACUTE_PATH)
    email = await asked_address(request, deps, submission.form, "my_page/request.html")
    if isinstance(email, Response):
        return email
    async with deps.database.transaction() as session:
        await own_pages.ask(session, deps.vault, email, locale_of(request), now=deps.clock.now())
    return deps.pages.redirect(request, "/min-side/sendt")


@router.get("/min-side/sendt")
async def show_sent(request: Request, deps: WebDeps) -> Response:
    """Say that a mail is on its way if the address is known."""
    return deps.pages.html(request, "my_page/request.html", form=forms.blank(request, LABELS), sent=True)


@router.get("/min-side/oversikt")
async def show_overview(request: Request, deps: WebDeps, owner: Owner, endret: str = "") -> Response:
    """Show everything that is known about the person; recorded as their own reading."""
    if owner is None:
        return _link_needed(request, deps)
    async with deps.database.transaction() as session:
        card, rows = await card_of(session, deps, owner)
        consents = await people.consents_of(session, owner)
        readings = await contact_readings.of_person(session, owner)
        talk_lines = await _talk_lines(session, request, deps, rows)
    if card is None:
        return _link_needed(request, deps)
    locale = locale_of(request)
    kommune_names = {row.kommune: place.name for row in rows if (place := deps.places.kommune(row.kommune))}
    return deps.pages.html(
        request,
        "my_page/overview.html",
        card=card,
        centre=newest_centre(deps, rows),
        changed=endret,
        rows=rows,
        wishes=translated(request, WISHES),
        consents=consents,
        readings=[reading for reading in readings if reading.reader not in (READER, "notify")],
        correctable=newest_active(rows) is not None,
        tokens={row.signup_id: _tokens(deps, row) for row in rows},
        talk_lines=talk_lines,
        states=translated(request, STATES),
        centre_name=centre_names(deps.centres),
        area_name=area_names(deps.centres),
        kommune_names=kommune_names,
        slot_label=lambda slot: slots.label(slot, locale),
        language_label=lambda code: languages.label(code, locale),
    )


@router.get("/min-side/endre")
async def show_own_correction(request: Request, deps: WebDeps, owner: Owner) -> Response:
    """Show the answers that can be corrected."""
    page = await _correction(deps, owner)
    if page is None:
        return _link_needed(request, deps)
    return show_form(request, deps, page, shown_form(request, form_values(page)))


@router.post("/min-side/endre")
async def correct_own(request: Request, deps: WebDeps, owner: Owner, check: LooseCheck) -> Response:
    """Correct the answers; a new address counts once it is confirmed."""
    page = await _correction(deps, owner)
    if page is None:
        return _link_needed(request, deps)
    sent = await read_form(request)
    form, location, refusal = await checked_form(request, deps, page, sent, check)
    if refusal is not None or form is None or location is None:
        return refusal or show_form(request, deps, page, sent)
    try:
        async with deps.database.transaction() as session:
            corrected = await corrections.correct(
                session, deps.vault, page.row.signup_id, form, location, now=deps.clock.now(), cause=Cause.fresh()
            )
    except FormInvalid as invalid:
        return show_form(request, deps, page, sent, invalid.errors)
    return deps.pages.redirect(request, f"{_HOME}?endret={'adresse' if corrected.address_asked else 'ja'}")


@router.post("/min-side/eksport")
async def export_own(
    request: Request, deps: WebDeps, owner: Owner, _check: Check, som: Annotated[str, Form()] = ""
) -> Response:
    """Return everything as a file, for people to read (``som=pdf``) or for programs."""
    if owner is None:
        return _link_needed(request, deps)
    async with deps.database.transaction() as session:
        data = await export.export_person(session, deps.vault, owner, reader=READER, now=deps.clock.now())
    return export_file(request, deps, data, "selvhjelp", as_pdf=som == "pdf")


@router.get("/min-side/slett")
async def show_own_erasure(request: Request, deps: WebDeps, owner: Owner) -> Response:
    """Ask for a second press before everything is erased."""
    if owner is None:
        return _link_needed(request, deps)
    async with deps.database.transaction() as session:
        centre = newest_centre(deps, await signups.of_person(session, owner))
    return deps.pages.html(request, "my_page/erase.html", receipt=None, centre=centre)


@router.post("/min-side/slett")
async def erase_own(request: Request, deps: WebDeps, owner: Owner, _check: Check) -> Response:
    """Erase the person in the whole system, and show a receipt."""
    if owner is None:
        return _link_needed(request, deps)
    now = deps.clock.now()
    async with deps.database.transaction() as session:
        centre = newest_centre(deps, await signups.of_person(session, owner))
        counts = await erase.erase_on_request(session, deps.vault, owner, now=now, cause=Cause.tick("erase", owner))
    log.info("person_erased", person_id=owner)
    response = deps.pages.html(
        request,
        "my_page/erase.html",
        receipt=counts or {"signups": 0, "consents": 0},
        erased_at=now,
        centre=centre,
        file=f"/kvittering/{deps.links.token(RECEIPT, owner)}",
    )
    return COOKIE.take(response)


@router.post("/min-side/lukk")
async def close_own(request: Request, deps: WebDeps, _check: Check) -> Response:
    """End the session."""
    async with deps.database.transaction() as session:
        await own_pages.close_session(session, request.cookies.get(COOKIE.name, ""))
    return COOKIE.take(deps.pages.redirect(request, "/"))


@router.get("/min-side/{token}")
async def show_link(request: Request, deps: WebDeps, link_id: MyPageLink) -> Response:
    """Show one button that opens the page. Changes nothing, so that a scanner of mails does not use the link up."""
    async with deps.database.transaction() as session:
        valid = link_id is not None and await own_pages.can_open(session, link_id, now=deps.clock.now())
    return deps.pages.html(request, "my_page/open.html", 200 if valid else 410, valid=valid)


@router.post("/min-side/{token}")
async def open_page(request: Request, deps: WebDeps, link_id: MyPageLink, _check: Check) -> Response:
    """Use the link up, and open a short session."""
    token = None
    if link_id is not None:
        async with deps.database.transaction() as session:
            token = await own_pages.open_session(session, link_id, now=deps.clock.now(), wall=wall_now())
    if token is None:
        return deps.pages.html(request, "my_page/open.html", 410, valid=False)
    return COOKIE.give(deps.pages.redirect(request, _HOME), token, secure=deps.secure)


def _link_needed(request: Request, deps: Deps) -> Response:
    return deps.pages.redirect(request, "/min-side")


async def card_of(session: AsyncSession, deps: Deps, owner: UUID) -> tuple[ContactCard | None, tuple[Signup, ...]]:
    """Return a person's own contact details, recorded as read by themselves, and their sign-ups."""
    rows = tuple(await signups.of_person(session, owner))
    actor = Actor(READER, deps.clock.now(), Cause.fresh())
    return await contacts.own_card(session, deps.vault, owner, actor=actor), rows


def newest_centre(deps: Deps, rows: Sequence[Signup]) -> Centre | None:
    """Return the centre of a person's newest sign-up, whose look their own page has."""
    return deps.centres.get(rows[-1].centre) if rows else None


async def _talk_lines(session: AsyncSession, request: Request, deps: Deps, rows: tuple[Signup, ...]) -> dict[UUID, str]:
    """Return by sign-up the words of the link to the page about the talk; those with nothing to say are left out."""
    gettext, locale = deps.pages.gettext(request), locale_of(request)
    lines = {}
    for signup_id, (page, time) in (await talk_pages(session, deps.centres, rows)).items():
        if page in _TALK_LINES:
            when = format_when(time.starts_at, locale) if time else ""
            lines[signup_id] = gettext(_TALK_LINES[page]) % {"when": when}
    return lines


async def _correction(deps: Deps, owner: UUID | None) -> Correction | None:
    if owner is None:
        return None
    async with deps.database.transaction() as session:
        card, rows = await card_of(session, deps, owner)
    row = newest_active(rows)
    centre = deps.centres.get(row.centre) if row else None
    if card is None or row is None or centre is None:
        return None
    return Correction(row, centre, "/min-side/endre", _HOME, PUBLIC, card)


def _tokens(deps: Deps, row: Signup) -> dict[str, str]:
    """Return the paths of the pages about a sign-up that the person also has links to in mails."""
    return {
        "waiting": f"/venter/{deps.links.token(WAITING, row.signup_id)}",
        "talk": f"/prat/{deps.links.token(TALK, row.signup_id)}",
        "pause": f"/fortsatt/{deps.links.token(STILL_WAITING, row.signup_id)}",
        "leave": f"/meld-av/{deps.links.token(LEAVE, row.signup_id)}",
    }
