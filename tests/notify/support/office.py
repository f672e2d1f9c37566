"""A mailer without a mail server, whose clock the test sets."""

from datetime import datetime, timedelta

from notify.domain.content import MailContent
from notify.domain.delivery import Accepted, SmtpRejected
from notify.mails.registry import mail_registry
from notify.usecases import outcomes, sending
from shared.events.contacts import Contact
from shared.reference import centres
from tests.notify.support.events import NOON
from tests.notify.support.world import Feed

REGISTRY = mail_registry()
STEP = timedelta(minutes=10)


class Office:
    """Sends due mails by hand, at a time that the test sets, and remembers what left."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.now = NOON
        self.sent: list[tuple[datetime, str]] = []
        self.contents: list[MailContent] = []
        self.outcome: Accepted | SmtpRejected = Accepted()

    async def send(self) -> None:
        """Send every due mail until none is left."""
        for _ in range(20):
            async with self.feed.database.transaction() as session:
                due = await sending.due(session, REGISTRY, now=self.now, limit=100)
            if not due:
                return
            for mail_id, person_id in due:
                contact = Contact(person_id=person_id, first_name="Kari", email="kari@example.org", language="nb")
                async with self.feed.database.transaction() as session:
                    claimed = await sending.claim(
                        session, REGISTRY, mail_id, contact, worker=1, centres=centres.load(), now=self.now
                    )
                if claimed is None:
                    continue
                contents = [part.content for part in claimed.parts]
                if self.outcome == Accepted():
                    self.sent += [(self.now, content.kind) for content in contents]
                    self.contents += contents
                ids = [part.mail_id for part in claimed.parts]
                async with self.feed.database.transaction() as session:
                    await outcomes.record(session, REGISTRY, *ids, outcome=self.outcome, worker=1, now=self.now)

    async def later(self, time: timedelta) -> None:
        """Let time pass in steps of ten minutes, and send what becomes due."""
        end = self.now + time
        while self.now < end:
            self.now = min(end, self.now + STEP)
            self.feed.clock.set(self.now)
            await self.send()

    @property
    def kinds(self) -> list[str]:
        """The kinds of the mails that left, in their order."""
        return [kind for _, kind in self.sent]
