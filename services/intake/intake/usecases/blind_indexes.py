"""Commands on blind indexes: compute all anew when the key is replaced."""

import json
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import canonical_of_normalized
from intake.store import Person, Submission, blind_indexes, quiet_pairs
from intake.usecases.quiet_pairs import write_bucket_anew
from intake.usecases.sealed_addresses import tag_of
from intake.usecases.signup_rows import contact_indexes
from intake.vault.blind_index import BlindIndex
from intake.vault.vault import Vault
from shared.kit.logging import get_logger

SETTLED_AFTER: Final = timedelta(days=2)
"""Age of a key after which no row of the one before can come any more."""

log = get_logger(__name__)


async def compute_anew(session: AsyncSession, vault: Vault, *, today: date | None = None) -> None:
    """
    Compute every index anew that is not under the newest version of the key, and use that version from now on.

    Nobody reads or writes these rows meanwhile, so that one address is one person under every version. An index that
    was computed a moment before may still be stored under the old version: the next run finds it, and so does the
    press that confirms. Idempotent.

    Args:
        session: The caller's transaction.
        vault: The keys.
        today: Leaves the rows alone if the key was replaced days before; None to look at them in any case.
    """
    newest = vault.newest_blind()
    if newest.number == vault.blind.number:
        settled = today is not None and (newest.made is None or today - newest.made > SETTLED_AFTER)
        if settled or not await blind_indexes.has_other_version(session, newest.mark, newest.number):
            return
    await blind_indexes.lock(session)
    rows = await blind_indexes.people_of_other_version(session, newest.mark, newest.number)
    undecided = await blind_indexes.submissions_of_other_version(session, newest.mark)
    accounts = await blind_indexes.accounts_of_other_version(session, newest.mark)
    names = await blind_indexes.quiet_names_of_other_version(session, newest.number)
    sealed: list[Person | Submission] = [*rows, *undecided]
    owner_ids = {row.person_id for row in (*sealed, *names)}
    keys = await vault.keys(owner_ids | {row.account_id for row in accounts})
    for row in sealed:
        if key := keys.get(row.person_id):
            email = key.open("people", "email", row.email_sealed)
            mobile = key.open("people", "mobile", row.mobile_sealed)
            for column, value in contact_indexes(newest, email, mobile).items():
                setattr(row, column, value)
    for account in accounts:
        if (key := keys.get(account.account_id)) and (address := key.open("accounts", "email", account.email_sealed)):
            account.address_index = newest.index("email", canonical_of_normalized(address))
    for name in names:
        if key := keys.get(name.person_id):
            write_bucket_anew(newest, name, key)
    await session.flush()
    await blind_indexes.copy_to_guests(session, [row.person_id for row in rows])
    await _tag_anew(session, vault, newest)
    await session.flush()
    await quiet_pairs.compare_again(session)  # somebody may have confirmed meanwhile under the version before
    vault.blind = newest
    log.info("blind_indexes_computed", count=len(rows), version=newest.number)


async def own_index(vault: Vault, person: Person) -> bytes | None:
    """Return the index of a person's address; computed anew if another version of the key made it."""
    if person.address_index is not None and not vault.blind.is_own(person.address_index):
        key = (await vault.keys([person.person_id])).get(person.person_id)
        email = key.open("people", "email", person.email_sealed) if key else None
        if email is not None:
            person.address_index = vault.blind.index("email", canonical_of_normalized(email))
    return person.address_index


async def _tag_anew(session: AsyncSession, vault: Vault, newest: BlindIndex) -> None:
    rows = await blind_indexes.sealed_of_other_version(session, newest.mark)
    keys = await vault.groups.keys({row.group_id for row in rows})
    for row in rows:
        if key := keys.get(row.group_id):
            email = json.loads(key.open("sealed_addresses", "sealed", row.sealed) or "{}").get("email")
            if email:
                row.tag = tag_of(newest, row.group_id, email)
