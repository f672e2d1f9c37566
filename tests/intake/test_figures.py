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

from intake.domain.figures import Measure, YearCounts, quarter_of, shown_year
from intake.handlers import consumers
from intake.queries import yearly_figures
from intake.store import figures, inbox
from shared.events import group_life, groups, kontaktmoter
from shared.events.base import Event
from shared.kit.messaging.causes import Cause
from shared.kit.spreadsheets import Sheet, csv_file, harmless, xlsx_file
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
    """A random history of two years, its events shuffled and each delivered twice; then nobody is left."""
    chance = random.Random(seed)
    model: dict[int, YearCounts] = {}

    def cell(measure: Measure, day: datetime, area: str) -> None:
        local = day.astimezone(OSLO_TZ).date()
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
        if last in {"revoked", "again"}:
            told.append(event_of(groups.StartRevoked, at, group_id=group_id, version=4))
        if last == "again":
            at, waited = at + timedelta(days=40), waited[1:]
            told.append(started(group_id, 5, at, *waited))
        if last == "handed over":
            told.append(handed_over(group_id, 6, at + timedelta(days=80)))
            cell(Measure.HANDED_OVER, at + timedelta(days=80), "bergen")
        if last != "revoked":
            cell(Measure.STARTED, at, "bergen")
            local = at.astimezone(OSLO_TZ).date()
            waits = model[local.year].waits
            assert isinstance(waits, dict)
            waits.setdefault(("bergen", quarter_of(local)), []).extend(waited)
        events += told
    for _ in range(5):
        at, meeting = world.clock.now() - timedelta(days=chance.randint(0, 700)), uuid4()
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
    at, orders = datetime(2026, 2, 3, tzinfo=UTC), list(permutations(range(4)))
    for order in orders:
        group_id = uuid4()
        events = [
            started(group_id, 3, at, 8, 9),
            event_of(groups.StartRevoked, at, group_id=group_id, version=4),
            started(group_id, 5, at + timedelta(days=90), 11, 12),
            handed_over(group_id, 7, at + timedelta(days=200)),
        ]
        await deliver(world, *(events[number] for number in order))
    number = len(orders)
    assert plain(await counted(world)) == {
        2026: (
            {Measure.STARTED: {("bergen", 2): number}, Measure.HANDED_OVER: {("bergen", 3): number}},
            {("bergen", 2): [11] * number + [12] * number},
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
    waits["a", 4] = [5] * 5
    year = shown_year(2025, YearCounts(own.counts, waits), ["a", "b"], date(2026, 1, 1))
    groups_shown, waits_shown = year.figures[Measure.STARTED], year.waits
    for area in "ab":
        for number, wait in zip(groups_shown.areas[area], waits_shown.areas[area], strict=True):
            assert wait is None or number is not None
    assert waits_shown.areas["a"][0] == 10
    assert waits_shown.areas["a"][1] is None  # few groups
    assert waits_shown.areas["a"][3] is None  # few people
    assert waits_shown.all[4] == 20


def test_year_that_goes_on_has_no_areas_and_no_quarter_ahead() -> None:
    year = shown_year(2026, year_of(a=[9, 9, 9, 0]), ["a"], date(2026, 8, 1))
    assert year.quarters == (1, 2, 3)
    assert not year.over
    assert year.figures[Measure.STARTED].areas == {}
    assert year.figures[Measure.STARTED].all == (9, 9, 9, 27)


def test_sums_of_two_areas_never_show_a_small_one() -> None:
    counts: Counter[tuple[str, int]] = Counter({("a", 1): 20, ("b", 1): 2, ("a", 2): 30, ("b", 2): 40})
    own = YearCounts()
    own.counts[Measure.SIGNUPS].update(counts)
    shown = shown_year(2025, own, ["a", "b"], date(2026, 1, 1)).figures[Measure.SIGNUPS]
    assert shown.areas["b"][0] is None
    assert None in {shown.areas["a"][0], shown.all[0]}


async def a_year(world: World) -> None:
    """Sign-ups and starts of 2025, counted as the use cases do, and the clock in the year after."""
    rows = [("bergen", 1, 7), ("bergen", 2, 61), ("bergen", 3, 62), ("bergen", 4, 3)]
    async with world.transaction() as session:
        for area, quarter, number in rows:
            for _ in range(number):
                await figures.count_signup(session, CENTRE, area, 2025, quarter)
    for month, number in ((1, 1), (5, 7), (8, 8), (11, 1)):
        at = datetime(2025, month, 2, tzinfo=UTC)
        await deliver(world, *(started(uuid4(), 1, at, 20, 21 + each) for each in range(number)))


@pytest.mark.parametrize("role", ["leser", "koordinator", "admin"])
async def test_figures_page_shows_year_without_small_numbers(browser: Browser, world: World, role: str) -> None:
    await a_year(world)
    browser.sign_in_as_member(CENTRE, roles=[role])
    page = await browser.get("/stab/tall?aar=2025")
    assert page.status_code == 200
    assert ">61<" in page.text
    assert ">133<" in page.text
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
    assert whole[2:] == ["skjult", "61", "62", "skjult", "133"]
    sheets = zipfile.ZipFile(io.BytesIO((await browser.get(f"{base}/tall.xlsx")).content))
    assert not [name for name in sheets.namelist() if b"<f>" in sheets.read(name)]
    assert "<v>61</v>" in sheets.read("xl/worksheets/sheet1.xml").decode()
    assert (await browser.get(f"{base}/tall.pdf")).content.startswith(b"%PDF-")
    picture = (await browser.get(f"{base}/signups.svg")).text
    assert "<script" not in picture
    assert "style" not in picture
    assert "http" not in picture.replace("http://www.w3.org/", "")
    assert ">2. kvartal<" in picture
    assert picture.count("<rect") == 3  # what is behind, and two quarters that are not hidden


@pytest.mark.parametrize(
    "path", ["link-oslo/2025/tall.csv", "link-bergen/1999/tall.csv", "link-bergen/2025/x.csv", "nowhere/2025/tall.pdf"]
)
async def test_figure_file_of_others_or_of_nothing_is_unknown(browser: Browser, world: World, path: str) -> None:
    browser.sign_in_as_member(CENTRE, roles=["leser"])
    assert (await browser.get(f"/stab/tall/{path}")).status_code == 404


HOSTILE = ["=1+1", "+4791234567", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1+1", "\u00a0=1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_spreadsheet_cell_that_could_be_a_formula_is_words(text: str) -> None:
    assert harmless(text) == f"'{text}"
    lines = list(csv.reader(io.StringIO(csv_file([[text, -2]]).decode("utf-8-sig")), delimiter=";"))
    assert lines[0][0].startswith("'")
    book = zipfile.ZipFile(io.BytesIO(xlsx_file([Sheet("[a]:*/", [[text]])], "t", datetime(2026, 1, 1, tzinfo=UTC))))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_spreadsheet_words_stay_as_they_are() -> None:
    assert [harmless(text) for text in ("Bergen", "5–6", "a=b", "")] == ["Bergen", "5–6", "a=b", ""]
