"""Queries on the columns with blind indexes, of all tables."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from intake.store.account_tables import Account
from intake.store.guest_tables import MeetingGuest
from intake.store.quiet_pair_tables import QuietName
from intake.store.sealed_tables import SealedAddress
from intake.store.tables import Person, Submission

_TABLES: Final = "people, submissions, accounts, meeting_guests, sealed_addresses, quiet_names"
_BYTES: Final = 32


async def lock(session: AsyncSession) -> None:
    """Lock all tables with an index until the transaction ends; wait at most five seconds for other transactions."""
    await session.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
    await session.execute(sa.text(f"LOCK TABLE {_TABLES} IN ACCESS EXCLUSIVE MODE"))


async def has_other_version(session: AsyncSession, mark: bytes, number: int) -> bool:
    """Return True if a row has an index under another version of the key."""
    other = (
        sa.exists().where(_is_other_person(mark, number)),
        sa.exists().where(_is_other(col(Submission.address_index), mark)),
        sa.exists().where(_is_other(col(Account.address_index), mark)),
        sa.exists().where(_is_other(col(MeetingGuest.mailbox_index), mark)),
        sa.exists().where(_is_other(col(SealedAddress.tag), mark)),
        sa.exists().where(_is_other_bucket(col(QuietName.bucket), number)),
    )
    return bool(await session.scalar(sa.select(sa.or_(*other))))


async def people_of_other_version(session: AsyncSession, mark: bytes, number: int) -> Sequence[Person]:
    """Return the people with an index under another version."""
    return (await session.scalars(sa.select(Person).where(_is_other_person(mark, number)))).all()


async def submissions_of_other_version(session: AsyncSession, mark: bytes) -> Sequence[Submission]:
    """Return the undecided submissions with an index under another version."""
    return (await session.scalars(sa.select(Submission).where(_is_other(col(Submission.address_index), mark)))).all()


async def accounts_of_other_version(session: AsyncSession, mark: bytes) -> Sequence[Account]:
    """Return the accounts with an index under another version."""
    return (await session.scalars(sa.select(Account).where(_is_other(col(Account.address_index), mark)))).all()


async def sealed_of_other_version(session: AsyncSession, mark: bytes) -> Sequence[SealedAddress]:
    """Return the sealed addresses with a tag under another version."""
    return (await session.scalars(sa.select(SealedAddress).where(_is_other(col(SealedAddress.tag), mark)))).all()


async def copy_to_guests(session: AsyncSession, person_ids: Collection[UUID]) -> None:
    """Give the guests of meetings the indexes of the people whom they are."""
    guests = (
        sa.update(MeetingGuest)
        .where(col(MeetingGuest.person_id) == col(Person.person_id), col(MeetingGuest.person_id).in_(list(person_ids)))
        .values(mailbox_index=col(Person.mailbox_index))
        .execution_options(synchronize_session=False)
    )
    await session.execute(guests)


async def quiet_names_of_other_version(session: AsyncSession, number: int) -> Sequence[QuietName]:
    """Return the names of those whom people must not meet with a bucket under another version."""
    return (await session.scalars(sa.select(QuietName).where(_is_other_bucket(col(QuietName.bucket), number)))).all()


def _is_other_bucket(bucket: Mapped[int | None], number: int) -> sa.ColumnElement[bool]:
    return sa.and_(bucket.is_not(None), bucket.op(">>")(16) != number)


def _is_other_person(mark: bytes, number: int) -> sa.ColumnElement[bool]:
    return sa.or_(
        _is_other(col(Person.address_index), mark),
        _is_other(col(Person.mailbox_index), mark),
        _is_other_bucket(col(Person.mobile_bucket), number),
    )


def _is_other(column: Mapped[bytes | None], mark: bytes) -> sa.ColumnElement[bool]:
    own = sa.and_(sa.func.length(column) == _BYTES + len(mark), sa.func.substr(column, 1, len(mark)) == mark)
    return sa.and_(column.is_not(None), sa.not_(own))
