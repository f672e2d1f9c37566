"""Pairs that nobody may read: never in one group, however the events arrive, and on no page."""

import difflib
import html
import random
import re
from collections import Counter
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from grouping import store
from grouping.domain.matching.cells import Cell
from grouping.store import QuietPair, inbox
from grouping.usecases import areas
from grouping.usecases import groups as groups_commands
from grouping.usecases import people as people_commands
from shared.events import people, signups
from shared.events.base import Event
from shared.kit.ids import new_id
from shared.kit.messaging.causes import Cause
from tests.grouping.support.browser import Browser
from tests.grouping.support.running_groups import coordinator_of
from tests.grouping.support.staff_acts import decide, log_of, refused, wait, with_drafts
from tests.grouping.support.world import World, person_id, signup_id
from tests.grouping.test_decisions import looking
from tests.grouping.test_waiting_page import page as waiting_page
from tests.shared.support.plain import without_tokens

HERE: dict[str, Any] = {"area_id": "bergen", "reason": "asked"}


def kept_apart(world: World, *numbers: int, pair_id: UUID | None = None) -> people.KeptApart:
    one, other = sorted(map(person_id, numbers))
    ids = {"pair_id": pair_id or uuid4(), "person_id": one, "other_person_id": other}
    return people.KeptApart(**Cause.fresh().stamp(people.KeptApart, str(new_id()), world.clock.now()), **ids)


def ended(world: World, pair_id: UUID) -> people.ApartEnded:
    stamp = Cause.fresh().stamp(people.ApartEnded, str(new_id()), world.clock.now())
    return people.ApartEnded(**stamp, pair_id=pair_id)


async def together(world: World, *numbers: int) -> bool:
    """Return True if people have live seats in one group."""
    seats = [seat for seat in await world.seats() if seat.state != "released"]
    groups = [{seat.group_id for seat in seats if seat.signup_id == signup_id(number)} for number in numbers]
    return bool(set.intersection(*groups))


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_quiet_pair_in_any_order_is_never_in_one_group(world: World, order: tuple[int, ...]) -> None:
    """The pair comes by itself before, between or after the two arrivals, the second of which brings it along."""
    await wait(world, 3)
    pair_id = uuid4()
    told = (signups.QuietPair(pair_id=pair_id, person_id=person_id(4)),)
    events: list[Event] = [
        world.ready(4), world.ready(5, quiet_pairs=told), kept_apart(world, 4, 5, pair_id=pair_id)
    ]  # fmt: skip

    await world.deliver(*(events[number] for number in order))

    assert not await together(world, 4, 5)
    assert len(await world.rows(QuietPair)) == 1
    await wait(world, 1, first=6)
    assert (await world.group()).live == 5
    assert not await together(world, 4, 5)
    await world.check()


async def test_quiet_pairs_of_arrivals_in_one_batch_hold(world: World) -> None:
    """The arrival of many at once decides about none before it knows all pairs."""
    told = tuple(signups.QuietPair(pair_id=uuid4(), person_id=person_id(other)) for other in (1, 2, 3))
    events = [world.ready(number) for number in range(1, 8)] + [world.ready(8, quiet_pairs=told)]
    consumer = next(consumer for consumer in world.consumers if consumer.stream is events[0].stream)
    async with world.database.transaction() as session:
        await consumer.handle_batch(session, inbox, events)
    assert (await world.group()).live == 7
    for other in (1, 2, 3):
        assert not await together(world, 8, other)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1, 0)])
async def test_ended_pair_stays_ended_in_any_order(world: World, order: tuple[int, ...]) -> None:
    pair_id = uuid4()
    await wait(world, 4)
    events = [kept_apart(world, 4, 5, pair_id=pair_id), ended(world, pair_id)]
    await world.deliver(*(events[number] for number in order))
    await world.deliver(kept_apart(world, 4, 5, pair_id=pair_id))  # a replay under another id

    await wait(world, 1, first=5)

    assert await together(world, 4, 5)
    (row,) = await world.rows(QuietPair)
    assert (row.one, row.other) == (None, None)


