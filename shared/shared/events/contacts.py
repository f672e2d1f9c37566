"""The one question that a service may ask another: who is behind these ids, answered by intake and stored nowhere."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import MailLanguage

SUBJECT = "contacts.resolve"

Purpose = Literal["mail", "call", "start_contact"]
"""
``mail`` is answered to notify for sending, ``call`` to a page of staff that shows one call task, and ``start_contact``
to grouping's page for the igangsetter of a group: first name and chosen channel, from seven days before the start
meeting until the handover.
"""


class Question(BaseModel):
    """
    Asks for the contacts of up to 100 people; every answer leaves an audit row with intake.

    Attributes:
        signup_id: For the purpose ``call``: the sign-up that the call is about, of which an unconfirmed one opens what
            was typed in it and nothing more.
        group_id: For the purpose ``start_contact``: the group whose members they are.
        reader: The username of the member of staff, or for ``start_contact`` the id of the igangsetter's account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]
    purpose: Purpose
    signup_id: UUID | None = None
    group_id: UUID | None = None
    reader: Annotated[str, Field(min_length=1, max_length=63)] | None = None


class Contact(BaseModel):
    """
    How to reach one person. Never written down by who asked.

    Attributes:
        email: None for a person reached by phone only.
        mobile: Only for the purpose ``call``; None if the person gave no number.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    person_id: UUID
    first_name: str | None
    email: str | None
    language: MailLanguage
    mobile: str | None = None


class Answer(BaseModel):
    """The contacts of the people asked for; an erased person is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    contacts: tuple[Contact, ...]
