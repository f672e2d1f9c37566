"""The inbound mailbox at a provider that keeps it: read by IMAP, a mail at a time, and emptied of what was read."""

import asyncio
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from notify.inbound.mailbox import MAX_BYTES, InboundMailbox
from shared.kit.logging import get_logger

ImapSecurity = Literal["tls", "none"]

EVERY_SECONDS: Final = 60
MOST_AT_ONCE: Final = 200
TIMEOUT_SECONDS: Final = 8.0
"""Less than the time that a service has to stop in, since a thread that waits cannot be cancelled."""

_SIZE: Final = "RFC822.SIZE"
_WHOLE: Final = "BODY.PEEK[]"

log = get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class ImapAccount:
    """
    Account of a mailbox at a provider.

    Attributes:
        security: With "tls" nothing is sent unencrypted or to a server with another certificate.
    """

    host: str
    port: int
    security: ImapSecurity
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"


async def collect(mailbox: InboundMailbox, account: ImapAccount) -> None:
    """
    Take the unread mails of the account.

    What came to one of our addresses is deleted once it is recorded, since it holds addresses of people. Anything else
    is left there as read.

    Raises:
        OSError: The server does not answer.
        IMAPClientError: It refuses.
    """
    connection = _Connection(account)
    try:
        unread = await connection.ask(lambda client: client.search(["UNSEEN", "UNDELETED"]))
        done = [uid for uid in sorted(unread)[:MOST_AT_ONCE] if await _take(mailbox, connection, uid)]
        if done:
            await connection.ask(lambda client: client.delete_messages(done, silent=True))
            await connection.ask(lambda client: client.expunge(done if client.has_capability("UIDPLUS") else None))
    finally:
        await connection.close()


async def _take(mailbox: InboundMailbox, connection: "_Connection", uid: int) -> bool:
    """Take one mail; return True if it is to be deleted."""
    size = await _fetch(connection, uid, _SIZE, "RFC822.SIZE")
    content = await _fetch(connection, uid, _WHOLE, "BODY[]") if size is not None and size <= MAX_BYTES else b""
    recipient = mailbox.reader.recipient_of(content) if content else None
    if recipient is None:
        log.info("inbound_mail_left", bytes=size)
        await connection.ask(lambda client: client.add_flags([uid], [SEEN], silent=True))
        return False
    return await mailbox.take(content, recipient)


async def _fetch(connection: "_Connection", uid: int, item: str, name: str) -> Any:
    """Return one item of a mail; None if the mail is gone."""
    answer = await connection.ask(lambda client: client.fetch([uid], [item]))
    return answer.get(uid, {}).get(name.encode())


class _Connection:
    """A connection, made by its first command; commands block, and run one after the other in a thread of their own."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._client: IMAPClient | None = None
        self._thread = ThreadPoolExecutor(1, "imap")

    async def ask(self, command: Callable[[IMAPClient], T]) -> T:
        """Return the answer to a command."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, command)

    async def close(self) -> None:
        """Sign out after the command that runs, also where whoever waited for its answer was cancelled."""
        closing = self._thread.submit(self._close)
        self._thread.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(closing))

    def _run(self, command: Callable[[IMAPClient], T]) -> T:
        if self._client is None:
            self._client = _open(self._account)
        return command(self._client)

    def _close(self) -> None:
        if self._client is not None:
            _close(self._client)


def _open(account: ImapAccount) -> IMAPClient:
    is_tls = account.security == "tls"
    client = IMAPClient(
        account.host,
        account.port,
        ssl=is_tls,
        ssl_context=ssl.create_default_context() if is_tls else None,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        client.login(account.username, account.password)
        client.select_folder(account.folder)
    except BaseException:
        _close(client)
        raise
    return client


def _close(client: IMAPClient) -> None:
    try:
        client.logout()  # closes the connection too, if the server answers
    except (IMAPClientError, OSError):
        with suppress(OSError):
            client.shutdown()
