"""Queries about the second factors of staff."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.staff_tables import RecoveryCode, StaffPasskey, StaffTotp


async def passkeys_of(session: AsyncSession, username: str) -> Sequence[StaffPasskey]:
    """Return the passkeys of a user, oldest first."""
    query = sa.select(StaffPasskey).where(col(StaffPasskey.username) == username)
    return (await session.scalars(query.order_by(col(StaffPasskey.added_at), col(StaffPasskey.factor_id)))).all()


async def totps_of(session: AsyncSession, username: str) -> Sequence[StaffTotp]:
    """Return the apps for codes of a user, oldest first."""
    query = sa.select(StaffTotp).where(col(StaffTotp.username) == username)
    return (await session.scalars(query.order_by(col(StaffTotp.added_at), col(StaffTotp.factor_id)))).all()


async def has_any(session: AsyncSession, username: str) -> bool:
    """Return True if a user has a second factor."""
    passkey = sa.select(sa.literal(1)).where(col(StaffPasskey.username) == username)
    totp = sa.select(sa.literal(1)).where(col(StaffTotp.username) == username)
    return (await session.execute(sa.union_all(passkey, totp).limit(1))).first() is not None


async def count(session: AsyncSession, username: str) -> int:
    """Return the number of second factors of a user."""
    passkeys = await passkeys_of(session, username)
    return len(passkeys) + len(await totps_of(session, username))


async def lock_passkey(session: AsyncSession, credential_id: bytes, username: str) -> StaffPasskey | None:
    """Return a passkey of a user, locked."""
    query = sa.select(StaffPasskey).where(
        col(StaffPasskey.credential_id) == credential_id, col(StaffPasskey.username) == username
    )
    return (await session.scalars(query.with_for_update())).first()


async def has_credential(session: AsyncSession, credential_id: bytes) -> bool:
    """Return True if anybody has this passkey."""
    query = sa.select(sa.literal(1)).where(col(StaffPasskey.credential_id) == credential_id)
    return (await session.execute(query)).first() is not None


async def use_step(session: AsyncSession, factor_id: UUID, step: int, now: datetime) -> bool:
    """Use up all codes of an app up to a step of time; return True if that step was not used before."""
    updated = await session.execute(
        sa.update(StaffTotp)
        .where(col(StaffTotp.factor_id) == factor_id, col(StaffTotp.last_step) < step)
        .values(last_step=step, used_at=now)
        .returning(col(StaffTotp.factor_id))
    )
    return updated.first() is not None


async def totps_of_other_key(session: AsyncSession, kek_id: str) -> list[UUID]:
    """Return the apps whose secret is encrypted by another key-encryption key."""
    query = sa.select(col(StaffTotp.factor_id)).where(col(StaffTotp.kek_id) != kek_id)
    return list((await session.scalars(query)).all())


async def lock_totp(session: AsyncSession, factor_id: UUID) -> StaffTotp | None:
    """Return an app, locked."""
    query = sa.select(StaffTotp).where(col(StaffTotp.factor_id) == factor_id)
    return (await session.scalars(query.with_for_update())).first()


async def delete(session: AsyncSession, factor_id: UUID, username: str) -> bool:
    """Delete a factor of a user; return True if there was one."""
    for table in (StaffPasskey, StaffTotp):
        deleted = await session.execute(
            sa.delete(table)
            .where(col(table.factor_id) == factor_id, col(table.username) == username)
            .returning(col(table.factor_id))
        )
        if deleted.first() is not None:
            return True
    return False


async def delete_all(session: AsyncSession, username: str) -> None:
    """Delete all factors and recovery codes of a user."""
    for table in (StaffPasskey, StaffTotp, RecoveryCode):
        await session.execute(sa.delete(table).where(col(table.username) == username))


async def replace_recovery_codes(session: AsyncSession, username: str, code_hashes: Collection[bytes]) -> None:
    """Replace the recovery codes of a user."""
    await session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.username) == username))
    session.add_all([RecoveryCode(code_hash=code_hash, username=username) for code_hash in code_hashes])
    await session.flush()


async def count_recovery_codes(session: AsyncSession, username: str) -> int:
    """Return the number of recovery codes that a user has left."""
    query = sa.select(sa.func.count()).where(col(RecoveryCode.username) == username)
    return (await session.scalars(query)).one()


async def use_recovery_code(session: AsyncSession, username: str, code_hash: bytes) -> bool:
    """Use up a recovery code; return True if the user had it."""
    deleted = await session.execute(
        sa.delete(RecoveryCode)
        .where(col(RecoveryCode.code_hash) == code_hash, col(RecoveryCode.username) == username)
        .returning(col(RecoveryCode.code_hash))
    )
    return deleted.first() is not None
