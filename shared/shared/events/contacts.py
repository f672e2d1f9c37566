"""The one question that a service may ask another: who is behind these ids, answered by intake and stored nowhere."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.events.base import MailLanguage

SUBJECTS: Final = "contacts.resolve.*"
"""What intake answers; the last word is the service that asks, and the broker lets nobody else publish it."""

Purpose = Literal["mail", "sms", "call", "start_contact", "kontaktmote"]
"""
``mail`` is answered to notify for sending, ``sms`` for a short message to people without an e-mail address, ``call`` to
a page of staff that shows one call task, and ``start_contact`` to grouping's page for the igangsetter of a group: first
name and chosen channel, from seven days before the start meeting until the handover. ``kontaktmote`` is answered to
notify for sending to groups on their own of which only sealed addresses are kept.
"""

PURPOSES: Final[Mapping[str, tuple[Purpose, ...]]] = {
    "notify": ("mail", "sms", "call", "kontaktmote"),
    "grouping": ("start_contact",),
}
"""The services that may ask, and for what."""


def subject_of(service: str) -> str:
    """Return the subject of questions by one of :data:`PURPOSES`."""
    return f"{SUBJECTS.removesuffix('*')}{service}"


def service_of(subject: str) -> str:
    """Return the service that asks under a subject."""
    return subject.rpartition(".")[2]


class Question(BaseModel):
    """
    Asks for the contacts of up to 100 people, or groups; every answer leaves an audit row with intake.

    Attributes:
        group_ids: For the purpose ``kontaktmote``: the groups whose sealed addresses are to be opened.
        kontaktmote_id: For that purpose: the meeting that it is for, which must have been announced.
        signup_id: For the purpose ``call``: the sign-up that the call is about, of which an unconfirmed one opens what
            was typed in it and nothing more.
        group_id: For the purpose ``start_contact``: the group whose members they are.
        reader: The username of the member of staff, or for ``start_contact`` the id of the igangsetter's account. The
            service that says so is recorded beside it, and known by its connection.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    purpose: Purpose
    group_ids: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    kontaktmote_id: UUID | None = None
    signup_id: UUID | None = None
    group_id: UUID | None = None
    reader: Annotated[str, Field(min_length=1, max_length=63)] | None = None

    @model_validator(mode="after")
    def _asks_for_one_kind(self) -> Self:
        of_groups = self.purpose == "kontaktmote"
        if bool(self.group_ids) is not of_groups or bool(self.person_ids) is of_groups:
            msg = "ask for people, or for groups if it is for a kontaktmøte"
            raise ValueError(msg)
        if (self.kontaktmote_id is not None) is not of_groups:
            msg = "name the kontaktmøte, and only if it is for one"
            raise ValueError(msg)
        return self


class Contact(BaseModel):
    """
    How to reach one person. Never written down by who asked.

    Attributes:
        email: None for a person reached by phone only.
        mobile: Only for the purposes ``call`` and ``sms``; None if the person gave no number.
        has_mobile: True if the person gave a number; None in answers from before this field existed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    person_id: UUID
    first_name: str | None
    email: str | None
    language: MailLanguage
    mobile: str | None = None
    has_mobile: bool | None = None


class GroupAddress(BaseModel):
    """
    One address of a group on its own; nobody knows any more whose it is. Never written down by who asked.

    Attributes:
        address_id: Stands for the address, so that a mail has one cause and one recipient.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    group_id: UUID
    address_id: UUID
    email: str
    language: MailLanguage


class Answer(BaseModel):
    """The contacts of the people, or the addresses of the groups, asked for; who is erased or ended is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    contacts: tuple[Contact, ...]
    addresses: tuple[GroupAddress, ...] = ()
