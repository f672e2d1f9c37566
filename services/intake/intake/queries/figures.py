"""The figures of intake for ``/metrics``."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import signups
from shared.kit.figures import Family, Sample, counts, known, without_few

SIGNUPS: Final = Family("selvhjelp_signups", "Sign-ups by state; 1 to 4 are left out", ("state",))
NEWEST: Final = Family("selvhjelp_hours_since_signup", "Whole hours since the newest sign-up; left out without any")
FAMILIES: Final = (SIGNUPS, NEWEST)


async def read_figures(session: AsyncSession, now: Callable[[], datetime]) -> Sequence[Sample]:
    """Return the figures; a time is told in whole hours, so that nobody's own can be read from it."""
    by_state, newest_at = await signups.totals(session)
    hours = None if newest_at is None else max(0, int((now() - newest_at).total_seconds() // 3600))
    return [*without_few(counts(SIGNUPS, by_state, SignupState)), *known(NEWEST, hours)]
