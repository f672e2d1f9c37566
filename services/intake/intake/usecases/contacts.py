"""Contact details: the only use cases that open names and addresses, recording each reading in its transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.contacts import START_CONTACT_BEFORE, Purpose
from intake.domain.signups import SignupState
from intake.store import (
    Account,
    Person,
    Signup,
    accounts,
    audit_log,
    contact_readings,
    group_meetings,
    people,
    policies,
    signups,
)
from intake.usecases import sealed_addresses
from intake.usecases.accounts import open_cards
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.errors import DomainError
from shared.events import contacts
from shared.kit.audit import Actor
from shared.reference.roles import Role

PERSONAL_FIELDS: Final = ("email", "first_name", "mobile")
"""All sealed values; exported with a person, and searched for by the privacy tests."""


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A person's contact details, for staff of the person's centre. Never logged, never stored."""

    person_id: UUID
    first_name: str
    email: str | None
    mobile: str | None


async def resolve(
    session: AsyncSession, vault: Vault, question: contacts.Question, *, service: str, now: datetime
) -> contacts.Answer:
    """
    Return the contacts of these people and record the readings; erased people are left out.

    The name is None until the person has confirmed the address, because another person may have typed both. Numbers are
    answered for the purposes ``call`` and ``sms`` only.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        question: As it was asked.
        service: The service that asks, by its connection to the broker.
        now: When.

    Raises:
        DomainError: The service may not ask for that purpose.
    """
    if question.purpose not in contacts.PURPOSES.get(service, ()):
        raise DomainError("purpose_refused")
    if question.purpose == "call":
        return await _resolve_call(session, vault, question, service=service, now=now)
    if question.purpose == "kontaktmote":
        return await sealed_addresses.open_for_meeting(session, vault, question, reader=service, now=now)
    if question.purpose == "start_contact":
        return await _resolve_start_contact(session, vault, question, service=service, now=now)
    if question.purpose == "sms":
        return await _resolve_sms(session, vault, question, service=service, now=now)
    helpers = await _helpers(session, vault, question, service, now, service=service)
    opened = await _open(session, vault, question.person_ids, service, Purpose.MAIL, now, service=service)
    return contacts.Answer(
        contacts=helpers
        + tuple(
            contacts.Contact(
                person_id=person.person_id,
                first_name=key.open("people", "first_name", person.first_name_sealed) if person.confirmed_at else None,
                email=key.open("people", "email", person.email_sealed),
                language=person.language,
                has_mobile=person.mobile_sealed is not None,
            )
            for person, key in opened
        )
    )


async def _resolve_sms(
    session: AsyncSession, vault: Vault, question: contacts.Question, *, service: str, now: datetime
) -> contacts.Answer:
    """Return the numbers of confirmed people who have no e-mail address, and of such accounts; nothing else of them."""
    helpers = await _helpers(session, vault, question, service, now, service=service)
    by_phone = [
        person.person_id
        for person in await people.by_ids(session, question.person_ids)
        if person.email_sealed is None and person.mobile_sealed is not None and person.confirmed_at is not None
    ]
    opened = await _open(session, vault, by_phone, service, Purpose.SMS, now, service=service)
    numbers = [(person.person_id, _card(person, person, key).mobile, person.language) for person, key in opened]
    numbers += [(one.person_id, one.mobile, one.language) for one in helpers if one.email is None]
    return contacts.Answer(
        contacts=tuple(
            contacts.Contact(
                person_id=person_id, first_name=None, email=None, mobile=mobile, language=language, has_mobile=True
            )
            for person_id, mobile, language in numbers
            if mobile is not None
        )
    )


async def _resolve_start_contact(
    session: AsyncSession, vault: Vault, question: contacts.Question, *, service: str, now: datetime
) -> contacts.Answer:
    """
    Return first name and chosen channel of the members of a group, to its igangsetter.

    Grouping knows who starts the group. What intake knows is checked here once more: an open account, members of that
    group and centre, at the earliest seven days before the first meeting, and nobody after the handover.
    """
    account = await _reading_account(session, question.reader)
    if account is None or question.group_id is None:
        return contacts.Answer(contacts=())
    meeting = await group_meetings.get(session, question.group_id)
    early = meeting is not None and (meeting.starts_at is None or now < meeting.starts_at - START_CONTACT_BEFORE)
    if early or await policies.is_handed_over(session, question.group_id):
        return contacts.Answer(contacts=())
    rows = await signups.of_people(session, question.person_ids, [account.centre])
    members = {
        row.person_id: row
        for row in rows
        if row.group_id == question.group_id
        and row.state in (SignupState.SEATED, SignupState.MEMBER)
        and (meeting is not None or row.state == SignupState.MEMBER)
    }
    reader = str(account.account_id)
    opened = await _open(session, vault, members, reader, Purpose.START_CONTACT, now, service=service)
    return contacts.Answer(
        contacts=tuple(_start_contact(person, key, by_mail=members[person.person_id].by_mail) for person, key in opened)
    )


async def _reading_account(session: AsyncSession, reader: str | None) -> Account | None:
    try:
        account = await accounts.get(session, UUID(reader or ""))
    except ValueError:
        return None
    return account if account is not None and account.active and Role.IGANGSETTER in account.roles else None


def _start_contact(person: Person, key: PersonKey, *, by_mail: bool) -> contacts.Contact:
    card = _card(person, person, key)
    return contacts.Contact(
        person_id=person.person_id,
        first_name=card.first_name or None,
        email=card.email if by_mail else None,
        mobile=None if by_mail else card.mobile,
        language=person.language,
    )


