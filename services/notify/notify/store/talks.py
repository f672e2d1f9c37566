"""Queries about talks with the centre, and what mails say about them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain import talks as rules
from notify.domain.content import MeetingAhead
from notify.store import mails
from notify.store.mail_tables import Mail
from notify.store.many import among
from notify.store.tables import Signup
from notify.store.talk_tables import Talk
from shared.reference.centres import Centre


async def ensure(session: AsyncSession, talk_id: UUID, signup: Signup) -> Talk:
    """Return a talk of a locked person, inserting it if it is new."""
    await session.flush()
    row = await session.get(Talk, talk_id, populate_existing=True)
    if row is None:
        row = Talk(id=talk_id, signup_id=signup.id, person_id=signup.person_id)
        session.add(row)
        await session.flush()
    return row


async def get(session: AsyncSession, talk_id: UUID) -> rules.Talk | None:
    """Return a talk, or None."""
    row = await session.get(Talk, talk_id, populate_existing=True)
    return row.facts if row else None


async def of_signup(session: AsyncSession, signup_id: UUID) -> Sequence[rules.Talk]:
    """Return all talks of a sign-up, in order of their ids."""
    return (await of_signups(session, [signup_id]))[signup_id]


async def of_signups(session: AsyncSession, signup_ids: Collection[UUID]) -> Mapping[UUID, Sequence[rules.Talk]]:
    """Return all talks of each sign-up, in order of their ids."""
    talks: dict[UUID, list[rules.Talk]] = {id_: [] for id_ in signup_ids}
    query = sa.select(Talk).where(among(col(Talk.signup_id), signup_ids)).order_by(col(Talk.id))
    for row in (await session.execute(query.execution_options(populate_existing=True))).scalars():
        talks[row.signup_id].append(row.facts)
    return talks


async def talk_of_mail(session: AsyncSession, mail: Mail, talk: rules.Talk, centre: Centre) -> Mapping[str, object]:
    """Return the parts of the content that a mail about a talk has."""
    published = await mails.calendar_sequence(session, mail, talk.id)
    entry = _entry(talk, centre, published) if talk.booked or published is not None else None
    return {
        "talk": talk,
        "starts_at": talk.starts_at,
        "ends_at": talk.ends_at,
        "meeting_id": talk.id,
        "place_text": office_of(talk, centre),
        "sequence": entry.sequence if entry else 0,
        "calendar": (entry,) if entry else (),
    }


async def talks_to_leave(
    session: AsyncSession, mail: Mail, own_talks: Iterable[rules.Talk], centre: Centre, now: datetime
) -> Sequence[MeetingAhead]:
    """Return a person's talks ahead as they are to be taken out of the calendar in a mail about a pause or the end."""
    entries = []
    for talk in own_talks:
        published = await mails.calendar_sequence(session, mail, talk.id)
        told_off = talk.cancelled_reason in rules.TOLD_BY_ITSELF or talk.outcome is not None
        if published is not None and talk.starts_at is not None and talk.starts_at > now and not told_off:
            entries.append(_entry(talk, centre, published, off=True))
    return entries


def office_of(talk: rules.Talk, centre: Centre) -> str:
    """Return where the person comes; empty if the centre phones."""
    return (centre.visiting_address or centre.name) if talk.way == "office" else ""


def _entry(talk: rules.Talk, centre: Centre, published: int | None, *, off: bool = False) -> MeetingAhead:
    """Return the talk in a calendar file, with a SEQUENCE above that of every file before."""
    assert talk.starts_at is not None
    cancelled = off or talk.cancelled_sequence is not None
    planned = max(talk.sequence or 0, talk.cancelled_sequence or 0)
    return MeetingAhead(
        meeting_id=talk.id,
        sequence=planned if published is None else max(planned, published + 1),
        starts_at=talk.starts_at,
        ends_at=talk.ends_at or talk.starts_at,
        place_text=(centre.visiting_address or "") if talk.way == "office" else "",
        cancelled=cancelled,
    )
