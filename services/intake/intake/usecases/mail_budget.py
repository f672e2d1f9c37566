"""
The budget of confirmation mails: of one mailbox in a day and a week, and of the whole system in an hour.

A mail that is over the budget is sent later. The caller holds the lock of submissions, so the figures are exact.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.store import limits
from intake.usecases.network_limits import key_hash, key_hashes
from intake.vault.vault import Vault
from shared.reference.limits import MAILS_IN_A_DAY, MAILS_IN_A_WEEK, MAILS_IN_AN_HOUR, UNPROVEN_MAILS

_MAILBOX: Final = MAILS_IN_A_WEEK.name
"""The name under which a mail to a mailbox is counted; both windows count the same events."""

_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class MailCaps:
    """
    The mails of the whole system in an hour; 0 for any number.

    Attributes:
        hourly: Of all.
        unproven: Of those to forms without proof of work.
    """

    hourly: int = MAILS_IN_AN_HOUR.figure
    unproven: int = UNPROVEN_MAILS.figure


DEFAULT_CAPS: Final = MailCaps()
"""The figures where no setting changes them."""


class MailBudget:
    """
    The mails that some mailboxes may still get at one moment; create it with :meth:`load`.

    Args:
        vault: Hashes what is counted.
        now: The time in the system.
        left: Mails that the whole system may still send, by limit.
    """

    def __init__(self, vault: Vault, now: datetime, left: dict[str, int]) -> None:
        self._vault = vault
        self._now = now
        self._mailboxes: dict[bytes, tuple[int, int]] = {}  # mails in the last day and week
        self._left = left
        self._hits: list[tuple[str, bytes, datetime]] = []

    @classmethod
    async def load(
        cls, session: AsyncSession, vault: Vault, mailboxes: Collection[bytes], caps: MailCaps, *, now: datetime
    ) -> "MailBudget":
        """Return the budget of some mailboxes, and of all."""
        left = {}
        for limit, figure in ((MAILS_IN_AN_HOUR, caps.hourly), (UNPROVEN_MAILS, caps.unproven)):
            if figure:
                since = now - limit.span
                hashes = key_hashes(vault, limit.name, _ALL, since, now)
                left[limit.name] = figure - await limits.count(session, limit.name, hashes, since)
        budget = cls(vault, now, left)
        await budget.read(session, mailboxes)
        return budget

    async def read(self, session: AsyncSession, mailboxes: Collection[bytes]) -> None:
        """Read what was sent to further mailboxes."""
        since = self._now - MAILS_IN_A_WEEK.span
        owner = {
            each: mailbox
            for mailbox in mailboxes
            if mailbox not in self._mailboxes
            for each in key_hashes(self._vault, _MAILBOX, mailbox.hex(), since, self._now)
        }
        a_day_ago = self._now - MAILS_IN_A_DAY.span
        for each, day, week in await limits.count_both(session, _MAILBOX, list(owner), a_day_ago, since):
            before = self._mailboxes.get(owner[each], (0, 0))
            self._mailboxes[owner[each]] = (before[0] + day, before[1] + week)

    def take(self, mailbox: bytes, *, proven: bool = True) -> bool:
        """Count a mail to a mailbox and return True, unless a limit is reached."""
        day, week = self._mailboxes.get(mailbox, (0, 0))
        if day >= MAILS_IN_A_DAY.figure or week >= MAILS_IN_A_WEEK.figure:
            return False
        names = [MAILS_IN_AN_HOUR.name] if proven else [MAILS_IN_AN_HOUR.name, UNPROVEN_MAILS.name]
        if any(self._left.get(name, 1) <= 0 for name in names):
            return False
        self._mailboxes[mailbox] = (day + 1, week + 1)
        self._add(_MAILBOX, mailbox.hex())
        for name in names:
            if name in self._left:
                self._left[name] -= 1
            self._add(name, _ALL)
        return True

    async def write(self, session: AsyncSession) -> None:
        """Store what was taken."""
        await limits.add(session, self._hits)
        self._hits = []

    def _add(self, name: str, key: str) -> None:
        self._hits.append((name, key_hash(self._vault, name, key, self._now.date()), self._now))


async def take_one(
    session: AsyncSession,
    vault: Vault,
    mailbox: bytes,
    caps: MailCaps = DEFAULT_CAPS,
    *,
    proven: bool = True,
    now: datetime,
) -> bool:
    """Count one mail to a mailbox and return True, unless a limit is reached."""
    budget = await MailBudget.load(session, vault, [mailbox], caps, now=now)
    taken = budget.take(mailbox, proven=proven)
    await budget.write(session)
    return taken
