"""Staff pages about mails: the lists, with what became of the mails day by day."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from notify.domain.mail_lists import LISTS, ListName
from notify.queries import mails as queries
from notify.usecases.many_mails import LIST_OF
from notify.web.charts import stacked
from notify.web.deps import SignedIn, WebDeps
from notify.web.labels import LIST_LABELS
from notify.web.mail_filters import LIST, ChosenMails, place_in, word_of
from notify.web.mail_rows import kinds_by_name, rows_of
from notify.web.many_mails import SHORT, WORDS, done

ON_A_PAGE: Final = 25

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
