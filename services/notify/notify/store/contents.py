"""The content of a mail, built from its facts at the moment of sending."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import facts
from notify.domain.content import MailContent
from notify.domain.facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import mails, people, projections
from notify.store.tables import Mail
from shared.events.contacts import Contact
from shared.reference.centres import Centres


async def facts_of(session: AsyncSession, registry: MailRegistry, mail: Mail) -> MailFacts:
    """Load the facts that decide the relevance and the content of a mail."""
    meeting = await projections.meeting(session, mail.meeting_id) if mail.meeting_id else None
    signup = await projections.signup(session, mail.signup_id) if mail.signup_id else None
    group = await projections.group(session, mail.group_id) if mail.group_id else None
    seat = await projections.seat(session, mail.seat_id) if mail.seat_id else None
    page_link = await people.page_link(session, mail.cause_id) if mail.signup_id is None else None
    told = await mails.told_plan(session, mail.person_id, meeting.id) if meeting else None
    return MailFacts(
        signup=signup.facts if signup else None,
        group=group.facts if group else None,
        seat=seat.facts(await projections.first_called(session, seat.id)) if seat else None,
        meeting=meeting.facts if meeting else None,
        told_sequence=told.sequence if told else None,
        told_starts_at=told.starts_at if told else None,
        page_link=page_link.facts if page_link else None,
        has_seat=mail.signup_id is not None and await people.has_seat(session, mail.signup_id),
        told_of_group=mail.group_id is not None
        and await mails.told_of_group(session, mail.person_id, mail.group_id, registry.telling_of_group),
    )


async def content_of(
    session: AsyncSession,
    mail: Mail,
    spec: MailSpec,
    mail_facts: MailFacts,
    contact: Contact,
    centres: Centres,
    now: datetime,
) -> MailContent | None:
    """Return the content that a mail would have now; None if its centre is unknown."""
    signup, seat = mail_facts.signup, mail_facts.seat
    centre = centres.get(mail.centre or (signup.centre if signup else None) or "")
    if centre is None:
        return None
    # A meeting that was never mailed to the person is not in their calendar and cannot be cancelled there.
    meeting = None if spec.takes_back and mail_facts.told_sequence is None else mail_facts.meeting
    group = await projections.group(session, mail.group_id) if mail.group_id else None
    area = centres.part(group.area) if group else None
    return MailContent(
        kind=spec.kind,
        language=mail.language,
        centre=centre,
        signup_id=mail.signup_id,
        cause_id=mail.cause_id,
        stamp=now,
        first_name=contact.first_name if spec.greets_by_name else None,
        expires_at=signup.expires_at if signup else None,
        awaits=signup.awaits if signup else (),
        seat_id=mail.seat_id,
        slot=seat.slot if seat else None,
        area_name=area[1].name if area else "",
        spoken_language=seat.spoken_language if seat else None,
        size=await _size(session, group.id, seat) if group else None,
        deadline=seat.deadline if seat else None,
        meeting_id=meeting.id if meeting else None,
        sequence=meeting.sequence + spec.takes_back if meeting else 0,
        starts_at=meeting.starts_at if meeting else None,
        ends_at=meeting.ends_at if meeting else None,
        place_text=centre.in_language(meeting.place_text, mail.language) if meeting else None,
        reason=seat.released if seat else None,
    )


async def _size(session: AsyncSession, group_id: UUID, seat: facts.Seat | None) -> int:
    """Return the larger of the group's size now and its size when the seat was offered."""
    return max(await projections.kept_seats(session, group_id), (seat.size or 0) if seat else 0)
