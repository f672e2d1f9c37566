"""Whom a person must not meet: compared by keyed hashes with everybody, told as pairs of ids, and shown by nobody."""

import asyncio
import json
import logging
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from intake import jobs
from intake.domain.signups import ConfirmationStatus
from intake.jobs import compute_indexes
from intake.store import outbox, signups
from intake.store import people as people_rows
from intake.store import quiet_pairs as quiet_names
from intake.usecases import confirm, corrections, quiet_pairs, talks
from intake.usecases.signup_rows import Source
from shared.errors import DomainError
from shared.events import people
from shared.events.signups import QUIET_PAIRS_MAX, Changed, QuietPair, Ready, Wishes
from shared.kit import correlation
from shared.kit.messaging.causes import Cause
from shared.kit.messaging.named_people import people_in, without
from shared.kit.messaging.topology import MAX_MESSAGE_BYTES
from shared.reference.limits import QUIET_NAMES
from tests.intake.support.browser import Browser
from tests.intake.support.world import World
from tests.intake.test_blind_index_versions import OLD, new, replaced
from tests.intake.test_own_pages import opened
from tests.shared.support.plain import without_tokens

KARI, OLA = "kari@example.org", "ola@example.org"
NUMBER = "+4791234567"
PAGE = "/min-side/hensyn"


async def name(world: World, person_id: UUID, contact: str) -> None:
    """Post a name, and leave the comparison to the job."""
    async with world.transaction() as session:
        await quiet_pairs.give_name(session, world.vault, person_id, contact)


async def settle(world: World) -> None:
    """Let the job run, twice: the second time it has nothing left to do."""
    for _ in range(2):
        await jobs.SETTLE_QUIET_NAMES.run(world.jobs)


async def give(world: World, person_id: UUID, contact: str) -> None:
    await name(world, person_id, contact)
    await settle(world)


async def take_back(world: World, person_id: UUID) -> None:
    async with world.transaction() as session:
        await quiet_pairs.take_back_names(session, person_id, now=world.clock.now())


async def person(world: World, email: str, **changes: Any) -> UUID:
    return await world.person_of(await world.confirmed(email=email, **changes))


async def told(world: World) -> list[frozenset[UUID]]:
    """Let the job run; return the pairs that were published, and assert that they say no more than who."""
    await settle(world)
    events = [event for event in await world.events() if isinstance(event, people.KeptApart)]
    for event in events:
        assert event.person_id < event.other_person_id
        assert event.pair_id.version == 4  # no time in it
    return [frozenset({event.person_id, event.other_person_id}) for event in events]


async def ended(world: World) -> list[UUID]:
    await settle(world)
    return [event.pair_id for event in await world.events() if isinstance(event, people.ApartEnded)]


async def by_phone(world: World, **changes: Any) -> UUID:
    """Let a coordinator sign somebody up who has no address, and who is called back."""
    signup_id = await world.register(Source("oral", "berit"), email=None, **changes)
    assert signup_id is not None
    async with world.transaction() as session:
        await confirm.confirm_by_phone(session, world.vault, world.centres, signup_id, actor=world.actor())
    return await world.person_of(signup_id)


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


async def test_press_asks_the_database_the_same_for_everybody(browser: Browser, world: World) -> None:
    """Of a known address, an unknown one, one that was given before, and a number."""
    await world.confirmed(email=OLA, mobile="91234567")
    await world.confirmed()
    await opened(browser, world)
    page = await browser.get(PAGE)
    browser.client.event_hooks["response"].clear()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = browser.app.state.deps.database.engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", note)
    done = []
    for contact in ("eva@example.org", OLA, "eva@example.org", OLA, NUMBER, "+4799999999"):
        statements.clear()
        answer = await browser.press(page, "/hensyn", quiet_name=contact)
        done.append((answer.status_code, answer.headers["location"], list(statements)))
    sa.event.remove(engine, "before_cursor_execute", note)
    assert done[0][2]
    assert all(each == done[0] for each in done)


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


async def test_erasure_of_the_one_who_named_leaves_nothing(world: World) -> None:
    kari, _ = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    await world.erase(kari)
    assert await world.count("quiet_names") == await world.count("quiet_pairs") == 0


