"""Events of intake about people."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.events.base import Event, Identifier, MailLanguage, Stream


class Erased(Event):
    """The person is erased: their key is destroyed, and every service deletes what it has under their id."""

    subject: ClassVar[str] = "people.erased.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    person_id: UUID
    signup_ids: tuple[UUID, ...]


class ContactChanged(Event):
    """
    A confirmed person has another name, address, number or language; earlier refusals of the address no longer count.

    Attributes:
        by_mail: Whether the person has an e-mail address; without one the centre calls.
        language: The language of the mails from now on.
    """

    subject: ClassVar[str] = "people.contact_changed.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    person_id: UUID
    by_mail: bool
    language: MailLanguage


class PageLinkAsked(Event):
    """
    A person has asked for the link to their own page.

    Attributes:
        link_id: The question that the link answers; it works once, until ``expires_at``.
        centre: The centre that the person belongs to, whose name the mail has.
    """

    subject: ClassVar[str] = "people.page_link_asked.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    person_id: UUID
    link_id: UUID
    expires_at: AwareDatetime
    language: MailLanguage
    centre: Identifier | None = None
