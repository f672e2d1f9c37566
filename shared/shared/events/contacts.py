"""The one question that a service may ask another: who is behind these ids, answered by intake and stored nowhere."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import MailLanguage

SUBJECT = "contacts.resolve"

Purpose = Literal["mail", "call"]
"""``mail`` is answered to notify for sending; ``call`` to a page of staff that shows one call task."""


class Question(BaseModel):
    """
    Asks for the contacts of up to 100 people; every answer leaves an audit row with intake.

    Attributes:
        signup_id: For the purpose ``call``: the sign-up that the call is about, of which an unconfirmed one opens what
            was typed in it and nothing more.
        reader: For the purpose ``call``: the username of the member of staff who reads the answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]
    purpose: Purpose
    signup_id: UUID | None = None
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
