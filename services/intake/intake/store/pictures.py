"""Queries about the pictures that centres have uploaded."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from intake.store.picture_tables import CentrePicture
from intake.store.tables import PolicyVersion
from shared.reference.brand_pictures import Upload

SEEN_ONLY: Final = timedelta(days=1)
"""How long a picture stays that was in a preview, and that nobody has saved."""


async def add(session: AsyncSession, centre: str, upload: Upload, now: datetime) -> None:
    """Store a picture of a centre, and delete those of its previews that nobody has saved."""
    named = sa.select(col(PolicyVersion.number)).where(
        col(PolicyVersion.centre) == centre,
        sa.cast(col(PolicyVersion.texts), sa.Text).contains(col(CentrePicture.digest)),
    )
    unused = sa.delete(CentrePicture).where(
        col(CentrePicture.centre) == centre, col(CentrePicture.stored_at) < now - SEEN_ONLY, ~named.exists()
    )
    await session.execute(unused)
    row = insert(CentrePicture).values(
        centre=centre,
        digest=upload.stored.digest,
        media_type=upload.stored.media_type,
        content=upload.content,
        stored_at=now,
    )
    await session.execute(
        row.on_conflict_do_update(index_elements=["centre", "digest"], set_={"stored_at": row.excluded.stored_at})
    )


async def get(session: AsyncSession, centre: str, digest: str) -> CentrePicture | None:
    """Return a picture of a centre, or None."""
    return await session.get(CentrePicture, (centre, digest))