async def test_end_of_pair_matches_nobody_at_once(world: World) -> None:
    """Whoever names somebody and takes it back would learn by the offer that follows where that person is."""
    pair_id = uuid4()
    await world.deliver(kept_apart(world, 4, 5, pair_id=pair_id))
    await wait(world, 5)
    await world.deliver(ended(world, pair_id))
    assert await world.groups() == []
    assert await world.published() == []

    await wait(world, 1, first=6)

    assert await together(world, 4, 5)


async def test_end_of_pair_fills_no_seat_at_once(world: World) -> None:
    pair_id = uuid4()
    await wait(world, 5)
    await world.deliver(kept_apart(world, 2, 6, pair_id=pair_id))
    await wait(world, 1, first=6)
    before = await world.dump()
    await world.deliver(ended(world, pair_id))
    after = await world.dump()
    assert {name for name in before if before[name] != after[name]} <= {"quiet_pairs"}
    assert not await together(world, 2, 6)


@pytest.mark.parametrize("number", [4, 5])
async def test_erasure_of_either_ends_the_pair_for_ever(world: World, number: int) -> None:
    pair = kept_apart(world, 4, 5)
    await wait(world, 3)
    await world.deliver(world.ready(4), world.ready(5), pair, world.erased(number))
    assert await world.rows(QuietPair) == []
    await world.deliver(kept_apart(world, 4, 5))
    assert await world.rows(QuietPair) == []


async def test_receipt_of_erasure_does_not_count_the_pair(world: World) -> None:
    """The other person is told how many rows were deleted."""
    counts = []
    for first in (10, 20):
        await wait(world, 2, first=first)
        if first == 20:
            await world.deliver(kept_apart(world, 20, 21))
        await world.deliver(world.erased(first + 1).model_copy(update={"wants_receipt": True}))
        reported = [event for event in await world.published() if event.subject == "erasures.reported.v1"]
        counts.append(reported[-1].model_dump()["deleted"])
    assert counts[0] == counts[1]


RELEASED = ("selvhjelp", "draft.member_released", None)
"""The entry of draft repair."""


@pytest.mark.parametrize("order", [[0], [0, 0], [1], [1, 0], [0, 1], [1, 0, 1, 0]])
async def test_pair_in_one_draft_is_parted_whichever_event_comes_first(world: World, order: list[int]) -> None:
    """By itself, or with new wishes of one of the two; it looks like draft repair."""
    world = with_drafts(world)
    await wait(world, 6)
    group = await world.group()
    assert await together(world, 2, 5)
    pair_id = uuid4()
    told = (signups.QuietPair(pair_id=pair_id, person_id=person_id(2)),)
    events: list[Event] = [kept_apart(world, 2, 5, pair_id=pair_id), world.changed(5, quiet_pairs=told)]

    await world.deliver(*(events[number] for number in order))

    assert not await together(world, 2, 5)
    assert await together(world, 5, 6)  # number 2 has waited less
    assert (await world.group()).id == group.id
    assert await log_of(world) == [RELEASED]
    assert await world.published() == []
    await decide(world, groups_commands.publish_draft_now, group.id)
    assert not await together(world, 2, 5)
    await world.check()


async def test_pair_that_is_known_but_not_parted_is_parted_by_the_next_event(world: World) -> None:
    world = with_drafts(world)
    await wait(world, 6)
    pair = kept_apart(world, 2, 5)
    async with world.database.transaction() as session:
        assert await store.quiet_pairs.add(session, pair.pair_id, (pair.person_id, pair.other_person_id))
    await world.deliver(pair)
    assert not await together(world, 2, 5)


@pytest.mark.parametrize(("pinned", "stays"), [((2,), 2), ((5,), 5), ((2, 5), 5), ((), 5)])
async def test_parting_takes_out_nobody_whom_staff_pinned(world: World, pinned: tuple[int, ...], stays: int) -> None:
    world = with_drafts(world)
    await wait(world, 7)
    for number in pinned:
        await decide(world, people_commands.pin_person, signup_id(number), area_id="bergen", pinned=True)
    await world.deliver(kept_apart(world, 2, 5))
    assert not await together(world, 2, 5)
    assert await together(world, stays, 7)


