"""What everybody is told about the wait in an area."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.figures import Year
from intake.domain.waiting import in_tens
from intake.queries import yearly_figures
from intake.store import waiting
from shared.reference.areas import Area
from shared.reference.centres import Centre, Centres


@dataclass(frozen=True)
class Wait:
    """
    The wait in an area.

    Attributes:
        people: About how many wait, in tens; None for a few.
        weeks: At most so many weeks half of those had waited who began in ``year``; None if that is not told.
        in_area: True if these weeks are those of the area, and not of the whole centre.
    """

    people: int | None
    weeks: int | None = None
    year: int | None = None
    in_area: bool = False


async def wait_in(session: AsyncSession, centres: Centres, centre: Centre, area: Area, today: date) -> Wait:
    """Return the wait in an area of a centre; nothing of it can be read from two looks, or is about a few."""
    people = in_tens(await waiting.told_of(session, area.id))
    for year in await yearly_figures.years(session, centres, centre, today):
        days, in_area = _days(year, area)
        if days is not None:
            return Wait(people, max(1, -(-days // 7)), year.year, in_area)
    return Wait(people)


def _days(year: Year, area: Area) -> tuple[int | None, bool]:
    """Return the newest median of a year, of the area where there is one."""
    own = year.waits.areas.get(area.id, ())[-1:]
    if own and own[0] is not None:
        return own[0], True
    return next((days for days in reversed(year.waits.all) if days is not None), None), False
