"""
Whom people must not meet: names that they give, compared with the addresses and numbers of confirmed people.

A press only stores. A job compares, publishes and ends, under causes of its own, so that no answer, event or trace of
the press tells whether anybody has the address. Nothing of it is recorded or logged (decision 54).
"""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.form import mailbox_of_normalized
from intake.store import Person, QuietName, Signup, outbox, quiet_pairs
from intake.usecases import signup_events
from intake.usecases.locks import lock_person
from intake.usecases.signup_events import WishesEvent
from intake.vault.blind_index import BlindIndex
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.errors import DomainError, NotFoundError
from shared.events.people import ApartEnded, KeptApart
from shared.events.signups import QUIET_PAIRS_MAX, QuietPair
from shared.kit.messaging.causes import Cause
from shared.reference.limits import QUIET_NAMES

LENGTH: Final = 320
"""Characters of what is sealed, so that no length tells of an address."""

LEAST_DELAY: Final = timedelta(days=7)
MOST_DELAY: Final = timedelta(days=14)
"""From taking back to the end: an offer that follows at once would tell that the other person is in that group."""

_TABLE: Final = "quiet_names"


async def give_name(session: AsyncSession, vault: Vault, person_id: UUID, contact: str) -> None:
    """
    Store a normalized address or number; the job :func:`settle` does the rest.

    The same work for everybody. Every name costs a place, also one that was given before.

    Raises:
        NotFoundError: ``unknown_person``.
        DomainError: ``quiet_names_full`` after as many names as one person may give.
    """
    person = await lock_person(session, person_id)
    key = (await vault.keys([person_id])).get(person_id)
    if person is None or key is None:
        raise NotFoundError("unknown_person", person_id=person_id)
    if await quiet_pairs.count_names(session, person_id) >= QUIET_NAMES.figure:
        raise DomainError("quiet_names_full")
    sealed = key.seal(_TABLE, "sealed", contact.ljust(LENGTH))
    session.add(QuietName(name_id=uuid4(), person_id=person_id, bucket=_bucket(vault.blind, contact), sealed=sealed))


async def take_back_names(session: AsyncSession, person_id: UUID, *, now: datetime) -> None:
    """Let all names that a person has given end, one to two weeks later; they still count as given."""
    seconds = secrets.randbelow(int((MOST_DELAY - LEAST_DELAY).total_seconds()))
    await quiet_pairs.take_back(session, person_id, now + LEAST_DELAY + timedelta(seconds=seconds))


async def compare(session: AsyncSession, vault: Vault, person: Person) -> None:
    """Pair a confirmed person, whose row is locked, with everybody who has named their address or number."""
    key = (await vault.keys([person.person_id])).get(person.person_id)
    own = _own(person, key) if key is not None and person.confirmed_at is not None else set()
    buckets = {_bucket(blind, contact) for contact in own for blind in vault.all_blind()}
    if not buckets:
        return
    await quiet_pairs.lock(session, buckets)
    names = await quiet_pairs.names_in(session, buckets)
    keys = await vault.keys({name.person_id for name in names})
    for name in names:
        if name.person_id in keys and _contact(keys[name.person_id], name) in own:
            await _pair(session, name, person.person_id)


async def settle(session: AsyncSession, vault: Vault, name_id: UUID, *, now: datetime) -> None:
    """
    End a name that is due; else compare it with everybody, and publish its new pairs. Idempotent.

    If somebody it may fit is being deleted by another transaction, the next run compares it once more.
    """
    unlocked = await quiet_pairs.get(session, name_id)
    key = (await vault.keys([unlocked.person_id])).get(unlocked.person_id) if unlocked else None
    if unlocked is None or key is None:
        return
    contact = _contact(key, unlocked)
    await quiet_pairs.lock(session, {_bucket(blind, contact) for blind in vault.all_blind()} if contact else ())
    name = await quiet_pairs.lock_name(session, name_id)
    if name is None:
        return
    if name.ends_at is not None and name.ends_at <= now:
        for pair_id in await quiet_pairs.end(session, name):
            stamp = Cause.tick("apart_ended", pair_id).stamp(ApartEnded, pair_id, now)
            await outbox.add(session, ApartEnded(**stamp, pair_id=pair_id))
        return
    if name.sealed is not None and contact and await _compare_name(session, vault, name, contact):
        name.compared_at = now
    for pair in await quiet_pairs.tell(session, name_id):
        one, other = sorted((name.person_id, pair.other_id))
        stamp = Cause.tick("apart", pair.pair_id).stamp(KeptApart, pair.pair_id, now)
        await outbox.add(session, KeptApart(**stamp, pair_id=pair.pair_id, person_id=one, other_person_id=other))


async def publish_wishes(
    session: AsyncSession, kind: type[WishesEvent], cause: Cause, row: Signup, now: datetime
) -> None:
    """Publish the wishes of a person who waits, with those from whom they are kept apart."""
    pairs = await quiet_pairs.pairs_of(session, row.person_id, QUIET_PAIRS_MAX)
    told = tuple(QuietPair(pair_id=pair_id, person_id=other_id) for pair_id, other_id in pairs.items())
    await outbox.add(session, signup_events.wishes(kind, cause, row, now, quiet_pairs=told))


def write_bucket_anew(blind: BlindIndex, name: QuietName, key: PersonKey) -> None:
    """Compute the bucket of a name under another version of the key."""
    if contact := _contact(key, name):
        name.bucket = _bucket(blind, contact)


async def _compare_name(session: AsyncSession, vault: Vault, name: QuietName, contact: str) -> bool:
    """Pair a name with everybody whom it fits; return False if somebody could not be looked at."""
    versions, by_mail = vault.all_blind(), "@" in contact
    mailboxes = [blind.index("mailbox", contact) for blind in versions] if by_mail else []
    buckets = [] if by_mail else [blind.bucket(contact) for blind in versions]
    rows, is_whole = await quiet_pairs.people_in(session, mailboxes, buckets)
    keys = await vault.keys({row.person_id for row in rows})
    for row in rows:
        if row.person_id in keys and contact in _own(row, keys[row.person_id]):
            await _pair(session, name, row.person_id)
    return is_whole


async def _pair(session: AsyncSession, name: QuietName, other_id: UUID) -> None:
    if name.person_id != other_id:
        await quiet_pairs.add_pair(session, name, other_id)


def _own(person: Person, key: PersonKey) -> set[str]:
    """Return the address and the number of a person, as names have them."""
    email = key.open("people", "email", person.email_sealed)
    mobile = key.open("people", "mobile", person.mobile_sealed)
    return {_canonical(contact) for contact in (email, mobile) if contact}


def _contact(key: PersonKey, name: QuietName) -> str:
    """Return the address or number of a name, empty if the name is."""
    return _canonical((key.open(_TABLE, "sealed", name.sealed) or "").strip())


def _canonical(contact: str) -> str:
    """Return the mailbox of an address: a match too many costs little here, a missed one much."""
    return mailbox_of_normalized(contact) if "@" in contact else contact


def _bucket(blind: BlindIndex, contact: str) -> int:
    return blind.bucket(_canonical(contact), kind="apart")
