"""Pages of lending deadlines."""

from datetime import date
from typing import Annotated, Final

from babel.dates import get_month_names
from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping import store
from grouping.store import LendingDeadline
from grouping.store.lending_tables import MOST_WARN_DAYS, MOST_WORDS
from grouping.usecases import lending
from grouping.usecases.lending import PAGE, DeadlineDetails
from grouping.web.deps import Acting, Check, Deps, LooseCheck, OwnDeadline, SignedIn, WebDeps
from grouping.web.forms import back_to, stale
from shared.errors import NotFoundError
from shared.events.base import Identifier
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import forms
from shared.kit.web.csrf import FormCheck
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.next_page import Next, NextInQuery, NextPage
from shared.kit.web.state import locale_of
from shared.kit.web.undo import Undo

DEFAULT_WARN_DAYS: Final = 30

_Words = Annotated[str, StringConstraints(min_length=1, max_length=MOST_WORDS)]

LABELS: Final[dict[str, Label]] = {
    "centre": FieldText(N_("Senter"), missing=N_("Velg hvilket senter det gjelder.")),
    "lender": FieldText(N_("Hvem låner ut?"), missing=N_("Skriv hvem som låner ut rommene.")),
    "what": FieldText(N_("Hva må dere søke om?"), missing=N_("Skriv hva dere må søke om.")),
    "day": FieldText(N_("Siste dag"), missing=N_("Skriv datoen, et tall fra 1 til 31.")),
    "month": FieldText(N_("Måned"), missing=N_("Velg måneden.")),
    "warn_days": FieldText(
        N_("Hvor mange dager før vil dere bli minnet på det?"), missing=N_("Skriv et antall dager.")
    ),
}

router = APIRouter(include_in_schema=False)


class DeadlineForm(BaseModel):
    """A deadline; members of several centres choose ``centre``."""

    centre: Identifier
    lender: _Words
    what: _Words
    day: Annotated[int, Field(ge=1, le=31)]
    month: Annotated[int, Field(ge=1, le=12)]
    warn_days: Annotated[int, Field(ge=1, le=MOST_WARN_DAYS)]

    @property
    def details(self) -> DeadlineDetails:
        """The argument of the use case."""
        return DeadlineDetails(self.lender, self.what, self.month, self.day, self.warn_days)


@router.get(PAGE)
async def list_deadlines(request: Request, deps: WebDeps, member: SignedIn, next_page: NextInQuery) -> Response:
    """List the deadlines of the member's centres, with a form for a new one."""
    centres = _centres(deps, member)
    values: dict[str, forms.Value] = {
        "centre": centres[0][0] if len(centres) == 1 else "",
        "warn_days": str(DEFAULT_WARN_DAYS),
    }
    return await _page(request, deps, member, forms.blank(request, LABELS, values), None, next_page)


@router.post(PAGE)
async def add_deadline(
    request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck, next_page: Next
) -> Response:
    """Add a deadline."""
    return await _save(request, deps, member, actor, check, None, next_page)


@router.get(f"{PAGE}/{{deadline_id}}")
async def show_deadline(
    request: Request, deps: WebDeps, member: SignedIn, deadline: OwnDeadline, next_page: NextInQuery
) -> Response:
    """Show one deadline in the form."""
    return await _page(request, deps, member, _stored(request, deadline), deadline, next_page)


@router.post(f"{PAGE}/{{deadline_id}}")
async def change_deadline(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    deadline: OwnDeadline,
    actor: Acting,
    check: LooseCheck,
    next_page: Next,
) -> Response:
    """Change a deadline."""
    return await _save(request, deps, member, actor, check, deadline, next_page)


@router.post(f"{PAGE}/{{deadline_id}}/gjort")
async def finish_deadline(
    request: Request,
    deps: WebDeps,
    deadline: OwnDeadline,
    actor: Acting,
    _check: Check,
    next_page: Next,
    frist: Annotated[date | None, Form()] = None,
    for_: Annotated[str | None, Form(alias="for")] = None,
) -> Response:
    """Record that this year's deadline has been dealt with, or undo it: ``for`` is the day done before."""
    if for_ is None and frist is None:
        raise HTTPException(422)
    async with deps.database.transaction() as session:
        if frist is not None:
            await lending.finish_deadline(session, deadline.id, frist, actor=actor)
        else:
            await lending.reopen_deadline(session, deadline.id, forms.day_in(for_ or ""), actor=actor)
    back = Undo(f"{PAGE}/{deadline.id}/gjort", {"for": deadline.done_on.isoformat() if deadline.done_on else "ingen"})
    return deps.pages.redirect(request, next_page.after(PAGE), back)


@router.post(f"{PAGE}/{{deadline_id}}/slett")
async def delete_deadline(
    request: Request, deps: WebDeps, deadline: OwnDeadline, actor: Acting, _check: Check, next_page: Next
) -> Response:
    """Delete a deadline."""
    async with deps.database.transaction() as session:
        await lending.remove_deadline(session, deadline.id, actor=actor)
    return deps.pages.redirect(request, next_page.after(PAGE))


async def _save(
    request: Request,
    deps: Deps,
    member: StaffMember,
    actor: Actor,
    check: FormCheck,
    deadline: LendingDeadline | None,
    next_page: NextPage,
) -> Response:
    submission = await forms.submitted(request, DeadlineForm, LABELS)
    form, entered = submission.form, submission.model
    if not check.fresh:
        return await _page(request, deps, member, stale(request, deps.pages, form), deadline, next_page)
    if entered is None:
        return await _page(request, deps, member, form, deadline, next_page)
    if entered.centre not in dict(_centres(deps, member)) or (deadline and deadline.centre != entered.centre):
        raise NotFoundError("unknown_centre", centre=entered.centre)
    deadline_id = deadline.id if deadline else None
    async with deps.database.transaction() as session:
        saved = await lending.save_deadline(
            session, deps.context, entered.centre, entered.details, deadline_id=deadline_id, actor=actor
        )
    back = back_to(f"{PAGE}/{saved}", _stored(request, deadline) if deadline else None)
    return deps.pages.redirect(request, next_page.after(PAGE), back)


def _stored(request: Request, deadline: LendingDeadline) -> forms.Form:
    """Return the form with what is stored."""
    return forms.blank(request, LABELS, {name: str(getattr(deadline, name)) for name in LABELS})


async def _page(
    request: Request,
    deps: Deps,
    member: StaffMember,
    form: forms.Form,
    deadline: LendingDeadline | None,
    next_page: NextPage,
) -> Response:
    now = deps.clock.now()
    async with deps.database.transaction() as session:
        rows = await store.lending.of_centres(session, [id_ for id_, _ in _centres(deps, member)])
    return deps.pages.html(
        request,
        "stab/lending.html",
        form=form,
        deadline=deadline,
        rows=sorted(((lending.due_of(row, now), row) for row in rows), key=lambda pair: (pair[0], pair[1].lender)),
        centres=_centres(deps, member),
        months=list(get_month_names("wide", locale=locale_of(request)).items()),
        next_page=next_page,
    )


def _centres(deps: Deps, member: StaffMember) -> list[tuple[str, str]]:
    """Return id and name of each centre that the member can write deadlines for."""
    return [(centre.id, centre.name) for centre in deps.context.centres.all if member.covers(centre.id)]
