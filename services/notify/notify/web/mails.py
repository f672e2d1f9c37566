"""Staff pages about mails: the lists, with what became of the mails day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Form, Request
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
from shared.kit.web.lists import SIZES, Column, list_file
from shared.kit.web.state import locale_of

IN_A_FILE: Final = 1_000

BY_DUE: Final[frozenset[ListName]] = frozenset({"ko", "holdt"})
"""Lists of mails that wait, in which the first to leave stands first; in the others the newest does."""

Way = Literal["", "ascending", "descending"]
WAYS: Final[Mapping[str, Way]] = MappingProxyType({"nar": "ascending", "-nar": "descending"})
"""The orders by time, by the word in the address."""

SERIES: Final = ("sent", "failed", "unknown")
"""The pieces of a day's bar, from below."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class MailOrder:
    """
    The order by time and the size of a page, as the address names them.

    Attributes:
        way: ``ascending`` or ``descending``; empty for the order that each list has by itself.
    """

    way: Way
    size: int

    def of(self, name: ListName) -> Literal["ascending", "descending"]:
        """Return the order of a list."""
        return self.way or ("ascending" if name in BY_DUE else "descending")

    def turned(self, name: ListName) -> bool:
        """Return True if a list is the other way round than by itself."""
        return self.of(name) != ("ascending" if name in BY_DUE else "descending")

    @property
    def words(self) -> dict[str, str]:
        """The same as the address has it."""
        way = next((word for word, way in WAYS.items() if way == self.way), "")
        return {"rekke": way, "per": "" if self.size == SIZES[0] else str(self.size)}


async def _order(rekke: str = "", per: str = "") -> MailOrder:
    size = int(per) if per in map(str, SIZES) else SIZES[0]
    return MailOrder(WAYS.get(rekke, ""), size)


ChosenOrder = Annotated[MailOrder, Depends(_order)]
"""The order and the size of a page, as its address says; a FastAPI dependency."""


@router.get(LIST)
async def list_mails(
    request: Request,
    deps: WebDeps,
    member: SignedIn,
    chosen: ChosenMails,
    order: ChosenOrder,
    vis: ListName = "ko",
    etter: str = "",
    gjort: str = "",
    antall: str = "",
) -> Response:
    """Show one page of one list, the size of each list, and the outcomes of the last days."""
    now, directory = deps.clock.now(), deps.directory.current()
    async with deps.database.transaction() as session:
        page = await queries.mail_page(
            session,
            deps.registry,
            directory,
            vis,
            chosen.filter,
            after=place_in(etter),
            limit=order.size,
            turned=order.turned(vis),
            now=now,
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
        order=order,
        sizes=SIZES,
        too_many=IN_A_FILE if page.counts[vis] > IN_A_FILE else 0,
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
    order: ChosenOrder,
    vis: ListName = "ko",
    som: Annotated[str, Form()] = "",
) -> Response:
    """Return a list as a file, from its top; recorded."""
    now, directory = deps.clock.now(), deps.directory.current()
    async with deps.database.transaction() as session:
        page = await queries.mail_page(
            session,
            deps.registry,
            directory,
            vis,
            chosen.filter,
            after=None,
            limit=IN_A_FILE,
            turned=order.turned(vis),
            now=now,
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
