"""The purposes for which contact details may be read."""

from enum import StrEnum


class Purpose(StrEnum):
    """
    A purpose of a contact reading.

    Attributes:
        MAIL: A service sends a mail.
        CALL: A page of staff shows one call task.
        LIST: A page lists people of a centre.
        PAGE: A page shows one person.
        EXPORT: A person's right to access: all data in one file.
    """

    MAIL = "mail"
    CALL = "call"
    LIST = "list"
    PAGE = "page"
    EXPORT = "export"
