"""Accounts of people who help a centre: invited by staff, opened by their own yes, ended by either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain import account_consent
from intake.domain.contacts import Purpose
from intake.domain.form import canonical_of_normalized
from intake.store import Account, AccountConsent, accounts, audit_log, contact_readings, outbox, people
from intake.usecases.erase import erase_person
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.errors import DomainError, NotFoundError
from shared.events.people import AccountInvited, IgangsetterChanged
from shared.kit.audit import Actor
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from shared.reference.roles import Role

INVITATION_VALID: Final = timedelta(days=14)

_TABLE: Final = "accounts"


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """
    The name and ways to reach of a helper, as staff enter them. Never logged.

    Attributes:
        email: Normalized; None for somebody who is reached by phone only.
    """

    name: str
    email: str | None
    mobile: str | None
    language: str


@dataclass(frozen=True, slots=True)
class AccountCard:
    """An account with its opened values, for one page. Never logged, never stored."""

    row: Account
    name: str
    email: str | None
    mobile: str | None


async def invite(
    session: AsyncSession,
    vault: Vault,
    centre: str,
    details: AccountDetails,
    *,
    registered_id: UUID | None = None,
    consented: bool = False,
    actor: Actor,
) -> UUID:
    """
    Invite somebody to help a centre by mail, or record their consent on the phone; return the id of the account.

    Args:
        session: The caller's transaction.
        vault: The keys.
        centre: The centre.
        details: Name, address, number and language.
        registered_id: Their id in the register of igangsettere, if staff have registered them before.
        consented: True if they have agreed on the phone; an address is still confirmed by mail.
        actor: The member of staff.

    Raises:
        DomainError: ``account_exists`` at this centre, ``consent_missing`` without an address, or ``unknown_account``
            for a registered id that cannot be theirs.
    """
    if details.email is None and not consented:
        raise DomainError("consent_missing")
    index = _index(vault, details.email)
    if index is not None:
        await people.lock_address(session, index)
        if await accounts.with_address(session, index, centre):
            raise DomainError("account_exists", centre=centre)
    key = await vault.new_key() if registered_id is None else await _key_for(session, vault, registered_id)
    by_phone = details.email is None
    account = Account(
        account_id=key.person_id,
        centre=centre,
        roles=[Role.IGANGSETTER.value],
        name_sealed=key.seal(_TABLE, "name", details.name) or b"",
        email_sealed=key.seal(_TABLE, "email", details.email),
        mobile_sealed=key.seal(_TABLE, "mobile", details.mobile),
        address_index=index,
        language=details.language,
        invitation_id=new_id(),
        invited_at=actor.now,
        expires_at=None if by_phone else actor.now + INVITATION_VALID,
        confirmed_at=actor.now if by_phone else None,
    )
    session.add(account)
    await session.flush()
    if consented:
        _add_consent(session, account, "oral", actor.now, recorded_by=actor.username)
    if by_phone:
        await _publish_change(session, account, actor.now, actor.cause)
    else:
        await _publish_invitation(session, account, actor.now, actor.cause)
    await _record(session, actor, "account.recorded" if by_phone else "account.invited", account)
    return account.account_id


async def invite_again(session: AsyncSession, account: Account, *, actor: Actor) -> None:
    """
    Send an unanswered invitation once more; the older link stops working.

    Raises:
        DomainError: ``account_answered``.
    """
    if account.expires_at is None:
        raise DomainError("account_answered", account_id=account.account_id)
    account.invitation_id, account.expires_at = new_id(), actor.now + INVITATION_VALID
    await _publish_invitation(session, account, actor.now, actor.cause)
    await _record(session, actor, "account.invited", account)


async def accept(
    session: AsyncSession, invitation_id: UUID, text_version: str, language: str, *, actor: Actor
) -> Account | None:
    """
    Open the account of an invitation by its owner's yes; None if the invitation is gone or was answered before.

    Raises:
        DomainError: ``consent_outdated`` if another text was shown.
    """
    account = await accounts.by_invitation(session, invitation_id, lock=True)
    if account is None or account.expires_at is None or account.expires_at <= actor.now:
        return None
    if text_version != account_consent.VERSION:
        raise DomainError("consent_outdated")
    account.expires_at, account.confirmed_at, account.language = None, actor.now, language
    _add_consent(session, account, "web", actor.now)
    await _publish_change(session, account, actor.now, actor.cause)
    await _record(session, actor, "account.opened", account)
    return account


async def decline(session: AsyncSession, vault: Vault, invitation_id: UUID, *, actor: Actor) -> bool:
    """Delete everything about somebody who does not want to help; return False if the invitation is gone."""
    account = await accounts.by_invitation(session, invitation_id, lock=True)
    if account is None or account.expires_at is None:
        return False
    await _forget_unanswered(session, vault, account)
    await _record(session, actor, "account.declined", account)
    return True


async def expire(session: AsyncSession, vault: Vault, account_id: UUID, *, actor: Actor) -> None:
    """Delete everything about somebody who has not answered in time. Idempotent."""
    account = await accounts.get(session, account_id, lock=True)
    if account is not None and account.expires_at is not None and account.expires_at <= actor.now:
        await _forget_unanswered(session, vault, account)


async def set_active(session: AsyncSession, account: Account, *, active: bool, actor: Actor) -> None:
    """
    Let somebody be asked and sign in, or not; their sessions end at once.

    Raises:
        DomainError: ``account_unanswered`` before they have agreed.
    """
    if account.confirmed_at is None:
        raise DomainError("account_unanswered", account_id=account.account_id)
    if account.active == active:
        return
    account.deactivated_at = None if active else actor.now
    if not active:
        await accounts.delete_sessions_of(session, account.account_id)
    await _publish_change(session, account, actor.now, actor.cause)
    await _record(session, actor, "account.activated" if active else "account.deactivated", account)


async def erase(session: AsyncSession, vault: Vault, account: Account, *, actor: Actor) -> None:
    """Erase somebody who no longer helps, by staff or by themselves: key, rows, register and mails. Idempotent."""
    if account.expires_at is not None:
        await _forget_unanswered(session, vault, account)
    else:
        # The cause of ``jobs.FINISH_ERASURES``: if this is interrupted, the job publishes the same event.
        await erase_person(
            session, vault, account.account_id, now=actor.now, cause=Cause.tick("erase", account.account_id)
        )
    await _record(session, actor, "account.erased", account)


async def read_cards(
    session: AsyncSession, vault: Vault, rows: Sequence[Account], purpose: Purpose, *, actor: Actor
) -> list[AccountCard]:
    """Return accounts with their names and addresses, and record the readings."""
    return await open_cards(session, vault, rows, actor.username, purpose, actor.now)


async def open_cards(
    session: AsyncSession,
    vault: Vault,
    rows: Sequence[Account],
    reader: str,
    purpose: Purpose,
    now: datetime,
    *,
    service: str | None = None,
) -> list[AccountCard]:
    """Do the same for a reader that may be a service."""
    keys = await vault.keys(row.account_id for row in rows)
    opened = [(row, keys[row.account_id]) for row in rows if row.account_id in keys]
    await contact_readings.record(session, (row.account_id for row, _ in opened), reader, purpose, now, service=service)
    return [_card(row, key) for row, key in opened]


async def view(session: AsyncSession, vault: Vault, account: Account, *, actor: Actor) -> AccountCard:
    """
    Return one account for its page, and record the act.

    Raises:
        NotFoundError: ``unknown_account`` if it was erased meanwhile.
    """
    cards = await read_cards(session, vault, [account], Purpose.PAGE, actor=actor)
    if not cards:
        raise NotFoundError("unknown_account", account_id=account.account_id)
    await _record(session, actor, "account.viewed", account)
    return cards[0]


async def _key_for(session: AsyncSession, vault: Vault, registered_id: UUID) -> PersonKey:
    """Return a key under an id that grouping gave; refuse one that anybody here has or had."""
    taken = await people.existing(session, [registered_id]) | await accounts.existing(session, [registered_id])
    if taken or await people.is_erased(session, registered_id):
        raise DomainError("unknown_account", account_id=registered_id)
    return await vault.key_for(registered_id)


async def _forget_unanswered(session: AsyncSession, vault: Vault, account: Account) -> None:
    """Delete an account to which nobody said yes; its id may be invited again, so no erasure is journaled."""
    await accounts.delete(session, account.account_id)
    session.expunge(account)
    await vault.delete_unused(account.account_id)


def _add_consent(
    session: AsyncSession, account: Account, how: Literal["web", "oral"], now: datetime, recorded_by: str | None = None
) -> None:
    session.add(
        AccountConsent(
            consent_id=new_id(),
            account_id=account.account_id,
            text_version=account_consent.VERSION,
            language=account.language,
            given_at=now,
            how=how,
            recorded_by=recorded_by,
        )
    )


async def _publish_invitation(session: AsyncSession, account: Account, now: datetime, cause: Cause) -> None:
    assert account.expires_at is not None
    event = AccountInvited(
        **cause.stamp(AccountInvited, account.invitation_id, now),
        account_id=account.account_id,
        invitation_id=account.invitation_id,
        expires_at=account.expires_at,
        language=account.language,
        centre=account.centre,
    )
    await outbox.add(session, event)


async def _publish_change(session: AsyncSession, account: Account, now: datetime, cause: Cause) -> None:
    account.version += 1
    event = IgangsetterChanged(
        **cause.stamp(IgangsetterChanged, f"{account.account_id}:{account.version}", now),
        account_id=account.account_id,
        version=account.version,
        centre=account.centre,
        active=account.active,
        by_mail=account.email_sealed is not None,
        language=account.language,
    )
    await outbox.add(session, event)


async def _record(session: AsyncSession, actor: Actor, action: str, account: Account) -> None:
    await audit_log.record(session, actor, action, "account", account.account_id, scope=account.centre)


def _card(row: Account, key: PersonKey) -> AccountCard:
    return AccountCard(
        row,
        key.open(_TABLE, "name", row.name_sealed) or "",
        key.open(_TABLE, "email", row.email_sealed),
        key.open(_TABLE, "mobile", row.mobile_sealed),
    )


def _index(vault: Vault, email: str | None) -> bytes | None:
    return vault.index("email", canonical_of_normalized(email)) if email is not None else None
