"""The staff page of times for talks: open one or a row of them, see who has which, and close one."""

from datetime import time
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from intake.domain.contacts import Purpose
from intake.domain.talk_times import IN_A_ROW, MINUTES, WEEKS, row_of_times
from intake.store import TalkTime, audit_log, talks
from intake.usecases import contacts, talk_times
from intake.usecases.talk_times import NewTimes
from intake.web.deps import Acting, Check, Deps, LooseCheck, SignedIn, WebDeps
from intake.web.labels import centre_names
from intake.web.messages import SENTENCES
from intake.web.talk_days import by_day
from shared.errors import DomainError, NotFoundError
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms
from shared.kit.web.auth import object_access
from shared.kit.web.forms import Day
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)

TALKS: Final = "/stab/forsamtaler"
SHOWN: Final = 200
"""The most times on the page."""

LABELS: Final[dict[str, Label]] = {
    "senter": N_("Senter"),
    "dag": FieldText(N_("Dag"), N_("Velg en dag.")),
    "klokken": FieldText(N_("Klokkeslett"), N_("Skriv når den første samtalen begynner.")),
    "minutter": N_("Hvor lang er hver samtale?"),
    "antall": N_("Hvor mange etter hverandre?"),
    "uker": N_("I hvor mange uker?"),
    "hvordan": N_("Hvordan?"),
    "hos": N_("Hvem snakker personen med?"),
}
_CLOCK: Final = {"talk_time_past": "klokken", "talk_times_overlap": "klokken"}
"""The field of a refusal."""


class TimesForm(BaseModel):
    """The times to open."""

    senter: str = ""
    dag: Day
    klokken: time
    minutter: Annotated[int, Field(ge=min(MINUTES), le=max(MINUTES))]
    antall: Annotated[int, Field(ge=1, le=IN_A_ROW)]
    uker: Annotated[int, Field(ge=1, le=WEEKS)]
    hvordan: Literal["phone", "office"]
    hos: Annotated[str, StringConstraints(max_length=60)] = ""


@object_access
async def own_time(time_id: UUID, member: SignedIn, deps: WebDeps) -> TalkTime:
    """
    Return a time of one of the member's centres.

    Raises:
        NotFoundError: ``unknown_talk_time``, also for another centre's.
    """
    async with deps.database.transaction() as session:
        talk_time = await talks.time(session, time_id)
    if talk_time is None or talk_time.centre not in member.tenants:
        raise NotFoundError("unknown_talk_time", time_id=time_id)
    return talk_time


OwnTime = Annotated[TalkTime, Depends(own_time)]


@router.get(TALKS)
async def show_times(request: Request, deps: WebDeps, member: SignedIn, actor: Acting, lagret: str = "") -> Response:
    """Show the times ahead with the names of those who have them; recorded."""
    return await _page(request, deps, member, actor, _blank(request), opened=lagret)


@router.post(TALKS)
async def open_times(request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck) -> Response:
    """Open one or a row of times."""
    submission = await forms.submitted(request, TimesForm, LABELS)
    form, sent = submission.form, submission.model
    gettext = deps.pages.gettext(request)
    if not check.fresh:
        form = form.saying(gettext(csrf.STALE))
    if sent is None or not check.fresh:
        return await _page(request, deps, member, actor, form)
    centre = sent.senter or next(iter(sorted(member.tenants)), "")
    if centre not in member.tenants:
        raise NotFoundError("unknown_centre", centre=centre)
    spans = row_of_times(
        sent.dag, sent.klokken.replace(tzinfo=None), minutes=sent.minutter, in_a_row=sent.antall, weeks=sent.uker
    )
    try:
        async with deps.database.transaction() as session:
            count = await talk_times.open_times(
                session, NewTimes(centre, spans, sent.hvordan, " ".join(sent.hos.split())), actor=actor
            )
    except DomainError as error:
        if error.slug not in _CLOCK:
            raise
        form = form.refusing(_CLOCK[error.slug], gettext(SENTENCES[error.slug]))
        return await _page(request, deps, member, actor, form)
    return deps.pages.redirect(request, f"{TALKS}?lagret={count}")


@router.post(f"{TALKS}/tider/{{time_id}}/lukk")
async def close_time(request: Request, deps: WebDeps, talk_time: OwnTime, actor: Acting, _check: Check) -> Response:
    """Close a time; whoever has it is told, and offered the other times."""
    async with deps.database.transaction() as session:
        await talk_times.close_time(session, deps.centres, talk_time.time_id, actor=actor)
    return deps.pages.redirect(request, f"{TALKS}?lagret=lukket")


def _blank(request: Request) -> forms.Form:
    return forms.blank(
        request, LABELS, {"minutter": "30", "antall": "1", "uker": "1", "hvordan": "phone", "klokken": "10:00"}
    )


async def _page(
    request: Request, deps: Deps, member: StaffMember, actor: Actor, form: forms.Form, *, opened: str = ""
) -> Response:
    centres = sorted(member.tenants)
    async with deps.database.transaction() as session:
        rows = await talks.listed(session, centres, after=actor.now, limit=SHOWN)
        booked = [row.signup for row in rows if row.signup is not None]
        cards = await contacts.read_cards(session, deps.vault, booked, Purpose.LIST, actor=actor)
        for viewed in sorted({row.centre for row in booked}):
            await audit_log.record(session, actor, "talks.viewed", "centre", viewed, scope=viewed)
    gettext = deps.pages.gettext(request)
    known = [centre for centre_id in centres if (centre := deps.centres.get(centre_id))]
    return deps.pages.html(
        request,
        "stab/talk_times.html",
        form=form,
        days=by_day(rows, lambda row: row.time.starts_at, locale_of(request)),
        cards=cards,
        opened=int(opened) if opened.isdecimal() and len(opened) < 4 else 0,
        closed=opened == "lukket",
        centres=[(centre.id, centre.name) for centre in known],
        centre_name=centre_names(deps.centres),
        without_talks=[centre.name for centre in known if centre.policy.forsamtale == "off"],
        minutes_options=[(minutes, gettext(N_("%(minutes)s minutter")) % {"minutes": minutes}) for minutes in MINUTES],
        row_options=_numbers(IN_A_ROW),
        week_options=_numbers(WEEKS),
    )


def _numbers(most: int) -> list[tuple[int, str]]:
    return [(number, str(number)) for number in range(1, most + 1)]
