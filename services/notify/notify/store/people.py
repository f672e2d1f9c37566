"""Facts about people: their sign-ups, changes of contact, requests for their own page, and waiting without a word."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.delivery import Status
from notify.store import facts_ahead
from notify.store.mail_tables import MAY_HAVE_ARRIVED, Mail
from notify.store.many import among
from notify.store.tables import ContactChange, Group, PageLink, Seat, Signup
from shared.events.people import ContactChanged

_SEATED: Final = (
    sa.select(col(Seat.signup_id))
    .join(Group, col(Group.id) == col(Seat.group_id))
    .where(col(Group.closed_at).is_(None), col(Seat.released).is_(None), col(Seat.offered) | col(Seat.taken))
)
"""Sign-ups with a seat or an open offer in a group that has not started."""


async def signups_of_person(session: AsyncSession, person_id: UUID) -> Sequence[Signup]:
    """Return all sign-ups of a person, the newest first."""
    query = sa.select(Signup).where(col(Signup.person_id) == person_id).order_by(col(Signup.id).desc())
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def page_link(session: AsyncSession, link_id: UUID) -> PageLink | None:
    """Return a request for the link to a person's own page, or None."""
    return await session.get(PageLink, link_id, populate_existing=True)


async def contact_changes(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, ContactChange]:
    """Return the newest change of each person's contact; people without any are missing."""
    query = sa.select(ContactChange).where(among(col(ContactChange.person_id), person_ids))
    rows = (await session.execute(query.execution_options(populate_existing=True))).scalars()
    return {row.person_id: row for row in rows}


async def contact_change(session: AsyncSession, person_id: UUID) -> ContactChange | None:
    """Return the newest change of a person's contact, or None."""
    return (await contact_changes(session, [person_id])).get(person_id)


async def signups(session: AsyncSession, signup_ids: Collection[UUID]) -> dict[UUID, Signup]:
    """Return these sign-ups by id."""
    query = sa.select(Signup).where(among(col(Signup.id), signup_ids)).execution_options(populate_existing=True)
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def known_signups(session: AsyncSession, signup_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these sign-ups that are known here."""
    return set(await session.scalars(sa.select(col(Signup.id)).where(among(col(Signup.id), signup_ids))))


async def signups_with_seat(session: AsyncSession, signup_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these sign-ups with a seat or an open offer in a group that has not started."""
    return set(await session.scalars(_SEATED.where(among(col(Seat.signup_id), signup_ids))))


async def all_signups(session: AsyncSession) -> dict[UUID, bool]:
    """Return every sign-up that is known here, with True for one with a seat as :func:`signups_with_seat` has it."""
    rows = (await session.execute(sa.select(col(Signup.id), col(Signup.id).in_(_SEATED)))).all()
    return {row[0]: row[1] for row in rows}


async def change_contact(session: AsyncSession, event: ContactChanged) -> bool:
    """Store a change of contact; return False if a newer one is stored."""
    row = insert(ContactChange).values(
        person_id=event.person_id, language=event.language, by_mail=event.by_mail, changed_at=event.occurred_at
    )
    changes = {name: row.excluded[name] for name in ("language", "by_mail", "changed_at")}
    statement = row.on_conflict_do_update(
        index_elements=["person_id"], set_=changes, where=col(ContactChange.changed_at) < row.excluded.changed_at
    ).returning(col(ContactChange.person_id))
    return (await session.execute(statement)).first() is not None


async def add_page_link(session: AsyncSession, link: PageLink) -> None:
    """Store a request for the link to a person's own page, once."""
    values = link.model_dump()
    await session.execute(insert(PageLink).values(values).on_conflict_do_nothing())


async def centre_of(session: AsyncSession, person_id: UUID) -> str | None:
    """Return the centre that a person last had to do with; None if no row says."""
    for row in await signups_of_person(session, person_id):
        if row.centre is not None:
            return row.centre
    query = sa.select(col(Mail.centre)).where(col(Mail.person_id) == person_id, col(Mail.centre).is_not(None))
    return (
        await session.execute(query.order_by(col(Mail.created_at).desc(), col(Mail.id).desc()).limit(1))
    ).scalar_one_or_none()


async def has_seat(session: AsyncSession, signup_id: UUID) -> bool:
    """Return True if the sign-up has a seat, or an open offer."""
    seats = await facts_ahead.one(session, facts_ahead.seats_of_signups, signup_id)
    return any(seat.released is None for seat in seats)


async def waiting_without_word(session: AsyncSession, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """
    Return sign-ups on the waiting list, each with its person, that have heard nothing since ``before``.

    To hear is to get a mail or a call, or to do something oneself. A mail that is on its way counts as heard.
    """
    last_mail = (
        sa.select(sa.literal(1))
        .where(
            col(Mail.person_id) == col(Signup.person_id),
            (col(Mail.status).in_(MAY_HAVE_ARRIVED) & (col(Mail.settled_at) >= before))
            | col(Mail.status).in_((Status.QUEUED, Status.SENDING, Status.RETRY)),
        )
        .exists()
    )
    member = col(Seat.released).is_(None) | (col(Seat.released) == "left")
    with_seat = sa.exists().where(col(Seat.signup_id) == col(Signup.id), member)
    query = (
        sa.select(col(Signup.id), col(Signup.person_id))
        .where(
            col(Signup.ready),
            ~col(Signup.withdrawn),
            ~col(Signup.paused),
            col(Signup.known_at).is_(None) | (col(Signup.known_at) < before),
            ~last_mail,
            ~with_seat,
        )
        .order_by(col(Signup.id))
        .limit(limit)
    )
    return [(row.id, row.person_id) for row in await session.execute(query)]


async def last_heard_at(session: AsyncSession, signup: Signup) -> datetime | None:
    """Return the last time at which the person of a sign-up heard from the centre, or did something."""
    query = sa.select(sa.func.max(col(Mail.settled_at))).where(
        col(Mail.person_id) == signup.person_id, col(Mail.status).in_(MAY_HAVE_ARRIVED)
    )
    mailed_at: datetime | None = (await session.execute(query)).scalar_one_or_none()
    return max(filter(None, (mailed_at, signup.known_at)), default=None)
