"""What the pages of staff have in common."""

from typing import Annotated, Any

from fastapi import Depends

from shared.kit import staff
from shared.kit.causes import Cause
from shared.kit.clock import Clock
from shared.kit.i18n import N_
from shared.kit.staff import Role, StaffMember
from shared.kit.web import csrf

Coordinator = Annotated[StaffMember, Depends(staff.require(Role.KOORDINATOR, Role.ADMIN))]
Check = Annotated[csrf.FormCheck, Depends(csrf.protect)]
LooseCheck = Annotated[csrf.FormCheck, Depends(csrf.inspect)]

IN_THE_PAST = N_("Møtet må være fram i tid.")

SENTENCES = {
    "too_few": N_("Det er ikke lenger så mange som venter på dette. Last inn siden på nytt og se hvem som venter nå."),
    "area_not_held": N_("Området er ikke på vent lenger, så grupper settes sammen av seg selv."),
    "size_outside_policy": N_("Så stor eller liten kan ikke en gruppe være hos dere."),
    "group_closed": N_("Gruppa har startet og er lukket. Ingen kan komme inn, og møtet kan ikke endres."),
    "group_cancelled": N_("Gruppa er avlyst, og de som var med, står på listen igjen."),
    "not_confirmed": N_("Gruppa har ikke fått noe oppstartsmøte ennå. Det kommer når nok har sagt ja."),
    "meeting_in_the_past": IN_THE_PAST,
}
"""What to say when a rule refuses, by its slug."""


def by(member: StaffMember, clock: Clock) -> dict[str, Any]:
    """Who decides, when, and that it came from outside: what every use case of staff takes."""
    return {"username": member.username, "now": clock.now(), "cause": Cause.fresh()}
