"""Staff pages about messages of the centre: write, preview with counts, send once, take back, follow."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from notify.domain.centre_messages import MOST_IN_A_DAY, UNDO_WITHIN, Audience, CentreMessage, State
from notify.domain.content import MailContent
from notify.queries import centre_messages as queries
from notify.queries.centre_messages import Listed, MessageView
from notify.store import CentreMessageRow, audit_log
from notify.store.centre_messages import KIND, NamedGroup
from notify.store.mail_lists import Place
from notify.usecases import centre_messages
from notify.usecases.centre_messages import Draft
from notify.web.centre_message_forms import (
    LABELS,
    LONGEST_BODY,
    LONGEST_SUBJECT,
    MessageForm,
    read_to,
    values_of,
    write_to,
)
from notify.web.deps import Acting, Check, Deps, LooseCheck, OwnMessage, SignedIn, WebDeps
from notify.web.group_names import group_names
from notify.web.labels import LANGUAGES, STATES
from notify.web.mail_filters import place_in, word_of
from notify.web.mail_previews import framing, in_all_languages
from notify.web.messages import SENTENCES
from notify.web.refusals import Act, refusal_of, refused
from shared.errors import DomainError, NotFoundError
from shared.kit.i18n import N_, format_when
from shared.kit.staff import StaffMember
from shared.kit.web import csrf, forms, timeline
from shared.kit.web.lists import ChosenList, Column, list_file, listed, ordered
from shared.kit.web.state import locale_of
from shared.reference.centres import Centre

router = APIRouter(include_in_schema=False)

LIST: Final = "/stab/meldinger"
MOST_SHOWN: Final = 1_000

STATE_NAMES: Final = {
    State.DRAFT: N_("utkast, ikke sendt"),
    State.SENT: N_("sendt"),
    State.TAKEN_BACK: N_("trukket tilbake"),
}
_TO_GROUP: Final = N_("Gruppa %(group)s")
_TO_AREA: Final = N_("Alle som venter i %(area)s")
_TO_IGANGSETTERE: Final = N_("Igangsetterne hos %(centre)s")
_NO_SUCH_AUDIENCE: Final = N_("Velg hvem meldingen er til.")
_NOBODY: Final = UUID(int=0)
_EXAMPLE_NAME: Final = "Kari"


@router.get(LIST)
async def list_messages(
    request: Request, deps: WebDeps, member: SignedIn, choice: ChosenList, etter: str = ""
) -> Response:
    """Show the messages of the member's centres, the newest first."""
    items = await _listed(deps, member, etter)
    shown = items[:MOST_SHOWN]
    listing = listed(LIST, _columns(request, deps), shown, choice, {"etter": etter})
    older = word_of(Place(shown[-1].row.created_at, shown[-1].row.id)) if len(items) > MOST_SHOWN else None
    names = {item.row.id: _audience_name(deps, request, item.row, item.group) for item in listing.rows}
    return deps.pages.html(
        request, "stab/messages.html", listing=listing, names=names, states=STATE_NAMES, older=older, most=MOST_SHOWN
    )


@router.post(LIST)
async def download_messages(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    choice: ChosenList,
    som: Annotated[str, Form()] = "",
    etter: str = "",
) -> Response:
    """Return the list as a file; recorded."""
    columns = _columns(request, deps)
    rows = ordered(columns, (await _listed(deps, member, etter))[:MOST_SHOWN], choice)
    async with deps.database.transaction() as session:
        return await list_file(session, audit_log, columns, rows, "meldinger", som, centres=member.tenants, actor=actor)


async def _listed(deps: Deps, member: StaffMember, after: str) -> Sequence[Listed]:
    """Return the messages after a place, one more than a page has, which tells whether there are older ones."""
    place = place_in(after)
    older_than = (place.at, place.id) if place is not None else None
    async with deps.database.transaction() as session:
        return await queries.of_centres(session, member.tenants, MOST_SHOWN + 1, older_than)


