"""Staff pages about people, and the acts on them."""

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.signups import ACTIVE, SignupState
from intake.queries import people
from intake.queries.people import PeopleFilter, PeoplePage
from intake.queries.talks import may_talk
from intake.store import Signup, audit_log
from intake.usecases import changed_texts, confirm, contacts, erase, export, pauses, renewals, withdraw
from intake.usecases.changed_texts import AskedTexts
from intake.usecases.contacts import ContactCard
from intake.usecases.same_number import SameNumber, confirm_same_number, people_with_number_of
from intake.web import talk_desk
from intake.web.deps import (
    Acting,
    Check,
    Deps,
    OwnConfirmedPerson,
    OwnPerson,
    OwnSignup,
    SignedIn,
    VisiblePerson,
    WebDeps,
)
from intake.web.export_pdf import export_file
from intake.web.labels import STATES, STEPS, WISHES, area_names, centre_names, kommune_names, translated
from intake.web.people_list import people_columns
from intake.web.person_history import person_history
from intake.web.talk_times import TALKS
from shared.errors import NotFoundError
from shared.kit.audit import Actor, AuditEntry
from shared.kit.logging import get_logger
from shared.kit.staff import StaffMember
from shared.kit.web.lists import FILE_ROWS, ChosenList, ListChoice, ListPage, list_file
from shared.kit.web.next_page import Next
from shared.kit.web.next_page import next_page as next_page_of
from shared.kit.web.paging import count_in
from shared.kit.web.state import locale_of
from shared.reference import languages, slots
from shared.reference.centres import Centres
from shared.reference.texts import Consent, Information

router = APIRouter(include_in_schema=False)

PEOPLE: Final = "/stab/personer"

log = get_logger(__name__)


async def _chosen(member: SignedIn, tilstand: str = "", senter: str = "") -> PeopleFilter:
    state = next((state for state in SignupState if state == tilstand), None)
    return PeopleFilter(state, senter if senter in member.tenants else None)


ChosenPeople = Annotated[PeopleFilter, Depends(_chosen)]


@router.get(PEOPLE)
async def list_people(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    chosen: ChosenPeople,
    choice: ChosenList,
    gjort: str = "",
) -> Response:
    """
    Show the people of the member's centres, a page at a time; every name that is shown is recorded.

    After an act on several people the address tells for how many it was done.
    """
    async with deps.database.transaction() as session:
        page, cards = await _people(session, deps, member, chosen, choice, actor)
    columns = people_columns(request, deps, cards)
    return deps.pages.html(
        request,
        "stab/people.html",
        listing=ListPage(PEOPLE, columns, _words(chosen), page.choice, page.rows, page.total),
        cards=cards,
        done=count_in(gjort),
        states=translated(request, STATES),
        chosen=chosen,
        counts=page.counts,
        centres=sorted(member.tenants),
        centre_name=centre_names(deps.centres),
        area_name=area_names(deps.centres),
        kommune_name=kommune_names(deps.places),
    )


