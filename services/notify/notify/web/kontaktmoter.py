"""Staff pages about meetings of a centre: plan, preview, send, follow the replies, change, cancel, report."""

from collections.abc import Callable
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from notify.domain.kontaktmoter.groups import Standing
from notify.domain.kontaktmoter.meetings import Audience, Kontaktmote, State
from notify.mails.kontaktmoter import TOPICS
from notify.queries import kontaktmoter as queries
from notify.queries.kontaktmoter import MeetingView
from notify.store import KontaktmoteRow, audit_log
from notify.usecases import kontaktmoter
from notify.web.charts import lengths
from notify.web.deps import Acting, Check, Deps, LooseCheck, OwnKontaktmote, SignedIn, WebDeps
from notify.web.group_names import group_names
from notify.web.kontaktmote_forms import (
    HELD_LABELS,
    LONGEST_TEXT,
    PLAN_LABELS,
    HeldForm,
    NewForm,
    PlanForm,
    blank_values,
    values_of,
)
from notify.web.kontaktmote_previews import previews
from notify.web.refusals import Act, refusal_of, refused
from shared.errors import DomainError, NotFoundError
from shared.kit.i18n import N_, format_when
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms, timeline
from shared.kit.web.lists import ChosenList, Column, list_file, listed, ordered
from shared.kit.web.state import locale_of

router = APIRouter(include_in_schema=False)

LIST: Final = "/stab/moter"

AUDIENCES: Final = {
    Audience.ACTIVE_GROUPS: (N_("Kontaktmøte for alle aktive grupper"), N_("Grupper som går for seg selv.")),
    Audience.CHOSEN_GROUPS: (N_("Kontaktmøte for noen grupper"), N_("Dere velger gruppene.")),
    Audience.IGANGSETTERE: (N_("Møte for igangsettere"), N_("Alle igangsettere med konto.")),
    Audience.WAITING: (N_("Orienteringsmøte"), N_("Alle som er påmeldt og ikke er i en gruppe ennå.")),
}
"""Names of the kinds of meetings, and whom they invite (msgids)."""

STATES: Final = {
    State.DRAFT: N_("utkast, ikke sendt"),
    State.ANNOUNCED: N_("invitasjonene er sendt"),
    State.CANCELLED: N_("avlyst"),
    State.HELD: N_("holdt"),
}
REPLIES: Final = (N_("Kommer"), N_("På venteliste"), N_("Svart nei"), N_("Ikke svart"))
REASONS: Final = {
    Standing.NOT_STARTED: N_("har ikke startet"),
    Standing.ACCOMPANIED: N_("har fortsatt igangsetter"),
    Standing.NOTHING_KEPT: N_("går for seg selv, og vi har ikke spart på noe vi kan nå dem med"),
    Standing.SILENT: N_("har ikke svart på om de fortsatt møtes"),
    Standing.DISSOLVED: N_("er avsluttet"),
}
"""Reasons for which a group is not invited (msgids)."""


Shown = Literal["framover", "for"]


@router.get(LIST)
async def list_meetings(
    request: Request, deps: WebDeps, member: SignedIn, choice: ChosenList, vis: Shown = "framover"
) -> Response:
    """Show the meetings of the member's centres: those ahead, or those that are over with their figures."""
    rows = await _rows(deps, member)
    return deps.pages.html(
        request,
        "stab/kontaktmoter.html",
        listing=listed(LIST, _columns(request, deps), rows[vis], choice, _words(vis)),
        shown=vis,
        counts={name: len(part) for name, part in rows.items()},
        named=_name(deps, request),
        states=STATES,
    )


