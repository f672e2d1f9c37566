"""The content of a mail, built from its facts at the moment of sending."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import facts
from notify.domain.announcements import NO_LIFE
from notify.domain.centre_messages import Told
from notify.domain.content import MailContent
from notify.domain.helpers import Notice
from notify.domain.kontaktmoter.invitations import Invited
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromMessage, FromSignup, FromTalk, MailSpec
from notify.mails.registry import MailRegistry
from notify.store import (
    centre_messages,
    facts_ahead,
    group_life,
    helpers,
    kontaktmoter,
    mail_texts,
    mails,
    people,
    projections,
    talks,
)
from notify.store.life_contents import life_of_mail, meetings_to_leave
from notify.store.mail_tables import Mail
from notify.store.tables import Seat
from shared.events.contacts import Contact
from shared.reference.centres import Centre, Centres


async def facts_of(session: AsyncSession, registry: MailRegistry, mail: Mail) -> MailFacts:
    """Load the facts that decide the relevance and the content of a mail."""
    meeting = await projections.meeting(session, mail.meeting_id) if mail.meeting_id else None
    signup = await projections.signup(session, mail.signup_id) if mail.signup_id else None
    group = await projections.group(session, mail.group_id) if mail.group_id else None
    seat = await projections.seat(session, mail.seat_id) if mail.seat_id else None
    spec = registry.get(mail.kind)
    life, told_version = NO_LIFE, 0
    if spec is not None and spec.about_life and mail.group_id is not None:
        meetings, _ = await projections.meetings_of_group(session, mail.group_id)
        life = await group_life.life_of(session, mail.group_id, meetings)
        told_version = await group_life.told_version(session, mail, registry.of_topic(spec.topic))
    talk = None
    if spec is not None and isinstance(spec.plan, FromTalk) and mail.meeting_id is not None:
        talk = await talks.get(session, mail.meeting_id)
    page_link = await people.page_link(session, mail.cause_id) if mail.signup_id is None else None
    notice = await helpers.notice(session, mail.cause_id) if mail.signup_id is None and page_link is None else None
    told = await mails.told_plan(session, mail, meeting.id) if meeting else None
    invited = await kontaktmoter.invited(session, mail.invitation_id) if mail.invitation_id else None
    told_message = None
    if spec is not None and isinstance(spec.plan, FromMessage):
        told_message = await centre_messages.told(session, mail)
    told_invited = await kontaktmoter.told_sequence(session, mail) if invited else None
    lost = await _lost_seat(session, mail, seat) if seat else None
    seats = [row for row in (seat, lost) if row is not None]
    groups = {row.group_id for row in seats}
    if spec is not None and isinstance(spec.plan, FromSignup) and mail.signup_id is not None:
        own_seats = await projections.seats_of_signup(session, mail.signup_id)
        groups |= {row.group_id for row in own_seats if row.released is None}
    return MailFacts(
        signup=signup.facts if signup else None,
        group=group.facts if group else None,
        seat=seat.facts(await projections.first_called(session, seat.id)) if seat else None,
        meeting=meeting.facts if meeting else None,
        told_sequence=told.sequence if told else told_invited,
        told_starts_at=told.starts_at if told else None,
        page_link=page_link.facts if page_link else None,
        notice=notice.facts if notice else None,
        invited=invited,
        told_message=told_message,
        talk=talk,
        life=life,
        announcement=next((item for item in life.announcements if item.id == mail.cause_id), None),
        told_version=told_version,
        has_seat=mail.signup_id is not None and await people.has_seat(session, mail.signup_id),
        told_of_group=any(row.offered and row.taken for row in seats)
        or await mails.told_of_groups(session, mail.person_id, groups, registry.telling_of_group),
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
    signup, link = mail_facts.signup, mail_facts.page_link
    centre = centres.get(mail.centre or (signup.centre if signup else None) or "")
    if centre is None:
        return None
    about = {"signup_id": mail.signup_id} | _of_group(mail_facts.group) | _of_message(mail_facts.told_message)
    if signup is not None:
        about |= _of_signup(signup)
    if link is not None:
        about |= {"expires_at": link.expires_at}
    if mail_facts.notice is not None:
        about |= _of_notice(mail_facts.notice, centre, mail.language)
    if isinstance(spec.plan, FromSignup):
        about |= await _of_leaving(session, mail, spec, centre, now)
    if mail_facts.talk is not None:
        about |= await talks.talk_of_mail(session, mail, mail_facts.talk, centre)
    if mail_facts.invited is not None:
        about |= await _of_invitation(session, mail, spec, mail_facts.invited)
    if mail_facts.seat is not None:
        about |= await _of_seat(session, mail, spec, mail_facts.seat, centre, centres)
    if spec.about_life:
        about |= await life_of_mail(session, mail, spec, mail_facts, centre, now)
    about |= await _of_meeting(session, mail, spec, mail_facts, centre, now)
    return MailContent(
        kind=spec.kind,
        language=mail.language,
        centre=centre,
        cause_id=mail.cause_id,
        stamp=now,
        first_name=contact.first_name if spec.greets_by_name else None,
        own_words=await facts_ahead.one(session, mail_texts.of_mails, mail.id),
        **about,  # type: ignore[arg-type]  # each part names fields of MailContent
    )


def _of_group(group: facts.Group | None) -> dict[str, object]:
    return {} if group is None else {"group_policy": group.policy, "starters": group.starters}


def _of_message(told: Told | None) -> dict[str, object]:
    """Tell what the centre has written; who is addressed by a sign-up can leave it."""
    if told is None:
        return {}
    return {"message": told.message, "signup_id": told.recipient.signup_id if told.recipient is not None else None}


def _of_notice(notice: Notice, centre: Centre, language: str) -> Mapping[str, object]:
    place = notice.word("place_text")
    return {
        "notice": notice,
        "expires_at": notice.expires_at,
        "deadline": notice.expires_at,
        "slot": notice.word("slot"),
        "spoken_language": notice.word("spoken_language"),
        "starts_at": notice.starts_at,
        "ends_at": notice.ends_at,
        "place_text": centre.in_language(place, language) if place else None,
        "reason": notice.word("reason"),
    }


async def _of_invitation(session: AsyncSession, mail: Mail, spec: MailSpec, invited: Invited) -> Mapping[str, object]:
    """
    Tell of the meeting; its calendar entry is for those who have a place, or have had one.

    A cancellation without an entry to take out of the calendar has no file.
    """
    meeting, plan = invited.meeting, invited.meeting.plan
    last = await mails.calendar_sequence(session, mail, meeting.id)
    in_calendar = last is not None if spec.calendar == "CANCEL" else invited.invitation.reply.seats > 0
    return {
        "invited": invited,
        "meeting_id": meeting.id if in_calendar and spec.calendar is not None else None,
        "sequence": meeting.sequence if last is None else max(meeting.sequence, last + 1),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "place_text": plan.place_text or plan.online_url,
    }


def _of_signup(signup: facts.Signup) -> Mapping[str, object]:
    return {
        "expires_at": signup.expires_at,
        "awaits": signup.awaits,
        "paused": signup.paused,
        "withdrawn_reason": signup.withdrawn_reason,
        "renewal_deadline": signup.renewal_deadline,
        "texts_asked": signup.texts_asked,
    }


async def _of_leaving(
    session: AsyncSession, mail: Mail, spec: MailSpec, centre: Centre, now: datetime
) -> Mapping[str, object]:
    """
    Tell of the seat that a person leaves with their sign-up, before or after the start of its group, and of the talk.

    A talk that was held says how the person leaves; one that is ahead is taken out of the calendar.
    """
    if mail.signup_id is None:
        return {}
    seats = [
        (seat, await projections.group(session, seat.group_id))
        for seat in await projections.seats_of_signup(session, mail.signup_id)
        if seat.released in {None, "withdrawn"}
    ]
    started = [group for _, group in seats if group is not None and group.has_started]
    meetings = await meetings_to_leave(session, mail, started[0].id, centre, now) if started else ()
    own_talks = await talks.of_signup(session, mail.signup_id) if spec.calendar == "CANCEL" else ()
    return {
        "calendar": (*meetings, *await talks.talks_to_leave(session, mail, own_talks, centre, now)),
        "talk": next((talk for talk in own_talks if talk.outcome is not None), None),
        "group_policy": started[0].facts.policy if started else None,
        "had_seat": any(seat.taken and group is not None and group.closed_at is None for seat, group in seats),
        "was_member": any(group is not None and group.has_started for _, group in seats),
    }


async def _of_seat(
    session: AsyncSession, mail: Mail, spec: MailSpec, seat: facts.Seat, centre: Centre, centres: Centres
) -> Mapping[str, object]:
    group = await projections.group(session, seat.group_id)
    area = centres.part(group.area) if group else None
    row = await projections.seat(session, seat.id)
    lost = await _lost_seat(session, mail, row) if row else None
    lost_group = await projections.group(session, lost.group_id) if lost else None
    called = await projections.start_meeting(session, seat.group_id)
    starts_at = seat.starts_at if called is None else None if called.postponed else called.starts_at
    kept, taken = await projections.kept_seats(session, seat.group_id)
    loss, loss_group = (lost, lost_group) if lost and spec.offers_seat else (seat, group)
    return {
        "seat_id": seat.id,
        "slot": seat.slot,
        "area_name": area[1].name if area else "",
        "spoken_language": seat.spoken_language,
        "size": max(kept, seat.size or 0),
        "taken": max(taken, seat.taken_count or 0),
        "deadline": seat.deadline,
        "offer_place": centre.in_language(seat.place_text, mail.language) if seat.place_text else None,
        "first_meeting_at": starts_at,
        "earliest_at": None if starts_at else seat.earliest_at,
        "reason": loss.released,
        "had_said_yes": loss.taken or (lost is not None and lost.taken),
        "cancel_reason": loss_group.cancel_reason if loss_group else None,
        "lost_slot": lost.slot if lost else None,
        "lost_place": centre.in_language(lost.place_text, mail.language) if lost and lost.place_text else None,
    }


async def _of_meeting(
    session: AsyncSession, mail: Mail, spec: MailSpec, mail_facts: MailFacts, centre: Centre, now: datetime
) -> Mapping[str, object]:
    meeting = mail_facts.meeting
    starts_at = meeting.starts_at if meeting else None
    if spec.calendar_of == "talk" or mail_facts.invited is not None:
        return {}
    if spec.calendar == "CANCEL" and not spec.about_life:
        # A meeting that the person does not have in their calendar cannot be cancelled there, nor one in the past.
        meeting, starts_at = await _meeting_to_cancel(session, mail, mail_facts)
        if starts_at is None or (starts_at <= now and not spec.about_meeting):
            return {}
    if meeting is None:
        return {}
    last = await mails.calendar_sequence(session, mail, meeting.id)
    return {
        "meeting_id": meeting.id,
        "sequence": meeting.sequence if last is None else max(meeting.sequence, last + 1),
        "starts_at": starts_at,
        "ends_at": meeting.ends_at if spec.about_meeting or spec.about_life else None,
        "place_text": centre.in_language(meeting.place_text, mail.language),
        "address_known": meeting.address_known,
        "self_start": meeting.self_start,
    }


async def _meeting_to_cancel(
    session: AsyncSession, mail: Mail, mail_facts: MailFacts
) -> tuple[facts.Meeting | None, datetime | None]:
    """Return the meeting that a mail takes out of the calendar, with the time that the person knows."""
    if mail_facts.meeting is not None and mail_facts.told_starts_at is not None:
        return mail_facts.meeting, mail_facts.told_starts_at
    lost: list[Seat] = []
    if mail.seat_id is None and mail.signup_id is not None:
        lost = list(await projections.seats_of_signup(session, mail.signup_id))
    elif mail.seat_id is not None and (row := await projections.seat(session, mail.seat_id)) is not None:
        lost = [seat for seat in [await _lost_seat(session, mail, row)] if seat is not None]
    for seat in lost:
        for meeting_id in await projections.first_called(session, seat.id):
            told = await mails.told_plan(session, mail, meeting_id)
            meeting = await projections.meeting(session, meeting_id)
            if told is not None and told.starts_at is not None and meeting is not None:
                return meeting.facts, told.starts_at
    return None, None


async def _lost_seat(session: AsyncSession, mail: Mail, seat: Seat) -> Seat | None:
    """Return the seat instead of which another one is, or was to be, offered; None if there is none."""
    replaced = mail.replaces_seat_id or seat.instead_of or await mails.replaced_seat(session, seat)
    return await projections.seat(session, replaced) if replaced else None
