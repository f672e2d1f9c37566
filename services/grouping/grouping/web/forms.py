"""Forms of staff: rooms, igangsettere and start meetings."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Final

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from grouping.store import Igangsetter, Meeting, Room
from grouping.store.room_tables import MOST_ADDRESS, MOST_NAME, MOST_WAY_IN
from grouping.store.starter_tables import MOST_LABEL
from grouping.usecases.igangsettere import IgangsetterDetails
from grouping.usecases.rooms import RoomDetails
from shared.events.base import Identifier, Slot
from shared.kit.i18n import N_
from shared.kit.web import csrf, forms
from shared.kit.web.acts import SURE
from shared.kit.web.forms import LINES, Day
from shared.kit.web.messages import FieldText, Label
from shared.kit.web.pages import Pages
from shared.kit.web.undo import Undo
from shared.reference import languages, places
from shared.reference.holidays import Holiday, holiday_at
from shared.timezone import OSLO_TZ, oslo_moment

CELL = r"^[a-z0-9-]+\|[a-z]+-[a-z]+\|[a-z]{2,3}(\|[a-z+]+)?$"
"""Pattern of :attr:`grouping.domain.matching.cells.Cell.key`."""

MOST_REACH_KM = 500
"""The longest reach of an igangsetter; Oslo to Bergen is 300 km."""

MOST_GROUPS = 10
MOST_SEATS = 200
MOST_LEAD_DAYS = 365

_UNKNOWN_PLACE = N_("Vi finner ikke stedet. Prøv med postnummeret, fire siffer.")
_SEVERAL_PLACES = N_("Flere steder heter det samme. Skriv postnummeret, fire siffer.")
_CONTACT = N_("Skriv initialer eller et kallenavn, ikke noe man kan nå dem på.")
_ABOUT_SOMEBODY = N_("Skriv bare hvorfor, uten navn, nummer eller adresse.")
_CONTACT_PATTERN = re.compile(r"@|\d{5}")


def _known_place(text: str) -> str:
    match places.load().find(text):
        case places.Found():
            return text
        case places.Choices():
            raise ValueError(_SEVERAL_PLACES)
        case _:
            raise ValueError(_UNKNOWN_PLACE)


def _without_contact(text: str) -> str:
    if _CONTACT_PATTERN.search(text.replace(" ", "")):
        raise ValueError(_CONTACT)
    return text


def about_nobody(text: str) -> str:
    """Return a reason as it is; refuse one with an address or a number."""
    if _CONTACT_PATTERN.search(text.replace(" ", "")):
        raise ValueError(_ABOUT_SOMEBODY)
    return text


def _known_language(code: str) -> str:
    if code not in languages.LANGUAGES:
        raise ValueError
    return code


_Place = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_known_place)]
_Slots = Annotated[tuple[Slot, ...], Field(min_length=1, max_length=21)]
_Languages = Annotated[tuple[Annotated[str, AfterValidator(_known_language)], ...], Field(min_length=1, max_length=60)]


class OwnTimesForm(BaseModel):
    """The times, reach and languages of an igangsetter, in their own words."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=MOST_LABEL), AfterValidator(_without_contact)]
    place: _Place
    reach_km: Annotated[int, Field(ge=1, le=MOST_REACH_KM)]
    slots: _Slots
    languages: _Languages
    groups_at_once: Annotated[int, Field(ge=1, le=MOST_GROUPS)]

    @property
    def details(self) -> IgangsetterDetails:
        """The argument of the use case."""
        return IgangsetterDetails(
            self.label, _place_of(self.place), self.reach_km, self.slots, self.languages, self.groups_at_once
        )


class IgangsetterForm(OwnTimesForm):
    """An igangsetter as staff register them; members of several centres choose ``centre``."""

    centre: Identifier


