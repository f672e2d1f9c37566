"""The door to contacts: what a call task of staff opens, and whose reading is recorded."""

from uuid import UUID

import pytest

from intake.usecases import confirm, contacts
from shared.errors import DomainError
from shared.events.contacts import PURPOSES, Contact, Purpose, Question, service_of, subject_of
from tests.intake.support.world import World


async def call_contact(
    world: World, signup_id: UUID | None, person_id: UUID, reader: str | None = "berit"
) -> Contact | None:
    question = Question(person_ids=(person_id,), purpose="call", signup_id=signup_id, reader=reader)
    async with world.transaction() as session:
        answer = await contacts.resolve(session, world.vault, question, service="notify", now=world.clock.now())
    return next(iter(answer.contacts), None)


async def test_resolve_call_opens_number_and_names_the_reader(world: World) -> None:
    signup_id = await world.signed_up(email=None, mobile="+4791234567")
    person_id = await world.person_of(signup_id)

    typed = await call_contact(world, signup_id, person_id)
    assert typed is not None
    assert (typed.first_name, typed.email, typed.mobile) == ("Kari", None, "+4791234567")
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
    assert await call_contact(world, signup_id, person_id, reader=None) == typed

    rows = await world.rows("select reader, service, purpose, person_id from contact_readings order by reading_id")
    assert [tuple(row) for row in rows] == [
        ("berit", "notify", "call", person_id),
        ("notify", "notify", "call", person_id),
    ]


async def test_resolve_call_opens_no_more_than_the_signup_typed(world: World) -> None:
    """A stranger types an address that is known here; the number that its owner gave is not opened for that."""
    owner_id = await world.person_of(await world.confirmed(mobile="+4791234567"))
    typed = await world.signed_up(first_name="Fremmed", place="7010")
    person_id = await world.person_of(typed)
    assert person_id != owner_id

    contact = await call_contact(world, typed, person_id)
    assert contact is not None
    assert (contact.first_name, contact.mobile) == ("Fremmed", None)


async def test_resolve_call_without_signup_opens_confirmed_people_only(world: World) -> None:
    signup_id = await world.signed_up(email=None, mobile="+4791234567")
    person_id = await world.person_of(signup_id)
    assert await call_contact(world, None, person_id) is None
    assert await call_contact(world, UUID(int=1), person_id) is None
    await world.erase(person_id)
    assert await call_contact(world, signup_id, person_id) is None


async def test_resolve_mail_answers_no_number(world: World) -> None:
    person_id = await world.person_of(await world.confirmed(mobile="+4791234567"))
    async with world.transaction() as session:
        question = Question(person_ids=(person_id,), purpose="mail")
        answer = await contacts.resolve(session, world.vault, question, service="notify", now=world.clock.now())
    assert [contact.mobile for contact in answer.contacts] == [None]


async def test_resolve_sms_opens_numbers_of_confirmed_people_without_address(world: World) -> None:
    by_mail = await world.person_of(await world.confirmed(mobile="+4791234567"))
    signup_id = await world.signed_up(email=None, mobile="+4798765432")
    by_phone = await world.person_of(signup_id)

    async def numbers() -> list[tuple[UUID, str | None, str | None, str | None]]:
        question = Question(person_ids=(by_mail, by_phone, UUID(int=1)), purpose="sms")
        async with world.transaction() as session:
            answer = await contacts.resolve(session, world.vault, question, service="notify", now=world.clock.now())
        return [(one.person_id, one.mobile, one.email, one.first_name) for one in answer.contacts]

    assert await numbers() == []
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
    assert await numbers() == [(by_phone, "+4798765432", None, None)]
    rows = await world.rows("select reader, purpose, person_id from contact_readings where purpose = 'sms'")
    assert [tuple(row) for row in rows] == [("notify", "sms", by_phone)]
    await world.erase(by_phone)
    assert await numbers() == []


@pytest.mark.parametrize(
    ("service", "purpose"),
    [
        ("grouping", "mail"),
        ("grouping", "sms"),
        ("grouping", "call"),
        ("grouping", "kontaktmote"),
        ("notify", "start_contact"),
        ("intake", "mail"),
        ("operator", "call"),
        ("", "mail"),
    ],
)
async def test_resolve_refuses_a_purpose_of_another_service(world: World, service: str, purpose: Purpose) -> None:
    person_id = await world.person_of(await world.confirmed())
    if purpose == "kontaktmote":
        question = Question(group_ids=(UUID(int=1),), purpose=purpose, kontaktmote_id=UUID(int=2))
    else:
        question = Question(person_ids=(person_id,), purpose=purpose, reader="notify")
    with pytest.raises(DomainError, match="purpose_refused"):
        async with world.transaction() as session:
            await contacts.resolve(session, world.vault, question, service=service, now=world.clock.now())
    assert await world.count("contact_readings") == 0


def test_subject_of_names_one_service_and_no_more() -> None:
    assert [service_of(subject_of(service)) for service in PURPOSES] == list(PURPOSES)
