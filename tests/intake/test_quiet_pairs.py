"""Whom a person must not meet: compared by keyed hashes with everybody, told as pairs of ids, and shown by nobody."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from intake.jobs import compute_indexes
from intake.store import outbox, signups
from intake.store import quiet_pairs as quiet_names
from intake.usecases import corrections, quiet_pairs, talks
from shared.errors import DomainError
from shared.events import people
from shared.events.signups import QUIET_PAIRS_MAX, Changed, QuietPair, Ready, Wishes
from shared.kit import correlation
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.topology import MAX_MESSAGE_BYTES
from shared.reference.limits import QUIET_NAMES
from tests.intake.support.quiet import KARI, NUMBER, OLA, by_phone, ended, give, name, person, settle, take_back, told
from tests.intake.support.world import World
from tests.intake.test_blind_index_versions import OLD, new, replaced


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("named", "signs_up"),
    [
        (OLA, {"email": OLA}),
        ("OLA@example.org", {"email": "ola@EXAMPLE.org"}),
        ("ola+gruppe@example.org", {"email": OLA}),
        (OLA, {"email": "ola+x@example.org"}),
        ("o.la@gmail.com", {"email": "ola@gmail.com"}),
        (NUMBER, {"email": OLA, "mobile": "91 23 45 67"}),
    ],
)
async def test_named_person_is_kept_apart(world: World, named: str, signs_up: dict[str, Any], *, before: bool) -> None:
    """Whether the name comes before the owner's sign-up or after it; by whatever spelling of the mailbox."""
    kari = await person(world, KARI)
    if before:
        await give(world, kari, named)
    ola = await person(world, **signs_up)
    if not before:
        await give(world, kari, named)
    assert await told(world) == [frozenset({kari, ola})]
    await give(world, kari, named)
    assert set(await told(world)) == {frozenset({kari, ola})}


async def test_named_number_of_somebody_without_address_is_kept_apart(world: World) -> None:
    kari = await person(world, KARI)
    await give(world, kari, NUMBER)
    ola = await by_phone(world, mobile="91234567")
    assert await told(world) == [frozenset({kari, ola})]


async def test_number_given_for_a_talk_is_compared(world: World) -> None:
    kari = await person(world, KARI)
    await give(world, kari, NUMBER)
    signup_id = await world.confirmed(email=OLA)
    assert await told(world) == []
    async with world.transaction() as session:
        await talks.add_number(session, world.vault, signup_id, NUMBER)
    assert await told(world) == [frozenset({kari, await world.person_of(signup_id)})]


async def test_arrival_brings_its_pairs_along(world: World) -> None:
    """Two streams have no order, so that the event of the arrival must know."""
    kari = await person(world, KARI, place="0150")
    await give(world, kari, OLA)
    ola = await person(world, OLA, place="0150")
    ready = [event for event in await world.events() if isinstance(event, Wishes) and event.person_id == ola]
    assert await told(world) == [frozenset({kari, ola})]
    (pair,) = [event for event in await world.events() if isinstance(event, people.KeptApart)]
    assert [[(own.pair_id, own.person_id) for own in event.quiet_pairs] for event in ready] == [[(pair.pair_id, kari)]]


@pytest.mark.parametrize("change", [{"mobile": NUMBER}, {"email": OLA}, {"mobile": NUMBER, "email": OLA}])
async def test_correction_compares_before_it_publishes_wishes(world: World, change: dict[str, str]) -> None:
    """A new number or address together with new wishes: grouping never has the wishes without the pair."""
    kari = await person(world, KARI)
    for contact in (OLA, NUMBER):
        await give(world, kari, contact)
    signup_id = await world.confirmed(email="o@example.org")
    form = world.form(**{"email": "o@example.org", **change}, slots=["sat-day"])
    async with world.transaction() as session:
        await corrections.correct_by_staff(session, world.vault, signup_id, form, world.location(), actor=world.actor())
    (changed,) = [event for event in await world.events() if isinstance(event, Changed)]
    assert {pair.person_id for pair in changed.quiet_pairs} == {kari}
    assert len(changed.quiet_pairs) == len(change)


