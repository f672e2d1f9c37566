"""Yearly figures: counted when it happens, exact when everybody is erased, and no small number on any page or file."""

import csv
import io
import random
import zipfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.figures import LATE, Measure, Year, YearCounts, counted_in, quarter_of, shown_year
from intake.handlers import consumers
from intake.queries import yearly_figures
from intake.store import figures, inbox
from intake.usecases.figures import fold_waits
from shared.events import group_life, groups, kontaktmoter
from shared.events.base import Event
from shared.kit.messaging.causes import Cause
from shared.timezone import OSLO_TZ
from tests.intake.support.browser import Browser
from tests.intake.support.world import World

CENTRE = "link-bergen"
PLACES = ("5003", "5411")


async def deliver(world: World, *events: Event) -> None:
    for event in events:
        (consumer,) = [one for one in consumers(world.clock) if one.stream is event.stream]
        for _ in range(2):
            async with world.transaction() as session:
                await consumer.handle(session, inbox, event)


def event_of(kind: type[Event], at: datetime, **fields: Any) -> Event:
    stamp = Cause.fresh().stamp(kind, str(uuid4()), at)
    common = {"centre": CENTRE, "area": "bergen", "seats": (), "version": 1}
    return kind.model_validate({**stamp, **common, **fields})


def started(group_id: UUID, version: int, at: datetime, *waited: int, area: str = "bergen") -> Event:
    fields = {"size": 5, "policy_version": "1", "started_at": at, "waited_days": waited}
    return event_of(groups.Started, at, group_id=group_id, version=version, area=area, **fields)


def handed_over(group_id: UUID, version: int, at: datetime, area: str = "bergen") -> Event:
    fields = {"by": "members", "handed_over_at": at, "memory": "none", "return_id": uuid4(), "followed_up": False}
    return event_of(group_life.HandedOver, at, group_id=group_id, version=version, area=area, size=5, **fields)


def held(at: datetime, kontaktmote_id: UUID, version: int = 1, **fields: Any) -> Event:
    return event_of(
        kontaktmoter.KontaktmoteHeld, at, kontaktmote_id=kontaktmote_id, version=version, attendance=3, **fields
    )


async def counted(world: World) -> dict[int, YearCounts]:
    centre = world.centres.get(CENTRE)
    assert centre is not None
    async with world.transaction() as session:
        return dict(await yearly_figures.counted_years(session, world.centres, centre))


def plain(years: dict[int, YearCounts]) -> dict[int, Any]:
    return {
        year: (
            {measure: dict(own) for measure, own in counts.counts.items() if own},
            {cell: sorted(days) for cell, days in counts.waits.items() if days},
        )
        for year, counts in years.items()
    }


@pytest.mark.parametrize("seed", range(3))
async def test_figures_equal_a_plain_model_after_all_are_erased(world: World, seed: int) -> None:
    """A random history of two years, its events shuffled and each delivered twice, late; then nobody is left."""
    chance = random.Random(seed)
    model: dict[int, YearCounts] = {}

    def in_which(day: datetime) -> date:
        """What is reported when its quarter is closed counts in the oldest open one."""
        today = world.clock.now().astimezone(OSLO_TZ).date()
        return max(day.astimezone(OSLO_TZ).date(), today - LATE)

    def cell(measure: Measure, day: datetime, area: str) -> None:
        local = in_which(day)
        model.setdefault(local.year, YearCounts()).counts[measure][area, quarter_of(local)] += 1

    people, events = [], []
    for number in range(12):
        world.later(days=chance.randint(0, 70))
        place = chance.choice(PLACES)
        signup_id = await world.confirmed(email=f"p{number}@example.org", place=place)
        people.append(await world.person_of(signup_id))
        location = world.location(place)
        if location.centre.id == CENTRE:
            whole = world.centres.area(location.area.id)
            assert whole is not None
            cell(Measure.SIGNUPS, world.clock.now(), whole[1].id)
        if chance.random() < 0.4:  # another form of somebody who waits
            await world.confirmed(email=f"p{number}@example.org", place=place, max_travel_km=30)
        if chance.random() < 0.3:
            assert await world.erase(people[-1])
    for _ in range(8):
        group_id, at = uuid4(), world.clock.now() - timedelta(days=chance.randint(0, 700))
        waited = sorted(chance.choices(range(200), k=5))
        told = [started(group_id, 3, at, *waited)]
        last = chance.choice(["started", "revoked", "again", "handed over"])
        handover = min(at + timedelta(days=80), world.clock.now())
        if last in {"revoked", "again"}:
            told.append(event_of(groups.StartRevoked, at, group_id=group_id, version=4))
        if last == "again":
            at, waited = min(at + timedelta(days=40), world.clock.now()), waited[1:]
            told.append(started(group_id, 5, at, *waited))
        if last == "handed over":
            told.append(handed_over(group_id, 6, handover))
            cell(Measure.HANDED_OVER, handover, "bergen")
        if last != "revoked":
            cell(Measure.STARTED, at, "bergen")
            local = in_which(at)
            waits = model[local.year].waits
            assert isinstance(waits, dict)
            waits.setdefault(("bergen", quarter_of(local)), []).extend(waited)
        events += told
    for _ in range(5):
        at, meeting = world.clock.now() - timedelta(days=chance.randint(0, 30)), uuid4()
        events += [held(at + timedelta(days=9), meeting, version, starts_at=at) for version in (4, 5)]
        cell(Measure.KONTAKTMOTER, at, "")
    chance.shuffle(events)
    await deliver(world, *events)
    before = plain(await counted(world))
    assert before == plain(model)
    for person_id in people:
        await world.erase(person_id)
    assert await world.count("people") == 0
    assert plain(await counted(world)) == before