class RoomForm(BaseModel):
    """A room; members of several areas choose ``area``."""

    area: Identifier
    name: Annotated[str, StringConstraints(min_length=1, max_length=MOST_NAME)]
    address: Annotated[str, StringConstraints(min_length=1, max_length=MOST_ADDRESS)]
    place: _Place
    seats: Annotated[int, Field(ge=3, le=MOST_SEATS)]
    step_free: bool = False
    slots: _Slots
    lead_days: Annotated[int, Field(ge=0, le=MOST_LEAD_DAYS)] = 0
    way_in: Annotated[str, StringConstraints(max_length=MOST_WAY_IN)] = ""

    @property
    def details(self) -> RoomDetails:
        """The argument of the use case."""
        return RoomDetails(
            self.name,
            self.address,
            _place_of(self.place),
            self.seats,
            self.step_free,
            self.slots,
            self.lead_days,
            self.way_in,
        )


class MeetingForm(BaseModel):
    """
    Time and place of a start meeting, by Norwegian wall clocks.

    Attributes:
        place_text: Where it meets; empty while nobody knows.
        anyway: The holiday that staff were warned about and want all the same.
    """

    day: Day
    clock: time
    place_text: Annotated[str, StringConstraints(max_length=200)] = ""
    anyway: date | None = None

    @property
    def unexpected_holiday(self) -> Holiday | None:
        """The holiday of the meeting, unless staff were warned about this day."""
        return None if self.anyway == self.day else holiday_at(self.meets_at)

    @property
    def meets_at(self) -> datetime:
        """The moment in UTC."""
        return oslo_moment(self.day, self.clock)


class SmallStartForm(BaseModel):
    """The reason for a start below the minimum."""

    reason: Annotated[str, StringConstraints(min_length=3, max_length=300), AfterValidator(about_nobody), LINES]


IGANGSETTER_LABELS: dict[str, Label] = {
    "centre": FieldText(N_("Senter"), missing=N_("Velg hvilket senter det gjelder.")),
    "label": FieldText(N_("Initialer eller kallenavn"), missing=N_("Skriv hva dere kaller igangsetteren.")),
    "place": FieldText(N_("Hvor de bor, omtrent"), missing=N_("Skriv et postnummer eller et sted.")),
    "reach_km": FieldText(N_("Hvor langt de reiser, i kilometer"), missing=N_("Skriv hvor mange kilometer de reiser.")),
    "slots": FieldText(N_("Når de kan"), missing=N_("Kryss av for minst én tid.")),
    "languages": FieldText(N_("Språk de kan starte grupper på"), missing=N_("Kryss av for minst ett språk.")),
    "groups_at_once": FieldText(
        N_("Grupper på en gang"), missing=N_("Skriv hvor mange grupper de kan starte på en gang.")
    ),
}

OWN_TIMES_LABELS: dict[str, Label] = {
    "label": FieldText(N_("Forbokstaver eller kallenavn"), missing=N_("Skriv noe senteret kjenner deg igjen på.")),
    "place": FieldText(N_("Hvor du bor, omtrent"), missing=N_("Skriv et postnummer eller et sted.")),
    "reach_km": FieldText(N_("Hvor langt du vil reise, i kilometer"), missing=N_("Skriv hvor mange kilometer.")),
    "slots": FieldText(N_("Når du kan"), missing=N_("Kryss av for minst én tid.")),
    "languages": FieldText(N_("Språk du kan starte grupper på"), missing=N_("Kryss av for minst ett språk.")),
    "groups_at_once": FieldText(
        N_("Hvor mange grupper du kan ha på en gang"), missing=N_("Skriv hvor mange grupper du kan ha på en gang.")
    ),
}

ROOM_LABELS: dict[str, Label] = {
    "area": FieldText(N_("Område"), missing=N_("Velg hvilket område rommet er i.")),
    "name": FieldText(N_("Navn på rommet"), missing=N_("Skriv hva rommet heter.")),
    "address": FieldText(N_("Adresse"), missing=N_("Skriv adressen dit.")),
    "place": FieldText(N_("Postnummer"), missing=N_("Skriv et postnummer eller et sted.")),
    "seats": FieldText(N_("Hvor mange det er plass til"), missing=N_("Skriv hvor mange det er plass til.")),
    "step_free": N_("Trinnfritt: en rullestol kommer inn, fram og på toalettet"),
    "slots": FieldText(N_("Når rommet er ledig for grupper"), missing=N_("Kryss av for minst én tid.")),
    "way_in": N_("Hvordan kommer gruppa inn?"),
    "lead_days": N_("Hvor mange dager før må rommet bestilles?"),
}

