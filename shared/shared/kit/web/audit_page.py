"""The page of a service's audit log, for the staff of its centres: who did what, when, and with what."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from shared.kit.audit import Actor, AuditEntry, AuditFilter, AuditLog
from shared.kit.i18n import N_, format_when
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.text import is_id, sentence_case
from shared.kit.web.auth import signed_in
from shared.kit.web.csrf import FormCheck, protect
from shared.kit.web.forms import day_in
from shared.kit.web.lists import FILE_ROWS, ChosenList, Column, ListPage, list_file
from shared.kit.web.pages import pages_of
from shared.kit.web.state import locale_of
from shared.timezone import oslo_moment

PATH: Final = "/stab/historikk"

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "account": ("/stab/kontoer/{id}", N_("Igangsetter")),
    "area": ("/stab/omrader/{id}", N_("Område")),
    "centre": ("", N_("Senteret")),
    "deadline": ("/stab/rom/frister/{id}", N_("Frist for lån")),
    "group": ("/stab/grupper/{id}", N_("Gruppe")),
    "igangsetter": ("/stab/igangsettere/{id}", N_("Igangsetter")),
    "kontaktmote": ("/stab/moter/{id}", N_("Møte")),
    "mail": ("/stab/post/{id}", N_("E-post")),
    "mail_text": ("/stab/brev", N_("Tekst i e-post")),
    "message": ("/stab/meldinger/{id}", N_("Melding")),
    "person": ("/stab/personer/{id}", N_("Person")),
    "room": ("/stab/rom/{id}", N_("Rom")),
    "signup": ("/stab/omrader/{scope}/personer/{id}", N_("Person")),
    "staff": ("/stab/brukere/{id}", N_("Bruker")),
    "talk_time": ("/stab/forsamtaler", N_("Tid for forsamtale")),
}
"""Kind of an object, to its page and its name (msgid)."""

_NAMES: Final[Mapping[str, str]] = {
    "owner": N_("Personen selv"),
    "system": N_("Systemet"),
    "notify": N_("Systemet"),
    "selvhjelp": N_("Systemet"),
    "oidc": N_("Innloggingstjenesten"),
}
_HELPER: Final = N_("Igangsetteren")
_OTHER: Final = N_("Noe annet")


@dataclass(frozen=True)
class AuditRow:
    """
    One act in words.

    Attributes:
        href: The page of its object; empty if it has none, or if it is not for the reader.
    """

    at: datetime
    who: str
    what: str
    about: str
    href: str


@dataclass(frozen=True)
class _Chosen:
    """
    The choices of an address: a word for an actor, since no name is in an address, and days.

    Attributes:
        hvem: See :func:`actor_word`.
    """

    hvem: str = ""
    fra: str = ""
    til: str = ""

    @property
    def words(self) -> dict[str, str]:
        """The same as the address has it."""
        return {
            "hvem": self.hvem,
            "fra": self.fra if day_in(self.fra) else "",
            "til": self.til if day_in(self.til) else "",
        }

    def filter(self, actors: Mapping[str, str]) -> AuditFilter:
        """Return the same for the query."""
        first, last = day_in(self.fra), day_in(self.til)
        return AuditFilter(
            actor=actors.get(self.hvem),
            since=oslo_moment(first, time()) if first else None,
            until=oslo_moment(last + timedelta(days=1), time()) if last else None,
        )


SignedIn = Annotated[StaffMember, Depends(signed_in)]


def routes(path: str, audit_log: AuditLog) -> APIRouter:
    """Return the page at a path, and its list as a file."""
    router = APIRouter(include_in_schema=False)

    @router.get(path)
    async def show_audit_log(
        request: Request, member: SignedIn, chosen: Annotated[_Chosen, Depends()], choice: ChosenList
    ) -> Response:
        """Show the acts that concern the centres of the reader, newest first."""
        async with request.app.state.service.database.transaction() as session:
            actors = await _actors(session, audit_log, member)
            narrowed = chosen.filter(actors)
            total = await audit_log.count_of_centres(session, member.tenants, narrowed)
            choice = choice.on(total)
            entries = await audit_log.of_centres(
                session, member.tenants, narrowed, limit=choice.size, offset=choice.offset
            )
        rows = _rows(request, audit_log, member, entries)
        names = {word: actor_name(pages_of(request).gettext(request), name) for word, name in actors.items()}
        return pages_of(request).html(
            request,
            "audit_log.html",
            listing=ListPage(path, _columns(request), chosen.words, choice, rows, total),
            path_here=path,
            chosen=chosen,
            actors=sorted(names.items(), key=lambda item: item[1].casefold()),
        )

    @router.post(path)
    async def download_audit_log(
        request: Request,
        member: SignedIn,
        chosen: Annotated[_Chosen, Depends()],
        _check: Annotated[FormCheck, Depends(protect)],
        som: Annotated[str, Form()] = "",
    ) -> Response:
        """Return the list as a file; recorded."""
        service = request.app.state.service
        actor = Actor(member.username, service.clock.now(), Cause.fresh())
        async with service.database.transaction() as session:
            narrowed = chosen.filter(await _actors(session, audit_log, member))
            entries = await audit_log.of_centres(session, member.tenants, narrowed, limit=FILE_ROWS)
            rows = _rows(request, audit_log, member, entries)
            columns = _columns(request)
            return await list_file(
                session, audit_log, columns, rows, "historikk", som, centres=member.tenants, actor=actor
            )

    return router


def actor_word(username: str) -> str:
    """Return a word for a username, for addresses."""
    return hashlib.sha256(username.encode()).hexdigest()[:12]


def actor_name(gettext: Callable[[str], str], username: str) -> str:
    """Return the name of an actor as pages show it: an igangsetter and the system have none of their own."""
    if is_id(username):
        return gettext(_HELPER)
    return gettext(_NAMES[username]) if username in _NAMES else username


async def _actors(session: AsyncSession, audit_log: AuditLog, member: StaffMember) -> dict[str, str]:
    """Return the username for each word; igangsettere are not told apart."""
    names = await audit_log.actors_of(session, member.tenants)
    return {actor_word(name): name for name in names if not is_id(name)}


def _rows(request: Request, audit_log: AuditLog, member: StaffMember, entries: list[AuditEntry]) -> list[AuditRow]:
    gettext = pages_of(request).gettext(request)
    access = request.app.state.web.access

    def row(entry: AuditEntry) -> AuditRow:
        page, kind = PAGES.get(entry.object_kind, ("", _OTHER))
        href = page.format(id=entry.object_id, scope=entry.scope)
        href = href if href and access.opens(member, href) and "None" not in href else ""
        sentence = audit_log.actions.get(entry.action, _OTHER)
        return AuditRow(
            entry.at, actor_name(gettext, entry.actor), sentence_case(gettext(sentence)), gettext(kind), href
        )

    return [row(entry) for entry in entries]


def _columns(request: Request) -> list[Column[Any]]:
    _, locale = pages_of(request).gettext(request), locale_of(request)
    return [
        Column("nar", _("Når"), lambda row: format_when(row.at, locale)),
        Column("hvem", _("Hvem"), lambda row: row.who),
        Column("hva", _("Hva"), lambda row: row.what),
        Column("gjelder", _("Gjelder"), lambda row: row.about),
    ]
