"""The yearly figures of a centre, from the tables that count."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.figures import Measure, Year, YearCounts, quarter_of, shown_year
from intake.store import figures
from shared.reference.centres import Centre, Centres


async def years(session: AsyncSession, centres: Centres, centre: Centre, today: date) -> list[Year]:
    """Return the years of a centre from the first one with anything in it, the newest first."""
    counted = await counted_years(session, centres, centre)
    areas = dict.fromkeys([own.id for own in centre.areas])
    first = min(counted, default=today.year)
    return [
        shown_year(year, own, list(areas | dict.fromkeys(sorted(_areas_of(own)))), today)
        for year in range(today.year, first - 1, -1)
        if (own := counted.get(year) or YearCounts())
    ]


async def counted_years(session: AsyncSession, centres: Centres, centre: Centre) -> Mapping[int, YearCounts]:
    """Return by year all that was counted for a centre, small numbers too: never to be shown as it is."""

    def whole(area_id: str) -> str:
        found = centres.area(area_id)
        return found[1].id if found else area_id

    found: defaultdict[int, YearCounts] = defaultdict(YearCounts)
    waits: defaultdict[int, defaultdict[tuple[str, int], list[int]]] = defaultdict(lambda: defaultdict(list))

    def count(measure: Measure, area: str, year: int, quarter: int, number: int = 1) -> None:
        counter: Counter[tuple[str, int]] = found[year].counts[measure]
        counter[area, quarter] += number

    for row in await figures.signup_counts(session, centre.id):
        count(Measure.SIGNUPS, whole(row.area), row.year, row.quarter, row.count)
    for group in await figures.groups(session, centre.id):
        area = whole(group.area)
        if on := group.started_on:
            count(Measure.STARTED, area, on.year, quarter_of(on))
            waits[on.year][area, quarter_of(on)] += group.waited_days
            found[on.year].told[area, quarter_of(on)] += group.told_waits
        if on := group.handed_over_on:
            count(Measure.HANDED_OVER, area, on.year, quarter_of(on))
    for wait in await figures.wait_counts(session, centre.id):
        waits[wait.year][whole(wait.area), wait.quarter] += [wait.days] * wait.count
    for meeting in await figures.meetings(session, centre.id):
        count(Measure.KONTAKTMOTER, "", meeting.held_on.year, quarter_of(meeting.held_on))
    return {year: YearCounts(own.counts, waits[year], own.told) for year, own in found.items()}


def _areas_of(counted: YearCounts) -> set[str]:
    return {area for counts in counted.counts.values() for area, _ in counts if area}
