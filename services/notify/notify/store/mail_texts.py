"""Queries about the words that centres have written in mails."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notify.domain.mail_texts import NO_WORDS, Block
from notify.store.mail_tables import Mail
from notify.store.mail_text_tables import MailTextRow


async def versions(session: AsyncSession, centre: str, kind: str) -> Sequence[MailTextRow]:
    """Return the versions of one mail's own words, the newest first."""
    query = sa.select(MailTextRow).where(col(MailTextRow.centre) == centre, col(MailTextRow.kind) == kind)
    return (await session.scalars(query.order_by(col(MailTextRow.number).desc()))).all()


async def newest(session: AsyncSession, centre: str) -> dict[str, MailTextRow]:
    """Return the newest version of each mail of a centre that has any, by kind."""
    query = (
        sa.select(MailTextRow)
        .where(col(MailTextRow.centre) == centre)
        .order_by(col(MailTextRow.kind), col(MailTextRow.number).desc())
        .ext(distinct_on(col(MailTextRow.kind)))
    )
    return {row.kind: row for row in await session.scalars(query)}


async def of_mails(session: AsyncSession, mail_ids: Collection[UUID]) -> Mapping[UUID, Mapping[Block, str]]:
    """
    Return the own words of each mail, in its language.

    They are those of the newest version that was saved before the mail was queued, so that a mail that waits, and each
    copy of it, keeps its words.
    """
    query = (
        sa.select(col(Mail.id), col(MailTextRow.texts)[col(Mail.language)])
        .join(MailTextRow, (col(MailTextRow.centre) == col(Mail.centre)) & (col(MailTextRow.kind) == col(Mail.kind)))
        .where(col(Mail.id).in_(mail_ids), col(MailTextRow.saved_at) <= col(Mail.created_at))
        .order_by(col(Mail.id), col(MailTextRow.number).desc())
        .ext(distinct_on(col(Mail.id)))
    )
    words: dict[UUID, Mapping[Block, str]] = dict.fromkeys(mail_ids, NO_WORDS)
    for mail_id, blocks in await session.execute(query):
        words[mail_id] = {Block(name): text for name, text in (blocks or {}).items()}
    return words
