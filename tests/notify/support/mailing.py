"""A mailer that runs in the test, with a mail server and an intake that are objects of the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from notify.contacts import Contacts
from notify.context import NotifyContext
from notify.domain.delivery import Accepted, Outcome
from notify.mailer import Mailer
from notify.mails.registry import mail_registry
from notify.preparing import MailerSettings
from shared.events import contacts
from tests.notify.support.contents import MAIL_DOMAIN, renderer
from tests.notify.support.world import MAIL_FROM, Feed, Intake


@dataclass
class Server:
    """
    Stands in for the connection to a mail server.

    Attributes:
        answer: Called for each mail with its recipient.
        sent: Envelope sender, recipient and message of each mail that was accepted, in order.
        tried: The number of attempts.
    """

    answer: Callable[[str], Outcome] = lambda _recipient: Accepted()
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)
    tried: int = 0

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        self.tried += 1
        outcome = self.answer(recipient)
        if outcome == Accepted():
            self.sent.append((sender, recipient, message))
        return outcome

    def announce(self, sender: str, recipient: str) -> None:
        """Nothing leaves ahead."""

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def recipients(self) -> list[str]:
        return [recipient for _, recipient, _ in self.sent]


def context_of(feed: Feed, answer: Callable[[contacts.Question], contacts.Answer]) -> NotifyContext:
    """What a mailer needs; ``answer`` stands in for intake."""

    async def ask(_subject: str, question: bytes, _timeout_seconds: float) -> bytes:
        return answer(contacts.Question.model_validate_json(question)).model_dump_json().encode()

    return NotifyContext(
        database=feed.database,
        clock=feed.clock,
        registry=mail_registry(),
        contacts=Contacts(ask),
        renderer=renderer(),
        directory=feed.directory,
    )


@asynccontextmanager
async def mailing(feed: Feed, intake: Intake, server: Server, **settings: Any) -> AsyncIterator[None]:
    """Let a mailer send until the end of the block."""
    context = context_of(feed, intake.answer)
    mailer = Mailer(context, server, MailerSettings(MAIL_FROM, MAIL_DOMAIN, **settings))  # type: ignore[arg-type]
    running = asyncio.create_task(mailer.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})
