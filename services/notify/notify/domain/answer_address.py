"""
Organizer of a meeting in one recipient's calendar: the address to which their calendar sends the answer.

Its tag names the invitation, so that whoever knows the UID of the meeting cannot answer for somebody.
"""

from typing import ClassVar
from uuid import UUID

from notify.domain.tagged_addresses import TaggedAddresses


class AnswerAddresses(TaggedAddresses):
    """Makes and reads the addresses of organizers."""

    PREFIX: ClassVar[str] = "k+"
    PURPOSE: ClassVar[bytes] = b"calendar answer"

    def invitation_of(self, address: str) -> UUID | None:
        """Return the invitation of an address, in letters of any case; None if we did not make it."""
        return self.row_of(address)