async def test_name_that_fits_nobody_else_keeps_nobody_apart(world: World) -> None:
    kari = await person(world, KARI, mobile=NUMBER)
    for contact in (KARI, NUMBER, "siri@example.org", "+4799999999"):
        await give(world, kari, contact)
    await person(world, OLA)
    await world.signed_up(email="siri@example.org")  # has not confirmed
    assert await told(world) == []


async def test_press_only_stores_and_job_has_a_cause_of_its_own(world: World) -> None:
    """Nothing that follows has the id of the press, or of the request that confirmed the named person."""
    kari, ola = await person(world, KARI), await person(world, OLA)
    before = len(await world.all_events())
    press = uuid4()
    with correlation.correlated(press):
        await name(world, kari, OLA)
        await name(world, kari, "eva@example.org")
    assert len(await world.all_events()) == before
    assert await world.count("quiet_pairs") == 0
    with correlation.correlated(press):
        eva = await person(world, "eva@example.org")
    assert set(await told(world)) == {frozenset({kari, ola}), frozenset({kari, eva})}
    events = await world.events()
    pairs = [event for event in events if isinstance(event, people.KeptApart)]
    others = {event.correlation_id for event in events} - {pair.correlation_id for pair in pairs}
    assert press in others
    assert len({pair.correlation_id for pair in pairs}) == len(pairs)
    assert not others & {pair.correlation_id for pair in pairs}
    async with world.transaction() as session:
        rows = await session.scalars(sa.select(outbox.table.c.traceparent))
        assert not any(press.hex in (header or "") for header in rows)


async def test_names_taken_back_end_long_after_the_press(world: World) -> None:
    kari = await person(world, KARI)
    await person(world, OLA)
    await give(world, kari, OLA)
    (kept,) = [event for event in await world.events() if isinstance(event, people.KeptApart)]
    ends = set()
    for _ in range(3):  # pressing again changes nothing
        await take_back(world, kari)
        ends |= {row[0] for row in await world.rows("select ends_at from quiet_names")}
    (ends_at,) = ends
    assert timedelta(days=7) <= ends_at - world.clock.now() < timedelta(days=14)
    world.later(days=6, hours=23)
    assert await ended(world) == []
    assert await world.count("quiet_pairs") == 1
    world.later(days=8)
    assert await ended(world) == [kept.pair_id]
    assert await world.count("quiet_pairs") == 0
    assert await world.count("quiet_names", "sealed is null and bucket is null and ends_at is null") == 1


async def test_name_given_again_outlives_what_somebody_took_back(world: World) -> None:
    """Whoever gets at the page cannot undo it for somebody who writes it again."""
    kari, ola = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    await take_back(world, kari)
    await give(world, kari, OLA)
    world.later(days=15)
    assert len(await ended(world)) == 1
    async with world.transaction() as session:
        row = (await signups.of_person(session, kari))[0]
        await quiet_pairs.publish_wishes(session, Changed, Cause.fresh(), row, world.clock.now())
    changed = (await world.events())[-1]
    assert isinstance(changed, Changed)
    assert [pair.person_id for pair in changed.quiet_pairs] == [ola]


@pytest.mark.parametrize("known", [OLA, "nobody@example.org", "erased@example.org"])
async def test_every_name_costs_a_place_whoever_it_is(world: World, known: str) -> None:
    """Known, unknown, given before, taken back, erased meanwhile: the place in which it is full tells nothing."""
    kari, ola = await person(world, KARI), await person(world, OLA)
    erased = await person(world, "erased@example.org")
    await give(world, kari, "erased@example.org")
    await world.erase(erased)
    await take_back(world, kari)
    for _ in range(QUIET_NAMES.figure - 1):
        await name(world, kari, known)
    for contact in (known, KARI, "en@example.org"):
        with pytest.raises(DomainError, match="quiet_names_full"):
            await name(world, kari, contact)
    world.later(days=15)
    await settle(world)
    with pytest.raises(DomainError, match="quiet_names_full"):
        await name(world, kari, known)
    assert ola