PLACE_MISSING: Final = N_("Skriv hvor de skal møtes.")

MEETING_LABELS: dict[str, Label] = {
    "day": FieldText(N_("Dato"), missing=N_("Velg en dato for det første møtet.")),
    "clock": FieldText(N_("Klokkeslett"), missing=N_("Skriv når møtet begynner, for eksempel 18:00.")),
    "place_text": FieldText(N_("Sted"), missing=PLACE_MISSING),
}

DECISION_LABELS: dict[str, Label] = {
    "reason": FieldText(N_("Hvorfor"), missing=N_("Skriv hvorfor gruppa kan starte med så få.")),
}

LABEL_TAKEN = N_("Dere har allerede en igangsetter som dere kaller det. Skriv noe som skiller dem.")
NAME_TAKEN = N_("Dere har allerede et rom som heter det. Skriv noe som skiller dem.")


def igangsetter_form(request: Request, row: Igangsetter | None, centre: str) -> forms.Form:
    """Return the form with the stored values, or with defaults for a new igangsetter."""
    values: dict[str, object] = {"centre": centre, "languages": [languages.NORWEGIAN], "groups_at_once": 1}
    if row is not None:
        values = {name: getattr(row, name) for name in IGANGSETTER_LABELS}
    return forms.blank(request, IGANGSETTER_LABELS, _as_submitted(values))


def own_times_form(request: Request, row: Igangsetter | None) -> forms.Form:
    """Return the form with what an igangsetter has told, or with defaults before they have."""
    values: dict[str, object] = {"languages": [languages.NORWEGIAN], "groups_at_once": 1}
    if row is not None:
        values = {name: getattr(row, name) for name in OWN_TIMES_LABELS}
    return forms.blank(request, OWN_TIMES_LABELS, _as_submitted(values))


def room_form(request: Request, row: Room | None, area: str) -> forms.Form:
    """Return the form with the stored values, or with defaults for a new room."""
    values: dict[str, object] = {"area": area}
    if row is not None:
        values = {name: getattr(row, name) for name in ROOM_LABELS} | {"lead_days": row.lead_days or ""}
    return forms.blank(request, ROOM_LABELS, _as_submitted(values))


def meeting_form(
    request: Request, meeting: Meeting | None, proposed_at: datetime | None = None, *, address_known: bool = True
) -> forms.Form:
    """
    Return the form with the group's current start meeting; empty before it is called.

    Args:
        request: The request.
        meeting: The start meeting.
        proposed_at: The time to propose in place of that of a postponed meeting.
        address_known: False to leave the field of the place empty: what it says now is no address.
    """
    values: dict[str, forms.Value] = {"place_text": ""}
    if meeting is not None:
        local = (proposed_at or meeting.starts_at).astimezone(OSLO_TZ)
        place_text = meeting.place_text if address_known else ""
        values |= {"place_text": place_text, "day": local.date().isoformat(), "clock": local.strftime("%H:%M")}
    return forms.blank(request, MEETING_LABELS, values)


def back_to(path: str, earlier: forms.Form | None) -> Undo:
    """Return the act that undoes the saving of an object: delete a new one, or save what was stored before."""
    if earlier is None:
        return Undo(f"{path}/slett", {SURE: "ja"})
    return Undo(path, {name: value for name, value in earlier.values.items() if value})


def stale(request: Request, pages: Pages, form: forms.Form) -> forms.Form:
    """Return a form whose token has expired, with a notice to send it again."""
    return form.saying(pages.gettext(request)(csrf.STALE))


def _as_submitted(values: Mapping[str, object]) -> dict[str, forms.Value]:
    """Return the values as a browser would send them."""
    return {name: _field_value(value) for name, value in values.items()}


def _field_value(value: object) -> forms.Value:
    if isinstance(value, list):
        return value
    if isinstance(value, bool):
        return "true" if value else ""
    return str(value)


def _place_of(text: str) -> places.Place:
    result = places.load().find(text)
    assert isinstance(result, places.Found), "validated when the form was read"
    return result.place
