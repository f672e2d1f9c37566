"""What staff write of igangsettere and rooms."""

import re
from typing import Annotated, Any

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from grouping.store import Igangsetter, Room
from grouping.store.tables import MOST_ADDRESS, MOST_LABEL, MOST_NAME
from grouping.usecases.igangsettere import IgangsetterDetails
from grouping.usecases.rooms import RoomDetails
from shared.events.base import Identifier, Slot
from shared.kit.i18n import N_
from shared.kit.web import forms
from shared.kit.web.messages import FieldText, Label
from shared.reference import languages, places

REACH_KM = 500
"""The longest way that can be written down for an igangsetter; Oslo to Bergen is 300."""

MOST_GROUPS = 10
MOST_SEATS = 200

_UNKNOWN_PLACE = N_("Vi finner ikke stedet. Prøv med postnummeret, fire siffer.")
_SEVERAL_PLACES = N_("Flere steder heter det samme. Skriv postnummeret, fire siffer.")
_CONTACT = N_("Skriv initialer eller et kallenavn, ikke noe man kan nå dem på.")
_REACHABLE = re.compile(r"@|\d{5}")


def _place(text: str) -> str:
    match places.load().find(text):
        case places.Found():
            return text
        case places.Choices():
            raise ValueError(_SEVERAL_PLACES)
        case _:
            raise ValueError(_UNKNOWN_PLACE)


def _called(text: str) -> str:
    if _REACHABLE.search(text.replace(" ", "")):
        raise ValueError(_CONTACT)
    return text


def _spoken(code: str) -> str:
    if code not in languages.LANGUAGES:
        raise ValueError
    return code


_Place = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_place)]
_Slots = Annotated[tuple[Slot, ...], Field(min_length=1, max_length=21)]
_Languages = Annotated[tuple[Annotated[str, AfterValidator(_spoken)], ...], Field(min_length=1, max_length=60)]


class IgangsetterForm(BaseModel):
    """An igangsetter as written; ``centre`` is asked of those who work for several."""

    centre: Identifier
    label: Annotated[str, StringConstraints(min_length=1, max_length=MOST_LABEL), AfterValidator(_called)]
    place: _Place
    reach_km: Annotated[int, Field(ge=1, le=REACH_KM)]
    slots: _Slots
    languages: _Languages
    groups_at_once: Annotated[int, Field(ge=1, le=MOST_GROUPS)]

    @property
    def about(self) -> IgangsetterDetails:
        """As the use cases take it."""
        return IgangsetterDetails(
            self.label, _found(self.place), self.reach_km, self.slots, self.languages, self.groups_at_once
        )


class RoomForm(BaseModel):
    """A room as written."""

    area: Identifier
    name: Annotated[str, StringConstraints(min_length=1, max_length=MOST_NAME)]
    address: Annotated[str, StringConstraints(min_length=1, max_length=MOST_ADDRESS)]
    place: _Place
    seats: Annotated[int, Field(ge=3, le=MOST_SEATS)]
    step_free: bool = False
    slots: _Slots

    @property
    def about(self) -> RoomDetails:
        """As the use cases take it."""
        return RoomDetails(self.name, self.address, _found(self.place), self.seats, self.step_free, self.slots)


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

ROOM_LABELS: dict[str, Label] = {
    "area": FieldText(N_("Område"), missing=N_("Velg hvilket område rommet er i.")),
    "name": FieldText(N_("Navn på rommet"), missing=N_("Skriv hva rommet heter.")),
    "address": FieldText(N_("Adresse"), missing=N_("Skriv adressen dit.")),
    "place": FieldText(N_("Postnummer"), missing=N_("Skriv et postnummer eller et sted.")),
    "seats": FieldText(N_("Hvor mange det er plass til"), missing=N_("Skriv hvor mange det er plass til.")),
    "step_free": N_("Trinnfritt: en rullestol kommer inn, fram og på toalettet"),
    "slots": FieldText(N_("Når rommet er ledig for grupper"), missing=N_("Kryss av for minst én tid.")),
}

LABEL_TAKEN = N_("Dere har allerede en igangsetter som dere kaller det. Skriv noe som skiller dem.")
NAME_TAKEN = N_("Dere har allerede et rom som heter det. Skriv noe som skiller dem.")


def igangsetter_form(request: Request, row: Igangsetter | None, centre: str) -> forms.Form:
    """The form as it is before anything is sent: with what is known, or with what is usual."""
    values: dict[str, Any] = {"centre": centre, "languages": [languages.NORWEGIAN], "groups_at_once": "1"}
    if row is not None:
        values = {name: getattr(row, name) for name in IGANGSETTER_LABELS}
    return forms.blank(request, IGANGSETTER_LABELS, _texts(values))


def room_form(request: Request, row: Room | None, area: str) -> forms.Form:
    """The form as it is before anything is sent: with what is known, or with what is usual."""
    values: dict[str, Any] = {"area": area}
    if row is not None:
        values = {name: getattr(row, name) for name in ROOM_LABELS}
    return forms.blank(request, ROOM_LABELS, _texts(values))


def _texts(values: dict[str, Any]) -> dict[str, forms.Value]:
    """As a browser would send it: a tick is "true", or nothing."""
    return {
        name: value if isinstance(value, list) else ("true" if value else "") if isinstance(value, bool) else str(value)
        for name, value in values.items()
    }


def _found(text: str) -> places.Place:
    found = places.load().find(text)
    assert isinstance(found, places.Found), "checked when the form was read"
    return found.place