async def test_event_with_most_pairs_is_what_the_broker_takes(world: World) -> None:
    """Also of somebody whom very many have named: the others come by themselves."""
    await world.confirmed(first_name="Å" * 60, mobile=NUMBER, slots=["mon-day", "tue-day", "wed-day", "thu-day"])
    ready = next(event for event in await world.events() if isinstance(event, Ready))
    pairs = tuple(QuietPair(pair_id=uuid4(), person_id=uuid4()) for _ in range(QUIET_PAIRS_MAX))
    assert len(ready.model_copy(update={"quiet_pairs": pairs}).model_dump_json()) < MAX_MESSAGE_BYTES * 0.9
    kari = await person(world, "one@example.org")
    for number in range(3):
        ola = await person(world, f"p{number}@example.org")
        await give(world, kari, f"p{number}@example.org")
    assert len(await told(world)) == 3
    async with world.transaction() as session:
        assert len(await quiet_names.pairs_of(session, kari, 2)) == 2
        assert len(await quiet_names.pairs_of(session, ola, 2)) == 1


async def test_names_are_found_under_a_new_key_of_indexes(world: World) -> None:
    kari = await person(world, KARI)
    for contact in (OLA, NUMBER):
        await give(world, kari, contact)
    replaced(world, new(), OLD)
    await compute_indexes(world.jobs)
    assert await world.count("quiet_names", "bucket >> 16 = 1") == 2
    ola = await person(world, OLA)
    eva = await person(world, "eva@example.org", mobile="91234567")
    assert set(await told(world)) == {frozenset({kari, ola}), frozenset({kari, eva})}


@pytest.mark.parametrize("late", ["the one who named", "the named one"])
async def test_copy_that_still_has_the_old_key_finds_the_pair(world: World, late: str) -> None:
    """Another copy of intake has written all anew; this one stores and looks up under the version before."""
    kari = await person(world, KARI)
    if late == "the named one":
        await give(world, kari, OLA)
    else:
        ola = await person(world, OLA)
    before = world.vault.blind
    replaced(world, new(), OLD)
    await compute_indexes(world.jobs)
    world.vault.blind = before
    if late == "the named one":
        ola = await person(world, OLA)
    else:
        await name(world, kari, OLA)
    assert await told(world) == [frozenset({kari, ola})]


async def test_what_a_copy_missed_that_had_not_read_the_key_is_found(world: World) -> None:
    """It knows no other version, and stores and looks up under the one before."""
    kari = await person(world, KARI)
    await give(world, kari, OLA)
    before, newest = world.vault.blind, new()
    replaced(world, newest, OLD)
    await compute_indexes(world.jobs)
    await settle(world)
    replaced(world, OLD)
    world.vault.blind = before
    ola = await person(world, OLA)
    assert await told(world) == []
    replaced(world, newest, OLD)
    await compute_indexes(world.jobs)
    assert await told(world) == [frozenset({kari, ola})]


async def test_all_names_are_compared_again_after_a_day(world: World) -> None:
    """So that whatever a comparison has missed is missed for a day only."""
    kari, ola = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    await world.rows("delete from quiet_pairs returning 1")
    await settle(world)
    assert await world.count("quiet_pairs") == 0
    world.later(hours=25)
    await settle(world)
    assert await world.count("quiet_pairs", f"other_id = '{ola}'") == 1


async def test_name_and_sign_up_at_one_moment_find_each_other(world: World) -> None:
    for number in range(6):
        kari = await person(world, f"k{number}@example.org")
        await world.signed_up(email=f"o{number}@example.org")
        await asyncio.gather(give(world, kari, f"o{number}@example.org"), world.confirm_newest())
    assert len(await told(world)) == 6


@pytest.mark.parametrize("contact", [OLA, NUMBER])
async def test_no_column_equals_that_of_the_person_who_is_named(world: World, contact: str) -> None:
    """A copy of the database does not tell whom a name fits, neither by an address nor by a number."""
    kari, _ = await person(world, KARI), await person(world, OLA, mobile=NUMBER)
    await name(world, kari, contact)
    ((bucket, sealed),) = await world.rows("select bucket, sealed from quiet_names")
    for table in ("people", "submissions", "signups", "quiet_pairs", "outbox"):
        for (text,) in await world.rows(f"select to_jsonb({table})::text from {table}"):
            assert str(bucket) not in re.findall(r"\d+", text)
    assert contact.encode() not in sealed
    await name(world, kari, "a@example.org")
    lengths = await world.rows("select distinct length(sealed) from quiet_names")
    assert len(lengths) == 1
