"""An act of staff on several people: first whom it concerns, then the act, and for whom it was done."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.several_people import MOST_TOGETHER, SharedAct
from intake.queries.several_people import SeveralPreview, several_preview
from intake.usecases import contacts
from intake.usecases.several_people import LeftOut, SeveralDone, act_on_several
from intake.web.deps import Acting, Check, Deps, SignedIn, WebDeps
from intake.web.labels import STATES, area_names, kommune_names, translated
from intake.web.people import PEOPLE
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.web.forms import read_choice
from shared.kit.web.next_page import next_page

SEVERAL: Final = f"{PEOPLE}/flere"
LARGE_FORMS: Final = re.compile(rf"{SEVERAL}(/gjor)?")
"""Paths that take everybody who is ticked."""

REASONS: Final[Mapping[str, str]] = {
    "withdrawn": N_("Meldt av før"),
    "unconfirmed": N_("Har ikke bekreftet påmeldingen"),
    "member": N_("Med i en gruppe som har startet"),
    "paused": N_("Har pause nå"),
    "not_asked": N_("Ikke spurt om det nå"),
    "nothing_to_read": N_("Trenger ikke lese informasjonen nå"),
    "changed": N_("Har skiftet tilstand siden du så siden"),
}

router = APIRouter(include_in_schema=False)


def _chosen(text: str) -> tuple[UUID, str]:
    """Read a sign-up, with its state after a full stop where the page has shown it."""
    signup_id, _, word = text.partition(".")
    return UUID(signup_id), word


class SeveralForm(BaseModel):
    """
    The chosen sign-ups, and what is to be done.

    Attributes:
        person: Each with the state that a preview has shown; empty from a list.
        neste: The list from which they come.
    """

    person: list[Annotated[tuple[UUID, str], BeforeValidator(_chosen)]] = []
    gjor: SharedAct
    neste: str = ""

    @property
    def back(self) -> str:
        """The path of the list."""
        return next_page(self.neste, "").after(PEOPLE)

    @property
    def receipt(self) -> str:
        """The path of the list, to which the number of people is added."""
        return f"{self.back}{'&' if '?' in self.back else '?'}gjort="


@router.get(SEVERAL)
async def to_list(request: Request, deps: WebDeps, _member: SignedIn) -> Response:
    """Redirect to the list, where the people are chosen."""
    return deps.pages.redirect(request, PEOPLE)


@router.post(SEVERAL)
async def preview(request: Request, deps: WebDeps, member: SignedIn, actor: Acting, _check: Check) -> Response:
    """Show whom the act concerns, before it is done; every name that is shown is recorded."""
    form = await read_choice(request, SeveralForm)
    if not form.person:
        return deps.pages.redirect(request, f"{form.receipt}0")
    async with deps.database.transaction() as session:
        view = await several_preview(session, deps.centres, dict(form.person), member.tenants, form.gjor)
        return await _page(session, request, deps, form, actor, view=view)


@router.post(f"{SEVERAL}/gjor")
async def act(request: Request, deps: WebDeps, member: SignedIn, actor: Acting, _check: Check) -> Response:
    """Do the same for several people; then tell who was left out, and show the rest if one press does not take all."""
    form = await read_choice(request, SeveralForm)
    chosen = dict(form.person)
    rest = list(chosen)[MOST_TOGETHER:]
    async with deps.database.transaction() as session:
        done = await act_on_several(
            session, deps.centres, chosen, centre_ids=member.tenants, act=form.gjor, actor=actor
        )
    if not rest and not done.left_out and not done.unknown:
        return deps.pages.redirect(request, f"{form.receipt}{len(done.done)}")
    async with deps.database.transaction() as session:
        view = await several_preview(session, deps.centres, rest, member.tenants, form.gjor) if rest else None
        return await _page(session, request, deps, form, actor, view=view, done=done)


async def _page(
    session: AsyncSession,
    request: Request,
    deps: Deps,
    form: SeveralForm,
    actor: Actor,
    *,
    view: SeveralPreview | None,
    done: SeveralDone | None = None,
) -> Response:
    """Return the page before an act, or after it, or both if people are left for another press."""
    left_out = [*(done.left_out if done else ()), *(view.left_out if view else ())]
    rows = [person.row for person in view.people] if view else []
    rows += [one.row for one in left_out]
    cards = await contacts.read_cards(session, deps.vault, rows, Purpose.LIST, actor=actor)
    return deps.pages.html(
        request,
        "stab/several_people.html",
        view=view,
        done=done,
        left_before=_by_reason(view.left_out if view else (), cards),
        left_now=_by_reason(done.left_out if done else (), cards),
        act=form.gjor,
        back=form.back,
        cards=cards,
        reasons=translated(request, REASONS),
        states=translated(request, STATES),
        area_name=area_names(deps.centres),
        kommune_name=kommune_names(deps.places),
    )


def _by_reason(left_out: Collection[LeftOut], known: Collection[UUID]) -> dict[str, list[UUID]]:
    """Return the people who are left out, by the reason; those whose names are erased are not among them."""
    people: dict[str, list[UUID]] = {why: [] for why in REASONS}
    for one in left_out:
        if one.row.person_id in known and one.row.person_id not in people[one.why]:
            people[one.why].append(one.row.person_id)
    return {why: ids for why, ids in people.items() if ids}
