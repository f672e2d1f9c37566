"""
A connection to the mail server, and the outcome of each attempt.

Where the server offers it, the commands of a mail leave together (RFC 2920), behind the text of the mail before if that
is known; the text follows only once the server has accepted the sender and the recipient. Only after DATA has begun is
the outcome unknown.
"""

import asyncio
import re
import socket
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, cast

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from notify.dialogue import MALFORMED, Dialogue
from notify.domain.delivery import Accepted, Outcome, OutcomeUnknown, SmtpRejected, Unreachable
from notify.domain.refusals import About, Stage, enhanced_code, subject_of
from shared.kit.logging import get_logger

Security = Literal["none", "starttls", "tls"]

IDLE_SECONDS: Final = 60
CLOSING: Final = 421
"""The reply of a server that closes the connection (RFC 5321, 3.8)."""

_GO_ON: Final[Mapping[Stage, Collection[int]]] = {"mail": (250,), "rcpt": (250, 251), "data": (354,)}
"""The replies after which a mail goes on (RFC 5321, 4.3.2)."""

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
        self._dialogue: Dialogue | None = None
        self._used_at = 0.0
        self._following: tuple[str, str] | None = None
        self._told: tuple[str, str] | None = None
        self._tells_ahead = True

    def announce(self, sender: str, recipient: str) -> None:
        """
        Name the mail that follows the next one, so that its commands may leave behind that one's text.

        Its attempt has begun. If another mail follows, or none, the connection ends and the server has nothing of it.
        """
        self._following = sender, recipient

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Send one mail to one recipient; failures of network and server are outcomes, never exceptions."""
        following, self._following = self._following, None
        if self._told not in {None, (sender, recipient)}:
            self._drop()  # the server waits for the text of another mail
        is_new = await self._close_if_idle()
        try:
            smtp, dialogue = await self._connected()
        except SMTPResponseException as error:
            log.warning("smtp_unreachable", code=error.code, exc_info=error)
            return Unreachable(error.code)
        except (SMTPException, OSError, TimeoutError) as error:
            log.warning("smtp_unreachable", exc_info=error)
            return Unreachable()
        failure = await self._envelope(smtp, dialogue, sender, recipient)
        if failure is None:
            return await self._text(smtp, dialogue, message, following)
        if failure == SmtpRejected(CLOSING) and not is_new:
            self._drop()  # the kept connection has ended, as after a number of mails, which says nothing about this one
            return await self.send(sender, recipient, message)
        await self._reset(dialogue)
        return failure

    async def _envelope(self, smtp: SMTP, dialogue: Dialogue, sender: str, recipient: str) -> Outcome | None:
        """Tell the server the sender and the recipient; return None once it waits for the text."""
        commands = _commands(smtp, sender, recipient)
        if commands is None:
            return SmtpRejected(553, About.MAILBOX)
        together = smtp.supports_extension("pipelining")
        is_told, self._told = self._told is not None, None
        refusal: SmtpRejected | None = None
        for stage, command in commands.items():
            try:
                if not together:
                    dialogue.command(command)
                elif stage == "mail" and not is_told:
                    dialogue.command(*commands.values())
                reply = await dialogue.reply(self._timeouts.data if stage == "data" else self._timeouts.command)
            except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
                self._drop()
                self._tells_ahead &= not (is_told and isinstance(error, SMTPTimeoutError))
                return refusal or self._lost(stage, error)
            if reply.code not in _GO_ON[stage]:
                refusal = refusal or _refusal(stage, reply)
                if not together or reply.code in {CLOSING, MALFORMED}:
                    break
        if refusal is not None and reply.code in {*_GO_ON["data"], CLOSING, MALFORMED}:
            self._drop()  # the server waits for a text to nobody, closes, or says what is no reply
        return refusal

    def _lost(self, stage: Stage, error: Exception) -> Outcome:
        """Return the outcome of a mail during which the connection was lost, or the server fell silent."""
        if stage != "data":
            return SmtpRejected(CLOSING)
        log.warning("smtp_outcome_unknown", exc_info=error)
        return OutcomeUnknown()

    async def _text(self, smtp: SMTP, dialogue: Dialogue, message: bytes, following: tuple[str, str] | None) -> Outcome:
        ahead: Mapping[Stage, bytes] | None = None
        if following and self._tells_ahead and smtp.supports_extension("pipelining"):
            ahead = _commands(smtp, *following)
        self._told = following if ahead else None
        try:
            dialogue.text(message, *(ahead or {}).values())
            reply = await dialogue.reply(self._timeouts.data)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            self._drop()
            return self._lost("data", error)
        if reply.code != 250:
            if reply.code == MALFORMED or self._told:
                self._drop()  # no RSET could leave before the commands of the next mail
            await self._reset(dialogue)
            return _refusal("data", reply)
        self._used_at = time.monotonic()
        return Accepted()

    async def _connected(self) -> tuple[SMTP, Dialogue]:
        if self._smtp is not None and self._dialogue is not None and self._dialogue.is_open:
            return self._smtp, self._dialogue
        self._drop()
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
        self._dialogue = Dialogue(cast("asyncio.Transport", smtp.transport))
        return smtp, self._dialogue

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
        if self._dialogue is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            await self.close()
        return self._dialogue is None or not self._dialogue.is_open

    async def _reset(self, dialogue: Dialogue) -> None:
        try:
            dialogue.command(b"RSET")
            if (await dialogue.reply(self._timeouts.command)).code != 250:
                self._drop()
        except (SMTPException, OSError):
            self._drop()

    async def close(self) -> None:
        """Close the connection with QUIT, unless the server waits for a text."""
        if self._dialogue is not None and self._told is None:
            with suppress(SMTPException, OSError):
                self._dialogue.command(b"QUIT")
                await self._dialogue.reply(2)
        self._drop()

    def _drop(self) -> None:
        """Drop the connection without QUIT."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = self._dialogue = self._told = None


def _commands(smtp: SMTP, sender: str, recipient: str) -> Mapping[Stage, bytes] | None:
    """Return the commands of a mail; None if this server cannot be told the recipient."""
    if not _ONE_ADDRESS.fullmatch(recipient):  # a mail library could send a list to all its addresses
        return None
    is_ascii = recipient.isascii()
    if not is_ascii and not smtp.supports_extension("smtputf8"):
        return None
    return {
        "mail": f"MAIL FROM:<{sender}>{'' if is_ascii else ' SMTPUTF8'}".encode(),
        "rcpt": f"RCPT TO:<{recipient}>".encode(),
        "data": b"DATA",
    }


def _refusal(stage: Stage, reply: SMTPResponse) -> SmtpRejected:
    """Return a refusal with its subject; a reply that is no refusal counts as a temporary one."""
    if not 400 <= reply.code < 600:
        return SmtpRejected(451)
    if reply.code < 500:
        return SmtpRejected(reply.code)
    about = subject_of(stage, reply.code, enhanced_code(reply.message), reply.message)
    if about in {About.SENDER, About.SYSTEM}:
        log.error("smtp_refuses_sender", code=reply.code)
    return SmtpRejected(reply.code, about)
