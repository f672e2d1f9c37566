"""The command of staff that gives a mail other words: each saving is a new version."""

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.mail_texts import Texts
from notify.store import MailTextRow, audit_log, locks, mail_texts
from shared.errors import DomainError
from shared.kit.audit import Actor


async def save(
    session: AsyncSession,
    centre: str,
    kind: str,
    texts: Texts,
    *,
    based_on: int,
    reason: str = "",
    restored: int | None = None,
    actor: Actor,
) -> int:
    """
    Store a new version, which mails have that are queued from now on; return its number.

    Args:
        session: The caller's transaction.
        centre: The centre whose words they are.
        kind: The mail.
        texts: The own words, which the caller has checked; empty for those of the system.
        based_on: Number of the version that the member of staff has seen.
        reason: Why, in the member's own words.
        restored: The version that is taken up again.
        actor: The member of staff.

    Raises:
        DomainError: ``mail_text_changed_meanwhile``.
    """
    await locks.hold(session, f"mail text {centre} {kind}")
    rows = await mail_texts.versions(session, centre, kind)
    newest = rows[0].number if rows else 0
    if newest != based_on:
        raise DomainError("mail_text_changed_meanwhile")
    row = MailTextRow(
        centre=centre,
        kind=kind,
        number=newest + 1,
        texts={
            language: {block.value: text for block, text in blocks.items()}
            for language, blocks in sorted(texts.items())
        },
        saved_at=actor.now,
        saved_by=actor.username,
        reason=reason,
        restored=restored,
    )
    session.add(row)
    await session.flush()
    await audit_log.record(
        session,
        actor,
        "mail_text.saved" if restored is None else "mail_text.restored",
        "mail_text",
        f"{centre} {kind}",
        scope=centre,
        details={"version": str(row.number)},
    )
    return row.number
