"""A group for its igangsetter: whom they meet, a checklist, and what they record with the group."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from grouping.contacts import ContactsAwayError
from grouping.queries.igangsetter_group import StarterGroup
from grouping.store import audit_log
from grouping.usecases import lives
from grouping.web.checklist import checklist
from grouping.web.deps import Check, Deps, HelperActing, LooseCheck, StartedByMe, WebDeps
from grouping.web.forms import stale
from grouping.web.messages import sentence_of
from grouping.web.running_forms import MOVE_LABELS, PLEDGE_LABELS, MoveForm, PledgeForm, move_form, pledge_form
from shared.errors import DomainError
from shared.events.contacts import Contact
from shared.kit.audit import Actor
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.forms import Day

router = APIRouter(include_in_schema=False)

GROUP: Final = "/igangsetter/grupper/{group_id}"

Act = Literal["hopp-over", "holdt", "ikke-holdt", "motes-likevel", "spor", "overlat"]

DONE: Final = {
    "hopp-over": N_("Møtet er avlyst, og alle får beskjed."),
    "holdt": N_("Skrevet ned."),
    "ikke-holdt": N_("Skrevet ned."),
    "motes-likevel": N_("Dere møtes likevel, og alle får beskjed."),
    "flytt": N_("Møtet er flyttet, og alle får beskjed."),
    "taushet": N_("Takk. Vi har bare skrevet ned datoen."),
    "spor": N_("Alle i gruppa får spørsmålet."),
    "forste-mote": N_("Takk. Skrevet ned."),
    "utsatt": N_("Skrevet ned. Medlemmene får beskjed, og senteret setter en ny dato."),
}
"""The sentence on the page after an act, by the value of ``gjort`` in its address."""


@router.get(GROUP)
async def show_group(
    request: Request, deps: WebDeps, actor: HelperActing, group: StartedByMe, gjort: Annotated[str, Query()] = ""
) -> Response:
    """Show a group, with its first names while they may be shown; each look is recorded."""
    return await _page(request, deps, actor, group, notice=DONE.get(gjort, ""))


@router.get(f"{GROUP}/ark")
async def show_sheet(request: Request, deps: WebDeps, actor: HelperActing, group: StartedByMe) -> Response:
    """Show the checklist and the first names on one page to print; recorded."""
    if group.page == "over":
        return _over(request, deps, group)
    people, away = await _people(deps, actor, group)
    return _no_store(
        deps.pages.html(
            request,
            "igangsetter/sheet.html",
            view=group,
            centre=group.centre,
            people=people,
            away=away,
            checklist=checklist(group, deps.pages.gettext(request)),
        )
    )


@router.post(GROUP)
async def act(
    request: Request,
    deps: WebDeps,
    actor: HelperActing,
    group: StartedByMe,
    _check: Check,
    act: Annotated[Act, Form()],
    meeting: Annotated[UUID | None, Form()] = None,
    day: Annotated[Day | None, Form()] = None,
) -> Response:
    """Do one act with the group; what is not possible any more is explained on the page."""
    if group.page == "over":
        return _over(request, deps, group)
    try:
        async with deps.database.transaction() as session:
            await _do(session, deps, group.group.id, act, meeting, day, actor)
    except DomainError as error:
        return await _page(request, deps, actor, group, refused=error)
    return deps.pages.redirect(
        request, "/igangsetter?gjort=overlat" if act == "overlat" else f"{group.path}?gjort={act}"
    )


@router.get(f"{GROUP}/overlat")
async def ask_to_hand_over(request: Request, deps: WebDeps, group: StartedByMe) -> Response:
    """Ask once more before the igangsetter withdraws."""
    if group.page != "accompanied":
        return _over(request, deps, group)
    return deps.pages.html(request, "igangsetter/hand_over.html", view=group, centre=group.centre)


@router.get(f"{GROUP}/flytt")
async def show_move(
    request: Request, deps: WebDeps, group: StartedByMe, mote: Annotated[UUID | None, Query()] = None
) -> Response:
    """Ask when and where a meeting is instead."""
    form = move_form(request, group.running, mote) if group.running is not None else None
    if form is None or group.page != "accompanied":
        return _over(request, deps, group) if group.page == "over" else deps.pages.redirect(request, group.path)
    return deps.pages.html(request, "igangsetter/move.html", view=group, centre=group.centre, form=form)


@router.post(f"{GROUP}/flytt")
async def move(request: Request, deps: WebDeps, actor: HelperActing, group: StartedByMe, check: LooseCheck) -> Response:
    """Move a meeting, alone or with all that follow; everybody is told."""
    submission = await forms.submitted(request, MoveForm, MOVE_LABELS)
    form, content = submission.form, submission.model
    if group.page != "accompanied":
        return _over(request, deps, group)
    if not check.fresh:
        form, content = stale(request, deps.pages, form), None
    if content is not None:
        try:
            async with deps.database.transaction() as session:
                await lives.move_meeting(
                    session,
                    deps.context,
                    group.group.id,
                    content.meeting,
                    starts_at=content.starts_at,
                    place_text=content.place_text,
                    following=content.following == "ja",
                    actor=actor,
                )
            return deps.pages.redirect(request, f"{group.path}?gjort=flytt")
        except DomainError as error:
            form = form.refusing("day", deps.pages.gettext(request)(sentence_of(error)))
    return deps.pages.html(request, "igangsetter/move.html", 422, view=group, centre=group.centre, form=form)


@router.post(f"{GROUP}/taushet")
async def record_pledge(
    request: Request, deps: WebDeps, actor: HelperActing, group: StartedByMe, check: LooseCheck
) -> Response:
    """Record the day on which the group spoke about confidentiality."""
    submission = await forms.submitted(request, PledgeForm, PLEDGE_LABELS)
    form, content = submission.form, submission.model
    if group.page == "over":
        return _over(request, deps, group)
    if not check.fresh:
        form, content = stale(request, deps.pages, form), None
    if content is not None:
        try:
            async with deps.database.transaction() as session:
                await lives.record_pledge(session, deps.context, group.group.id, content.pledge_on, actor=actor)
            return deps.pages.redirect(request, f"{group.path}?gjort=taushet")
        except DomainError as error:
            form = form.refusing("pledge_on", deps.pages.gettext(request)(sentence_of(error)))
    return await _page(request, deps, actor, group, pledge=form)


async def _do(
    session: AsyncSession, deps: Deps, group_id: UUID, act: Act, meeting: UUID | None, day: Day | None, actor: Actor
) -> None:
    context = deps.context
    match act:
        case "spor":
            await lives.ask_handover(session, context, group_id, actor=actor)
        case "overlat":
            await lives.record_agreement(session, context, group_id, actor=actor)
        case "motes-likevel" if day is not None:
            await lives.meet_anyway(session, context, group_id, day, actor=actor)
        case "hopp-over" if meeting is not None:
            await lives.skip_meeting(session, context, group_id, meeting, actor=actor)
        case "holdt" | "ikke-holdt" if meeting is not None:
            held = act == "holdt"
            await lives.report_meeting(session, context, group_id, meeting, held=held, actor=actor)
        case _:
            raise DomainError("unknown_meeting")


async def _people(deps: Deps, actor: Actor, group: StarterGroup) -> tuple[tuple[Contact, ...], bool]:
    """Return the people to show, and whether intake is away; the look is recorded before anybody is asked for."""
    if not group.shows_names:
        return (), False
    igangsetter_id, row = UUID(actor.username), group.group
    async with deps.database.transaction() as session:
        await audit_log.record(
            session,
            actor,
            "starter.members_viewed",
            "group",
            row.id,
            scope=row.area,
            details={"centre": row.centre},
        )
    try:
        return await deps.contacts.of_group(row.id, group.person_ids, igangsetter_id), False
    except ContactsAwayError:
        return (), True


async def _page(
    request: Request,
    deps: Deps,
    actor: Actor,
    group: StarterGroup,
    *,
    notice: str = "",
    refused: DomainError | None = None,
    pledge: forms.Form | None = None,
) -> Response:
    if group.page == "over":
        return _over(request, deps, group)
    people, away = await _people(deps, actor, group)
    translate = deps.pages.gettext(request)
    if pledge is None and group.running is not None:
        pledge = pledge_form(request, group.running)
    status = 409 if refused else 422 if pledge is not None and pledge.errors else 200
    return _no_store(
        deps.pages.html(
            request,
            "igangsetter/group.html",
            status,
            view=group,
            centre=group.centre,
            people=people,
            away=away,
            checklist=checklist(group, translate),
            form=pledge,
            notice=translate(notice) if notice else "",
            refusal=translate(sentence_of(refused)) if refused else "",
        )
    )


def _over(request: Request, deps: Deps, group: StarterGroup) -> Response:
    """Say that the group is on its own: nobody can be reached from here any more."""
    return deps.pages.html(request, "igangsetter/over.html", 410, view=group, centre=group.centre)


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
