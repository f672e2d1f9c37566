"""Offer a seat and ask for an answer before the deadline."""

from uuid import UUID

from notify.domain.calls import CallSpec, Question, offer_deadline
from notify.domain.facts import Group, Seat
from notify.domain.mail_spec import FromSeat, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import offers
from shared.kit.i18n import N_


def _cause(seat: Seat, group: Group) -> UUID | None:
    is_open = seat.offered and seat.released is None and not group.closed
    return seat.id if is_open and seat.instead_of is None else None


SPEC = MailSpec(
    kind="seat_offered",
    order=110,
    label=N_("Tilbud om plass"),
    because=N_("Vi fant en gruppe som passer."),
    sent=N_("Når det er en plass til noen som venter."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromSeat(_cause),
    drop_reason=offers.drop_reason,
    requires=("seat_id", "slot", "spoken_language", "deadline"),
    context=offers.context,
    calendar="CANCEL",  # of the meeting of a seat that was lost at the same time
    offers_seat=True,
    call=CallSpec(question=Question.OFFER, unanswered="lapses", deadline=offer_deadline),
)
