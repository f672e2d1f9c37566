"""The columns of the list of groups."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from fastapi import Request

from grouping.queries.groups import GroupRow
from shared.kit.i18n import N_, format_when
from shared.kit.web.lists import Column
from shared.kit.web.pages import Pages
from shared.kit.web.state import locale_of
from shared.reference import languages
from shared.reference.group_names import group_name

BEGUN: Final = frozenset({"startet", "ferdig"})
"""Lists of groups that have begun."""

STATES: Final[Mapping[str, str]] = {
    "drafted": N_("utkast, ingen har fått beskjed"),
    "proposed": N_("venter på svar"),
    "postponed": N_("utsatt, ny dato mangler"),
    "confirmed": N_("skal møtes"),
    "started": N_("har startet, lukket"),
    "accompanied": N_("i starten, lukket"),
    "independent": N_("på egen hånd"),
    "dissolved": N_("avsluttet"),
    "expired": N_("regnes som ferdig"),
    "cancelled": N_("avlyst"),
}
"""States of a group (msgids), in the order in which they follow one another."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)


def group_columns(request: Request, pages: Pages, shown: str) -> list[Column[GroupRow]]:
    """Return the columns of one of the lists, in the reader's language."""
    _, locale = pages.gettext(request), locale_of(request)
    begun = shown in BEGUN
    order = list(STATES)

    def name(row: GroupRow) -> str:
        return group_name(row.place_name, row.group.slot, row.named_at, locale, row.number)

    def taken(row: GroupRow) -> int:
        return row.taken

    def language(row: GroupRow) -> str:
        return languages.label(row.group.spoken_language, locale)

    return [
        Column("gruppe", _("Gruppe"), name, lambda row: name(row).casefold()),
        Column("tilstand", _("Tilstand"), lambda row: _(STATES[state_of(row)]), lambda row: order.index(state_of(row))),
        Column("antall", _("Var med fra start") if begun else _("Har sagt ja"), taken, taken),
        Column(
            "neste", _("Det første møtet") if begun else _("Neste"), _next(_, locale), lambda row: _at(row) or _LAST
        ),
        Column("sprak", _("Språk"), language, language),
        Column("omrade", _("Område"), lambda row: row.area.name, lambda row: row.area.name),
    ]


def state_of(row: GroupRow) -> str:
    """Return the state of a group: that of its life once it has begun."""
    return row.life_state or row.status


def _next(_: Callable[[str], str], locale: str) -> Callable[[GroupRow], str]:
    def cell(row: GroupRow) -> str:
        at = _at(row)
        return _("ny dato") if row.status == "postponed" else format_when(at, locale) if at is not None else ""

    return cell


def _at(row: GroupRow) -> datetime | None:
    """Return when it meets, else the first deadline."""
    return row.named_at or (None if row.status == "postponed" else row.deadline)
