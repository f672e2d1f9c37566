"""Offer a seat and ask for an answer before the deadline."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from notify.domain.calls import CallSpec, Question, offer_deadline
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, MailFacts, Seat
from notify.domain.mail_spec import FromSeat, MailSpec, expired
from shared.kit.i18n import N_


def _cause(seat: Seat, group: Group) -> UUID | None:
    return seat.id if seat.offered and seat.released is None and not group.closed else None


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    if facts.seat is None:
        return None
    return "answered" if facts.seat.taken else expired(facts.seat.deadline, now)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    size = content.size or 0
    if size > 1:
        return {"size_so_far": tools.gettext(N_("%(size)s personer så langt, deg medregnet")) % {"size": size}}
    return {"size_so_far": tools.gettext(N_("Foreløpig bare deg"))}


SPEC = MailSpec(
    kind="seat_offered",
    order=110,
    label=N_("Tilbud om plass"),
    plan=FromSeat(_cause),
    drop_reason=_drop_reason,
    requires=("seat_id", "slot", "spoken_language", "deadline"),
    context=_context,
    call=CallSpec(question=Question.OFFER, unanswered="lapses", deadline=offer_deadline),
)
