"""Taking up a mail that is due, and writing down what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import delivery
from notify.domain.delivery import Delivery, Outcome, Situation, SmtpRejected
from notify.domain.hours import is_quiet, not_at_night
from notify.domain.kinds import ABOUT_MEETING, REMINDERS, Kind
from notify.rendering import MailContent
from notify.store import Mail, Meeting, Seat, Signup, projections, queue
from shared.events.contacts import Contact
from shared.kit.logging import get_logger
from shared.reference.centres import Centres

WAIT_FOR_CENTRE: Final = timedelta(minutes=1)

log = get_logger(__name__)


@dataclass(frozen=True)
class Claimed:
    """A mail that is written down as being sent, and all that it tells."""

    mail_id: UUID
    kind: Kind
    letter: MailContent


async def due(session: AsyncSession, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """The mails that may go out now, each with the person whose contact is needed."""
    return list(await queue.due(session, now, limit))


async def claim(
    session: AsyncSession, mail_id: UUID, contact: Contact | None, *, worker: int, centres: Centres, now: datetime
) -> Claimed | None:
    """
    Take up one mail: from the commit of this transaction on it counts as perhaps sent.

    ``contact`` is who it goes to, None where intake knows no such person any more; ``worker`` is who sends it.

    Returns:
        None where there is nothing to send: somebody else has it, it has become pointless, it has to wait, or the
        centre calls instead.
    """
    mail = await queue.claim(session, mail_id, now)
    if mail is None:
        return None
    kind = Kind(mail.kind)
    known = await _Facts.of(session, mail)
    stopped = await _stopped(session, mail, kind, known, contact, now)
    letter = None
    if stopped is None:
        assert contact is not None
        letter = await known.letter(session, contact, centres, now)
    if letter is None:
        _write_down(mail, stopped or delivery.postpone(mail.delivery, now + WAIT_FOR_CENTRE), now)
        return None
    mail.centre = letter.centre.id
    mail.told_sequence = letter.sequence if kind in ABOUT_MEETING else None
    mail.now_is(delivery.begin(mail.delivery, now), now, worker)
    return Claimed(mail.id, kind, letter)


async def _stopped(
    session: AsyncSession, mail: Mail, kind: Kind, known: "_Facts", contact: Contact | None, now: datetime
) -> Delivery | None:
    """What becomes of a mail that is due but does not go out now; None when it does."""
    if contact is None:
        return delivery.cancel(mail.delivery, "person_gone")
    if reason := delivery.drop_reason(kind, known.situation(), now):
        return delivery.cancel(mail.delivery, reason)
    if contact.email is None:
        return delivery.to_call(mail.delivery, "no_email")
    if await projections.hard_bounces(session, mail.person_id) >= delivery.HARD_BOUNCES_TO_SUPPRESS:
        return delivery.to_call(mail.delivery, "address_refused")
    if kind in REMINDERS and is_quiet(now):
        return delivery.postpone(mail.delivery, not_at_night(now))
    return None


def _write_down(mail: Mail, decided: Delivery, now: datetime) -> None:
    mail.now_is(decided, now)
    log.info("mail_not_sent", mail_id=mail.id, kind=mail.kind, status=mail.status, reason=mail.reason)


async def record(session: AsyncSession, mail_id: UUID, outcome: Outcome, *, worker: int, now: datetime) -> None:
    """Write down how an attempt ended; nothing where the mail was deleted, or taken from us, meanwhile."""
    mail = await queue.sent_by(session, mail_id, worker)
    if mail is None:
        log.warning("mail_gone_while_sent", mail_id=mail_id)
        return
    await _settle(session, mail, outcome, now)


async def _settle(session: AsyncSession, mail: Mail, outcome: Outcome, now: datetime) -> None:
    mail.now_is(delivery.settle(mail.delivery, Kind(mail.kind), outcome, now), now)
    if isinstance(outcome, SmtpRejected) and outcome.hard and outcome.code >= 500:
        await projections.add_hard_bounce(session, mail.person_id, now)
    log.info(
        "mail_attempted", mail_id=mail.id, kind=mail.kind, status=mail.status, attempt=mail.attempt, reason=mail.reason
    )


async def give_up(session: AsyncSession, mail_id: UUID, reason: str, *, worker: int, now: datetime) -> None:
    """It could not even be made; somebody has to look at it."""
    mail = await queue.sent_by(session, mail_id, worker)
    if mail is not None:
        mail.now_is(delivery.fail(mail.delivery, reason), now)


async def recover(session: AsyncSession, *, now: datetime) -> int:
    """Mails that a mailer was sending when it died: nobody knows whether they are out. How many there were."""
    left = await queue.of_dead_workers(session)
    for mail in left:
        await _settle(session, mail, delivery.OutcomeUnknown(), now)
    return len(left)


async def letter_of(
    session: AsyncSession, mail: Mail, contact: Contact, centres: Centres, now: datetime
) -> MailContent | None:
    """What a mail would say now; None where its centre is not known."""
    return await (await _Facts.of(session, mail)).letter(session, contact, centres, now)


@dataclass(frozen=True)
class _Facts:
    """What is known about a mail's cause at this moment."""

    mail: Mail
    signup: Signup | None
    seat: Seat | None
    meeting: Meeting | None
    told_sequence: int | None
    told_of_group: bool

    @classmethod
    async def of(cls, session: AsyncSession, mail: Mail) -> "_Facts":
        meeting = await projections.meeting(session, mail.meeting_id) if mail.meeting_id else None
        return cls(
            mail=mail,
            signup=await projections.signup(session, mail.signup_id),
            seat=await projections.seat(session, mail.seat_id) if mail.seat_id else None,
            meeting=meeting,
            told_sequence=await queue.told_sequence(session, mail.person_id, meeting.id) if meeting else None,
            told_of_group=mail.group_id is not None
            and await queue.told_of_group(session, mail.person_id, mail.group_id),
        )

    def situation(self) -> Situation:
        """What decides whether the mail should still go out."""
        kind = Kind(self.mail.kind)
        expires_at, answered = None, False
        if kind is Kind.ADDRESS_TO_CONFIRM and self.signup:
            expires_at, answered = self.signup.expires_at, self.signup.confirmed
        elif kind is Kind.SEAT_OFFERED and self.seat:
            expires_at, answered = self.seat.deadline, self.seat.taken
        elif kind in ABOUT_MEETING and self.meeting:
            expires_at = self.meeting.starts_at
        return Situation(
            expires_at=expires_at,
            answered=answered,
            sequence=self.meeting.sequence if self.meeting else None,
            told_sequence=self.told_sequence,
            told_of_group=self.told_of_group,
        )

    async def letter(
        self, session: AsyncSession, contact: Contact, centres: Centres, now: datetime
    ) -> MailContent | None:
        mail, signup, seat, meeting = self.mail, self.signup, self.seat, self.meeting
        kind = Kind(mail.kind)
        centre = centres.get(mail.centre or (signup.centre if signup else None) or "")
        if centre is None:
            return None
        taken_back = kind is Kind.START_CANCELLED
        if taken_back and self.told_sequence is None:
            meeting = None
        group = await projections.find_group(session, mail.group_id) if mail.group_id else None
        area = centres.area(group.area) if group else None
        return MailContent(
            kind=kind,
            language=mail.language,
            centre=centre,
            signup_id=mail.signup_id,
            stamp=now,
            first_name=None if kind is Kind.ADDRESS_TO_CONFIRM else contact.first_name,
            confirmation_id=mail.cause_id if kind is Kind.ADDRESS_TO_CONFIRM else None,
            expires_at=signup.expires_at if signup else None,
            awaits=tuple(signup.awaits) if signup else (),
            seat_id=mail.seat_id,
            slot=seat.slot if seat else None,
            area_name=area[1].name if area else "",
            spoken_language=seat.spoken_language if seat else None,
            size=max(await projections.live_seats(session, group.id), seat.size or 0 if seat else 0) if group else None,
            deadline=seat.deadline if seat else None,
            meeting_id=meeting.id if meeting else None,
            sequence=(meeting.sequence + 1 if taken_back else meeting.sequence) if meeting else 0,
            starts_at=meeting.starts_at if meeting else None,
            ends_at=meeting.ends_at if meeting else None,
            place_text=centre.in_language(meeting.place_text, mail.language) if meeting else None,
            reason=seat.released if seat else None,
        )
