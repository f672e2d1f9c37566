"""A mailer as a process of its own, to be killed; what it needs to know is JSON in ``LONE_MAILER``."""

import asyncio
import json
import os
from datetime import datetime

from pydantic import SecretStr

from notify.mailer import Mailer
from notify.preparing import MailerSettings
from notify.smtp import SmtpConnection
from shared.events import contacts
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from tests.notify.support.contents import MAIL_DOMAIN
from tests.notify.support.mailing import context_of
from tests.notify.support.world import MAIL_FROM, Feed


def answer(question: contacts.Question) -> contacts.Answer:
    """The answer of an intake that knows everybody."""
    found = [
        contacts.Contact(person_id=id_, first_name="Kari", email=f"p{id_.hex}@example.org", language="nb")
        for id_ in question.person_ids
    ]
    return contacts.Answer(contacts=tuple(found))


async def main() -> None:
    """Send mails until killed."""
    told = json.loads(os.environ["LONE_MAILER"])
    feed = Feed(Database(SecretStr(told["database"])), ManualClock(datetime.fromisoformat(told["now"])))
    connection = SmtpConnection("127.0.0.1", told["port"], security="none")
    await Mailer(context_of(feed, answer), connection, MailerSettings(MAIL_FROM, MAIL_DOMAIN)).run()


if __name__ == "__main__":
    asyncio.run(main())