async def test_erasure_of_the_other_leaves_a_name_without_content(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    await world.erase(ola)
    assert await world.count("quiet_pairs") == 0
    assert await world.count("quiet_names", "sealed is null and bucket is null") == 1
    await person(world, OLA)
    assert len(await told(world)) == 1  # that of before
    await give(world, kari, OLA)  # as the page says
    assert len(await told(world)) == 2


@pytest.mark.parametrize("who", ["the one who named", "the named one"])
async def test_erasure_while_a_name_is_compared_leaves_no_pair(world: World, who: str) -> None:
    for number in range(4):
        kari, ola = await person(world, f"k{number}@example.org"), await person(world, f"o{number}@example.org")
        await name(world, kari, f"o{number}@example.org")
        gone = kari if who == "the one who named" else ola
        await asyncio.gather(jobs.SETTLE_QUIET_NAMES.run(world.jobs), world.erase(gone))
        await settle(world)
        assert await world.count("quiet_pairs", f"other_id = '{ola}'") == 0
        held = await world.rows(f"select sealed from quiet_names where person_id = '{kari}'")
        assert len(held) == (who == "the named one")


async def test_confirmation_succeeds_while_the_one_who_named_is_erased(world: World) -> None:
    for number in range(4):
        kari = await person(world, f"k{number}@example.org")
        await give(world, kari, f"o{number}@example.org")
        await world.signed_up(email=f"o{number}@example.org")
        await asyncio.gather(world.erase(kari), world.confirm_newest())
    assert await world.count("people", "confirmed_at is not null") == 4
    assert await world.count("quiet_pairs") == await world.count("quiet_names") == 0


async def somebody_waits(world: World) -> None:
    """Return once a transaction waits for another one."""
    waits = "wait_event_type = 'Lock' and datname = current_database()"
    while not await world.count("pg_stat_activity", waits):
        await asyncio.sleep(0.01)


async def test_confirmation_waits_for_the_erasure_of_the_one_who_named(world: World) -> None:
    """It sees the name before it is gone, and must not refer to it afterwards."""
    kari = await person(world, KARI)
    await give(world, kari, OLA)
    await world.signed_up(email=OLA)
    async with world.transaction() as session:
        await people_rows.delete(session, kari)
        confirming = asyncio.create_task(world.confirm_newest())
        await somebody_waits(world)
    assert await confirming is ConfirmationStatus.CONFIRMED
    assert await world.count("quiet_pairs") == 0


async def test_comparison_leaves_out_somebody_who_is_being_erased(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await name(world, kari, OLA)
    async with world.transaction() as session:
        await people_rows.delete(session, ola)
        await quiet_names.forget(session, ola)
        await settle(world)
        assert await world.count("quiet_names", "compared_at is null") == 1
    await settle(world)
    assert await told(world) == []
    assert await world.count("quiet_pairs") == 0


async def test_erasure_takes_the_pair_of_a_comparison_that_is_not_finished(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await name(world, kari, OLA)
    ((name_id,),) = await world.rows("select name_id from quiet_names")
    async with world.transaction() as session:
        await quiet_pairs.settle(session, world.vault, name_id, now=world.clock.now())
        erasing = asyncio.create_task(world.erase(ola))
        await somebody_waits(world)
    assert await erasing
    assert await world.count("quiet_pairs") == 0
    assert await world.count("quiet_names", "sealed is null") == 1


async def test_two_who_name_each_other_and_confirm_at_once_both_get_through(world: World) -> None:
    """Each holds a row that the other refers to."""
    for number in range(4):
        first, second = f"a{number}@example.org", f"b{number}@example.org"
        numbers = {first: f"+479100000{number}", second: f"+479200000{number}"}
        ids = {email: await person(world, email) for email in numbers}
        await name(world, ids[first], numbers[second])
        await name(world, ids[second], numbers[first])
        signed_up = {}
        for email, mobile in numbers.items():
            signed_up[email] = await world.confirmed(email=email, mobile=mobile)

        async def correct(email: str, number: int, signed_up: dict[str, UUID] = signed_up) -> None:
            form = world.form(email=email, mobile=f"+479300000{number}", slots=["sat-day"])
            async with world.transaction() as session:
                await corrections.correct(
                    session, world.vault, signed_up[email], form, world.location(),
                    now=world.clock.now(), cause=Cause.fresh(),
                )  # fmt: skip

        await asyncio.gather(correct(first, number), correct(second, number), settle(world), settle(world))
        assert frozenset(ids.values()) in await told(world)


async def test_erased_people_are_taken_out_of_pairs_in_events(world: World) -> None:
    kari, ola = await person(world, KARI), await person(world, OLA)
    await give(world, kari, OLA)
    async with world.transaction() as session:
        row = (await signups.of_person(session, kari))[0]
        await quiet_pairs.publish_wishes(session, Changed, Cause.fresh(), row, world.clock.now())
    pair, wishes = (await world.all_events())[-2:]
    assert isinstance(pair, people.KeptApart)
    for event in (pair, wishes):
        payload = event.model_dump_json().encode()
        assert {kari, ola} <= set(people_in(payload))
    assert without(pair.model_dump_json().encode(), [ola]) == b""
    assert json.loads(without(wishes.model_dump_json().encode(), [ola]))["quiet_pairs"] == []


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


async def shown(browser: Browser, world: World, *signup_ids: UUID) -> list[str]:
    """Return what the two people and staff can open or download, without tokens."""
    browser.sign_in_as_member("link-bergen")
    ids = [await world.person_of(signup_id) for signup_id in signup_ids]
    pages = [await browser.get(path) for path in ("/stab/", "/stab/personer", "/stab/tall", "/stab/forsamtaler")]
    for person_id in ids:
        page = await browser.get(f"/stab/personer/{person_id}")
        export = await browser.press(page, "/eksport")
        pages.append(page)
        data = json.loads(export.text)
        data.pop("contact_read")
        pages.append(type("Page", (), {"text": json.dumps(data), "status_code": export.status_code})())
    assert {page.status_code for page in pages} == {200}
    plain = [re.sub(r'name="_csrf" value="[^"]*"', "", page.text) for page in pages]
    looks = r"<li>[^<]*berit (åpnet siden|hentet ut alt) om personen</li>|\d+ linjer? til"
    return [without_tokens(re.sub(looks, "", text)) for text in plain]


async def test_nothing_that_anybody_opens_shows_a_name(
    browser: Browser, world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    first = await world.confirmed(email=KARI, mobile="91234567")
    second = await world.confirmed(email=OLA)
    await shown(browser, world, first, second)
    before = await shown(browser, world, first, second)
    entries, mails = await world.audit_entries(), len(await world.task_events())
    capsys.readouterr()
    caplog.clear()

    await give(world, await world.person_of(first), OLA)

    assert "ola" not in (written := capsys.readouterr().out + caplog.text)
    assert not re.search("quiet|apart", written)
    assert await world.audit_entries() == entries
    assert len(await world.task_events()) == mails
    assert await shown(browser, world, first, second) == before


async def test_page_answers_everything_alike_and_the_address_tells_nothing(browser: Browser, world: World) -> None:
    """Known, unknown, given again, taken back: one address, one title, one sentence that is shown once."""
    await world.confirmed(email=OLA)
    await world.confirmed()
    assert PAGE in await opened(browser, world)
    answers = set()
    for contact in (OLA, "eva@example.org", "91234567", OLA, KARI, None):
        page = await browser.get(PAGE)
        assert "Det er lagret" not in page.text
        done = await (
            browser.press(page, "/hensyn", quiet_name=contact) if contact else browser.press(page, "/hensyn/fjern")
        )
        after = await browser.get(done.headers["location"])
        assert "Det er lagret" in after.text
        answers.add((done.status_code, done.headers["location"], re.sub(r'value="[^"]*"', "", after.text)))
    assert len(answers) == 1
    ((_, location, text),) = answers
    assert location == PAGE
    assert "ola" not in text
    assert "møte" not in re.findall("<title>(.*?)</title>", text)[0]
    assert "slettet hos oss og melder seg på igjen" in text
    assert "kontaktmøter" in text
    assert len(set(await told(world))) == 1


async def test_page_that_is_full_says_whom_to_call(browser: Browser, world: World) -> None:
    signup_id = await world.confirmed()
    for _ in range(QUIET_NAMES.figure):
        await name(world, await world.person_of(signup_id), OLA)
    await opened(browser, world)
    answer = await browser.press(await browser.get(PAGE), "/hensyn", quiet_name=OLA)
    assert 'id="error-summary"' in answer.text
    assert 'href="tel:' in answer.text


async def test_confirmation_says_where_to_name_somebody(browser: Browser, world: World) -> None:
    await world.signed_up()
    link = browser.app.state.deps.links.url("", "nb", "confirm", await world.newest_confirmation())
    done = await browser.send(await browser.get(link))
    assert "Er det noen du ikke bør møte i en gruppe?" in done.text
    assert 'href="/min-side"' in done.text


@pytest.mark.parametrize("text", ["", "ola", "ola@", "12", "+47 1", "@example.org"])
async def test_page_explains_what_is_no_address_and_no_number(browser: Browser, world: World, text: str) -> None:
    await world.confirmed()
    await opened(browser, world)
    answer = await browser.press(await browser.get(PAGE), "/hensyn", quiet_name=text)
    assert 'id="error-summary"' in answer.text
    assert await world.count("quiet_names") == 0


async def test_page_without_session_asks_for_the_link(browser: Browser, world: World) -> None:
    assert (await browser.get(PAGE)).headers["location"] == "/min-side"
