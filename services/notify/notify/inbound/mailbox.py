"""Takes what comes to the inbound mailbox, by whatever protocol, to the use case that records it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from notify.context import NotifyContext
from notify.inbound.reading import ReadAnswer, Reader, ReadReport
from notify.usecases import calendar_answers, reports
from shared.errors import DomainError, NotYet
from shared.kit.logging import get_logger

MAX_BYTES: Final = 1_048_576
"""Largest mail that is read; a report returns a mail of ours, which is below 100 kB."""

_MAILS: Final = Counter("selvhjelp_inbound_mails", "Mails that came to the inbound mailbox", ["outcome"])

log = get_logger(__name__)


@dataclass(frozen=True)
class InboundMailbox:
    """
    The inbound mailbox.

    Attributes:
        context: Database, clock and registry of mails.
        reader: Reads what a mail says.
        keys: Return the secrets under which reports are remembered, the oldest last; an address cannot be guessed from
            what is stored.
    """

    context: NotifyContext
    reader: Reader
    keys: Callable[[], Sequence[bytes]] = field(repr=False)

    async def take(self, content: bytes, recipient: str) -> bool:
        """
        Record what a mail says, if it says anything about a mail of ours; nothing else of it is kept or logged.

        Returns:
            False if it must be delivered again later.
        """
        outcome = "later"
        try:
            read = await self._read(content, recipient)
            outcome = await self._record(read, content) if read is not None else "ignored"
        except NotYet:
            log.info("inbound_mail_too_early", bytes=len(content))
        except DomainError as error:
            log.info("inbound_answer_refused", slug=error.slug)
            outcome = "ignored"
        except Exception as error:
            log.exception("inbound_mail_not_recorded", bytes=len(content), exc_info=error)
        _MAILS.labels(outcome).inc()
        return outcome != "later"

    async def _read(self, content: bytes, recipient: str) -> ReadReport | ReadAnswer | None:
        """Read a mail beside the event loop; one that cannot be read says nothing, whatever a stranger wrote."""
        try:
            return await asyncio.to_thread(self.reader.read, content, recipient)
        except Exception as error:
            log.warning("inbound_mail_unreadable", bytes=len(content), exc_info=error)
            return None

    async def _record(self, read: ReadReport | ReadAnswer, content: bytes) -> str:
        context, now = self.context, self.context.clock.now()
        async with context.database.transaction() as session:
            match read:
                case ReadReport(mail_id, report):
                    id_ = self._id(mail_id, content)
                    changed = await reports.record(session, context.registry, mail_id, report, report_id=id_, now=now)
                case ReadAnswer(invitation_id, answer):
                    id_ = self._id(invitation_id, content)
                    changed = await calendar_answers.record(
                        session, context.registry, invitation_id, answer, answer_id=id_, now=now
                    )
        return "recorded" if changed else "known"

    def _id(self, row_id: UUID, content: bytes) -> UUID:
        """Return the same id for each delivery of the same mail."""
        key = blake2b(self.keys()[-1], person=b"inbound report").digest()
        return UUID(bytes=blake2b(row_id.bytes + content, key=key, digest_size=16).digest())
