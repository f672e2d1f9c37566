"""Takes what comes to the inbound mailbox, by whatever protocol, to the use case that records it."""

import asyncio
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from notify.context import NotifyContext
from notify.inbound.reading import Reader, ReadReport
from notify.usecases import reports
from shared.errors import NotYet
from shared.kit.jobs import REGISTRY
from shared.kit.logging import get_logger

MAX_BYTES: Final = 1_048_576
"""Largest mail that is read; a report returns a mail of ours, which is below 100 kB."""

_MAILS: Final = Counter(
    "selvhjelp_inbound_mails", "Mails that came to the inbound mailbox", ["outcome"], registry=REGISTRY
)

log = get_logger(__name__)


@dataclass(frozen=True)
class InboundMailbox:
    """
    The inbound mailbox.

    Attributes:
        context: Database, clock and registry of mails.
        reader: Reads what a mail says.
        key: Secret under which reports are remembered; an address cannot be guessed from what is stored.
    """

    context: NotifyContext
    reader: Reader
    key: bytes = field(repr=False)

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
        except Exception as error:
            log.exception("inbound_mail_not_recorded", bytes=len(content), exc_info=error)
        _MAILS.labels(outcome).inc()
        return outcome != "later"

    async def _read(self, content: bytes, recipient: str) -> ReadReport | None:
        """Read a mail beside the event loop; one that cannot be read says nothing, whatever a stranger wrote."""
        try:
            return await asyncio.to_thread(self.reader.read, content, recipient)
        except Exception as error:
            log.warning("inbound_mail_unreadable", bytes=len(content), exc_info=error)
            return None

    async def _record(self, read: ReadReport, content: bytes) -> str:
        context = self.context
        async with context.database.transaction() as session:
            changed = await reports.record(
                session,
                context.registry,
                read.mail_id,
                read.report,
                report_id=self._id(read.mail_id, content),
                now=context.clock.now(),
            )
        return "recorded" if changed else "known"

    def _id(self, mail_id: UUID, content: bytes) -> UUID:
        """Return the same id for each delivery of the same report."""
        key = blake2b(self.key, person=b"inbound report").digest()
        return UUID(bytes=blake2b(mail_id.bytes + content, key=key, digest_size=16).digest())
