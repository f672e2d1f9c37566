"""What people who work at a centre see and do."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import Response

from intake.domain.form import FieldError as Wrong
from intake.domain.form import FormInvalid
from intake.domain.signups import State
from intake.queries import overview
from intake.store import Signup, people
from intake.usecases import confirm, contacts, erase, withdraw
from intake.usecases.locations import Location, NoCentre
from intake.usecases.register import Source
from intake.web.deps import Tools, take_in, tools_of
from intake.web.signup_form import (
    Sent,
    empty,
    first_values,
    form_of,
    language_options,
    locate,
    lost,
    papers_of,
    read_sent,
    shown,
    travel_options,
)
from shared.errors import DomainError
from shared.kit.i18n import N_
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web import auth, csrf
from shared.kit.web.csrf import FormCheck
from shared.kit.web.state import locale_of
from shared.reference import languages, slots
from shared.reference.roles import Role

router = APIRouter(include_in_schema=False, prefix="/stab")

log = get_logger(__name__)

Coordinator = Annotated[StaffMember, Depends(auth.require(Role.KOORDINATOR))]
Anybody = Annotated[StaffMember, Depends(auth.require())]
Checked = Annotated[FormCheck, Depends(csrf.protect)]

STATES: Final[Mapping[State, str]] = {
    State.RECEIVED: N_("Ikke bekreftet"),
    State.CONFIRMED: N_("Venter på neste steg"),
    State.READY: N_("På ventelisten"),
    State.OFFERED: N_("Har tilbud om plass"),
    State.SEATED: N_("Har sagt ja til plass"),
    State.MEMBER: N_("Med i en gruppe som har startet"),
    State.WITHDRAWN: N_("Meldt av"),
}
STEPS: Final[Mapping[str, str]] = {"talk": N_("forsamtale"), "read": N_("lese informasjonen")}
WISHES: Final[Mapping[str, str]] = {
    "women": N_("gruppe med bare kvinner"),
    "men": N_("gruppe med bare menn"),
    "young": N_("gruppe for unge voksne"),
}
SENTENCES: Final[Mapping[str, str]] = {
    "not_confirmed": N_("Påmeldingen må bekreftes først."),
    "signup_over": N_("Personen har meldt seg av."),
    "no_such_signup": N_("Påmeldingen finnes ikke lenger."),
}
"""Slug of a refusal to what staff is told."""


@router.get("/")
async def show_overview(request: Request, member: Anybody) -> Response:
    """What needs a person today. No names here, so no contact details are read."""
    tools = tools_of(request)
    centres = sorted(member.tenants) if member.has(Role.KOORDINATOR) else []
    async with tools.database.transaction() as session:
        found = await overview.today(session, tools.map.centres, centres)
        counts = await people.count_states(session, sorted(member.tenants))
    total = {state: sum(count for (_, known), count in counts.items() if known is state) for state in State}
    return tools.pages.html(
        request,
        "stab/overview.html",
        found=found,
        total=total,
        states=_translated(request, STATES),
        may_open=member.has(Role.KOORDINATOR),
        area_name=_area_name(tools),
    )


@router.get("/personer")
async def show_people(request: Request, member: Coordinator, tilstand: str = "", side: int = 1) -> Response:
    """The people of the centres one works for, a page at a time; each name shown leaves an audit row."""
    tools = tools_of(request)
    state = next((state for state in State if state == tilstand), None)
    page = min(max(side, 1), 10_000)
    async with tools.database.transaction() as session:
        rows, more = await overview.page_of(session, sorted(member.tenants), state, page)
        cards = await contacts.cards(
            session,
            tools.vault,
            {row.person_id for row in rows},
            reader=member.username,
            purpose="list",
            now=tools.now(),
            typed=contacts.only_typed(rows),
        )
    return tools.pages.html(
        request,
        "stab/people.html",
        rows=rows,
        cards=cards,
        states=_translated(request, STATES),
        state=state,
        page=page,
        more=more,
        area_name=_area_name(tools),
    )


@router.get("/personer/{person_id}")
async def show_person(request: Request, member: Coordinator, person_id: UUID) -> Response:
    """One person: who, how to reach them, and what can be done now. Opening it leaves an audit row."""
    return await _person_page(request, member, person_id, "stab/person.html")


@router.get("/personer/{person_id}/slett")
async def ask_erase(request: Request, member: Coordinator, person_id: UUID) -> Response:
    """Asks once more before somebody is forgotten."""
    return await _person_page(request, member, person_id, "stab/erase.html")


async def _person_page(request: Request, member: StaffMember, person_id: UUID, template: str) -> Response:
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        rows = [row for row in await people.signups_of(session, person_id) if member.covers(row.centre)]
        if not rows:
            raise HTTPException(404)
        cards = await contacts.cards(
            session,
            tools.vault,
            [person_id],
            reader=member.username,
            purpose="page",
            now=tools.now(),
            typed=contacts.only_typed(rows),
        )
        awaits = {row.signup_id: overview.awaits(tools.map.centres, row) for row in rows}
    if person_id not in cards:
        raise HTTPException(404)
    locale = locale_of(request)
    return tools.pages.html(
        request,
        template,
        card=cards[person_id],
        rows=rows,
        awaits=awaits,
        states=_translated(request, STATES),
        steps=_translated(request, STEPS),
        wishes=_translated(request, WISHES),
        centre_name=lambda row: centre.name if (centre := tools.map.centres.get(row.centre)) else row.centre,
        area_name=_area_name(tools),
        slot_label=lambda slot: slots.label(slot, locale),
        language_label=lambda code: languages.label(code, locale),
    )


SignupId = Annotated[UUID, Form()]


@router.post("/personer/{person_id}/bekreftet")
async def confirmed_by_phone(
    request: Request, member: Coordinator, person_id: UUID, signup_id: SignupId, _check: Checked
) -> Response:
    """Somebody at the centre has spoken with the person."""
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        _only_own(await people.signup(session, signup_id), member, person_id)
        await confirm.confirm_by_phone(session, tools.map.centres, signup_id, now=tools.now(), cause=Cause.fresh())
    return tools.pages.redirect(request, f"/stab/personer/{person_id}")


@router.post("/personer/{person_id}/samtale")
async def talk_held(
    request: Request, member: Coordinator, person_id: UUID, signup_id: SignupId, _check: Checked
) -> Response:
    """The forsamtale has been held."""
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        _only_own(await people.signup(session, signup_id), member, person_id)
        await confirm.talk_held(session, tools.map.centres, signup_id, now=tools.now(), cause=Cause.fresh())
    return tools.pages.redirect(request, f"/stab/personer/{person_id}")


@router.post("/personer/{person_id}/informasjon")
async def information_read(
    request: Request, member: Coordinator, person_id: UUID, signup_id: SignupId, _check: Checked
) -> Response:
    """The person has read, or been read, the information."""
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        _only_own(await people.signup(session, signup_id), member, person_id)
        await confirm.information_read(session, tools.map.centres, signup_id, now=tools.now(), cause=Cause.fresh())
    return tools.pages.redirect(request, f"/stab/personer/{person_id}")


@router.post("/personer/{person_id}/avmeld")
async def withdraw_person(
    request: Request, member: Coordinator, person_id: UUID, signup_id: SignupId, _check: Checked
) -> Response:
    """The person has told the centre that they no longer want a group."""
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        _only_own(await people.signup(session, signup_id), member, person_id)
        await withdraw.withdraw(session, signup_id, now=tools.now(), cause=Cause.fresh())
    return tools.pages.redirect(request, f"/stab/personer/{person_id}")


@router.post("/personer/{person_id}/slett")
async def do_erase(request: Request, member: Coordinator, person_id: UUID, _check: Checked) -> Response:
    """Forgets the person, everywhere and for good."""
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        _only_ours(await people.signups_of(session, person_id), member)
        await erase.erase_person(session, tools.vault, person_id, now=tools.now(), cause=Cause.tick("erase", person_id))
    log.info("person_erased", person_id=person_id)
    return tools.pages.redirect(request, "/stab/personer")


@router.post("/personer/{person_id}/eksport")
async def export(request: Request, member: Coordinator, person_id: UUID, _check: Checked) -> Response:
    """All that is known of the person, as a file to give them; leaves an audit row."""
    tools = tools_of(request)
    async with tools.database.transaction() as session:
        _only_ours(await people.signups_of(session, person_id), member)
        found = await contacts.export_person(
            session, tools.vault, person_id, reader=member.username, now=tools.now(), centres=member.tenants
        )
    body = json.dumps(found, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": f'attachment; filename="{person_id}.json"'}
    return Response(body, media_type="application/json", headers=headers)


def _only_own(row: Signup | None, member: StaffMember, person_id: UUID) -> None:
    """404 unless the sign-up is that person's, with a centre one works for."""
    if row is None or row.person_id != person_id or not member.covers(row.centre):
        raise HTTPException(404)


