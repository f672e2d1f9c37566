"""Announce that a group could not start, and take its meeting out of the person's calendar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, Seat
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromSeat, MailSpec
from notify.domain.mail_texts import Block
from notify.mails.losses import calendar_note, why_cancelled
from shared.kit.i18n import N_

_SAID_YES: Final = N_("Det ble ikke noe av det du hadde sagt ja til.")
_ASKED: Final = N_("Det ble ikke noe av det vi spurte deg om, så du trenger ikke svare.")


def _cause(seat: Seat, _group: Group) -> UUID | None:
    return seat.id if seat.released == "cancelled" and seat.replaced_by is None else None


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return None if facts.told_of_group else "never_told"


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    return {
        "lead": tools.gettext(_SAID_YES if content.had_said_yes else _ASKED),
        "why": why_cancelled(content, tools),
        "calendar_note": calendar_note(content, tools),
    }


SPEC = MailSpec(
    kind="start_cancelled",
    order=150,
    label=N_("Ble ikke noe av"),
    because=N_("Gruppa ble avlyst før den begynte."),
    sent=N_("Når en gruppe ikke kommer i gang."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromSeat(_cause, with_meeting=True),
    drop_reason=_drop_reason,
    context=_context,
    calendar="CANCEL",
    takes_back=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
