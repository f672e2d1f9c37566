"""Confirm that a person has given up a seat, and take its meeting out of their calendar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSeat, MailSpec, drop_after_start, never_told
from notify.mails.losses import calendar_note
from shared.kit.i18n import N_

_LEAD: Final = N_("Takk for at du sa fra. Nå kan plassen gå til en som venter.")


def _cause(seat: Seat, _group: Group) -> UUID | None:
    return seat.id if seat.taken and seat.released == "declined" and seat.first_called else None


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return never_told(facts) or drop_after_start(facts, now)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {"lead": tools.gettext(_LEAD), "calendar_note": calendar_note(content, tools)}


SPEC = MailSpec(
    kind="seat_given_up",
    order=145,
    label=N_("Ga fra seg plassen"),
    because=N_("Personen ga fra seg plassen."),
    sent=N_("Når noen har gitt fra seg plassen."),
    plan=FromSeat(_cause, with_meeting=True),
    drop_reason=_drop_reason,
    context=_context,
    calendar="CANCEL",
    while_paused=True,
)
