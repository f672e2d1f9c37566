"""Reads for the staff pages about the words of mails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from notify.domain.mail_texts import MailTextVersion, Texts
from notify.store import mail_texts


@dataclass(frozen=True)
class TextHistory:
    """The versions of one mail's own words, the newest first."""

    versions: Sequence[MailTextVersion]

    @property
    def number(self) -> int:
        """The newest version; 0 for the words of the system."""
        return self.versions[0].number if self.versions else 0

    @property
    def texts(self) -> Texts:
        """The own words now."""
        return self.versions[0].texts if self.versions else {}

    def version(self, number: int) -> MailTextVersion | None:
        """Return a version; None for the words of the system, or one that never was."""
        return next((version for version in self.versions if version.number == number), None)


async def history(session: AsyncSession, centre: str, kind: str) -> TextHistory:
    """Return the versions of one mail's own words."""
    return TextHistory([row.version for row in await mail_texts.versions(session, centre, kind)])


async def newest(session: AsyncSession, centre: str) -> Mapping[str, MailTextVersion]:
    """Return the newest version of each mail of a centre that has any, by kind."""
    return {kind: row.version for kind, row in (await mail_texts.newest(session, centre)).items()}