async def _helpers(
    session: AsyncSession, vault: Vault, question: contacts.Question, reader: str, now: datetime, *, service: str
) -> tuple[contacts.Contact, ...]:
    """Return the contacts of those of the ids that are accounts; none of an account that is closed."""
    rows = [row for row in await accounts.by_ids(session, question.person_ids) if row.deactivated_at is None]
    cards = await open_cards(session, vault, rows, reader, Purpose(question.purpose), now, service=service)
    return tuple(
        contacts.Contact(
            person_id=card.row.account_id,
            first_name=card.name if card.row.confirmed_at else None,
            email=card.email,
            mobile=card.mobile if question.purpose in {"call", "sms"} else None,
            language=card.row.language,
        )
        for card in cards
    )


async def _resolve_call(
    session: AsyncSession, vault: Vault, question: contacts.Question, *, service: str, now: datetime
) -> contacts.Answer:
    """Return the contact of the person to call, with what was typed in the sign-up while that is unconfirmed."""
    reader = question.reader or service
    row = await signups.get(session, question.signup_id) if question.signup_id else None
    if row is not None and row.person_id not in question.person_ids:
        row = None
    typed = unconfirmed_only([row]) if row is not None else {}
    opened = await _open(session, vault, question.person_ids, reader, Purpose.CALL, now, service=service)
    answers = []
    for person, key in opened:
        source = typed.get(person.person_id, person)
        if row is None and person.confirmed_at is None:
            continue  # another person may have typed the details, and no sign-up says which of them are meant
        card = _card(person, source, key)
        answers.append(
            contacts.Contact(
                person_id=person.person_id,
                first_name=card.first_name or None,
                email=card.email,
                mobile=card.mobile,
                language=person.language,
                has_mobile=card.mobile is not None,
            )
        )
    helpers = await _helpers(session, vault, question, reader, now, service=service)
    return contacts.Answer(contacts=(*helpers, *answers))


def unconfirmed_only(rows: Iterable[Signup]) -> dict[UUID, Signup]:
    """
    Return by person the newest of these sign-ups; people with a confirmed one among them are left out.

    Any person can type an address that is known here, so an unconfirmed sign-up must not open the details that the
    owner of the address gave to another centre.
    """
    newest: dict[UUID, Signup] = {}
    confirmed = set()
    for row in rows:
        if row.first_name_sealed is None:
            confirmed.add(row.person_id)
        newest[row.person_id] = row
    return {person_id: row for person_id, row in newest.items() if person_id not in confirmed}


async def read_cards(
    session: AsyncSession, vault: Vault, rows: Collection[Signup], purpose: Purpose, *, actor: Actor
) -> dict[UUID, ContactCard]:
    """
    Return the contact cards of the people with these sign-ups, and record the readings.

    A person with unconfirmed sign-ups only is shown with the values typed in the newest of them.

    Args:
        session: The caller's transaction.
        vault: The person keys.
        rows: The people's sign-ups with the centres of the member of staff; see :func:`unconfirmed_only`.
        purpose: The purpose to record.
        actor: The member of staff.
    """
    if not rows:
        return {}
    typed = unconfirmed_only(rows)
    person_ids = {row.person_id for row in rows}
    opened = await _open(session, vault, person_ids, actor.username, purpose, actor.now)
    return {person.person_id: _card(person, typed.get(person.person_id, person), key) for person, key in opened}


async def view_person(
    session: AsyncSession, vault: Vault, rows: Collection[Signup], *, actor: Actor
) -> ContactCard | None:
    """Return the contact card of the one person with these sign-ups, and record the act; None if erased meanwhile."""
    cards = await read_cards(session, vault, rows, Purpose.PAGE, actor=actor)
    for person_id, card in cards.items():
        await audit_log.record(session, actor, "person.viewed", "person", person_id, scope=_scope(rows))
        return card
    return None


async def own_card(session: AsyncSession, vault: Vault, person_id: UUID, *, actor: Actor) -> ContactCard | None:
    """Return the contact card of a person for their own page, and record the reading; None if erased meanwhile."""
    opened = await _open(session, vault, [person_id], actor.username, Purpose.PAGE, actor.now)
    for person, key in opened:
        return _card(person, person, key)
    return None


def _card(person: Person, source: Person | Signup, key: PersonKey) -> ContactCard:
    return ContactCard(
        person.person_id,
        key.open("people", "first_name", source.first_name_sealed) or "",
        key.open("people", "email", person.email_sealed),
        key.open("people", "mobile", source.mobile_sealed),
    )


def _scope(rows: Collection[Signup]) -> str | None:
    return next((row.centre for row in rows), None)


async def _open(
    session: AsyncSession,
    vault: Vault,
    person_ids: Collection[UUID],
    reader: str,
    purpose: Purpose,
    now: datetime,
    *,
    service: str | None = None,
) -> list[tuple[Person, PersonKey]]:
    """Return the people that have a key, each with the key, and record that their contact details are read."""
    rows = await people.by_ids(session, person_ids)
    keys = await vault.keys(person.person_id for person in rows)
    opened = [(person, keys[person.person_id]) for person in rows if person.person_id in keys]
    read = (person.person_id for person, _ in opened)
    await contact_readings.record(session, read, reader, purpose, now, service=service)
    return opened