async def test_start_taken_back_in_any_order_is_counted_once(world: World) -> None:
    at, orders = world.clock.now(), list(permutations(range(4)))
    world.later(days=9)
    for order in orders:
        group_id = uuid4()
        events = [
            started(group_id, 3, at, 8, 9),
            event_of(groups.StartRevoked, at, group_id=group_id, version=4),
            started(group_id, 5, at + timedelta(days=3), 11, 12),
            handed_over(group_id, 7, at + timedelta(days=5)),
        ]
        await deliver(world, *(events[number] for number in order))
    number = len(orders)
    assert plain(await counted(world)) == {
        2026: (
            {Measure.STARTED: {("bergen", 1): number}, Measure.HANDED_OVER: {("bergen", 1): number}},
            {("bergen", 1): [11] * number + [12] * number},
        )
    }


async def test_event_of_before_tells_no_wait_and_no_time(world: World) -> None:
    """Events of the version before lack the new fields."""
    at = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # the new year has begun in Norway
    fields = {"size": 5, "policy_version": "1", "started_at": at}
    await deliver(world, event_of(groups.Started, at, group_id=uuid4(), **fields), held(at, uuid4()))
    assert plain(await counted(world)) == {
        2026: ({Measure.STARTED: {("bergen", 1): 1}, Measure.KONTAKTMOTER: {("", 1): 1}}, {})
    }


def year_of(**numbers: list[int]) -> YearCounts:
    own = YearCounts(waits={})
    for area, line in numbers.items():
        for quarter, number in enumerate(line, 1):
            own.counts[Measure.STARTED][area, quarter] = number
    return own


def test_median_of_waits_stands_beside_a_shown_number_only() -> None:
    own = year_of(a=[9, 2, 7, 8], b=[8, 8, 3, 9])
    waits = {(area, quarter): [10 * quarter] * 9 for area in "ab" for quarter in (1, 2, 3, 4)}
    told = own.counts[Measure.STARTED].copy()
    told["a", 4] = 5  # the others started before waits were told
    year = shown_year(2025, YearCounts(own.counts, waits, told), ["a", "b"], date(2026, 2, 1))
    groups_shown, waits_shown = year.figures[Measure.STARTED], year.waits
    for area in "ab":
        for number, wait in zip(groups_shown.areas[area], waits_shown.areas[area], strict=True):
            assert wait is None or number is not None
    assert waits_shown.areas["a"][0] == 10
    assert waits_shown.areas["a"][1] is None  # few groups
    assert groups_shown.areas["a"][3] == 8
    assert waits_shown.areas["a"][3] is None  # few groups that told
    assert waits_shown.all[4] == 20


