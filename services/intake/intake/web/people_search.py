"""The search among people. Its text is in the body of a form only: addresses are kept by browsers and logs."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.people_search import PeopleSearch
from intake.usecases import contacts
from intake.usecases.people_search import search_people
from intake.web.deps import Acting, Check, Deps, SignedIn, WebDeps
from intake.web.labels import STATES, area_names, kommune_names, translated
from shared.kit.staff import StaffMember
from shared.kit.web.paging import page_count, page_number
from shared.reference.areas import Area

router = APIRouter(include_in_schema=False)

PATH: Final = "/stab/personer/sok"
PAGE_SIZE: Final = 50  # sign-ups
AREAS_SHOWN: Final = 10


@router.get(PATH)
async def to_list(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Redirect to the list of people, where the search field is."""
    return deps.pages.redirect(request, "/stab/personer")


@router.post(PATH)
async def show_results(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    tekst: Annotated[str, Form()] = "",
    side: Annotated[str, Form()] = "1",
) -> Response:
    """Show the people that a text means, a page at a time; the search and every name that is shown are recorded."""
    search = PeopleSearch.parse(tekst)
    async with deps.database.transaction() as session:
        rows = (
            (await search_people(session, deps.vault, search, sorted(member.tenants), actor=actor)).rows
            if search is not None
            else ()
        )
        pages = page_count(len(rows), PAGE_SIZE)
        number = min(page_number(side), pages)
        shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        cards = await contacts.read_cards(session, deps.vault, shown, Purpose.LIST, actor=actor)
    return deps.pages.html(
        request,
        "stab/people_search.html",
        200 if search is not None else 422,
        too_short=search is None,
        text=tekst,
        rows=shown,
        cards=cards,
        total=len(rows),
        areas=_areas(deps, member, tekst),
        page=number,
        pages=pages,
        states=translated(request, STATES),
        area_name=area_names(deps.centres),
        kommune_name=kommune_names(deps.places),
    )


def _areas(deps: Deps, member: StaffMember, text: str) -> list[Area]:
    """Return the areas of the member's centres that a text names, by their own name or that of a kommune."""
    words, kommune = text.casefold().split(), kommune_names(deps.places)
    parts = [
        part for centre in deps.centres.all if member.covers(centre.id) for area in centre.areas for part in area.parts
    ]
    named = {part.id: " ".join([part.name, *map(kommune, part.kommuner)]).casefold() for part in parts}
    return [part for part in parts if words and all(word in named[part.id] for word in words)][:AREAS_SHOWN]
