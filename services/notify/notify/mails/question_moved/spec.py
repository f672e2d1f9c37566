"""Ask whether another place or time also suits, since a group did not fill; instead of a cancellation and an offer."""

from collections.abc import Mapping
from uuid import UUID

from notify.domain.calls import CallSpec, Question, offer_deadline
from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Group, Seat
from notify.domain.mail_spec import FromSeat, MailSpec
from notify.mails import offers
from shared.kit.i18n import N_, format_when


def _cause(seat: Seat, group: Group) -> UUID | None:
    is_open = seat.offered and seat.released is None and not group.closed
    return seat.id if is_open and seat.instead_of is not None else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    assert content.deadline is not None
    lead = tools.gettext(offers.MOVED) % {"when": format_when(content.deadline, content.language)}
    return {**offers.context(content, tools), "lead": lead}


SPEC = MailSpec(
    kind="question_moved",
    order=111,
    label=N_("Spørsmål om annet sted eller tid"),
    because=N_("Gruppa ble ikke full, og en annen kan passe."),
    sent=N_("Når det ble for få der noen hadde sagt ja, og et annet sted eller en annen tid kan passe."),
    plan=FromSeat(_cause),
    drop_reason=offers.drop_reason,
    requires=("seat_id", "slot", "spoken_language", "deadline"),
    context=_context,
    calendar="CANCEL",
    offers_seat=True,
    call=CallSpec(question=Question.OFFER, unanswered="lapses", deadline=offer_deadline),
)
