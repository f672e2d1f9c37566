"""Registration and confirmation up to the waiting list, on real databases."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from intake import jobs
from intake.domain.form import FormInvalid
from intake.domain.signups import ConfirmationStatus
from intake.domain.talks import TalkOutcome
from intake.store import Signup
from intake.usecases import confirm
from intake.usecases import talks as talk_usecases
from intake.usecases.register import KeyUsedBefore
from intake.usecases.signup_rows import Source
from shared.errors import DomainError
from shared.events import signups
from shared.reference.centres import Centres
from tests.intake.support.world import World

OSLO = {"place": "0150"}


async def test_register_writes_signup_consent_and_one_event(world: World) -> None:
    signup_id = await world.signed_up()
    (event,) = await world.events()
    assert isinstance(event, signups.Received)
    assert (signup_id, 1, "link-bergen", "nb", True) == (
        event.signup_id, event.version, event.centre, event.language, event.by_mail,
    )  # fmt: skip
    assert timedelta(hours=72) == event.expires_at - event.occurred_at
    ((state, slots, kommune),) = await world.rows("select state, slots, kommune from signups")
    assert (state, slots, kommune) == ("received", ["tue-evening", "thu-day"], "4601")
    assert await world.count("consents", "how = 'web' and recorded_by is null") == 1


async def test_register_leaves_no_readable_personal_data(world: World) -> None:
    await world.signed_up(first_name="Hemmelignavn", email="hemmelig@example.org", mobile="+4791234567")
    await world.signed_up(first_name="Hemmelignavn", email="hemmelig@example.org", slots=["mon-day"])
    for (table,) in await world.rows("select tablename from pg_tables where schemaname = 'public'"):
        for row in await world.rows(f"select t::text, replace(t::text, chr(92), '') from \"{table}\" t"):
            for text in row:
                assert "emmelig" not in text
                assert "91234567" not in text
                assert b"emmelig".hex() not in text


async def test_register_identical_form_is_same_signup_and_mail(world: World) -> None:
    assert await world.signed_up() == await world.signed_up()
    assert await world.subjects() == ["received"]
    assert await world.count("consents") == 1


async def test_register_hundred_identical_forms_at_once_is_one_person(world: World) -> None:
    ids = await asyncio.gather(*(world.signed_up() for _ in range(100)))
    assert len(set(ids)) == 1
    assert await world.subjects() == ["received"]
    assert (await world.count("people"), await world.count("signups"), await world.count("confirmations")) == (1, 1, 1)


async def test_register_hundred_phone_forms_at_once_is_one_person(world: World) -> None:
    ids = await asyncio.gather(*(world.signed_up(email=None, mobile="+4791234567") for _ in range(100)))
    assert len(set(ids)) == 1
    assert (await world.count("people"), await world.count("signups")) == (1, 1)


async def test_register_two_people_with_same_phone_are_two_people(world: World) -> None:
    await world.signed_up(email=None, mobile="+4791234567", first_name="Kari")
    await world.signed_up(email=None, mobile="+4791234567", first_name="Ola")
    assert await world.count("people") == 2


async def test_register_third_form_of_the_day_waits_and_changes_no_other(world: World) -> None:
    ids = [await world.signed_up(slots=[f"{day}-day"]) for day in ("mon", "tue", "wed", "thu")]
    assert len(set(ids)) == 4
    assert await world.subjects() == ["received", "received"]
    assert await world.count("confirmations", "asked_at is null") == 2
    await world.confirm_newest()
    (ready,) = [event for event in await world.events() if isinstance(event, signups.Ready)]
    assert ready.slots == ("tue-day",)


async def test_register_next_day_sends_another_mail(world: World) -> None:
    for day in ("mon", "tue", "wed"):
        await world.signed_up(slots=[f"{day}-day"])
    world.later(hours=25)
    await world.signed_up(slots=["fri-day"])
    assert len(await world.subjects()) == 3


async def test_send_postponed_after_a_day_sends_once(world: World) -> None:
    await world.confirmed(slots=["mon-day"])
    await world.confirmed(slots=["tue-day"])
    held = await world.signed_up(slots=["wed-day"])
    assert await world.count("confirmations", "asked_at is null") == 1
    await jobs.SEND_POSTPONED.run(world.jobs)
    assert len(await world.signup_subjects()) == 5
    world.later(hours=24, minutes=1)
    for _ in range(2):
        await jobs.SEND_POSTPONED.run(world.jobs)
        assert len(await world.signup_subjects()) == 6
    newest = (await world.events())[-1]
    assert isinstance(newest, signups.Received)
    assert (held, 2) == (newest.signup_id, newest.version)
    assert ConfirmationStatus.CONFIRMED is await world.confirm_newest()
    assert (await world.subjects())[-1] == "changed"


async def test_confirm_publishes_confirmed_and_ready(world: World) -> None:
    signup_id = await world.confirmed()
    received, confirmed, ready = await world.events()
    assert isinstance(confirmed, signups.Confirmed)
    assert isinstance(ready, signups.Ready)
    assert ((), signup_id, 2, 3) == (confirmed.awaits, ready.signup_id, confirmed.version, ready.version)
    assert (
        ready.centre, ready.kommune, ready.slots, ready.languages, ready.max_travel_km,
    ) == ("link-bergen", "4601", ("tue-evening", "thu-day"), ("nb",), 20)  # fmt: skip
    assert world.clock.now() == ready.signed_up_at
    assert (round(ready.latitude, 2), round(ready.longitude, 2)) == (ready.latitude, ready.longitude)
    assert ConfirmationStatus.ALREADY is await world.confirm_newest()
    assert len(await world.events()) == 3
    del received


async def test_confirm_many_at_once_confirms_once(world: World) -> None:
    await world.signed_up()
    (received,) = await world.events()
    assert isinstance(received, signups.Received)
    answers = await asyncio.gather(*(world.confirm(received.confirmation_id) for _ in range(30)))
    assert (answers.count(ConfirmationStatus.CONFIRMED), answers.count(ConfirmationStatus.ALREADY)) == (1, 29)
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_confirm_after_three_days_is_gone(world: World) -> None:
    await world.signed_up()
    world.later(hours=72)
    assert ConfirmationStatus.GONE is await world.confirm_newest()
    assert ConfirmationStatus.GONE is await world.confirm(uuid4())
    assert await world.subjects() == ["received"]


async def test_confirm_new_wishes_while_waiting_keeps_queue_position(world: World) -> None:
    first = await world.confirmed()
    since = world.clock.now()
    world.later(days=3)
    await world.signed_up(slots=["sat-day"], max_travel_km=5, first_name="Kari Anne", language="nn")
    assert await world.subjects() == ["received", "confirmed", "ready", "received"]
    assert ConfirmationStatus.CONFIRMED is await world.confirm_newest()
    changed = (await world.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert (first, 4, ("sat-day",), 5, since, "nn") == (
        changed.signup_id, changed.version, changed.slots, changed.max_travel_km, changed.signed_up_at,
        changed.language,
    )  # fmt: skip
    assert (await world.count("people"), await world.count("signups")) == (1, 1)
    assert ConfirmationStatus.ALREADY is await world.confirm_newest()


async def test_register_unconfirmed_wishes_change_nothing(world: World) -> None:
    await world.confirmed()
    known = "select * from people where confirmed_at is not null"
    before = await world.rows(known), await world.rows("select * from consents")
    await world.signed_up(first_name="Fremmed", mobile="+4799999999", slots=["sun-day"], language="en")
    assert before[0] == await world.rows(known)
    assert set(before[1]) < set(await world.rows("select * from consents"))
    assert await world.count("signups", "state = 'ready'") == 1


async def test_confirm_member_of_started_group_starts_new_signup(world: World) -> None:
    first = await world.confirmed()
    async with world.transaction() as session:
        row = await session.get_one(Signup, first)
        row.state, row.group_id, row.group_version, row.placed_at = "member", uuid4(), 1, world.clock.now()
    world.later(days=60)
    second = await world.confirmed(slots=["sat-day"])
    ready = (await world.events())[-1]
    assert isinstance(ready, signups.Ready)
    assert (second, world.clock.now()) == (ready.signup_id, ready.signed_up_at)
    assert second != first


async def test_register_used_key_returns_none_or_raises(world: World) -> None:
    assert await world.register(key="abc") is not None
    assert await world.register(key="abc") is None
    with pytest.raises(KeyUsedBefore):
        await world.register(key="abc", first_name="Ola")
    assert await world.subjects() == ["received"]
    assert await world.count("idempotency_keys") == 1


async def test_register_unread_information_raises_form_invalid(world: World) -> None:
    with pytest.raises(FormInvalid) as refused:
        await world.register(place="0150", information_version=None)
    assert [error.field for error in refused.value.errors] == ["information_version"]
    assert await world.events() == []
    await world.confirmed(**OSLO)
    assert await world.subjects() == ["received", "confirmed", "ready"]


@pytest.fixture
async def talks(world: World) -> World:
    """A world where LINK Bergen requires a forsamtale."""
    changed = tuple(
        centre.model_copy(update={"policy": centre.policy.model_copy(update={"forsamtale": "required"})})
        if centre.id == "link-bergen"
        else centre
        for centre in world.centres.all
    )
    world.directory.replace(Centres(changed))
    return world


async def complete_talk(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await talk_usecases.record_outcome(session, world.centres, signup_id, TalkOutcome.CLEAR, actor=world.actor())


async def test_complete_talk_publishes_ready_once(talks: World) -> None:
    signup_id = await talks.confirmed()
    confirmed = (await talks.events())[-1]
    assert isinstance(confirmed, signups.Confirmed)
    assert confirmed.awaits == ("talk",)
    await complete_talk(talks, signup_id)
    await complete_talk(talks, signup_id)
    assert await talks.subjects() == ["received", "confirmed", "talk_held", "ready"]


async def test_complete_talk_before_confirmation_raises(talks: World) -> None:
    signup_id = await talks.signed_up()
    with pytest.raises(DomainError, match="not_confirmed"):
        await complete_talk(talks, signup_id)


async def test_confirm_new_wishes_before_talk_replace_old_ones(talks: World) -> None:
    first = await talks.confirmed(slots=["mon-day"])
    await talks.confirmed(slots=["tue-day"])
    assert await talks.count("signups") == 1
    await complete_talk(talks, first)
    ready = (await talks.events())[-1]
    assert isinstance(ready, signups.Ready)
    assert (first, ("tue-day",)) == (ready.signup_id, ready.slots)


async def test_confirm_new_wishes_after_talk_needs_no_other_talk(talks: World) -> None:
    first = await talks.confirmed()
    await complete_talk(talks, first)
    await talks.confirmed(slots=["sun-day"])
    changed = (await talks.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert first == changed.signup_id


async def test_confirm_move_to_centre_with_talk_keeps_old_wishes_until_talk(talks: World) -> None:
    first = await talks.confirmed(**OSLO)
    second = await talks.confirmed(place="5003")
    assert await talks.signup_subjects() == ["received", "confirmed", "ready", "received", "confirmed"]
    await complete_talk(talks, second)
    changed = (await talks.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert (first, "link-bergen") == (changed.signup_id, changed.centre)
    assert await talks.count("signups") == 1


async def test_confirm_move_to_centre_without_talk_is_ready(talks: World) -> None:
    first = await talks.confirmed(place="5003")
    talks.later(days=1)
    await talks.confirmed(**OSLO)
    ready = (await talks.events())[-1]
    assert isinstance(ready, signups.Ready)
    assert (first, "link-oslo") == (ready.signup_id, ready.centre)
    assert await talks.count("signups") == 1


async def test_confirm_by_phone_twice_confirms_once(world: World) -> None:
    staff = Source("oral", "berit")
    signup_id = await world.register(staff, email=None, mobile="+4791234567", place="0150", information_version=None)
    assert signup_id is not None
    for _ in range(2):
        async with world.transaction() as session:
            await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
    received, confirmed = await world.events()
    assert isinstance(received, signups.Received)
    assert isinstance(confirmed, signups.Confirmed)
    assert (received.by_mail, confirmed.awaits) == (False, ("read",))
    assert await world.count("consents", "how = 'oral' and recorded_by = 'berit'") == 1
    async with world.transaction() as session:
        await confirm.complete_reading(session, world.centres, signup_id, actor=world.actor())
    assert (await world.subjects())[-1] == "ready"