@router.post(LIST)
async def download_meetings(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    choice: ChosenList,
    vis: Shown = "framover",
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return the list as a file; recorded."""
    columns = _columns(request, deps)
    rows = ordered(columns, (await _rows(deps, member))[vis], choice)
    async with deps.database.transaction() as session:
        return await list_file(session, audit_log, columns, rows, "moter", som, centres=member.tenants, actor=actor)


async def _rows(deps: Deps, member: StaffMember) -> dict[Shown, list[KontaktmoteRow]]:
    """Return the meetings ahead, the first one first, and those that are over, the last one first."""
    async with deps.database.transaction() as session:
        rows = await queries.of_centres(session, member.tenants)
    now = deps.clock.now()
    ahead = [row for row in reversed(rows) if row.ends_at > now and row.state in (State.DRAFT, State.ANNOUNCED)]
    return {"framover": ahead, "for": [row for row in rows if row not in ahead]}


def _words(shown: Shown) -> dict[str, str]:
    return {"vis": "" if shown == "framover" else shown}


def _columns(request: Request, deps: Deps) -> list[Column[KontaktmoteRow]]:
    _, locale, named = deps.pages.gettext(request), locale_of(request), _name(deps, request)
    order = list(STATES)

    def place(row: KontaktmoteRow) -> str:
        return row.place_text or _("på nett")

    return [
        Column("nar", _("Når"), lambda row: format_when(row.starts_at, locale), lambda row: row.starts_at),
        Column("hva", _("Hva"), lambda row: named(row.audience), lambda row: named(row.audience)),
        Column("sted", _("Sted"), place, place),
        Column(
            "tilstand",
            _("Tilstand"),
            lambda row: _(STATES[State(row.state)]),
            lambda row: order.index(State(row.state)),
        ),
        Column("kommer", _("Kommer"), lambda row: row.coming, lambda row: row.coming),
        Column("kom", _("Kom"), lambda row: row.attendance, lambda row: row.attendance or 0),
    ]


@router.get(f"{LIST}/nytt")
async def ask_plan(request: Request, deps: WebDeps, member: SignedIn) -> Response:
    """Show the empty form."""
    form = forms.blank(request, PLAN_LABELS, blank_values(sorted(member.tenants)))
    return await _form_page(request, deps, sorted(member.tenants), form)


@router.post(f"{LIST}/nytt")
async def plan_meeting(request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck) -> Response:
    """Store one meeting, or a series, as drafts."""
    submission = await forms.submitted(request, NewForm, PLAN_LABELS)
    content = submission.model
    form = _checked(request, deps, submission.form, content, fresh=check.fresh)
    if content is not None and not member.covers(content.centre):
        raise NotFoundError("unknown_centre")
    if content is not None and not form.errors and not form.notice:
        try:
            async with deps.database.transaction() as session:
                ids = await kontaktmoter.plan(session, content.centre, content.plans, actor=actor)
            return deps.pages.redirect(request, f"{LIST}/{ids[0]}" if len(ids) == 1 else LIST)
        except DomainError as error:
            form = refused(request, deps, form, "day", error)
    return await _form_page(request, deps, sorted(member.tenants), form, status=422)


@router.get(f"{LIST}/{{kontaktmote_id}}")
async def show_meeting(request: Request, deps: WebDeps, meeting: OwnKontaktmote) -> Response:
    """Show a meeting: a draft with whom it would invite and its mail, else the replies."""
    return await _page(request, deps, meeting.id)


@router.get(f"{LIST}/{{kontaktmote_id}}/endre")
async def ask_change(request: Request, deps: WebDeps, meeting: OwnKontaktmote) -> Response:
    """Show the form with the plan as it is."""
    form = forms.blank(request, PLAN_LABELS, values_of(meeting.plan))
    return await _form_page(request, deps, [meeting.centre], form, meeting.facts)


@router.post(f"{LIST}/{{kontaktmote_id}}/endre")
async def change_meeting(
    request: Request, deps: WebDeps, meeting: OwnKontaktmote, actor: Acting, check: LooseCheck
) -> Response:
    """Change a meeting; another time or place is told to everybody invited who has not said no."""
    submission = await forms.submitted(request, PlanForm, PLAN_LABELS)
    content = submission.model
    form = _checked(request, deps, submission.form, content, fresh=check.fresh)
    if content is not None and not form.errors and not form.notice:
        try:
            async with deps.database.transaction() as session:
                await kontaktmoter.change(session, deps.registry, meeting.id, content.plan, actor=actor)
            return deps.pages.redirect(request, f"{LIST}/{meeting.id}")
        except DomainError as error:
            form = refused(request, deps, form, "day", error)
    return await _form_page(request, deps, [meeting.centre], form, meeting.facts, status=422)


@router.post(f"{LIST}/{{kontaktmote_id}}/send")
async def announce(request: Request, deps: WebDeps, meeting: OwnKontaktmote, actor: Acting, _check: Check) -> Response:
    """Send the invitations, once."""

    async def act(session: AsyncSession) -> None:
        centres = deps.directory.current()
        await kontaktmoter.announce(session, deps.registry, centres, meeting.id, actor=actor)

    return await _done(request, deps, meeting.id, act, f"{LIST}/{meeting.id}")


@router.post(f"{LIST}/{{kontaktmote_id}}/slett")
async def delete_draft(
    request: Request, deps: WebDeps, meeting: OwnKontaktmote, actor: Acting, _check: Check
) -> Response:
    """Delete a draft."""

    async def act(session: AsyncSession) -> None:
        await kontaktmoter.delete_draft(session, meeting.id, actor=actor)

    return await _done(request, deps, meeting.id, act, LIST)


@router.get(f"{LIST}/{{kontaktmote_id}}/avlys")
async def ask_cancel(request: Request, deps: WebDeps, meeting: OwnKontaktmote) -> Response:
    """Ask before a meeting is called off."""
    if not meeting.facts.announced or meeting.starts_at <= deps.clock.now():
        return deps.pages.redirect(request, f"{LIST}/{meeting.id}")
    return deps.pages.html(request, "stab/cancel_kontaktmote.html", meeting=meeting)


@router.post(f"{LIST}/{{kontaktmote_id}}/avlys")
async def cancel_meeting(
    request: Request, deps: WebDeps, meeting: OwnKontaktmote, actor: Acting, _check: Check
) -> Response:
    """Call a meeting off; everybody invited who has not said no is told."""

    async def act(session: AsyncSession) -> None:
        await kontaktmoter.cancel(session, deps.registry, meeting.id, actor=actor)

    return await _done(request, deps, meeting.id, act, f"{LIST}/{meeting.id}")


@router.post(f"{LIST}/{{kontaktmote_id}}/holdt")
async def record_held(
    request: Request, deps: WebDeps, meeting: OwnKontaktmote, actor: Acting, check: LooseCheck
) -> Response:
    """Store that a meeting was held, and with how many."""
    submission = await forms.submitted(request, HeldForm, HELD_LABELS)
    form, content = submission.form, submission.model
    if not check.fresh:
        form = form.saying(deps.pages.gettext(request)(csrf.STALE))
    elif content is not None:
        try:
            async with deps.database.transaction() as session:
                await kontaktmoter.record_held(session, meeting.id, content.attendance, actor=actor)
            return deps.pages.redirect(request, f"{LIST}/{meeting.id}")
        except DomainError as error:
            form = refused(request, deps, form, "attendance", error)
    return await _page(request, deps, meeting.id, form)


async def _done(request: Request, deps: Deps, kontaktmote_id: UUID, act: Act, path: str) -> Response:
    """Do what a button says, or show the page again with the reason against it."""
    if error := await refusal_of(deps, act):
        return await _page(
            request, deps, kontaktmote_id, refused(request, deps, forms.blank(request, HELD_LABELS), "", error)
        )
    return deps.pages.redirect(request, path)


async def _page(request: Request, deps: Deps, kontaktmote_id: UUID, form: forms.Form | None = None) -> Response:
    view = await _view(deps, kontaktmote_id)
    gettext = deps.pages.gettext(request)
    is_draft = view.meeting.state is State.DRAFT
    return deps.pages.html(
        request,
        "stab/kontaktmote.html",
        form=form or forms.blank(request, HELD_LABELS, {"attendance": str(view.row.attendance or "")}),
        view=view,
        plan=view.meeting.plan,
        named=_name(deps, request),
        state=STATES[view.meeting.state],
        topics=[gettext(TOPICS[topic]) for topic in view.meeting.plan.topics],
        reasons=[(gettext(REASONS[reason]), count) for reason, count in sorted(view.left_out.items())],
        groups=list(zip(group_names(deps, request, [reply.group for reply in view.groups]), view.groups, strict=True)),
        replies=_replies(view, gettext),
        previews=previews(deps, view) if is_draft and view.allowed else (),
        moments=timeline.acts(gettext, audit_log, view.history),
    )


def _replies(view: MeetingView, gettext: Callable[[str], str]) -> list[tuple[str, int, float]]:
    """Return what was answered, in numbers: the word for it, how many, and the length of its bar."""
    figures = (view.row.coming, view.row.waiting, view.row.declined, view.unanswered)
    return list(zip(map(gettext, REPLIES), figures, lengths(figures), strict=True))


async def _view(deps: Deps, kontaktmote_id: UUID) -> MeetingView:
    async with deps.database.transaction() as session:
        view = await queries.meeting_view(session, deps.directory.current(), kontaktmote_id, deps.clock.now())
    if view is None:
        raise NotFoundError("unknown_kontaktmote", kontaktmote_id=kontaktmote_id)
    return view


async def _form_page(
    request: Request,
    deps: Deps,
    centres: list[str],
    form: forms.Form,
    meeting: Kontaktmote | None = None,
    *,
    status: int | None = None,
) -> Response:
    async with deps.database.transaction() as session:
        groups = await queries.choosable_groups(session, centres)
    gettext, directory = deps.pages.gettext(request), deps.directory.current()
    return deps.pages.html(
        request,
        "stab/kontaktmote_form.html",
        status,
        form=form,
        meeting=meeting,
        audiences=[(audience.value, gettext(name), gettext(about)) for audience, (name, about) in AUDIENCES.items()],
        groups=list(zip([str(group.id) for group in groups], group_names(deps, request, groups), strict=True)),
        topics=[(topic.value, gettext(words)) for topic, words in TOPICS.items()],
        centres=[(centre.id, centre.name) for id_ in centres if (centre := directory.get(id_)) is not None],
        longest=LONGEST_TEXT,
        named=_name(deps, request),
    )


def _checked(request: Request, deps: Deps, form: forms.Form, content: PlanForm | None, *, fresh: bool) -> forms.Form:
    """Return the form with what does not fit together."""
    gettext = deps.pages.gettext(request)
    if not fresh:
        return form.saying(gettext(csrf.STALE))
    for field, sentence in content.problems() if content is not None else ():
        form = form.refusing(field, gettext(sentence))
    return form


def _name(deps: Deps, request: Request) -> Callable[[Audience | str], str]:
    """Return the name of a kind of meeting in the reader's language."""
    gettext = deps.pages.gettext(request)
    return lambda audience: gettext(AUDIENCES[Audience(audience)][0])