async def test_parted_draft_looks_like_a_repaired_one(world: World, app: FastAPI) -> None:
    """Staff see on the page of the group what they see after any repair, and nothing more."""
    world = with_drafts(world)
    await wait(world, 6)
    group = await world.group()
    await world.deliver(kept_apart(world, 2, 5))
    page = await Browser(app, coordinator_of("link-bergen")).get(f"/stab/grupper/{group.id}")
    assert "satte personen tilbake på ventelisten" in page.text


async def test_group_of_area_on_hold_has_fewer_instead_of_a_refusal(world: World) -> None:
    """The page counts without the pairs; a refusal would tell staff that there is one."""
    await decide(world, areas.hold_area, "bergen")
    await wait(world, 6)
    await world.deliver(kept_apart(world, 2, 5))
    group_id = await decide(world, areas.form_group, "bergen", cell=Cell("bergen-sentrum", "tue-evening", "nb"), size=6)
    (group,) = await world.groups(id=group_id)
    assert (group.live, group.capacity) == (5, 6)
    assert not await together(world, 2, 5)


async def test_pair_whose_seats_are_offered_keeps_them(world: World) -> None:
    """To take a seat away would tell one of them."""
    await wait(world, 5)
    before = await world.dump()
    await world.deliver(kept_apart(world, 2, 5))
    assert await world.dump() == before
    await world.answer(2, yes=False)
    await wait(world, 1, first=6)
    assert not await together(world, 2, 5)


async def test_move_to_group_of_the_other_is_refused_as_any_other(world: World) -> None:
    world = with_drafts(world)
    both = {"slots": ("mon-evening", "tue-evening")}
    await wait(world, 5, slots=("mon-evening",))
    await wait(world, 5, first=10)
    monday, tuesday = sorted(await world.groups(), key=lambda group: group.slot)
    await wait(world, 1, first=20, **both)
    target = tuesday if (await world.seat_of(20)).group_id == monday.id else monday
    other = 10 if target is tuesday else 1
    await world.deliver(kept_apart(world, 20, other))

    await refused("does_not_fit", world, people_commands.move_person, signup_id(20), group_id=target.id, **HERE)

    assert not await together(world, 20, other)


async def test_pages_are_the_same_with_a_pair(world: World, app: FastAPI) -> None:
    """Of the two people and of staff, with reasons, counts and what would change a group."""
    await wait(world, 3)
    await wait(world, 1, first=8, slots=("wed-evening",))
    staff = Browser(app, coordinator_of("link-bergen"))
    area = "/stab/omrader/bergen"
    paths = [
        "/stab/omrader", area, f"{area}/personer/{signup_id(1)}", f"{area}/personer/{signup_id(2)}", "/stab/grupper",
    ]  # fmt: skip

    what_if = re.search(r'href="([^"]*/hva-om\?cell=[^"]+)"', (await staff.get(area)).text)
    assert what_if is not None
    paths.append(html.unescape(what_if[1]))

    async def shown() -> list[str]:
        pages = [await staff.get(path) for path in paths]
        pages += [await Browser(app).get(waiting_page(number)) for number in (1, 2, 8)]
        assert {one.status_code for one in pages} == {200}
        return [without_tokens(re.sub(r'name="_csrf" value="[^"]*"', "", one.text)) for one in pages]

    before = await shown()
    await world.deliver(kept_apart(world, 1, 2))
    after = await shown()
    differences = [
        line
        for old, page in zip(before, after, strict=True)
        for line in difflib.unified_diff(old.splitlines(), page.splitlines(), n=0, lineterm="")
    ]
    assert differences == []
    assert await world.audit_entries() == []
    assert [task.kind for task in await world.open_tasks()] == []


