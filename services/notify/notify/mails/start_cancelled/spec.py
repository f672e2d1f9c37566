"""Announce the loss of a seat, or of the whole group, and take the meeting out of the person's calendar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, MailFacts, Seat
from notify.domain.mail_spec import FromSeat, MailSpec
from shared.kit.i18n import N_

TAKEN_BACK: Final = frozenset({"cancelled", "moved", "changed"})
"""Release reasons that were not the person's own choice, so that a mail must explain them."""

_NOT_STARTED: Final = N_("Vi fikk dessverre ikke startet denne gangen. Du beholder plassen din i køen.")
_SEAT_TAKEN_BACK: Final = N_("Plassen du hadde fått, er dessverre tatt tilbake. Du beholder plassen din i køen.")
_TOO_FEW: Final = N_(
    "Vi ble for få til å begynne, eller måtte legge det bort av andre grunner. Det har ingenting med deg å gjøre."
)
_WISHES_OR_NEW_PLAN: Final = N_(
    "Det kan være fordi ønskene dine er endret, eller fordi senteret har satt opp planen på nytt."
)


def _cause(seat: Seat, _group: Group) -> UUID | None:
    return seat.id if seat.released in TAKEN_BACK else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return None if facts.told_of_group else "never_told"


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    not_started = content.reason in {None, "cancelled"}
    return {
        "lead": tools.gettext(_NOT_STARTED if not_started else _SEAT_TAKEN_BACK),
        "why": tools.gettext(_TOO_FEW if not_started else _WISHES_OR_NEW_PLAN),
    }


SPEC = MailSpec(
    kind="start_cancelled",
    order=150,
    label=N_("Ble ikke noe av"),
    plan=FromSeat(_cause, with_meeting=True),
    drop_reason=_drop_reason,
    context=_context,
    calendar="CANCEL",
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