def _columns(request: Request, deps: Deps) -> list[Column[Listed]]:
    _, locale = deps.pages.gettext(request), locale_of(request)
    order = list(STATE_NAMES)

    def to(item: Listed) -> str:
        return _audience_name(deps, request, item.row, item.group)

    def subject(item: Listed) -> str:
        return item.row.facts.words_for(locale).subject

    def state(item: Listed) -> State:
        return State(item.row.state)

    return [
        Column("emne", _("Emne"), subject, lambda item: subject(item).casefold()),
        Column("til", _("Til"), to, to),
        Column(
            "skrevet",
            _("Skrevet"),
            lambda item: format_when(item.row.created_at, locale),
            lambda item: item.row.created_at,
        ),
        Column(
            "tilstand", _("Tilstand"), lambda item: _(STATE_NAMES[state(item)]), lambda item: order.index(state(item))
        ),
        Column("personer", _("Personer"), lambda item: item.row.recipients, lambda item: item.row.recipients),
    ]


@router.get(f"{LIST}/ny")
async def ask_message(request: Request, deps: WebDeps, member: SignedIn, gruppe: UUID | None = None) -> Response:
    """Show the empty form, or say why the group that it was opened for gets no message."""
    chosen = write_to(Audience.GROUP, gruppe) if gruppe is not None else ""
    form = forms.blank(request, LABELS, {"to": chosen})
    if gruppe is not None:
        async with deps.database.transaction() as session:
            known = await queries.group_of_centres(session, gruppe, member.tenants)
        if known is None:
            raise NotFoundError("unknown_group", group_id=gruppe)
        if known[1] is not None:
            form = form.saying(deps.pages.gettext(request)(SENTENCES[known[1].value]))
    return await _form_page(request, deps, member, form)


@router.post(f"{LIST}/ny")
async def write_message(
    request: Request, deps: WebDeps, member: SignedIn, actor: Acting, check: LooseCheck
) -> Response:
    """Store a draft."""

    async def store(session: AsyncSession, draft: Draft) -> UUID:
        return await centre_messages.write(session, draft, actor=actor)

    return await _store(request, deps, member, store, fresh=check.fresh)


@router.get(f"{LIST}/{{message_id}}")
async def show_message(request: Request, deps: WebDeps, message: OwnMessage) -> Response:
    """Show a message: a draft with its preview and counts, else what became of it."""
    return await _page(request, deps, message.id)


@router.get(f"{LIST}/{{message_id}}/endre")
async def ask_change(request: Request, deps: WebDeps, member: SignedIn, message: OwnMessage) -> Response:
    """Show the form with the draft as it is."""
    if message.state != State.DRAFT:
        return deps.pages.redirect(request, f"{LIST}/{message.id}")
    form = forms.blank(request, LABELS, values_of(_to(message), message.facts.texts))
    return await _form_page(request, deps, member, form, message)


@router.post(f"{LIST}/{{message_id}}/endre")
async def change_message(
    request: Request, deps: WebDeps, member: SignedIn, message: OwnMessage, actor: Acting, check: LooseCheck
) -> Response:
    """Change a draft."""

    async def store(session: AsyncSession, draft: Draft) -> UUID:
        await centre_messages.change(session, message.id, draft, actor=actor)
        return message.id

    return await _store(request, deps, member, store, message, fresh=check.fresh)


@router.post(f"{LIST}/{{message_id}}/send")
async def send_message(request: Request, deps: WebDeps, message: OwnMessage, actor: Acting, _check: Check) -> Response:
    """Send the message that was previewed, once."""
    sent = await request.form()
    revision = str(sent.get("revision", ""))

    async def act(session: AsyncSession) -> None:
        number = int(revision) if revision.isdecimal() and len(revision) < 9 else 0
        await centre_messages.send(session, deps.registry, message.id, number, actor=actor)

    return await _done(request, deps, message.id, act, f"{LIST}/{message.id}")


