"""The page of a member of a started group, behind the link in a mail: GET shows the group, POST does one act."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.responses import Response

from grouping.domain.life.acts import GroupAct, MemberAct
from grouping.queries.members import BeforeStart, MemberView, member_view
from grouping.usecases import departures, members, votes
from grouping.web.deps import Check, Deps, GroupLink, LooseCheck, WebDeps
from grouping.web.forms import stale
from grouping.web.member_forms import FORMS, FormName, blank_form, read_form, write_form
from grouping.web.messages import sentence_of
from shared.errors import DomainError
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.web.forms import Day
from shared.reference.link_purposes import CALENDAR_LINK, SEAT, WAY_ON

router = APIRouter(include_in_schema=False)

MeetingAct = Literal["absence", "skip", "meet_anyway"]
PeopleAct = Literal["leave", "admission_vote", "conflict_vote"]
Act = GroupAct | MemberAct | MeetingAct | PeopleAct
Question = Literal["slutte", "opplos"]

LAST_ACTS: Final = frozenset({"ready", "dissolve", "leave"})
"""Acts after which nothing may be known of a member or a group, so that the page thanks for them by itself."""

DONE: Final = {
    "absence": N_("De andre får beskjed om at noen ikke kan komme. Vi sier ikke hvem."),
    "skip": N_("Møtet er avlyst, og alle får beskjed."),
    "meet_anyway": N_("Dere møtes likevel, og alle får beskjed."),
    "flytt": N_("Møtet er flyttet, og alle får beskjed."),
    "tider": N_("De nye møtene er klare, og alle får beskjed."),
    "taushet": N_("Takk. Vi har bare skrevet ned datoen."),
    "pause": N_("Pausen er skrevet ned."),
    "ready": N_("Takk for svaret. Når alle har sagt ja, fortsetter dere på egen hånd."),
    "not_ready": N_("Det er greit. Dere fortsetter som før så lenge."),
    "keep": N_("Det er notert. Da hører du fra oss også senere."),
    "do_not_keep": N_("Det er notert. Da hører du ikke fra oss når dere er på egen hånd."),
    "met": N_("Takk. Vi vet nå at dere har møttes, ikke hvem som sa det."),
    "alive": N_("Takk. Vi vet nå at dere møtes fortsatt, ikke hvem som sa det."),
    "visit": N_("Senteret har fått beskjed om at dere ønsker et besøk."),
    "conflict_visit": N_("Senteret har fått beskjed om at dere ønsker et besøk."),
    "accept_visit": N_("Senteret har fått beskjed om at dere vil ha besøket."),
    "decline_visit": N_("Senteret har fått beskjed om at dere ikke vil ha besøk nå."),
    "admission_vote": N_("Alle i gruppa får en e-post med spørsmålet. Ingen får vite hvem som svarer hva."),
    "conflict_vote": N_("Alle i gruppa får en e-post med spørsmålet. Ingen får vite hvem som svarer hva."),
    "dissolve": N_("Takk for svaret. Gruppa slutter når alle har sagt det samme."),
    "do_not_dissolve": N_("Det er greit. Gruppa fortsetter."),
}
"""The sentence on the page after an act, by the value of ``gjort`` in its address."""

ENDED: Final = {
    "ready": N_("Takk. Alle har sagt ja, og dere fortsetter på egen hånd fra nå."),
    "dissolve": N_("Takk. Alle har sagt det samme, og gruppa er avsluttet."),
}
"""The sentence instead, by the same value, once the last answer that was waited for has come."""


@router.get("/gruppe/{token}")
async def show_group(
    request: Request, deps: WebDeps, seat_id: GroupLink, token: str, gjort: Annotated[str, Query()] = ""
) -> Response:
    """Show the group to one of its members."""
    return await _page(request, deps, seat_id, token, done=gjort)


@router.post("/gruppe/{token}")
async def act(
    request: Request,
    deps: WebDeps,
    seat_id: GroupLink,
    token: str,
    _check: Check,
    act: Annotated[Act, Form()],
    meeting: Annotated[UUID | None, Form()] = None,
    day: Annotated[Day | None, Form()] = None,
) -> Response:
    """Do one act for a member; what is not possible any more is explained on the page."""
    if seat_id is None:
        raise HTTPException(404)
    try:
        async with deps.database.transaction() as session:
            await _do(session, deps, seat_id, act, meeting, day)
    except DomainError as error:
        return await _page(request, deps, seat_id, token, refused=error)
    return deps.pages.redirect(request, f"/gruppe/{token}?gjort={act}")


@router.get("/gruppe/{token}/{question}")
async def show_question(
    request: Request,
    deps: WebDeps,
    seat_id: GroupLink,
    token: str,
    question: Question | FormName,
    mote: Annotated[UUID | None, Query()] = None,
) -> Response:
    """Ask once more before an act that ends something, or ask when and where."""
    view = await _view(deps, seat_id)
    if not isinstance(view, MemberView) or view.page != "member" or not view.life.is_ongoing:
        return await _page(request, deps, seat_id, token)
    action = f"/gruppe/{token}"
    match question:
        case "slutte" | "opplos":
            return deps.pages.html(
                request, "group_question.html", view=view, centre=view.centre, action=action, question=question
            )
        case _:
            form = blank_form(request, view, question, mote)
    if form is None:
        return await _page(request, deps, seat_id, token)
    return deps.pages.html(
        request, "group_form.html", view=view, centre=view.centre, action=action, question=question, form=form
    )


@router.post("/gruppe/{token}/{question}")
async def answer_form(
    request: Request, deps: WebDeps, seat_id: GroupLink, token: str, question: FormName, check: LooseCheck
) -> Response:
    """Move a meeting, change the rhythm, or record a day; what cannot be is shown again with the reason."""
    view = await _view(deps, seat_id)
    if seat_id is None or not isinstance(view, MemberView) or view.page != "member":
        return await _page(request, deps, seat_id, token)
    form, content = await read_form(request, question)
    if not check.fresh:
        form, content = stale(request, deps.pages, form), None
    if content is not None:
        try:
            async with deps.database.transaction() as session:
                await write_form(session, deps, seat_id, view, content)
            return deps.pages.redirect(request, f"/gruppe/{token}?gjort={question}")
        except DomainError as error:
            field = FORMS[question].field
            form = form.refusing(field, deps.pages.gettext(request)(sentence_of(error)))
    return deps.pages.html(
        request,
        "group_form.html",
        422,
        view=view,
        centre=view.centre,
        action=f"/gruppe/{token}",
        question=question,
        form=form,
    )


async def _do(
    session: AsyncSession, deps: Deps, seat_id: UUID, act: Act, meeting_id: UUID | None, day: Day | None
) -> None:
    now, cause = deps.clock.now(), Cause.fresh()
    context = deps.context
    if act == "absence":
        await members.tell_absence(session, context, seat_id, _given(meeting_id), now=now)
    elif act == "skip":
        await members.skip_meeting(session, context, seat_id, _given(meeting_id), now=now, cause=cause)
    elif act == "meet_anyway":
        if day is None:
            raise DomainError("not_in_rhythm")
        await members.meet_anyway(session, context, seat_id, day, now=now, cause=cause)
    elif act == "leave":
        await departures.leave_group(session, context, seat_id, now=now, cause=cause)
    elif act == "admission_vote":
        await votes.open_vote(session, context, seat_id, "admission", now=now, cause=cause)
    elif act == "conflict_vote":
        await votes.open_vote(session, context, seat_id, "conflict_visit", now=now, cause=cause)
    else:
        await members.act_as_member(session, context, seat_id, act, now=now, cause=cause)


def _given(meeting_id: UUID | None) -> UUID:
    if meeting_id is None:
        raise DomainError("unknown_meeting")
    return meeting_id


async def _view(deps: Deps, seat_id: UUID | None) -> MemberView | BeforeStart | None:
    if seat_id is None:
        return None
    async with deps.database.transaction() as session:
        return await member_view(session, deps.context, seat_id, deps.clock.now())


async def _page(
    request: Request,
    deps: Deps,
    seat_id: UUID | None,
    token: str,
    *,
    done: str = "",
    refused: DomainError | None = None,
) -> Response:
    """Show the group as it is now, with what has just been done, or why it could not be."""
    if seat_id is None:
        return deps.pages.html(request, "link_unknown.html", 404)
    view = await _view(deps, seat_id)
    if view is None and done in LAST_ACTS:
        return deps.pages.html(request, "group_thanks.html", done=done)
    if view is None:
        # The link was signed here, so the member existed and is forgotten.
        return deps.pages.html(request, "group_forgotten.html", 404)
    was_last = isinstance(view, MemberView) and not view.awaits(done)
    notice = ENDED[done] if was_last and done in ENDED else DONE.get(done, "")
    translate = deps.pages.gettext(request)
    return deps.pages.html(
        request,
        "group.html",
        409 if refused else 200,
        view=view,
        centre=view.centre if isinstance(view, MemberView) else None,
        action=f"/gruppe/{token}",
        notice=translate(notice) if notice else "",
        refusal=translate(sentence_of(refused)) if refused else "",
        seat=f"/plass/{deps.links.token(SEAT, seat_id)}",
        calendar=f"/kalenderlenke/{deps.links.token(CALENDAR_LINK, seat_id)}",
        way_on=f"/videre/{deps.links.token(WAY_ON, seat_id)}",
    )
