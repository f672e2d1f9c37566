"""
The embedded mailbox: an LMTP server (RFC 2033) to which a mail server delivers what comes for the return paths.

It takes one recipient at a time, answers for each mail when it is recorded, and never sends anything.
"""

import asyncio
import logging
from typing import AnyStr, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from notify.inbound.mailbox import MAX_BYTES, InboundMailbox
from shared.kit.logging import get_logger

IDLE_SECONDS: Final = 300.0
LISTEN_AGAIN_SECONDS: Final = 5.0
LONGEST_LINE: Final = 65_536
"""Bytes; mail servers fold at 998, but what they return may have longer lines."""

_TAKEN: Final = "250 2.0.0 taken"
_LATER: Final = "451 4.3.0 try again later"
_UNKNOWN: Final = "550 5.1.1 no such address"
_ONE_EACH: Final = "452 4.5.3 one recipient at a time"
_TOO_BIG: Final = "552 5.3.4 too big"

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd names addresses there

log = get_logger(__name__)


class Handler:
    """The hooks that aiosmtpd calls at each step of a session; their names and signatures are its own."""

    def __init__(self, mailbox: InboundMailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            return _ONE_EACH
        if not self._mailbox.reader.takes(address):
            return _UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        return _TAKEN if await self._mailbox.take(content, envelope.rcpt_tos[0]) else _LATER


class LmtpProtocol(LMTP):
    """aiosmtpd's protocol, with the limits of this mailbox and the enhanced codes that LMTP asks for."""

    line_length_limit = LONGEST_LINE

    def __init__(self, mailbox: InboundMailbox) -> None:
        super().__init__(
            Handler(mailbox), hostname="notify", ident="LMTP", data_size_limit=MAX_BYTES, timeout=IDLE_SECONDS
        )

    async def push(self, status: AnyStr) -> None:
        """Send a reply."""
        if isinstance(status, str) and status.startswith("552 "):
            await super().push(_TOO_BIG)
        else:
            await super().push(status)


async def serve(mailbox: InboundMailbox, host: str, port: int) -> None:
    """Serve LMTP until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            server = await loop.create_server(lambda: LmtpProtocol(mailbox), host, port)
        except OSError as error:
            log.error("lmtp_not_listening", host=host, port=port, exc_info=error)  # noqa: TRY400 - written by class
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)
            continue
        log.info("lmtp_listening", host=host, port=port)
        try:
            await loop.create_future()
        finally:
            server.close()
