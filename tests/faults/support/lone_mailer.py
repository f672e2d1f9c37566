"""A mailer as a process of its own, to be killed; what it needs to know is JSON in ``LONE_MAILER``."""

import asyncio
import json
import os
from datetime import datetime

from pydantic import SecretStr

from notify.contacts import Contacts
from notify.context import NotifyContext
from notify.mailer import Mailer
from notify.mails.registry import mail_registry
from notify.preparing import MailerSettings
from notify.smtp import SmtpConnection
from shared.events import contacts
from shared.kit.clock import ManualClock
from shared.kit.database.engine import Database
from shared.reference.centres import CentreDirectory
from tests.notify.support.contents import MAIL_DOMAIN, renderer
from tests.notify.support.world import MAIL_FROM


async def answer(_subject: str, question: bytes, _timeout_seconds: float) -> bytes:
    """The answer of an intake that knows everybody."""
    asked = contacts.Question.model_validate_json(question).person_ids
    found = [
        contacts.Contact(person_id=id_, first_name="Kari", email=f"p{id_.hex}@example.org", language="nb")
        for id_ in asked
    ]
    return contacts.Answer(contacts=tuple(found)).model_dump_json().encode()


async def main() -> None:
    """Send mails until killed."""
    told = json.loads(os.environ["LONE_MAILER"])
    context = NotifyContext(
        database=Database(SecretStr(told["database"])),
        clock=ManualClock(datetime.fromisoformat(told["now"])),
        registry=mail_registry(),
        contacts=Contacts(answer),
        renderer=renderer(),
        directory=CentreDirectory.from_file(None),
    )
    connection = SmtpConnection("127.0.0.1", told["port"], security="none")
    await Mailer(context, connection, MailerSettings(MAIL_FROM, MAIL_DOMAIN)).run()


if __name__ == "__main__":
    asyncio.run(main())
