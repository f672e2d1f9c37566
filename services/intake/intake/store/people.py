"""Queries about people and their sign-ups."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import ALIVE, WAITING, State
from intake.store.tables import Base, Confirmation, Consent, ContactReading, Person, Signup

_TABLES = Base.metadata.tables
_P, _S, _F, _E = (_TABLES[name].c for name in ("people", "signups", "confirmations", "erasures"))
_WAITING = tuple(sorted(WAITING))
_ALIVE = tuple(sorted(ALIVE))


async def lock_person(session: AsyncSession, person_id: UUID) -> Person | None:
    """The person, locked: whatever is decided about their sign-ups is decided one at a time."""
    return await session.get(Person, person_id, with_for_update=True, populate_existing=True)


async def lock_signup(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """The sign-up, locked."""
    return await session.get(Signup, signup_id, with_for_update=True, populate_existing=True)


async def signup(session: AsyncSession, signup_id: UUID) -> Signup | None:
    """The sign-up, as it is now."""
    return await session.get(Signup, signup_id)


async def confirmation(session: AsyncSession, confirmation_id: UUID) -> Confirmation | None:
    """The question that a link answers."""
    return await session.get(Confirmation, confirmation_id)


async def others_waiting(session: AsyncSession, person_id: UUID, but: UUID) -> Sequence[Signup]:
    """The person's other sign-ups on the way to a group, locked."""
    query = (
        sa.select(Signup)
        .where(_S.person_id == person_id, _S.signup_id != but, _S.state.in_(_WAITING))
        .order_by(_S.signed_up_at)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def has_alive(session: AsyncSession, person_id: UUID) -> bool:
    """Whether any sign-up of the person is still going on."""
    query = sa.select(sa.exists().where(_S.person_id == person_id, _S.state.in_(_ALIVE)))
    return bool((await session.execute(query)).scalar_one())


async def fold(session: AsyncSession, from_: UUID, into: UUID) -> None:
    """Removes a sign-up that has become a change of another; its links now answer for that one."""
    await session.execute(sa.update(Confirmation).where(_F.signup_id == from_).values(signup_id=into))
    await session.execute(sa.delete(Signup).where(_S.signup_id == from_))


async def mark_confirmed(session: AsyncSession, signup_id: UUID, now: datetime) -> None:
    """The questions about this sign-up have been answered."""
    await session.execute(
        sa.update(Confirmation)
        .where(_F.signup_id == signup_id, _F.confirmed_at.is_(None))
        .values(confirmed_at=now, asked_at=sa.func.coalesce(_F.asked_at, now))
    )


async def signups_of(session: AsyncSession, person_id: UUID) -> Sequence[Signup]:
    """All sign-ups of a person, oldest first."""
    return (await session.scalars(sa.select(Signup).where(_S.person_id == person_id).order_by(_S.signed_up_at))).all()


async def consents_of(session: AsyncSession, person_id: UUID) -> Sequence[Consent]:
    """All consents of a person, oldest first."""
    c = _TABLES["consents"].c
    return (await session.scalars(sa.select(Consent).where(c.person_id == person_id).order_by(c.given_at))).all()


async def readings_of(session: AsyncSession, person_id: UUID) -> Sequence[ContactReading]:
    """Who has read the person's contact details, oldest first."""
    c = _TABLES["contact_readings"].c
    query = sa.select(ContactReading).where(c.person_id == person_id).order_by(c.read_at, c.reading_id)
    return (await session.scalars(query)).all()


async def people(session: AsyncSession, person_ids: Collection[UUID]) -> Sequence[Person]:
    """Those of the people who exist."""
    return (await session.scalars(sa.select(Person).where(_P.person_id.in_(list(person_ids))))).all()


async def note_readings(
    session: AsyncSession, person_ids: Iterable[UUID], reader: str, purpose: str, now: datetime
) -> None:
    """Writes down that the contact details of these people are read, in the transaction that reads them."""
    rows = [{"person_id": id_, "reader": reader, "purpose": purpose, "read_at": now} for id_ in person_ids]
    if rows:
        await session.execute(sa.insert(_TABLES["contact_readings"]).values(rows))


async def expired(session: AsyncSession, now: datetime, limit: int = 100) -> list[UUID]:
    """Sign-ups that nobody confirmed in time."""
    query = sa.select(_S.signup_id).where(_S.expires_at <= now).order_by(_S.expires_at).limit(limit)
    return list((await session.scalars(query)).all())


async def left_before(session: AsyncSession, moment: datetime, limit: int = 100) -> list[UUID]:
    """Sign-ups that were withdrawn before ``moment``."""
    query = sa.select(_S.signup_id).where(_S.withdrawn_at <= moment).order_by(_S.withdrawn_at).limit(limit)
    return list((await session.scalars(query)).all())


async def members_before(session: AsyncSession, moment: datetime, limit: int = 100) -> list[UUID]:
    """Sign-ups whose group started before ``moment``."""
    member = _S.state == State.MEMBER.value
    query = sa.select(_S.signup_id).where(member, _S.placed_at <= moment).order_by(_S.placed_at).limit(limit)
    return list((await session.scalars(query)).all())


async def forget_groups(session: AsyncSession, moment: datetime) -> None:
    """
    Forgets which group it was for those who have had no news of it since ``moment``.

    Of the time the day is left, rounded up: the same instant would tell who was in the same group.
    """
    at_rest = _S.state.in_([State.MEMBER.value, State.READY.value])
    day_after = sa.func.date_trunc("day", _S.placed_at, "UTC") + timedelta(days=1)
    await session.execute(
        sa.update(Signup)
        .where(at_rest, _S.group_id.is_not(None), _S.placed_at <= moment)
        .values(group_id=None, group_version=None, placed_at=day_after)
    )


async def forget_readings(session: AsyncSession, moment: datetime) -> None:
    """Deletes the notes of who read contact details before ``moment``."""
    await session.execute(sa.delete(ContactReading).where(_TABLES["contact_readings"].c.read_at <= moment))


async def delete_signup(session: AsyncSession, signup_id: UUID) -> None:
    """Deletes one sign-up with its questions."""
    await session.execute(sa.delete(Signup).where(_S.signup_id == signup_id))


async def delete_person(session: AsyncSession, person_id: UUID) -> bool:
    """Deletes a person with all that hangs on them; whether there was one."""
    done = await session.execute(sa.delete(Person).where(_P.person_id == person_id).returning(_P.person_id))
    return done.first() is not None


async def write_journal(session: AsyncSession, person_id: UUID, now: datetime) -> None:
    """The line in the erasure journal; may be repeated."""
    line = insert(_TABLES["erasures"]).values(person_id=person_id, erased_at=now)
    await session.execute(line.on_conflict_do_nothing())


async def journal(session: AsyncSession) -> set[UUID]:
    """Everybody in this database's erasure journal."""
    return set((await session.scalars(sa.select(_E.person_id))).all())


async def existing(session: AsyncSession, person_ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are people here."""
    return set((await session.scalars(sa.select(_P.person_id).where(_P.person_id.in_(list(person_ids))))).all())


async def of_centres(
    session: AsyncSession, centres: Collection[str], states: Collection[State], limit: int = 500, offset: int = 0
) -> Sequence[Signup]:
    """Sign-ups with these centres in these states, longest waiting first."""
    query = (
        sa.select(Signup)
        .where(_S.centre.in_(list(centres)), _S.state.in_([str(state) for state in states]))
        .order_by(_S.signed_up_at, _S.signup_id)
        .limit(limit)
        .offset(offset)
    )
    return (await session.scalars(query)).all()


async def count_states(session: AsyncSession, centres: Collection[str]) -> dict[tuple[str, State], int]:
    """How many sign-ups each of these centres has in each state."""
    query = (
        sa.select(_S.centre, _S.state, sa.func.count())
        .where(_S.centre.in_(list(centres)))
        .group_by(_S.centre, _S.state)
    )
    return {(centre, State(state)): count for centre, state, count in (await session.execute(query)).all()}
