"""Return tickets: taken along from a person's own page, and opened on the way back as a form that is filled in."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import Response

from intake.domain.drafts import STEP_FIELDS
from intake.usecases import drafts
from intake.vault.return_ticket import VALID
from intake.web.corrections import PUBLIC, Correction, form_values, newest_active
from intake.web.deps import Check, Deps, LooseCheck, WebDeps, draft_wait_seconds
from intake.web.drafts import ABOUT, new_draft, sent_form, settled, to_step
from intake.web.my_page import Owner, card_of
from intake.web.qr_codes import qr_code
from intake.web.signup_form import TOO_FAST
from shared.kit.web.forms import Value
from shared.kit.web.locale import localised
from shared.kit.web.state import locale_of, state_of

router = APIRouter(include_in_schema=False)

ASKED_AGAIN: Final = frozenset({"adult", "information", "consent"})
"""Answers that no ticket has: whoever comes back agrees to the texts as they are then."""

_FILLED_IN: Final = TOO_FAST + timedelta(minutes=1)
"""Time by which a form from a ticket counts as begun earlier, since nobody has to type."""


@router.post("/min-side/billett")
async def make_ticket(
    request: Request, deps: WebDeps, owner: Owner, _check: Check, som: Annotated[Literal["", "fil"], Form()] = ""
) -> Response:
    """Make a ticket of the newest answers: a page with a code to print or photograph, or the same as a file."""
    answers = await _answers(deps, owner)
    if answers is None:
        return deps.pages.redirect(request, "/min-side")
    locale = locale_of(request)
    ticket = deps.tickets.make(answers, deps.clock.now())
    url = f"{state_of(request).public_url.rstrip('/')}{localised(locale, f'/tilbake/{ticket}')}"
    code = qr_code(url)
    until = deps.clock.now() + VALID
    centre = deps.centres.get(str(answers["nearby"]))
    if som == "fil":
        page = deps.pages.render(request, "return_ticket/file.html", url=url, code=code, until=until)
        headers = {"Content-Disposition": 'attachment; filename="billett.html"'}
        return Response(page, media_type="text/html", headers=headers)
    return deps.pages.html(request, "return_ticket/ticket.html", url=url, code=code, until=until, centre=centre)


@router.get("/tilbake/{ticket}")
async def show_ticket(request: Request, deps: WebDeps, ticket: str) -> Response:
    """Show one button to whoever comes back. Nothing is stored, and nothing of the ticket is shown."""
    valid = deps.tickets.read(ticket, deps.clock.now()) is not None
    return deps.pages.html(request, "return_ticket/open.html", 200 if valid else 410, valid=valid, ticket=ticket)


@router.post("/tilbake")
async def come_back(
    request: Request, deps: WebDeps, _check: LooseCheck, billett: Annotated[str, Form()] = ""
) -> Response:
    """Fill in a new form with the answers of a ticket; it is sent, and agreed to, as any other."""
    answers = deps.tickets.read(billett, deps.clock.now())
    if answers is None:
        return deps.pages.html(request, "return_ticket/open.html", 410, valid=False, ticket="")
    if await draft_wait_seconds(request, deps):
        raise HTTPException(429)
    draft = new_draft(request, answers)
    draft = settled(draft, deps.lookup, sent_form(request, draft))
    draft = replace(draft, started=draft.started - _FILLED_IN.total_seconds(), notice="returned")
    async with deps.database.transaction() as session:
        key = await drafts.start(session, draft, now=state_of(request).wall())
    return to_step(request, key, ABOUT)


async def _answers(deps: Deps, owner: Owner) -> dict[str, Value] | None:
    """Return the newest answers of a person as the form has them, None without any."""
    if owner is None:
        return None
    async with deps.database.transaction() as session:
        card, rows = await card_of(session, deps, owner)
    row = newest_active(rows) or next(reversed(rows), None)
    centre = deps.centres.get(row.centre) if row else None
    if card is None or row is None or centre is None:
        return None
    kommune = deps.places.kommune(row.kommune)
    values = {
        **form_values(Correction(row, centre, "", "", PUBLIC, card)),
        "place": kommune.label if kommune else "",
        "nearby": centre.id,
    }
    kept = {name for names in STEP_FIELDS.values() for name in names} - ASKED_AGAIN
    return {name: value for name, value in values.items() if value and name in kept | {"mail_language"}}
