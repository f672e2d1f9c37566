"""
A connection to the mail server, and the outcome of each attempt.

Commands are sent one by one, to know at which the connection died: only after DATA has begun is the outcome unknown.
"""

import asyncio
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notify.domain.delivery import Accepted, Outcome, OutcomeUnknown, SmtpRejected, Unreachable
from notify.domain.refusals import About, Stage, enhanced_code, subject_of
from shared.kit.logging import get_logger

Security = Literal["none", "starttls", "tls"]

IDLE_SECONDS: Final = 60
CLOSING: Final = 421
"""The reply of a server that closes the connection (RFC 5321, 3.8)."""

_ONE_ADDRESS: Final = re.compile(r"[^\s\x00-\x1f\x7f@<>,;:\"\\()\[\]]+@[^\s\x00-\x1f\x7f@<>,;:\"\\()\[\]]+")

log = get_logger(__name__)


@dataclass(frozen=True)
class SmtpTimeouts:
    """
    Longest waits in seconds; the defaults are the least that RFC 5321, 4.5.3.2, allows a sender.

    Attributes:
        connect: For the network connection, which the standard leaves open.
        greeting: For the server's first line.
        command: For the reply to EHLO, MAIL, RCPT and RSET.
        data: For the reply to the whole mail.
    """

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 600


class SmtpConnection:
    """
    A connection that is opened when needed, and kept open while mails follow one another.

    RSET comes after a refusal; a kept connection that the server has closed, or closes now (421), is opened again once.

    Args:
        security: With "starttls" and "tls" nothing is sent unencrypted or to a server with another certificate.
        timeouts: Longest waits.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: Security = "starttls",
        username: str | None = None,
        password: str | None = None,
        timeouts: SmtpTimeouts = SmtpTimeouts(),
    ) -> None:
        self._host, self._port = host, port
        self._security = security
        self._username, self._password = username, password
        self._timeouts = timeouts
        self._smtp: SMTP | None = None
        self._used_at = 0.0

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Send one mail to one recipient; failures of network and server are outcomes, never exceptions."""
        is_new = await self._close_if_idle()
        try:
            smtp = await self._connected()
        except SMTPResponseException as error:
            log.warning("smtp_unreachable", code=error.code, exc_info=error)
            return Unreachable(error.code)
        except (SMTPException, OSError, TimeoutError) as error:
            log.warning("smtp_unreachable", exc_info=error)
            return Unreachable()
        try:
            refusal = await self._envelope(smtp, sender, recipient)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
            self._drop()
            refusal = SmtpRejected(CLOSING)
        if refusal is None:
            return await self._data(smtp, message)
        if refusal.code == CLOSING and not is_new:
            self._drop()  # the kept connection has ended, as after a number of mails, which says nothing about this one
            return await self.send(sender, recipient, message)
        await self._reset(smtp)
        return refusal

    async def _envelope(self, smtp: SMTP, sender: str, recipient: str) -> SmtpRejected | None:
        if not _ONE_ADDRESS.fullmatch(recipient):  # a mail library could send a list to all its addresses
            return SmtpRejected(553, About.MAILBOX)
        options = ["SMTPUTF8"] if not recipient.isascii() else []
        if options and not smtp.supports_extension("smtputf8"):
            return SmtpRejected(553, About.MAILBOX)
        try:
            await smtp.mail(sender, options=options, encoding="utf-8" if options else "ascii")
        except SMTPResponseException as error:
            return _refusal("mail", error)
        try:
            await smtp.rcpt(recipient, encoding="utf-8" if options else "ascii")
        except SMTPResponseException as error:
            return _refusal("rcpt", error)
        return None

    async def _data(self, smtp: SMTP, message: bytes) -> Outcome:
        try:
            await smtp.data(message, timeout=self._timeouts.data)
        except SMTPResponseException as error:
            await self._reset(smtp)
            return _refusal("data", error)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            log.warning("smtp_outcome_unknown", exc_info=error)
            self._drop()
            return OutcomeUnknown()
        self._used_at = time.monotonic()
        return Accepted()

    async def _connected(self) -> SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        smtp = SMTP(
            hostname=self._host,
            timeout=self._timeouts.command,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
        )
        sock = await self._open_socket()
        try:
            await smtp.connect(sock=sock, timeout=self._timeouts.greeting)
            await smtp.ehlo()
            if self._username is not None:
                await smtp.login(self._username, self._password or "")
        except BaseException:
            smtp.close()
            sock.close()
            raise
        self._smtp, self._used_at = smtp, time.monotonic()
        return smtp

    async def _open_socket(self) -> socket.socket:
        """Open the network connection; its wait is shorter than the one for the server's first line."""
        loop = asyncio.get_running_loop()
        failure: OSError = OSError("no address")
        async with asyncio.timeout(self._timeouts.connect):
            for family, kind, protocol, _, address in await loop.getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM
            ):
                sock = socket.socket(family, kind, protocol)
                sock.setblocking(False)
                try:
                    await loop.sock_connect(sock, address)
                except OSError as error:
                    sock.close()
                    failure = error
                except BaseException:
                    sock.close()
                    raise
                else:
                    return sock
        raise failure

    async def _close_if_idle(self) -> bool:
        """Close a connection that was idle for too long; return True if the next mail needs a new one."""
        if self._smtp is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            await self.close()
        return self._smtp is None or not self._smtp.is_connected

    async def _reset(self, smtp: SMTP) -> None:
        if not smtp.is_connected:
            self._drop()
            return
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            self._drop()

    async def close(self) -> None:
        """Close the connection with QUIT."""
        if self._smtp is not None:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=2)
        self._drop()

    def _drop(self) -> None:
        """Drop the connection without QUIT."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _refusal(stage: Stage, error: SMTPResponseException) -> SmtpRejected:
    """Return a refusal with its subject; a reply that is no refusal counts as a temporary one."""
    if not 400 <= error.code < 600:
        return SmtpRejected(451)
    if error.code < 500:
        return SmtpRejected(error.code)
    about = subject_of(stage, error.code, enhanced_code(error.message), error.message)
    if about in {About.SENDER, About.SYSTEM}:
        log.error("smtp_refuses_sender", code=error.code)
    return SmtpRejected(error.code, about)
