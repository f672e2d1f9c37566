"""Objects that the mailer and the web pages share."""

from dataclasses import dataclass

from notify.contacts import Contacts
from notify.mails.registry import MailRegistry
from notify.rendering import Renderer
from shared.kit.clock import Clock
from shared.kit.database.engine import Database
from shared.reference.centres import CentreDirectory


@dataclass(frozen=True, kw_only=True)
class NotifyContext:
    """
    Everything needed to turn a row of the queue into a mail.

    Attributes:
        registry: The mails.
        contacts: Asks intake for names and addresses.
        directory: Centres and policies; ask it at each use.
    """

    database: Database
    clock: Clock
    registry: MailRegistry
    contacts: Contacts
    renderer: Renderer
    directory: CentreDirectory
