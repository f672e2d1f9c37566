"""The figures of notify for ``/metrics``."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.delivery import Status
from notify.store import mails
from shared.kit.figures import Family, Sample, counts
from shared.kit.i18n import N_

MAILS: Final = Family("selvhjelp_mails", "Mails by state, until retention deletes them", ("state",))
OLDEST_DUE: Final = Family(
    "selvhjelp_mail_oldest_due_seconds",
    "How long the mail that is due longest has been due",
    late_seconds=300,
    sentence=N_("Den eldste e-posten skulle ha gått ut for %(minutes)s minutter siden. Ingen av dem er gått tapt."),
)
FAMILIES: Final = (MAILS, OLDEST_DUE)


async def read_figures(session: AsyncSession, now: Callable[[], datetime]) -> Sequence[Sample]:
    """Return the figures; a number of mails tells nothing about a person, so none is left out."""
    by_state, oldest_seconds = await mails.totals(session, now())
    return [*counts(MAILS, by_state, Status), Sample(OLDEST_DUE, oldest_seconds)]
