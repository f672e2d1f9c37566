"""Pages to decide by: who a group suits, when something else is better, and where to turn; nothing is asked or kept."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from intake.usecases import drafts
from intake.web.deps import LooseCheck, WebDeps
from intake.web.drafts import Key
from shared.kit.web.state import locale_of
from shared.reference import texts
from shared.reference.centres import Centre
from shared.reference.texts import Section

router = APIRouter(include_in_schema=False)

UNDER_18: Final = "/under-18"


@dataclass(frozen=True)
class CentreView:
    """
    A centre with what it adds to the page.

    Attributes:
        not_now: Its own words about when a group is perhaps not right now.
        talks: True if people can talk with it before a group.
    """

    centre: Centre
    not_now: tuple[Section, ...]

    @property
    def talks(self) -> bool:
        """True if people can talk with the centre before a group."""
        return self.centre.policy.forsamtale != "off"


@router.get("/passer-det")
async def show_page(request: Request, deps: WebDeps) -> Response:
    """Show who a group suits and the ways on, without the database."""
    locale = locale_of(request)
    views = [
        CentreView(centre, texts.not_now(centre.policy, centre.texts, locale, centre.name))
        for centre in deps.centres.all
    ]
    services = [service for service in deps.ways_on if service.audience == "everyone"]
    return deps.pages.html(request, "is_this_for_me.html", views=views, services=services)


@router.get(UNDER_18)
async def show_under_18(request: Request, deps: WebDeps) -> Response:
    """Show services for people under 18, without the database."""
    services = [service for service in deps.ways_on if service.audience == "young"]
    numbers = {service.number for service in services}
    lines = [line for line in deps.help_lines if line.audience == "young" and line.number not in numbers]
    return deps.pages.html(request, "under_18.html", services=services, lines=lines)


@router.post("/pamelding/{token}/under-18")
async def leave_form(request: Request, deps: WebDeps, key: Key, _check: LooseCheck) -> Response:
    """Delete the form of a person under 18, and show who is there for them."""
    async with deps.database.transaction() as session:
        await drafts.forget(session, key)
    return deps.pages.redirect(request, UNDER_18)
