"""What the pages of staff have in common."""

from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from grouping.usecases.context import GroupingContext
from shared.kit.clock import Clock
from shared.kit.i18n import N_
from shared.kit.messaging.causes import Cause
from shared.kit.staff import StaffMember
from shared.kit.web import auth, csrf, forms
from shared.reference.roles import Role

Coordinator = Annotated[StaffMember, Depends(auth.require(Role.KOORDINATOR, Role.ADMIN))]
Check = Annotated[csrf.FormCheck, Depends(csrf.protect)]
LooseCheck = Annotated[csrf.FormCheck, Depends(csrf.inspect)]

M = TypeVar("M", bound=BaseModel)

CELL = r"^[a-z0-9-]+\|[a-z]+-[a-z]+\|[a-z]{2,3}(\|[a-z+]+)?$"
"""What :attr:`grouping.domain.matching.cells.Cell.key` looks like."""

IN_THE_PAST = N_("Møtet må være fram i tid.")

SENTENCES = {
    "too_few": N_("Det er ikke lenger så mange som venter på dette. Last inn siden på nytt og se hvem som venter nå."),
    "area_not_held": N_("Området er ikke på vent lenger, så grupper settes sammen av seg selv."),
    "size_outside_policy": N_("Så stor eller liten kan ikke en gruppe være hos dere."),
    "group_closed": N_("Gruppa har startet og er lukket. Ingen kan komme inn, og møtet kan ikke endres."),
    "group_cancelled": N_("Gruppa er avlyst, og de som var med, står på listen igjen."),
    "not_confirmed": N_("Gruppa har ikke fått noe oppstartsmøte ennå. Det kommer når nok har sagt ja."),
    "meeting_in_the_past": IN_THE_PAST,
    "room_taken": N_("En annen gruppe har rommet på den tiden."),
    "room_in_use": N_("Gruppa har rommet til den har startet. Da kan dere gi det tilbake."),
    "room_used": N_("En gruppe har hatt rommet, så det kan ikke slettes. Sett det på pause i stedet."),
    "igangsetter_busy": N_(
        "Igangsetteren har en gruppe nå, og kan ikke slettes før den er ferdig eller har fått en annen."
    ),
    "igangsetter_not_free": N_("Igangsetteren har pause, har nok grupper eller har en annen gruppe på den tiden."),
    "told_already": N_("De har alt fått beskjed, og da kan det ikke gjøres om i det stille."),
    "does_not_fit": N_("Den gruppa passer ikke med tid, språk, reisevei eller hvem som er med."),
    "group_full": N_("Det er ikke flere plasser i den gruppa."),
    "no_seat": N_("Personen har ingen plass i et utkast lenger. Last inn siden på nytt."),
    "together_already": N_("De to har alt fått beskjed om plass i samme gruppe."),
    "unknown_group": N_("Gruppa er ikke her lenger. Last inn siden på nytt."),
    "unknown_signup": N_("Personen venter ikke her lenger. Last inn siden på nytt."),
}
"""What to say when a rule refuses, by its slug."""


def by(member: StaffMember, clock: Clock) -> dict[str, Any]:
    """Who decides, when, and that it came from outside: what every use case of staff takes."""
    return {"username": member.username, "now": clock.now(), "cause": Cause.fresh()}


def must_cover(office: GroupingContext, member: StaffMember, area_id: str) -> None:
    """The area is one of this person's centres; others are not found, so that nobody learns that they exist."""
    found = office.centres.area(area_id)
    if found is None or not member.covers(found[0].id):
        raise HTTPException(404)


async def sent(request: Request, kind: type[M]) -> M:
    """What a button sent along; only somebody who wrote the form themselves gets it wrong."""
    model = (await forms.submitted(request, kind, {})).model
    if model is None:
        raise HTTPException(422)
    return model
