"""
Deletion of rows that have been kept long enough: one rule for each class of rows.

The rules are independent of one another, so that each can run in a transaction of its own.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from notify.domain.delivery import Status
from notify.store import centre_messages, contact_groups, helpers, kontaktmoter
from notify.store.kontaktmote_tables import HelperAccount, InvitationRow
from notify.store.mail_tables import Mail
from notify.store.security_tables import security_events
from notify.store.tables import Bounces, ContactChange, ErasedPerson, Group, PageLink, Seat, Signup, audit_log
from shared.reference import retention
from shared.reference.centres import Centres

Rule = Callable[[AsyncSession, Centres, datetime], Awaitable[None]]


async def delete_closed_groups(session: AsyncSession, centres: Centres, now: datetime) -> None:
    """
    Delete groups that are cancelled or have ended, their mails and the sign-ups of their members.

    A group that goes on is kept for the mails to its members, until grouping says that it has forgotten them
    (:mod:`notify.usecases.forgetting`).
    """
    cutoff = _cutoff(col(Group.centre), retention.Data.GROUP_LINKS, centres, now)
    ended_at = sa.case((col(Group.closed_by) == "cancelled", col(Group.closed_at)), else_=col(Group.ended_at))
    is_empty = col(Group.forgotten_at).is_not(None) & ~sa.exists().where(col(Seat.group_id) == col(Group.id))
    expired_groups = sa.select(col(Group.id)).where(
        (ended_at < cutoff) | (is_empty & (col(Group.forgotten_at) < cutoff))
    )
    members = sa.select(col(Seat.signup_id)).where(col(Seat.group_id).in_(expired_groups), col(Seat.released).is_(None))
    await session.execute(sa.delete(Signup).where(col(Signup.id).in_(members)))
    await session.execute(sa.delete(Mail).where(col(Mail.group_id).in_(expired_groups)))
    await session.execute(sa.delete(Group).where(col(Group.id).in_(expired_groups)))


async def delete_ended_signups(session: AsyncSession, centres: Centres, now: datetime) -> None:
    """Delete sign-ups that were withdrawn, or never confirmed."""
    cutoff = _cutoff(col(Signup.centre), retention.Data.MAIL, centres, now)
    await session.execute(sa.delete(Signup).where(col(Signup.withdrawn_at) < cutoff))
    await session.execute(sa.delete(Signup).where(~col(Signup.confirmed), col(Signup.expires_at) < cutoff))


async def delete_old_mails(session: AsyncSession, centres: Centres, now: datetime) -> None:
    """Delete old mails. A mail is kept while its sign-up or group exists, or it would be planned again."""
    cutoff = _cutoff(col(Mail.centre), retention.Data.MAIL, centres, now)
    has_cause = (
        sa.exists().where(col(Group.id) == col(Mail.group_id))
        | (col(Mail.group_id).is_(None) & sa.exists().where(col(Signup.id) == col(Mail.signup_id)))
        | sa.exists().where(col(InvitationRow.id) == col(Mail.invitation_id))
    )
    await session.execute(
        sa.delete(Mail).where(col(Mail.settled_at) < cutoff, col(Mail.status) != Status.CALL.value, ~has_cause)
    )


async def delete_old_erasures(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete the ids of people who were erased so long ago that no event about them can still come."""
    cutoff = now - retention.kept_for(retention.Data.ERASED_ID)
    await session.execute(sa.delete(ErasedPerson).where(col(ErasedPerson.at) < cutoff))


async def delete_old_page_links(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete requests for a person's own page whose link no longer works."""
    await session.execute(sa.delete(PageLink).where(col(PageLink.expires_at) < now))


async def delete_old_contact_changes(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete changes of contact of people about whom nothing else is left."""
    has_rows = [
        sa.exists().where(col(table.person_id) == col(ContactChange.person_id)) for table in (Signup, Seat, Mail)
    ]
    cutoff = now - retention.kept_for(retention.Data.MAIL)
    await session.execute(sa.delete(ContactChange).where(col(ContactChange.changed_at) < cutoff, ~sa.or_(*has_rows)))


async def delete_old_bounces(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete refusals and complaints of people to whom nothing is sent any more."""
    tables = (Signup.person_id, Seat.person_id, Mail.person_id, HelperAccount.account_id, InvitationRow.recipient_id)
    has_rows = [sa.exists().where(col(person_id) == col(Bounces.person_id)) for person_id in tables]
    cutoff = now - retention.kept_for(retention.Data.MAIL)
    await session.execute(sa.delete(Bounces).where(col(Bounces.last_at) < cutoff, ~sa.or_(*has_rows)))


async def delete_old_audit_entries(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete old rows of the audit log."""
    await audit_log.delete_before(session, now - retention.kept_for(retention.Data.AUDIT_ENTRY))


async def delete_old_security_events(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete old security events."""
    await security_events.delete_before(session, now - retention.kept_for(retention.Data.SECURITY_EVENT))


async def delete_old_helper_notices(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete what igangsettere were asked so long ago that its mails are deleted too."""
    await helpers.delete_before(session, now - retention.kept_for(retention.Data.MAIL))


async def delete_old_invitations(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete who was invited to meetings that are over, and groups that have ended; figures stay."""
    cutoff = now - retention.kept_for(retention.Data.MAIL)
    await kontaktmoter.delete_people(session, cutoff)
    await contact_groups.delete_ended(session, now - retention.kept_for(retention.Data.GROUP_FACT))


async def delete_old_centre_messages(session: AsyncSession, _centres: Centres, now: datetime) -> None:
    """Delete what centres have written, as long after the sending as its mails."""
    cutoff = now - retention.kept_for(retention.Data.MAIL)
    await centre_messages.delete_before(session, drafts=cutoff, sent=cutoff)


RULES: Final[Mapping[str, Rule]] = {
    "closed_groups": delete_closed_groups,
    "ended_signups": delete_ended_signups,
    "old_mails": delete_old_mails,
    "old_erasures": delete_old_erasures,
    "old_page_links": delete_old_page_links,
    "old_helper_notices": delete_old_helper_notices,
    "old_invitations": delete_old_invitations,
    "old_centre_messages": delete_old_centre_messages,
    "old_contact_changes": delete_old_contact_changes,
    "old_bounces": delete_old_bounces,
    "old_audit_entries": delete_old_audit_entries,
    "old_security_events": delete_old_security_events,
}
"""All rules by name, in the order of their run."""


def _cutoff(
    centre: Mapped[str] | Mapped[str | None], data: retention.Data, centres: Centres, now: datetime
) -> sa.ColumnElement[datetime]:
    """Return the moment before which a row of this centre is deleted."""
    cutoffs = retention.cutoffs(centres, data, now)
    return sa.case(*((centre == id_, cutoff) for id_, cutoff in cutoffs.items()), else_=now - retention.kept_for(data))