@router.post(PEOPLE)
async def download_people(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    chosen: ChosenPeople,
    choice: ChosenList,
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return the list as a file, without what one reaches people by; the act and every name in it are recorded."""
    async with deps.database.transaction() as session:
        whole = replace(choice, size=FILE_ROWS, number=1)
        page, cards = await _people(session, deps, member, chosen, whole, actor)
        columns = people_columns(request, deps, cards)
        rows = [row for row in page.rows if row.person_id in cards]
        centres = [chosen.centre] if chosen.centre else member.tenants
        return await list_file(session, audit_log, columns, rows, "personer", som, centres=centres, actor=actor)


async def _people(
    session: AsyncSession, deps: Deps, member: StaffMember, chosen: PeopleFilter, choice: ListChoice, actor: Actor
) -> tuple[PeoplePage, dict[UUID, ContactCard]]:
    kommuner = sorted(deps.places.kommuner.values(), key=lambda kommune: kommune.name)
    numbers = [kommune.number for kommune in kommuner]
    page = await people.people_page(session, member.tenants, chosen, choice, numbers)
    return page, await contacts.read_cards(session, deps.vault, page.rows, Purpose.LIST, actor=actor)


def _words(chosen: PeopleFilter) -> dict[str, str]:
    return {"tilstand": chosen.state or "", "senter": chosen.centre or ""}


@router.get("/stab/personer/{person_id}")
async def show_person(
    request: Request, deps: WebDeps, person: OwnPerson, actor: Acting, oppgave: str = "", endret: str = ""
) -> Response:
    """Show one person, the contact details and the acts that are possible; recorded."""
    task_id = next_page_of("", oppgave).task_id
    return await _person_page(request, deps, person, actor, "stab/person.html", task_id, endret)


@router.get("/stab/personer/{person_id}/slett")
async def show_erase(request: Request, deps: WebDeps, person: OwnPerson, actor: Acting) -> Response:
    """Ask for a second press before a person is erased; recorded."""
    return await _person_page(request, deps, person, actor, "stab/erase.html")


async def _person_page(
    request: Request,
    deps: Deps,
    person: VisiblePerson,
    actor: Actor,
    template: str,
    task_id: UUID | None = None,
    changed: str = "",
) -> Response:
    async with deps.database.transaction() as session:
        card = await contacts.view_person(session, deps.vault, person.signups, actor=actor)
        same_number = await _same_number(session, deps, person, actor)
        entries = await audit_log.entries_of(session, "person", person.person_id)
    if card is None:
        raise NotFoundError("unknown_person", person_id=person.person_id)
    locale, centres = locale_of(request), deps.centres
    return deps.pages.html(
        request,
        template,
        card=card,
        task_id=task_id,
        changed=changed,
        moments=person_history(deps.pages.gettext(request), person.signups, _own(entries, person)),
        same_number=same_number,
        rows=person.signups,
        pending_steps={row.signup_id: people.pending_steps(centres, row) for row in person.signups},
        talk_pages={row.signup_id: f"{TALKS}/{row.signup_id}" for row in person.signups if may_talk(centres, row)},
        states=translated(request, STATES),
        steps=translated(request, STEPS),
        wishes=translated(request, WISHES),
        centre_name=centre_names(centres),
        area_name=area_names(centres),
        slot_label=lambda slot: slots.label(slot, locale),
        language_label=lambda code: languages.label(code, locale),
        consent_texts=_consent_texts(centres, person.signups),
        changed_texts=_changed_texts(centres, person.signups),
    )


def _own(entries: list[AuditEntry], person: VisiblePerson) -> list[AuditEntry]:
    """Return the acts that staff of the same centres have done."""
    centres = {row.centre for row in person.signups}
    return [entry for entry in entries if entry.scope in centres]


async def _same_number(session: AsyncSession, deps: Deps, person: VisiblePerson, actor: Actor) -> list[SameNumber]:
    """Return others at the same centres with the number of a person who is to be confirmed by phone."""
    if all(row.state != SignupState.RECEIVED for row in person.signups):
        return []
    centres = {row.centre for row in person.signups}
    return await people_with_number_of(session, deps.vault, person.person_id, centres, actor=actor)


def _consent_texts(centres: Centres, rows: tuple[Signup, ...]) -> dict[UUID, tuple[str, Consent]]:
    """Return version and text of the consent that each paused person hears on return, in the person's language."""
    return {
        row.signup_id: (centre.policy.consent_version, centre.consent(row.language))
        for row in rows
        if row.paused_at is not None and (centre := centres.get(row.centre)) is not None
    }


def _changed_texts(
    centres: Centres, rows: tuple[Signup, ...]
) -> dict[UUID, tuple[AskedTexts, list[Consent | Information]]]:
    """Return the texts that each person is asked about again, to be read aloud in the person's language."""
    changed: dict[UUID, tuple[AskedTexts, list[Consent | Information]]] = {}
    for row in rows:
        asked, centre = AskedTexts(row.asked_consent, row.asked_information), centres.get(row.centre)
        if not asked or centre is None or row.paused_at is not None or row.state not in ACTIVE:
            continue
        information = centre.information(row.language) if asked.information else None
        consent = centre.consent(row.language) if asked.consent else None
        changed[row.signup_id] = (asked, [text for text in (information, consent) if text is not None])
    return changed


@router.post("/stab/personer/{person_id}/bekreftet")
async def confirm_by_phone(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    signup: OwnSignup,
    actor: Acting,
    next_page: Next,
    _check: Check,
    samme_som: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Confirm a sign-up after a call, as a person of its own or as new wishes of one with the same number."""
    async with deps.database.transaction() as session:
        if samme_som is None:
            await confirm.confirm_by_phone(session, deps.vault, deps.centres, signup.signup_id, actor=actor)
        else:
            await confirm_same_number(session, deps.vault, deps.centres, signup, samme_som, member.tenants, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{samme_som or signup.person_id}"))


@router.post("/stab/personer/{person_id}/samtale")
async def complete_talk(
    request: Request,
    deps: WebDeps,
    signup: OwnSignup,
    actor: Acting,
    next_page: Next,
    _check: Check,
    utfall: Annotated[str, Form()] = "klar",
) -> Response:
    """Record how the forsamtale went, from a page about the person or a call."""
    await talk_desk.record(deps, signup, utfall, actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/informasjon")
async def complete_reading(
    request: Request, deps: WebDeps, signup: OwnSignup, actor: Acting, next_page: Next, _check: Check
) -> Response:
    """Mark the information as read, by the person or aloud to the person."""
    async with deps.database.transaction() as session:
        await confirm.complete_reading(session, deps.centres, signup.signup_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/fortsatt")
async def renew_signup(
    request: Request, deps: WebDeps, signup: OwnSignup, actor: Acting, next_page: Next, _check: Check
) -> Response:
    """Write down that the person still wants a group."""
    async with deps.database.transaction() as session:
        await renewals.renew_by_staff(session, signup.signup_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/pause")
async def pause_signup(
    request: Request, deps: WebDeps, signup: OwnSignup, actor: Acting, next_page: Next, _check: Check
) -> Response:
    """Pause a sign-up at the person's request."""
    async with deps.database.transaction() as session:
        await pauses.pause_by_staff(session, signup.signup_id, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/tilbake")
async def resume_signup(
    request: Request,
    deps: WebDeps,
    signup: OwnSignup,
    actor: Acting,
    next_page: Next,
    _check: Check,
    consent: Annotated[str, Form()] = "",
) -> Response:
    """End a pause at the person's request, with the consent that was heard on the phone."""
    given = pauses.NewConsent(consent, signup.language, "oral", actor.username)
    async with deps.database.transaction() as session:
        await pauses.resume_by_staff(session, deps.centres, signup.signup_id, given, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/tekst")
async def accept_changed_texts(
    request: Request,
    deps: WebDeps,
    signup: OwnSignup,
    actor: Acting,
    next_page: Next,
    _check: Check,
    consent: Annotated[str, Form()] = "",
    information: Annotated[str, Form()] = "",
) -> Response:
    """Store that the person has heard the changed texts on the phone and agreed."""
    accepted = AskedTexts(consent or None, information or None)
    async with deps.database.transaction() as session:
        await changed_texts.accept_by_staff(session, deps.centres, signup.signup_id, accepted, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/avmeld")
async def withdraw_signup(
    request: Request,
    deps: WebDeps,
    signup: OwnSignup,
    actor: Acting,
    next_page: Next,
    _check: Check,
    tilstand: Annotated[str, Form()] = "",
) -> Response:
    """Withdraw a sign-up at the person's request; ``tilstand`` is its state on the page of a call."""
    async with deps.database.transaction() as session:
        await withdraw.withdraw_by_staff(session, signup.signup_id, shown=tilstand, actor=actor)
    return deps.pages.redirect(request, next_page.after(f"/stab/personer/{signup.person_id}"))


@router.post("/stab/personer/{person_id}/slett")
async def erase_person(
    request: Request, deps: WebDeps, person: OwnConfirmedPerson, actor: Acting, next_page: Next, _check: Check
) -> Response:
    """Erase the person in the whole system."""
    async with deps.database.transaction() as session:
        await erase.erase_by_staff(session, deps.vault, person.person_id, person.signups[-1].centre, actor=actor)
    log.info("person_erased", person_id=person.person_id)
    return deps.pages.redirect(request, next_page.after("/stab/personer"))


@router.post("/stab/personer/{person_id}/eksport")
async def export_person(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    person: OwnConfirmedPerson,
    actor: Acting,
    _check: Check,
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return all data about the person as a file to give to the person, as a PDF or for programs; recorded."""
    async with deps.database.transaction() as session:
        scope = person.signups[-1].centre
        data = await export.export_for_staff(session, deps.vault, person.person_id, member.tenants, scope, actor=actor)
    return export_file(request, deps, data, str(person.person_id), as_pdf=som == "pdf")
