"""Events of intake about people."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.events.base import Event, Identifier, MailLanguage, Stream


class Erased(Event):
    """
    The person is erased: their key is destroyed, and every service deletes what it has under their id.

    Attributes:
        wants_receipt: True if the person has asked for it, so that each service reports what it deleted.
    """

    subject: ClassVar[str] = "people.erased.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE
    names_the_erased: ClassVar[bool] = True

    person_id: UUID
    signup_ids: tuple[UUID, ...]
    wants_receipt: bool = False


class KeptApart(Event):
    """
    Two people are never to be put in one group, by the wish of one of them; which of them is not said.

    Attributes:
        pair_id: The pair; it ends by :class:`ApartEnded`, which may come first.
        person_id, other_person_id: The two, in the order of their ids.
    """

    subject: ClassVar[str] = "people.kept_apart.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    pair_id: UUID
    person_id: UUID
    other_person_id: UUID


class ApartEnded(Event):
    """The wish behind a pair was taken back; final."""

    subject: ClassVar[str] = "people.apart_ended.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    pair_id: UUID


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


class GuestAsked(Event):
    """
    A guest has asked to come to a meeting that is open to all; the address is not confirmed.

    Attributes:
        person_id: Their opaque id, for this meeting only.
    """

    subject: ClassVar[str] = "people.guest_asked.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    person_id: UUID
    kontaktmote_id: UUID
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


class AccountInvited(Event):
    """
    A centre has asked somebody to help it, by mail; nothing is stored about them for longer unless they agree.

    Attributes:
        invitation_id: The question that the link answers, until ``expires_at``.
    """

    subject: ClassVar[str] = "people.account_invited.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    account_id: UUID
    invitation_id: UUID
    expires_at: AwareDatetime
    language: MailLanguage
    centre: Identifier


class AccountLinkAsked(Event):
    """
    The owner of an account has asked for the link that signs in.

    Attributes:
        link_id: The question that the link answers; it works once, until ``expires_at``.
    """

    subject: ClassVar[str] = "people.account_link_asked.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    account_id: UUID
    link_id: UUID
    expires_at: AwareDatetime
    language: MailLanguage
    centre: Identifier


class IgangsetterChanged(Event):
    """
    An igangsetter has agreed to help a centre, or something about their account is different now.

    Attributes:
        account_id: Also their id in the register of igangsettere.
        version: Grows by one with each event of this account.
        active: False while they cannot be asked, nor sign in.
        by_mail: Whether they have an e-mail address; without one the centre calls.
        language: The language of their mails.
    """

    subject: ClassVar[str] = "people.igangsetter_changed.v1"
    stream: ClassVar[Stream] = Stream.PEOPLE

    account_id: UUID
    version: Annotated[int, Field(ge=1)]
    centre: Identifier
    active: bool
    by_mail: bool
    language: MailLanguage
