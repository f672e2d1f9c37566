"""The purposes for which contact details may be read."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

START_CONTACT_BEFORE: Final = timedelta(days=7)
"""Time before the start meeting from which an igangsetter sees whom they meet."""


class Purpose(StrEnum):
    """
    A purpose of a contact reading.

    Attributes:
        MAIL: A service sends a mail.
        SMS: A service sends a short message to a person without an e-mail address.
        CALL: A page of staff shows one call task.
        START_CONTACT: The page of a group for its igangsetter.
        LIST: A page lists people of a centre.
        PAGE: A page shows one person.
        EXPORT: A person's right to access: all data in one file.
    """

    MAIL = "mail"
    SMS = "sms"
    CALL = "call"
    START_CONTACT = "start_contact"
    LIST = "list"
    PAGE = "page"
    EXPORT = "export"


SHARED: Final = frozenset({Purpose.MAIL, Purpose.START_CONTACT, Purpose.LIST})
"""Purposes for which several people are read at once."""
