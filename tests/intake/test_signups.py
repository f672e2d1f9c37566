"""From the form to the waiting list, on real databases."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from intake.domain.form import FormInvalid
from intake.store import Signup
from intake.usecases import confirm, register
from intake.usecases.confirm import Answer
from intake.usecases.register import KeyUsedBefore, Source
from shared.errors import DomainError
from shared.events import signups
from shared.kit.messaging.causes import Cause
from tests.intake.world import World

OSLO = {"place": "0150"}


async def test_a_form_becomes_a_sign_up_and_one_event(world: World) -> None:
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


async def test_nothing_personal_is_readable_in_any_row_or_event(world: World) -> None:
    await world.signed_up(first_name="Hemmelignavn", email="hemmelig@example.org", mobile="+4791234567")
    await world.signed_up(first_name="Hemmelignavn", email="hemmelig@example.org", slots=["mon-day"])
    for (table,) in await world.rows("select tablename from pg_tables where schemaname = 'public'"):
        for row in await world.rows(f"select t::text, replace(t::text, chr(92), '') from \"{table}\" t"):
            for text in row:
                assert "emmelig" not in text
                assert "91234567" not in text
                assert b"emmelig".hex() not in text


async def test_the_same_form_twice_is_one_sign_up_and_one_mail(world: World) -> None:
    assert await world.signed_up() == await world.signed_up()
    assert await world.subjects() == ["received"]
    assert await world.count("consents") == 1


async def test_a_hundred_identical_forms_at_once_are_one_person(world: World) -> None:
    ids = await asyncio.gather(*(world.signed_up() for _ in range(100)))
    assert len(set(ids)) == 1
    assert await world.subjects() == ["received"]
    assert (await world.count("people"), await world.count("signups"), await world.count("confirmations")) == (1, 1, 1)


async def test_a_hundred_identical_forms_without_an_address_are_one_person_too(world: World) -> None:
    ids = await asyncio.gather(*(world.signed_up(email=None, mobile="+4791234567") for _ in range(100)))
    assert len(set(ids)) == 1
    assert (await world.count("people"), await world.count("signups")) == (1, 1)


async def test_two_people_may_share_a_phone(world: World) -> None:
    await world.signed_up(email=None, mobile="+4791234567", first_name="Kari")
    await world.signed_up(email=None, mobile="+4791234567", first_name="Ola")
    assert await world.count("people") == 2


async def test_an_address_gets_two_questions_a_day_and_then_the_newest_is_changed(world: World) -> None:
    first = await world.signed_up(slots=["mon-day"])
    second = await world.signed_up(slots=["tue-day"])
    third = await world.signed_up(slots=["wed-day"])
    fourth = await world.signed_up(slots=["thu-day"])
    assert second == third == fourth != first
    assert await world.subjects() == ["received", "received"]
    await world.confirm_newest()
    (ready,) = [event for event in await world.events() if isinstance(event, signups.Ready)]
    assert ready.slots == ("thu-day",)


async def test_a_question_is_asked_again_the_next_day(world: World) -> None:
    for day in ("mon", "tue", "wed"):
        await world.signed_up(slots=[f"{day}-day"])
    world.later(hours=25)
    await world.signed_up(slots=["fri-day"])
    assert len(await world.subjects()) == 3


async def test_a_wish_of_somebody_who_had_two_mails_is_held_back_and_asked_for_later(world: World) -> None:
    await world.confirmed(slots=["mon-day"])
    await world.confirmed(slots=["tue-day"])
    held = await world.signed_up(slots=["wed-day"])
    assert await world.count("confirmations", "asked_at is null") == 1
    async with world.transaction() as session:
        assert await register.ask_held_back(session, now=world.clock.now()) == 0
    world.later(hours=24, minutes=1)
    for expected in (1, 0):
        async with world.transaction() as session:
            assert expected == await register.ask_held_back(session, now=world.clock.now())
    newest = (await world.events())[-1]
    assert isinstance(newest, signups.Received)
    assert (held, 2) == (newest.signup_id, newest.version)
    assert Answer.CONFIRMED is await world.confirm_newest()
    assert (await world.subjects())[-1] == "changed"


async def test_confirming_leads_to_the_waiting_list(world: World) -> None:
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
    assert Answer.ALREADY is await world.confirm_newest()
    assert len(await world.events()) == 3
    del received


async def test_a_hundred_presses_at_once_are_one(world: World) -> None:
    await world.signed_up()
    (received,) = await world.events()
    assert isinstance(received, signups.Received)
    answers = await asyncio.gather(*(world.confirm(received.confirmation_id) for _ in range(30)))
    assert (answers.count(Answer.CONFIRMED), answers.count(Answer.ALREADY)) == (1, 29)
    assert await world.subjects() == ["received", "confirmed", "ready"]


async def test_a_link_is_dead_after_three_days(world: World) -> None:
    await world.signed_up()
    world.later(hours=72)
    assert Answer.GONE is await world.confirm_newest()
    assert Answer.GONE is await world.confirm(uuid4())
    assert await world.subjects() == ["received"]


async def test_somebody_who_waits_changes_their_wishes_and_keeps_their_place(world: World) -> None:
    first = await world.confirmed()
    since = world.clock.now()
    world.later(days=3)
    await world.signed_up(slots=["sat-day"], max_travel_km=5, first_name="Kari Anne", language="nn")
    assert await world.subjects() == ["received", "confirmed", "ready", "received"]
    assert Answer.CONFIRMED is await world.confirm_newest()
    changed = (await world.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert (first, 4, ("sat-day",), 5, since, "nn") == (
        changed.signup_id, changed.version, changed.slots, changed.max_travel_km, changed.signed_up_at,
        changed.language,
    )  # fmt: skip
    assert (await world.count("people"), await world.count("signups")) == (1, 1)
    assert Answer.ALREADY is await world.confirm_newest()


async def test_an_unconfirmed_wish_changes_nothing(world: World) -> None:
    await world.confirmed()
    before = await world.rows("select first_name_sealed, mobile_sealed, language from people")
    await world.signed_up(first_name="Fremmed", mobile="+4799999999", slots=["sun-day"], language="en")
    assert before == await world.rows("select first_name_sealed, mobile_sealed, language from people")
    assert await world.count("signups", "state = 'ready'") == 1


async def test_a_member_of_a_started_group_signs_up_afresh(world: World) -> None:
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


async def test_a_used_idempotency_key_brings_the_same_or_a_refusal(world: World) -> None:
    assert await world.register(key="abc") is not None
    assert await world.register(key="abc") is None
    with pytest.raises(KeyUsedBefore):
        await world.register(key="abc", first_name="Ola")
    assert await world.subjects() == ["received"]
    assert await world.count("idempotency_keys") == 1


async def test_reading_is_asked_for_where_the_centre_asks(world: World) -> None:
    with pytest.raises(FormInvalid) as refused:
        await world.register(place="0150", information_version=None)
    assert [error.field for error in refused.value.errors] == ["information_version"]
    assert await world.events() == []
    await world.confirmed(**OSLO)
    assert await world.subjects() == ["received", "confirmed", "ready"]


@pytest.fixture
async def talks(world: World) -> World:
    """A world where LINK Bergen wants a talk first."""
    from intake.usecases.locations import CentreLookup
    from shared.reference import centres, places

    loaded = centres.load()
    changed = tuple(
        centre.model_copy(update={"policy": centre.policy.model_copy(update={"forsamtale": "required"})})
        if centre.id == "link-bergen"
        else centre
        for centre in loaded.all
    )
    world.map = CentreLookup(centres.Centres(changed), places.load())
    return world


async def hold_talk(world: World, signup_id: UUID) -> None:
    async with world.transaction() as session:
        await confirm.talk_held(session, world.map.centres, signup_id, now=world.clock.now(), cause=Cause.fresh())


async def test_the_talk_comes_before_the_list(talks: World) -> None:
    signup_id = await talks.confirmed()
    confirmed = (await talks.events())[-1]
    assert isinstance(confirmed, signups.Confirmed)
    assert confirmed.awaits == ("talk",)
    await hold_talk(talks, signup_id)
    await hold_talk(talks, signup_id)
    assert await talks.subjects() == ["received", "confirmed", "ready"]


async def test_a_talk_before_the_confirmation_is_refused(talks: World) -> None:
    signup_id = await talks.signed_up()
    with pytest.raises(DomainError, match="not_confirmed"):
        await hold_talk(talks, signup_id)


async def test_new_wishes_before_the_talk_are_the_ones_talked_about(talks: World) -> None:
    first = await talks.confirmed(slots=["mon-day"])
    await talks.confirmed(slots=["tue-day"])
    assert await talks.count("signups") == 1
    await hold_talk(talks, first)
    ready = (await talks.events())[-1]
    assert isinstance(ready, signups.Ready)
    assert (first, ("tue-day",)) == (ready.signup_id, ready.slots)


async def test_a_talk_held_need_not_be_held_again(talks: World) -> None:
    first = await talks.confirmed()
    await hold_talk(talks, first)
    await talks.confirmed(slots=["sun-day"])
    changed = (await talks.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert first == changed.signup_id


async def test_moving_to_a_centre_with_a_talk_keeps_the_old_wishes_until_it_is_held(talks: World) -> None:
    first = await talks.confirmed(**OSLO)
    second = await talks.confirmed(place="5003")
    assert await talks.subjects() == ["received", "confirmed", "ready", "received", "confirmed"]
    await hold_talk(talks, second)
    changed = (await talks.events())[-1]
    assert isinstance(changed, signups.Changed)
    assert (first, "link-bergen") == (changed.signup_id, changed.centre)
    assert await talks.count("signups") == 1


async def test_moving_away_from_a_talk_leads_straight_to_the_list(talks: World) -> None:
    first = await talks.confirmed(place="5003")
    talks.later(days=1)
    await talks.confirmed(**OSLO)
    ready = (await talks.events())[-1]
    assert isinstance(ready, signups.Ready)
    assert (first, "link-oslo") == (ready.signup_id, ready.centre)
    assert await talks.count("signups") == 1


async def test_staff_signs_somebody_up_and_confirms_by_phone(world: World) -> None:
    staff = Source("oral", "berit")
    signup_id = await world.register(staff, email=None, mobile="+4791234567", place="0150", information_version=None)
    assert signup_id is not None
    for _ in range(2):
        async with world.transaction() as session:
            await confirm.confirm_by_phone(
                session, world.map.centres, signup_id, now=world.clock.now(), cause=Cause.fresh()
            )
    received, confirmed = await world.events()
    assert isinstance(received, signups.Received)
    assert isinstance(confirmed, signups.Confirmed)
    assert (received.by_mail, confirmed.awaits) == (False, ("read",))
    assert await world.count("consents", "how = 'oral' and recorded_by = 'berit'") == 1
    async with world.transaction() as session:
        await confirm.information_read(
            session, world.map.centres, signup_id, now=world.clock.now(), cause=Cause.fresh()
        )
    assert (await world.subjects())[-1] == "ready"