def test_year_that_goes_on_has_quarters_that_are_over_and_no_sums() -> None:
    counted = year_of(a=[9, 2, 9, 9], b=[9, 2, 9, 9])
    expected = {1: (), 14: (), 15: (), 16: (18,)}
    for day, shown in expected.items():
        year = shown_year(2026, counted, ["a", "b"], date(2026, 4, day))
        assert year.figures[Measure.STARTED].all == shown
    year = shown_year(2026, counted, ["a", "b"], date(2026, 12, 31))
    assert year.quarters == (1, 2, 3)
    assert not year.over
    assert year.figures[Measure.STARTED].areas == {}
    assert year.figures[Measure.STARTED].all == (18, None, 18)
    year = shown_year(2026, counted, ["a", "b"], date(2027, 1, 16))
    assert year.over
    assert year.figures[Measure.STARTED].all[:3] == (18, None, 18)
    assert set(year.figures[Measure.STARTED].areas) == {"a", "b"}


def seen(year: Year) -> dict[tuple[str, str, int], int | None]:
    """Each figure of a year by where it stands; the last column is 5 for the year."""
    tables = {**{measure.value: own for measure, own in year.figures.items()}, "waits": year.waits}
    return {
        (name, area, column): figure
        for name, own in tables.items()
        for area, line in {**own.areas, "": own.all}.items()
        for column, figure in enumerate(line, 1)
    }


HAPPENED = st.tuples(
    st.sampled_from("ab"),
    st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    st.one_of(st.just(0), st.integers(0, 200)),
    st.integers(1, 30),
)
"""Area, day, days until it is reported, and how many of the kind."""


@settings(max_examples=150, deadline=None)
@given(
    st.lists(HAPPENED, max_size=25), st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)), min_size=2, max_size=5)
)
def test_figure_that_was_shown_or_hidden_stays_so(
    history: list[tuple[str, date, int, int]], moments: list[date]
) -> None:
    before: dict[tuple[str, str, int], int | None] = {}
    for moment in sorted(moments):
        counts = YearCounts()
        waits: dict[tuple[str, int], list[int]] = {}
        for area, day, late, number in history:
            reported = day + timedelta(days=late)
            counted = counted_in(day, reported)
            if reported <= moment and counted.year == 2025:
                cell = area, quarter_of(counted)
                counts.counts[Measure.STARTED][cell] += number
                counts.told[cell] += number
                waits.setdefault(cell, []).extend([late] * number)
        now = seen(shown_year(2025, YearCounts(counts.counts, waits, counts.told), ["a", "b"], moment))
        assert before.items() <= now.items()
        before = now


def test_sums_of_two_areas_never_show_a_small_one() -> None:
    counts: Counter[tuple[str, int]] = Counter({("a", 1): 20, ("b", 1): 2, ("a", 2): 30, ("b", 2): 40})
    own = YearCounts()
    own.counts[Measure.SIGNUPS].update(counts)
    shown = shown_year(2025, own, ["a", "b"], date(2026, 2, 1)).figures[Measure.SIGNUPS]
    assert shown.areas["b"][0] is None
    assert None in {shown.areas["a"][0], shown.all[0]}


async def a_year(world: World, centre: str = CENTRE, area: str = "bergen") -> None:
    """Sign-ups and starts of 2025, and the clock when that year is shown."""
    rows = [(1, 7), (2, 61), (3, 62), (4, 3)]
    starts = [(1, 1), (4, 7), (7, 8), (10, 1)]
    async with world.transaction() as session:
        for quarter, number in rows:
            for _ in range(number):
                await figures.count_signup(session, centre, area, 2025, quarter)
        for month, number in starts:
            on = date(2025, month, 1)
            for each in range(number):
                await figures.write_start(session, uuid4(), centre, area, 1, on, [20, 21 + each], open_since=on)
    world.later(days=11)


async def test_waits_of_quarter_that_is_shown_belong_to_no_group(world: World) -> None:
    await a_year(world)
    before = plain(await counted(world))
    async with world.transaction() as session:
        open_one = uuid4()
        await figures.write_start(session, open_one, CENTRE, "bergen", 1, date(2026, 1, 1), [3], open_since=date.min)
    for _ in range(2):
        async with world.transaction() as session:
            await fold_waits(session, world.centres, world.clock.now())
            assert [each.group_id for each in await figures.groups(session, CENTRE) if each.waited_days] == [open_one]
    after = await counted(world)
    assert {2025: plain(after)[2025]} == before
    assert after[2025].told.total() == 17


async def test_start_of_quarter_that_is_shown_is_not_taken_back(world: World) -> None:
    group_id, at = uuid4(), world.clock.now()
    await deliver(world, started(group_id, 1, at, 5))
    before = plain(await counted(world))
    world.later(days=100)
    await deliver(world, event_of(groups.StartRevoked, world.clock.now(), group_id=group_id, version=2))
    await deliver(world, started(group_id, 3, world.clock.now(), 105))
    assert plain(await counted(world)) == before


