"""Staff pages about mails: the lists, with what became of the mails day by day."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from notify.domain.mail_lists import LISTS, ListName
from notify.queries import mails as queries
from notify.store import audit_log
from notify.usecases.many_mails import LIST_OF
from notify.web.charts import stacked
from notify.web.deps import Acting, Check, Deps, SignedIn, WebDeps
from notify.web.labels import LIST_LABELS
from notify.web.mail_filters import LIST, ChosenMails, place_in, word_of
from notify.web.mail_rows import MailRow, kinds_by_name, rows_of
from notify.web.many_mails import SHORT, WORDS, done
from shared.kit.i18n import format_when
from shared.kit.web.lists import Column, list_file
from shared.kit.web.state import locale_of

ON_A_PAGE: Final = 25
IN_A_FILE: Final = 1_000

SERIES: Final = ("sent", "failed", "unknown")
"""The pieces of a day's bar, from below."""

router = APIRouter(include_in_schema=False)


@router.get(LIST)
async def list_mails(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    chosen: ChosenMails,
    vis: ListName = "ko",
    etter: str = "",
    gjort: str = "",
    antall: str = "",
) -> Response:
    """Show one page of one list, the size of each list, and the outcomes of the last days."""
    now, directory = deps.clock.now(), deps.directory.current()
    async with deps.database.transaction() as session:
        page = await queries.mail_page(
            session, deps.registry, directory, vis, chosen.filter, after=place_in(etter), limit=ON_A_PAGE, now=now
        )
        figures = await queries.figures(session, deps.registry, chosen.filter.centres, now)
    gettext = deps.pages.gettext(request)
    acts = [act for act, name in LIST_OF.items() if name == vis and page.views]
    return deps.pages.html(
        request,
        "stab/mails.html",
        form=chosen.form,
        chosen=chosen,
        vis=vis,
        more=bool(etter),
        tabs=[(name, gettext(LIST_LABELS[name]), page.counts[name]) for name in LISTS],
        rows=rows_of(deps, request, page.views),
        next_page=word_of(page.next_place),
        kinds=kinds_by_name(deps.registry, gettext),
        centres=[(centre.id, centre.name) for id_ in sorted(member.tenants) if (centre := directory.get(id_))],
        together=[(WORDS[act], gettext(SHORT[act])) for act in acts],
        done=done(gjort, antall),
        chart=stacked(SERIES, [(day.sent, day.failed, day.unknown) for day in figures]),
        figures=figures,
        now=now,
    )


@router.post(LIST)
async def download_mails(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    actor: Acting,
    _check: Check,
    chosen: ChosenMails,
    vis: ListName = "ko",
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return a list as a file, from its top; recorded."""
    now, directory = deps.clock.now(), deps.directory.current()
    async with deps.database.transaction() as session:
        page = await queries.mail_page(
            session, deps.registry, directory, vis, chosen.filter, after=None, limit=IN_A_FILE, now=now
        )
        rows = rows_of(deps, request, page.views)
        return await list_file(
            session, audit_log, _columns(request, deps), rows, "post", som, centres=member.tenants, actor=actor
        )


def _columns(request: Request, deps: Deps) -> list[Column[MailRow]]:
    _, locale = deps.pages.gettext(request), locale_of(request)

    def when(row: MailRow) -> str:
        at = row.mail.held_due_at or row.mail.next_at or row.mail.settled_at
        return format_when(at, locale) if at is not None else ""

    return [
        Column("hva", _("Hva"), lambda row: row.kind),
        Column("til", _("Til"), lambda row: row.recipient),
        Column("gruppe", _("Gruppe"), lambda row: row.group),
        Column("hvorfor", _("Hvorfor"), lambda row: row.because),
        Column("nar", _("Når"), when),
        Column("tilstand", _("Tilstand"), lambda row: " ".join(filter(None, (row.state, row.reason)))),
    ]