@router.post(f"{LIST}/{{message_id}}/trekk-tilbake")
async def take_message_back(
    request: Request, deps: WebDeps, message: OwnMessage, actor: Acting, _check: Check
) -> Response:
    """Take back all that has not left."""

    async def act(session: AsyncSession) -> None:
        await centre_messages.take_back(session, deps.registry, message.id, actor=actor)

    return await _done(request, deps, message.id, act, f"{LIST}/{message.id}")


@router.post(f"{LIST}/{{message_id}}/slett")
async def delete_draft(request: Request, deps: WebDeps, message: OwnMessage, actor: Acting, _check: Check) -> Response:
    """Delete a draft."""

    async def act(session: AsyncSession) -> None:
        await centre_messages.delete_draft(session, message.id, actor=actor)

    return await _done(request, deps, message.id, act, LIST)


Store = Callable[[AsyncSession, Draft], Awaitable[UUID]]


async def _store(
    request: Request,
    deps: Deps,
    member: StaffMember,
    store: Store,
    message: CentreMessageRow | None = None,
    *,
    fresh: bool,
) -> Response:
    """Store what was written, and show its preview; or show the form again with what must be put right."""
    submission = await forms.submitted(request, MessageForm, LABELS)
    form, content, gettext = submission.form, submission.model, deps.pages.gettext(request)
    if not fresh:
        form = form.saying(gettext(csrf.STALE))
    elif content is not None:
        draft, centre = await _draft(deps, content, member.tenants, message)
        if draft is None or centre is None:
            form = form.refusing("to", gettext(_NO_SUCH_AUDIENCE))
        else:
            for field, sentence in content.problems(gettext, centre):
                form = form.refusing(field, sentence)
        if draft is not None and not form.errors:
            try:
                async with deps.database.transaction() as session:
                    message_id = await store(session, draft)
                return deps.pages.redirect(request, f"{LIST}/{message_id}")
            except DomainError as error:
                form = refused(request, deps, form, "to", error)
    return await _form_page(request, deps, member, form, message, status=None if submission.switching else 422)


async def _draft(
    deps: Deps, content: MessageForm, tenants: Collection[str], message: CentreMessageRow | None
) -> tuple[Draft, Centre] | tuple[None, None]:
    """Return what was written for an audience of the member's own centres; None for another one, or none."""
    chosen, centres = read_to(content.to), deps.directory.current()
    own = tenants if message is None else {message.centre}
    if chosen is None:
        return None, None
    audience, id_ = chosen
    about: dict[str, object] = {}
    centre = None
    if audience is Audience.GROUP:
        group_id = _uuid(id_)
        async with deps.database.transaction() as session:
            known = await queries.group_of_centres(session, group_id, own) if group_id is not None else None
        centre = centres.get(known[0].centre) if known is not None else None
        about = {"group_id": group_id}
    elif audience is Audience.AREA:
        part, area = centres.part(id_), centres.area(id_)
        if part is not None and area is not None:
            centre = part[0]
            kommuner = area[1].kommuner_near(part[1]) or ()
            about = {"part": part[1].id, "areas": centres.ids_of(area[1].id), "kommuner": tuple(kommuner)}
    else:
        centre = centres.get(id_)
    if centre is None or centre.id not in own:
        return None, None
    return Draft(centre.id, audience, content.texts, **about), centre  # type: ignore[arg-type]  # fields of a draft


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _done(request: Request, deps: Deps, message_id: UUID, act: Act, path: str) -> Response:
    """Do what a button says, or show the page again with the reason against it."""
    if error := await refusal_of(deps, act):
        return await _page(request, deps, message_id, refused(request, deps, forms.blank(request, {}), "", error))
    return deps.pages.redirect(request, path)


