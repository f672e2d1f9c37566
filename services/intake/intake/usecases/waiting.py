"""The weekly count of those who wait in each area."""

from collections import Counter
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.waiting import counts_anew
from intake.store import signups, waiting
from shared.reference.centres import Centres
from shared.timezone import OSLO_TZ, monday_of


async def count_waiting(session: AsyncSession, centres: Centres, now: datetime) -> None:
    """Count those who wait, once a week; a number changes only as :mod:`intake.domain.waiting` allows."""
    monday = monday_of(now.astimezone(OSLO_TZ).date())
    told = await waiting.told(session)
    counted: Counter[str] = Counter()
    for area, count in (await signups.waiting_by_area(session)).items():
        part = centres.part(area)
        counted[part[1].id if part else area] += count
    due = {area for area in {*told, *counted} if area not in told or told[area].counted_on < monday}
    before = {area: told[area].count if area in told else 0 for area in due}
    changes = [(area, counted[area] if counts_anew(count, counted[area]) else count) for area, count in before.items()]
    await waiting.write(session, changes, monday)
