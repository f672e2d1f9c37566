"""Queries about the sealed addresses of groups on their own, and the meetings for which they may be opened."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.group_tables import GroupPolicy
from intake.store.sealed_tables import AddressToSeal, AnnouncedMeeting, SealedAddress


async def put_in_line(session: AsyncSession, person_id: UUID, group_id: UUID, centre: str) -> None:
    """Let the job seal the address of a person for a group."""
    row = insert(AddressToSeal).values(person_id=person_id, group_id=group_id, centre=centre)
    await session.execute(row.on_conflict_do_nothing())


async def people_in_line(session: AsyncSession) -> list[UUID]:
    """Return the people whose address is to be sealed."""
    return list(await session.scalars(sa.select(col(AddressToSeal.person_id)).order_by(col(AddressToSeal.person_id))))


async def take_in_line(session: AsyncSession, person_id: UUID) -> Sequence[AddressToSeal]:
    """Lock and return what is to be sealed of a person."""
    query = sa.select(AddressToSeal).where(col(AddressToSeal.person_id) == person_id).with_for_update(skip_locked=True)
    return (await session.scalars(query)).all()


async def has_ended(session: AsyncSession, group_id: UUID) -> bool:
    """Return True if the group was dissolved or counts as ended."""
    row = await session.get(GroupPolicy, group_id, populate_existing=True)
    return row is not None and row.ended


async def add(session: AsyncSession, group_id: UUID, centre: str, tag: bytes, sealed: bytes) -> None:
    """Store an address, once for each mailbox."""
    row = insert(SealedAddress).values(address_id=uuid4(), group_id=group_id, centre=centre, tag=tag, sealed=sealed)
    await session.execute(row.on_conflict_do_nothing())


async def of_groups(session: AsyncSession, group_ids: Collection[UUID], centre: str) -> Sequence[SealedAddress]:
    """Return the addresses of the groups that belong to a centre."""
    query = sa.select(SealedAddress).where(col(SealedAddress.group_id).in_(group_ids))
    return (await session.scalars(query.where(col(SealedAddress.centre) == centre))).all()


async def groups(session: AsyncSession) -> list[UUID]:
    """Return the groups with an address, or with one to seal."""
    query = sa.union(sa.select(col(SealedAddress.group_id)), sa.select(col(AddressToSeal.group_id)))
    return list(await session.scalars(query))


async def delete_tags(session: AsyncSession, tags: Collection[bytes]) -> int:
    """Delete the addresses with these tags; return how many there were."""
    gone = sa.delete(SealedAddress).where(col(SealedAddress.tag).in_(tags)).returning(col(SealedAddress.address_id))
    return len((await session.scalars(gone)).all())


async def delete_group(session: AsyncSession, group_id: UUID) -> None:
    """Delete the addresses of a group, and those that were to be sealed for it."""
    await session.execute(sa.delete(SealedAddress).where(col(SealedAddress.group_id) == group_id))
    await session.execute(sa.delete(AddressToSeal).where(col(AddressToSeal.group_id) == group_id))


async def write_meeting(
    session: AsyncSession,
    kontaktmote_id: UUID,
    version: int,
    centre: str,
    starts_at: datetime,
    ends_at: datetime | None,
    *,
    open_to_all: bool,
) -> None:
    """
    Write the newest state of an announced meeting; an older event changes nothing.

    A cancellation states no end: that of before stays.
    """
    row = insert(AnnouncedMeeting).values(
        kontaktmote_id=kontaktmote_id,
        version=version,
        centre=centre,
        starts_at=starts_at,
        ends_at=ends_at or starts_at,
        open_to_all=open_to_all,
    )
    names = ("version", "centre", "starts_at", "open_to_all", *(("ends_at",) if ends_at is not None else ()))
    newest = {name: row.excluded[name] for name in names}
    older = col(AnnouncedMeeting.version) < row.excluded.version
    await session.execute(row.on_conflict_do_update(index_elements=["kontaktmote_id"], set_=newest, where=older))


async def meeting(session: AsyncSession, kontaktmote_id: UUID) -> AnnouncedMeeting | None:
    """Return an announced meeting."""
    return await session.get(AnnouncedMeeting, kontaktmote_id, populate_existing=True)


async def delete_meetings(session: AsyncSession, ended_until: datetime) -> None:
    """Delete meetings that ended at or before a moment."""
    await session.execute(sa.delete(AnnouncedMeeting).where(col(AnnouncedMeeting.ends_at) <= ended_until))