async def _page(request: Request, deps: Deps, message_id: UUID, form: forms.Form | None = None) -> Response:
    async with deps.database.transaction() as session:
        row = await queries.message_of_centres(
            session, message_id, [centre.id for centre in deps.directory.current().all]
        )
        view = await queries.message_view(session, deps.directory.current(), row, deps.clock.now()) if row else None
    if view is None:
        raise NotFoundError("unknown_message", message_id=message_id)
    gettext = deps.pages.gettext(request)
    names = {language: gettext(name) for language, name in LANGUAGES.items()}
    page = deps.pages.html(
        request,
        "stab/message.html",
        form=form or forms.blank(request, {}),
        view=view,
        audience=_audience_name(deps, request, view.row, view.group),
        state=STATE_NAMES[view.message.state],
        counts=[(gettext(label), view.counts[status]) for status, label in STATES.items() if view.counts.get(status)],
        instead=[(names[reader], names[given], count) for (reader, given), count in sorted(view.reach.instead.items())],
        unreached=gettext(SENTENCES[view.unreached.value]) if view.unreached and view.is_draft else "",
        previews=in_all_languages(deps.renderer.render, _example(deps, view)),
        moments=timeline.acts(gettext, audit_log, view.history),
        undo_minutes=int(UNDO_WITHIN.total_seconds() // 60),
        most_in_a_day=MOST_IN_A_DAY,
    )
    return framing(page)


def _example(deps: Deps, view: MessageView) -> MailContent:
    """Return the mail as it would be sent now to somebody with an invented name."""
    message: CentreMessage = view.message
    return MailContent(
        kind=KIND,
        language="nb",
        centre=view.centre,
        signup_id=None if message.audience is Audience.IGANGSETTERE else _NOBODY,
        cause_id=message.id,
        stamp=deps.clock.now(),
        first_name=_EXAMPLE_NAME,
        message=message,
    )


async def _form_page(
    request: Request,
    deps: Deps,
    member: StaffMember,
    form: forms.Form,
    message: CentreMessageRow | None = None,
    *,
    status: int | None = None,
) -> Response:
    gettext, directory = deps.pages.gettext(request), deps.directory.current()
    own = member.tenants if message is None else {message.centre}
    centres = [centre for id_ in sorted(own) if (centre := directory.get(id_)) is not None]
    options: list[tuple[str, str]] = []
    async with deps.database.transaction() as session:
        groups = await queries.groups(session, own)
        for group, name in zip(groups, group_names(deps, request, groups), strict=True):
            options.append((write_to(Audience.GROUP, group.id), gettext(_TO_GROUP) % {"group": name}))
        options.sort(key=lambda option: option[1].casefold())
        for centre in centres:
            for part, count in await queries.parts_with_waiting(session, directory, centre):
                name = gettext(_TO_AREA) % {"area": part.name}
                options.append((write_to(Audience.AREA, part.id), f"{name} ({count})"))
    options += [
        (write_to(Audience.IGANGSETTERE, centre.id), gettext(_TO_IGANGSETTERE) % {"centre": centre.name})
        for centre in centres
    ]
    return deps.pages.html(
        request,
        "stab/message_form.html",
        status,
        form=form,
        message=message,
        options=options,
        longest_subject=LONGEST_SUBJECT,
        longest_body=LONGEST_BODY,
    )


def _to(row: CentreMessageRow) -> str:
    audience = Audience(row.audience)
    return write_to(audience, {Audience.GROUP: row.group_id, Audience.AREA: row.part}.get(audience) or row.centre)


def _audience_name(deps: Deps, request: Request, row: CentreMessageRow, group: NamedGroup | None) -> str:
    """Return whom a message is for, in the reader's language."""
    gettext, centres = deps.pages.gettext(request), deps.directory.current()
    match Audience(row.audience):
        case Audience.GROUP:
            name = group_names(deps, request, [group])[0] if group is not None else "–"
            return gettext(_TO_GROUP) % {"group": name}
        case Audience.AREA:
            part = centres.part(row.part or "")
            return gettext(_TO_AREA) % {"area": part[1].name if part else "–"}
        case Audience.IGANGSETTERE:
            centre = centres.get(row.centre)
            return gettext(_TO_IGANGSETTERE) % {"centre": centre.name if centre else "–"}