@pytest.mark.parametrize("role", ["leser", "koordinator", "admin"])
async def test_figures_page_shows_year_without_small_numbers(browser: Browser, world: World, role: str) -> None:
    await a_year(world)
    browser.sign_in_as_member(CENTRE, roles=[role])
    page = await browser.get("/stab/tall?aar=2025")
    assert page.status_code == 200
    assert ">61<" in page.text
    assert "Påmeldinger nå" not in page.text
    assert ">133<" not in page.text
    assert "skjult" in page.text
    assert ">3<" not in page.text
    for name in ("tall.pdf", "tall.xlsx", "tall.csv", "signups.svg", "started.svg", "waits.svg"):
        link = f"/stab/tall/{CENTRE}/2025/{name}"
        assert link in page.text
        assert (await browser.get(link)).status_code == 200


async def test_figure_files_hide_what_the_page_hides(browser: Browser, world: World) -> None:
    await a_year(world)
    browser.sign_in_as_member(CENTRE, roles=["leser"])
    base = f"/stab/tall/{CENTRE}/2025"
    answer = await browser.get(f"{base}/tall.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="link-bergen-2025.csv"'
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert lines[0][2:] == ["1. kvartal", "2. kvartal", "3. kvartal", "4. kvartal", "Hele året"]
    whole = next(line for line in lines if line[:2] == ["Bekreftede påmeldinger", "Hele senteret"])
    assert whole[2:] == ["7", "61", "62", "skjult", "skjult"]
    sheets = zipfile.ZipFile(io.BytesIO((await browser.get(f"{base}/tall.xlsx")).content))
    assert not [name for name in sheets.namelist() if b"<f>" in sheets.read(name)]
    assert "<v>61</v>" in sheets.read("xl/worksheets/sheet1.xml").decode()
    assert (await browser.get(f"{base}/tall.pdf")).content.startswith(b"%PDF-")
    picture = (await browser.get(f"{base}/signups.svg")).text
    assert "<script" not in picture
    assert "style" not in picture
    assert "http" not in picture.replace("http://www.w3.org/", "")
    assert ">2. kvartal<" in picture
    assert picture.count("<rect") == 4  # what is behind, and three quarters that are not hidden


@pytest.mark.parametrize(
    "path",
    ["link-oslo/2025/tall.csv", "link-bergen/1999/tall.csv", "link-bergen/2025/x.csv", "nowhere/2025/tall.pdf",
     "link-bergen/2026/tall.csv"],
)  # fmt: skip
async def test_figure_file_of_others_or_of_nothing_is_unknown(browser: Browser, world: World, path: str) -> None:
    await a_year(world)
    await a_year(world, "link-oslo", "oslo")
    browser.sign_in_as_member(CENTRE, roles=["leser"])
    assert (await browser.get(f"/stab/tall/{CENTRE}/2025/tall.csv")).status_code == 200
    assert (await browser.get(f"/stab/tall/{path}")).status_code == 404


async def test_figures_page_of_first_weeks_has_no_table(browser: Browser) -> None:
    browser.sign_in_as_member(CENTRE, roles=["leser"])
    page = await browser.get("/stab/tall")
    assert page.status_code == 200
    assert "tall.csv" not in page.text
    assert ">0<" not in page.text


async def test_figures_of_year_that_goes_on_have_no_sum(browser: Browser, world: World) -> None:
    async with world.transaction() as session:
        for quarter in (1, 2):
            for _ in range(7 * quarter):
                await figures.count_signup(session, CENTRE, "bergen", 2026, quarter)
    world.later(days=110)
    browser.sign_in_as_member(CENTRE, roles=["leser"])
    page = await browser.get("/stab/tall")
    assert ">7<" in page.text
    assert not [word for word in (">14<", ">21<", "Hele året", "2. kvartal") if word in page.text]
    base = f"/stab/tall/{CENTRE}/2026"
    for name in ("tall.pdf", "tall.xlsx", "signups.svg"):
        assert (await browser.get(f"{base}/{name}")).status_code == 200
    content = (await browser.get(f"{base}/tall.csv")).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert lines[0][2:] == ["1. kvartal"]
    assert lines[1][1:] == ["Hele senteret", "7"]
