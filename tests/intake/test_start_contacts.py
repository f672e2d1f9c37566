"""The door to contacts for the igangsetter of a group: who, whom, and from when until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from intake.store import accounts
from intake.usecases import accounts as account_commands
from intake.usecases import contacts
from intake.usecases.accounts import AccountDetails
from shared.events.contacts import Answer, Question
from tests.intake.support.world import World

DAY = timedelta(days=1)


async def igangsetter(world: World, centre: str = "link-bergen") -> UUID:
    """An igangsetter who has agreed on the phone."""
    async with world.transaction() as session:
        details = AccountDetails("Iga", None, "+4791234567", "nb")
        return await account_commands.invite(session, world.vault, centre, details, consented=True, actor=world.actor())


async def in_group(world: World, group_id: UUID, state: str = "seated", **form: str) -> UUID:
    """A confirmed person with a seat in a group."""
    signup_id = await world.confirmed(**form)
    async with world.transaction() as session:
        await session.execute(
            sa.text(
                "update signups set state = :state, group_id = :group_id, group_version = 1, placed_at = signed_up_at "
                "where signup_id = :signup_id"
            ),
            {"state": state, "group_id": group_id, "signup_id": signup_id},
        )
    return await world.person_of(signup_id)


async def meeting(world: World, group_id: UUID, starts_at: datetime) -> None:
    async with world.transaction() as session:
        await session.execute(
            sa.text("insert into group_meetings values (:group_id, 1, :starts_at, 'Storstua', :keep_until)"),
            {"group_id": group_id, "starts_at": starts_at, "keep_until": starts_at + 30 * DAY},
        )


async def ask(world: World, group_id: UUID, reader: UUID | str, *person_ids: UUID) -> Answer:
    question = Question(person_ids=person_ids, purpose="start_contact", group_id=group_id, reader=str(reader))
    async with world.transaction() as session:
        return await contacts.resolve(session, world.vault, question, service="grouping", now=world.clock.now())


async def test_first_name_and_chosen_channel_are_all_that_is_answered(world: World) -> None:
    group, iga = uuid4(), await igangsetter(world)
    by_mail = await in_group(world, group, email="kari@example.org", mobile="+4798765432")
    await meeting(world, group, world.clock.now() + 3 * DAY)
    (contact,) = (await ask(world, group, iga, by_mail)).contacts
    assert (contact.first_name, contact.email, contact.mobile) == ("Kari", "kari@example.org", None)
    assert await world.count("contact_readings", f"reader = '{iga}' and purpose = 'start_contact'") == 1


@pytest.mark.parametrize(
    ("before", "shown"),
    [(7 * DAY + timedelta(minutes=1), False), (7 * DAY, True), (timedelta(), True), (-9 * DAY, True)],
)
async def test_names_are_answered_from_seven_days_before(world: World, before: timedelta, shown: bool) -> None:
    group, iga = uuid4(), await igangsetter(world)
    person = await in_group(world, group)
    await meeting(world, group, world.clock.now() + before)
    assert bool((await ask(world, group, iga, person)).contacts) == shown


async def test_nobody_is_answered_who_is_not_a_member_of_that_group(world: World) -> None:
    group, iga = uuid4(), await igangsetter(world)
    person = await in_group(world, uuid4())
    waiting = await world.person_of(await world.confirmed(email="ola@example.org", first_name="Ola"))
    await meeting(world, group, world.clock.now() + DAY)
    assert (await ask(world, group, iga, person, waiting, iga)).contacts == ()


@pytest.mark.parametrize("reader", ["closed", "other_centre", "nobody", "berit", "erased"])
async def test_nobody_but_an_igangsetter_of_the_centre_is_answered(world: World, reader: str) -> None:
    group = uuid4()
    iga = await igangsetter(world, "link-oslo" if reader == "other_centre" else "link-bergen")
    person = await in_group(world, group)
    await meeting(world, group, world.clock.now() + DAY)
    async with world.transaction() as session:
        account = await accounts.get(session, iga)
        assert account is not None
        if reader == "closed":
            await account_commands.set_active(session, account, active=False, actor=world.actor())
        if reader == "erased":
            await account_commands.erase(session, world.vault, account, actor=world.actor())
    others: dict[str, UUID | str] = {"nobody": uuid4(), "berit": "berit"}
    who = others.get(reader, iga)
    assert (await ask(world, group, who, person)).contacts == ()
    assert await world.count("contact_readings", "purpose = 'start_contact'") == 0


async def test_nobody_is_answered_after_the_handover(world: World) -> None:
    group, iga = uuid4(), await igangsetter(world)
    person = await in_group(world, group, "member")
    assert len((await ask(world, group, iga, person)).contacts) == 1
    async with world.transaction() as session:
        await session.execute(
            sa.text("insert into group_policies (group_id, handed_over, seen_at) values (:group_id, true, :now)"),
            {"group_id": group, "now": datetime.now(UTC)},
        )
    assert (await ask(world, group, iga, person)).contacts == ()
