"""Mails to the inbound mailbox: the files of ``tests/notify/bounces``, and a mail server that delivers them."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from notify.domain.answer_address import AnswerAddresses
from notify.domain.planning import message_id
from notify.domain.return_path import ReturnPaths
from notify.inbound.lmtp import LmtpProtocol
from notify.inbound.mailbox import InboundMailbox
from notify.inbound.reading import Reader
from tests.notify.support.contents import KEY, MAIL_DOMAIN
from tests.notify.support.mailing import context_of
from tests.notify.support.world import Feed, Intake

FILES = Path(__file__).parent.parent / "bounces"
DOMAIN = "retur.example.org"
PATHS = ReturnPaths(DOMAIN, lambda: [KEY.encode()])
ANSWERS = AnswerAddresses(DOMAIN, lambda: [KEY.encode()])
STRANGER = ReturnPaths(DOMAIN, lambda: [b"x" * 32])
OTHER_MAIL = UUID("01a217b6-1855-7382-ab66-759fde71c7ec")
COMPLAINTS = f"fbl@{DOMAIN}"


def bounce(name: str, mail_id: UUID) -> bytes:
    """A file of the collection as a mail server sends it, about one mail."""
    path = PATHS.of(mail_id)
    values = {
        "return_path": path,
        "forged_path": path[:9] + ("a" if path[9] != "a" else "b") + path[10:],
        "stranger_path": STRANGER.of(mail_id),
        "other_path": PATHS.of(OTHER_MAIL),
        "message_id": message_id(mail_id, MAIL_DOMAIN),
        "other_message_id": message_id(OTHER_MAIL, MAIL_DOMAIN),
    }
    content = (FILES / f"{name}.eml").read_bytes()
    for key, value in values.items():
        content = content.replace(b"{%s}" % key.encode(), value.encode())
    return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def recipient_of(content: bytes, mail_id: UUID) -> str:
    """The address in To, to which the mail server delivers; the return path if there is none."""
    lines = [line for line in content.split(b"\r\n") if line.startswith(b"To: ")]
    return lines[0][4:].decode() if lines and b"@" in lines[0] else PATHS.of(mail_id)


def inbound_mailbox(feed: Feed) -> InboundMailbox:
    context = context_of(feed, Intake().answer)
    return InboundMailbox(context, Reader(PATHS, ANSWERS, MAIL_DOMAIN), lambda: [KEY.encode()])


class MailServer:
    """Delivers over LMTP, as the mail server in front does."""

    def __init__(self, port: int, threads: ThreadPoolExecutor) -> None:
        self._port, self._threads = port, threads

    async def deliver(self, content: bytes, *recipients: str, size: bool = True) -> list[int]:
        """The reply codes: of each recipient that is refused, else of the whole mail."""
        loop = asyncio.get_running_loop()  # not its own threads, which the mailbox needs
        return await loop.run_in_executor(self._threads, self._deliver, content, recipients, size)

    def _deliver(self, content: bytes, recipients: tuple[str, ...], size: bool) -> list[int]:
        with smtplib.LMTP("127.0.0.1", self._port, timeout=60) as client:
            client.ehlo()  # LHLO
            code, _ = client.mail("", [f"SIZE={len(content)}"] if size else [])
            if code != 250:
                return [code]
            codes = [client.rcpt(recipient)[0] for recipient in recipients]
            if 250 not in codes:
                return codes
            return [*(code for code in codes if code != 250), client.data(content)[0]]


@asynccontextmanager
async def lmtp_server(mailbox: InboundMailbox) -> AsyncIterator[MailServer]:
    server = await asyncio.get_running_loop().create_server(lambda: LmtpProtocol(mailbox), "127.0.0.1", 0)
    with ThreadPoolExecutor() as threads:
        try:
            yield MailServer(server.sockets[0].getsockname()[1], threads)
        finally:
            server.close()
