"""Confirm a pause and show the way back."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID, uuid5

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_spec import FromSignup, MailSpec
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING

_CALENDAR: Final = N_(
    "Tiden du hadde hos oss, er gitt fri. Kalenderfilen som ligger ved, tar den bort fra kalenderen din."
)

_LEAD: Final = N_("Nå har du tatt en pause. Så lenge den varer, får du ingen tilbud og ingen e-poster fra oss.")


def _cause(signup: Signup) -> UUID | None:
    if not signup.paused or signup.withdrawn:
        return None
    return uuid5(signup.id, f"pause {signup.pause_version}")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    note = tools.gettext(_CALENDAR) if content.calendar else ""
    return {
        "lead": tools.gettext(_LEAD),
        "answer_url": tools.link(STILL_WAITING, content.signup_id),
        "calendar_note": note,
    }


SPEC = MailSpec(
    kind="paused",
    order=50,
    label=N_("Tatt pause"),
    because=N_("Personen har tatt en pause."),
    sent=N_("Når noen tar en pause fra ventelisten."),
    plan=FromSignup(_cause),
    context=_context,
    calendar="CANCEL",
    calendar_of="talk",
    while_paused=True,
)