async def test_board_of_area_names_nobody_whose_link_leads_nowhere(world: World, app: FastAPI) -> None:
    """A person who is named for a free place, but cannot be moved there, would tell staff of a pair."""
    group = await looking(world)
    await world.pass_time(days=1)
    members = [seat.person_id for seat in await world.seats(group_id=group.id) if seat.state != "released"]
    browser = Browser(app, coordinator_of("link-bergen"))
    link = f'data-move="{signup_id(4)}"'
    assert link in (await browser.get("/stab/omrader/bergen")).text
    number = next(number for number in range(1, 12) if person_id(number) in members)

    await world.deliver(kept_apart(world, 4, number))

    assert link not in (await browser.get("/stab/omrader/bergen")).text


@pytest.mark.parametrize("seed", range(6))
async def test_random_history_never_seats_a_pair_together(world: World, seed: int) -> None:
    """
    Arrivals, new wishes, pairs, ends, answers, erasures and drafts in any order.

    Two of a pair are together in an offered group only if they were before, and in a draft never. A pair comes by
    itself, or first with the wishes of one of the two, whose event may overtake it; each event comes twice.
    """
    chance = random.Random(seed)
    world = with_drafts(world) if seed % 2 else world
    pairs: dict[UUID, frozenset[int]] = {}
    late: list[people.KeptApart] = []
    allowed: set[frozenset[int]] = set()
    waiting: list[int] = []
    versions: Counter[int] = Counter()

    async def in_offered_group(pair: frozenset[int]) -> bool:
        drafts = {group.id for group in await world.groups() if group.state == "drafted"}
        seats = [seat for seat in await world.seats() if seat.state != "released" and seat.group_id not in drafts]
        groups = [{seat.group_id for seat in seats if seat.signup_id == signup_id(number)} for number in pair]
        return bool(set.intersection(*groups))

    def wishes(number: int) -> dict[str, Any]:
        told = tuple(
            signups.QuietPair(pair_id=pair_id, person_id=person_id(next(iter(pair - {number}))))
            for pair_id, pair in pairs.items()
            if number in pair
        )
        slots = chance.choice([("tue-evening",), ("mon-evening", "tue-evening"), ("mon-evening",)])
        return {"slots": slots, "quiet_pairs": told}

    for number in range(1, 26):
        waiting.append(number)
        await world.deliver(world.ready(number, **wishes(number)))
        act = chance.choice(["pair", "pair", "late", "change", "change", "end", "answer", "erase", "publish"])
        if act in {"pair", "late"}:
            event = kept_apart(world, *(numbers := chance.sample(range(1, 30), 2)))
            pair = frozenset(numbers)
            if await in_offered_group(pair):
                allowed.add(pair)
            pairs[event.pair_id] = pair
            if act == "late":  # only the next wishes of one of the two bring it along
                late.append(event)
                known = [each for each in numbers if each in waiting]
                for each in known[:1]:
                    versions[each] += 1
                    await world.deliver(world.changed(each, 3 + versions[each], **wishes(each)))
                if not known:
                    await world.deliver(event)
            else:
                await world.deliver(event)
        elif act == "change":
            each = chance.choice(waiting)
            versions[each] += 1
            await world.deliver(world.changed(each, 3 + versions[each], **wishes(each)))
            await world.deliver(*late)
            late.clear()
        elif act == "end" and pairs:
            pair_id = chance.choice(list(pairs))
            del pairs[pair_id]
            await world.deliver(ended(world, pair_id))
        elif act == "answer":
            open_seats = [seat for seat in await world.seats() if seat.state == "offered" and seat.deadline]
            if open_seats:
                await world.answer(0, yes=chance.random() < 0.6, seat_id=chance.choice(open_seats).id)
        elif act == "erase" and len(waiting) > 1:
            gone = waiting.pop(chance.randrange(len(waiting)))
            await world.deliver(world.erased(gone))
            pairs = {pair_id: pair for pair_id, pair in pairs.items() if gone not in pair}
        elif act == "publish":
            drafts = [group for group in await world.groups() if group.state == "drafted"]
            if drafts:
                await decide(world, groups_commands.publish_draft_now, drafts[0].id)
        for pair in set(pairs.values()) - allowed:
            assert not await together(world, *pair), (number, act, pair)
    assert len(await world.groups()) > 1
