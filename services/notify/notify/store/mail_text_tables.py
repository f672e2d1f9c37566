"""The words that centres have written in mails, one row for each version; rows are never changed."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from notify.domain.mail_texts import Block, MailTextVersion
from notify.store.tables import Base
from shared.kit.database.columns import MOMENT, empty_dict


class MailTextRow(Base, table=True):
    """One version of one mail's own words; see :class:`notify.domain.mail_texts.MailTextVersion`."""

    __tablename__ = "mail_texts"

    centre: str = Field(primary_key=True, max_length=63)
    kind: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    texts: dict[str, dict[str, str]] = Field(default_factory=empty_dict, sa_type=JSONB)
    saved_at: datetime = Field(sa_type=MOMENT)
    saved_by: str = Field(max_length=100)
    reason: str = ""
    restored: int | None = None

    @property
    def version(self) -> MailTextVersion:
        """The version as the rules see it."""
        return MailTextVersion(
            number=self.number,
            texts={
                language: {Block(name): text for name, text in blocks.items()}
                for language, blocks in self.texts.items()
            },
            saved_at=self.saved_at,
            saved_by=self.saved_by,
            reason=self.reason,
            restored=self.restored,
        )
