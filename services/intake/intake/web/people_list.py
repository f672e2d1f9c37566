"""The columns of the list of people."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request

from intake.store import Signup
from intake.usecases.contacts import ContactCard
from intake.web.deps import Deps
from intake.web.labels import STATES, area_names, kommune_names
from shared.kit.i18n import format_short
from shared.kit.web.lists import Column
from shared.kit.web.state import locale_of

SHOWN_DIGITS = 3
"""The last digits of a number, which tell people with the same name apart."""


def people_columns(request: Request, deps: Deps, cards: Mapping[UUID, ContactCard]) -> list[Column[Signup]]:
    """Return the columns, in the reader's language; the database orders by those that say so."""
    _, locale = deps.pages.gettext(request), locale_of(request)
    kommune, area = kommune_names(deps.places), area_names(deps.centres)

    def digits(row: Signup) -> str:
        mobile = cards[row.person_id].mobile
        return f"… {mobile[-SHOWN_DIGITS:]}" if mobile else ""

    def place(row: Signup) -> str:
        return f"{kommune(row.kommune)}, {area(row.area)}"

    def state(row: Signup) -> str:
        return _(STATES[row.state])

    return [
        Column("fornavn", _("Fornavn"), lambda row: cards[row.person_id].first_name),
        Column("nummer", _("Nummer"), digits),
        Column("sted", _("Sted"), place, place),
        Column(
            "dato", _("Meldte seg på"), lambda row: format_short(row.signed_up_at, locale), lambda row: row.signed_up_at
        ),
        Column("tilstand", _("Tilstand"), state, state),
    ]
