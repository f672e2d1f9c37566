"""The figures of intake for ``/metrics``."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.signups import SignupState
from intake.store import NewestBackup, reconciliation, signups
from intake.store.reconciliation_tables import KINDS
from shared.kit.figures import Family, Sample, counts, known, without_few
from shared.kit.staff import wall_now

SIGNUPS: Final = Family("selvhjelp_signups", "Sign-ups by state; 1 to 4 are left out", ("state",))
NEWEST: Final = Family("selvhjelp_hours_since_signup", "Whole hours since the newest sign-up; left out without any")
DIFFERING: Final = Family(
    "selvhjelp_signups_differing", "Sign-ups that a service knows otherwise than intake", ("service_asked", "kind")
)
DIFFERING_OLDEST: Final = Family(
    "selvhjelp_signups_differing_oldest_seconds", "How long the oldest of them has differed"
)
COMPARED: Final = Family(
    "selvhjelp_signups_compared_seconds", "Age of the newest list that a service has answered", ("service_asked",)
)
BACKUP: Final = Family(
    "selvhjelp_backup_last_success_timestamp_seconds", "When the newest backup was taken; left out without any"
)
FAMILIES: Final = (SIGNUPS, NEWEST, DIFFERING, DIFFERING_OLDEST, COMPARED, BACKUP)


async def read_figures(session: AsyncSession, now: Callable[[], datetime]) -> Sequence[Sample]:
    """Return the figures; a time is told in whole hours, so that nobody's own can be read from it."""
    by_state, newest_at = await signups.totals(session)
    hours = None if newest_at is None else max(0, int((now() - newest_at).total_seconds() // 3600))
    wall = wall_now()
    differing, since = await reconciliation.totals(session)
    compared = await reconciliation.compared_at(session)
    kinds = [(service, kind) for service in compared for kind in KINDS]
    backup = await session.get(NewestBackup, 1)
    return [
        *without_few(counts(SIGNUPS, by_state, SignupState)),
        *known(NEWEST, hours),
        *(Sample(DIFFERING, differing.get(labels, 0), labels) for labels in kinds),
        *known(DIFFERING_OLDEST, 0 if since is None else (wall - since).total_seconds()),
        *(Sample(COMPARED, (wall - at).total_seconds(), (service,)) for service, at in compared.items()),
        *known(BACKUP, backup.taken_at.timestamp() if backup else None),
    ]
