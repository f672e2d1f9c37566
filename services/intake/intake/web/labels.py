"""Words of the staff pages for states, steps and wishes."""

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import Request

from intake.domain.signups import SignupState
from shared.kit.i18n import N_
from shared.kit.web.pages import pages_of
from shared.reference.centres import Centres
from shared.reference.places import Places
from shared.reference.roles import Role

STATES: Final[Mapping[str, str]] = {
    SignupState.RECEIVED: N_("Ikke bekreftet"),
    SignupState.CONFIRMED: N_("Venter på neste steg"),
    SignupState.READY: N_("På ventelisten"),
    SignupState.OFFERED: N_("Har tilbud om plass"),
    SignupState.SEATED: N_("Har sagt ja til plass"),
    SignupState.MEMBER: N_("Med i en gruppe som har startet"),
    SignupState.WITHDRAWN: N_("Meldt av"),
}
STEPS: Final[Mapping[str, str]] = {"talk": N_("forsamtale"), "read": N_("lese informasjonen")}
WISHES: Final[Mapping[str, str]] = {
    "women": N_("gruppe med bare kvinner"),
    "men": N_("gruppe med bare menn"),
    "young": N_("gruppe for unge voksne"),
}
ROLES: Final[Mapping[str, str]] = {
    Role.KOORDINATOR: N_("Koordinator: ser personer og grupper"),
    Role.ADMIN: N_("Administrator: regler, brukere og sikkerhet"),
    Role.LESER: N_("Leser: bare tall"),
    Role.IGANGSETTER: N_("Igangsetter"),
}


def translated(request: Request, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels in the reader's language."""
    _ = pages_of(request).gettext(request)
    return {str(key): _(label) for key, label in labels.items()}


def area_names(centres: Centres) -> Callable[[str], str]:
    """Return a function from the id of an area to its name; an unknown id stands for itself."""

    def name(area_id: str) -> str:
        centre_and_area = centres.part(area_id)
        return centre_and_area[1].name if centre_and_area else area_id

    return name


def centre_names(centres: Centres) -> Callable[[str], str]:
    """Return a function from the id of a centre to its name; an unknown id stands for itself."""

    def name(centre_id: str) -> str:
        centre = centres.get(centre_id)
        return centre.name if centre else centre_id

    return name


def kommune_names(known_places: Places) -> Callable[[str], str]:
    """Return a function from the number of a kommune to its name; an unknown number stands for itself."""

    def name(number: str) -> str:
        kommune = known_places.kommuner.get(number)
        return kommune.name if kommune else number

    return name
