"""
Return path of a mail: an address of its own, to which mail servers report what they could not deliver (VERP).

Its tag names the row of the mail and proves that we made it, so that a forged report about somebody's mail is not
believed.
"""

from typing import ClassVar
from uuid import UUID

from notify.domain.tagged_addresses import TaggedAddresses


class ReturnPaths(TaggedAddresses):
    """Makes and reads return paths."""

    PREFIX: ClassVar[str] = "b+"
    PURPOSE: ClassVar[bytes] = b"return path"

    def mail_of(self, address: str) -> UUID | None:
        """Return the mail of a return path, in letters of any case; None if we did not make it."""
        return self.row_of(address)