def _only_ours(rows: Sequence[Signup], member: StaffMember) -> None:
    """
    404 unless one works for a centre that the person has signed up with.

    Raises:
        DomainError: ``not_confirmed`` where it only may have been them.
    """
    ours = [row for row in rows if member.covers(row.centre)]
    if not ours:
        raise HTTPException(404)
    if contacts.only_typed(ours):
        raise DomainError("not_confirmed")


@router.get("/pamelding")
async def ask_place(request: Request, _member: Coordinator) -> Response:
    """Signing somebody up on the phone: first where they live."""
    return _assisted(request, empty(), None)


@router.post("/pamelding")
async def sign_up(  # noqa: PLR0911 - one for each page it can lead to
    request: Request, member: Coordinator, check: Annotated[FormCheck, Depends(csrf.inspect)]
) -> Response:
    """Signs somebody up on the phone; the consent is oral, with who heard it and when."""
    tools = tools_of(request)
    sent = await read_sent(request)
    found, labels, fault = locate(tools.map, sent)
    if isinstance(found, NoCentre):
        return _assisted(request, sent, None, (Wrong("place", "uncovered"),))
    if found is None:
        wrong = (Wrong("place_choice", "missing"),) if labels else (Wrong("place", fault),)
        return _assisted(request, sent, None, () if sent.switching else wrong, labels=labels)
    if not member.covers(found.centre.id):
        return _assisted(request, sent, None, (Wrong("place", "other_centre"),))
    sent = sent.showing(place=sent.place, place_choice="")
    if not sent.whole:
        return _assisted(request, first_values(sent), found)
    if sent.switching:
        return _assisted(request, sent, found)
    if sent.value("centre") != found.centre.id:
        return _assisted(request, sent.showing(consent="", information=""), found, lost(sent, found))
    if not check.fresh:
        return _assisted(request, sent, found, notice=csrf.STALE)
    try:
        form = form_of(sent, found, sent.value("mail_language") or locale_of(request), oral=True)
        signup_id = await take_in(tools, form, found, Source("oral", member.username), idempotency_key=None)
    except FormInvalid as refused:
        return _assisted(request, sent, found, refused.errors)
    async with tools.database.transaction() as session:
        row = await people.signup(session, signup_id) if signup_id else None
    return tools.pages.redirect(request, f"/stab/personer/{row.person_id}" if row else "/stab/personer")


def _assisted(
    request: Request,
    sent: Sent,
    site: Location | None,
    wrong: tuple[Wrong, ...] = (),
    *,
    labels: tuple[str, ...] = (),
    notice: str = "",
) -> Response:
    locale = locale_of(request)
    return tools_of(request).pages.html(
        request,
        "stab/signup.html",
        form=shown(request, sent, wrong, notice),
        centre=site.centre if site else None,
        papers=papers_of(site, locale) if site else None,
        place_choices=[(label, label) for label in labels],
        language_options=language_options(locale),
        travel_options=travel_options(),
    )


def _translated(request: Request, names: Mapping[State, str] | Mapping[str, str]) -> dict[str, str]:
    _ = tools_of(request).pages.gettext(request)
    return {str(key): _(name) for key, name in names.items()}


def _area_name(tools: Tools) -> Callable[[str], str]:
    def name(area_id: str) -> str:
        found = tools.map.centres.area(area_id)
        return found[1].name if found else area_id

    return name
