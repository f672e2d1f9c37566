"""Keep mails to one person apart, or make one of them, by the rules of the quiet hour in the domain."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain import contradictions, delivery
from notify.domain.delivery import Delivery
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import MailSpec
from notify.mails.registry import MailRegistry
from notify.store import Mail, contents, mails

TOLD_IN_OFFER = "told_in_offer"
"""Reason of a mail that is not sent, since the offer of another seat says the same."""
TOLD_JUST_NOW = "told_just_now"
"""Reason of a reminder that is not sent, since another mail has told of the meeting within the hour."""


async def state_if_contradicting(
    session: AsyncSession, registry: MailRegistry, mail: Mail, spec: MailSpec, facts: MailFacts, now: datetime
) -> Delivery | None:
    """
    Return the new state of a due mail that would contradict another one; None if it is sent now.

    May merge two mails: the offer is sent and names the lost seat, the other one is cancelled.
    """
    if spec.offers_seat:
        return await _state_of_offer(session, registry, mail, facts, now)
    if spec.takes_back:
        return await _state_of_taking_back(session, registry, mail, facts, now)
    if spec.tells_when and spec.is_reminder:
        return await _state_of_reminder(session, registry, mail, facts, now)
    if spec.gathers:
        last = await mails.last_about_meeting(session, mail, (spec.kind,))
        until = contradictions.change_waits_until(last.settled_at if last else None, facts.starts_at, now)
        return delivery.postpone(mail.delivery, until) if until else None
    return None


async def _state_of_reminder(
    session: AsyncSession, registry: MailRegistry, mail: Mail, facts: MailFacts, now: datetime
) -> Delivery | None:
    of_group = registry.of_topic(contradictions.SCHEDULE) if facts.meeting and facts.meeting.kind == "weekly" else ()
    last = await mails.last_about_meeting(session, mail, registry.telling_when, of_group)
    if last is None or not contradictions.is_told(last.settled_at, now):
        return None
    outdated = last.told_sequence is not None and last.told_sequence < (facts.plan_sequence or 0)
    return None if outdated else delivery.cancel(mail.delivery, TOLD_JUST_NOW)


async def _state_of_offer(
    session: AsyncSession, registry: MailRegistry, mail: Mail, facts: MailFacts, now: datetime
) -> Delivery | None:
    if mail.replaces_seat_id is not None:
        return None
    for queued in await mails.open_of_kinds(session, mail, registry.taking_back):
        if (await contents.facts_of(session, registry, queued)).told_of_group:
            mail.replaces_seat_id = queued.seat_id
            queued.apply(delivery.cancel(queued.delivery, TOLD_IN_OFFER), now)
            return None
    last = await mails.last_left(session, mail.person_id, registry.taking_back)
    taken_back_at = last.settled_at if last else None
    deadline = facts.seat.deadline if facts.seat else None
    if until := contradictions.offer_waits_until(taken_back_at, deadline, now):
        return delivery.postpone(mail.delivery, until)
    if last is not None and contradictions.takes_back_in_quiet(taken_back_at, now):
        mail.replaces_seat_id = last.seat_id
    return None


async def _state_of_taking_back(
    session: AsyncSession, registry: MailRegistry, mail: Mail, facts: MailFacts, now: datetime
) -> Delivery | None:
    for offer in await mails.open_of_kinds(session, mail, registry.offering):
        if offer.replaces_seat_id is None:
            offer.replaces_seat_id = mail.seat_id
            return delivery.cancel(mail.delivery, TOLD_IN_OFFER)
    offer_sent = await mails.last_left(session, mail.person_id, registry.offering, group_id=mail.group_id)
    until = contradictions.taking_back_waits_until(
        offer_sent.settled_at if offer_sent else None, meeting_known=facts.told_sequence is not None, now=now
    )
    return delivery.postpone(mail.delivery, until) if until else None
