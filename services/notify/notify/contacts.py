"""Names and addresses of people: asked of intake at the moment of sending, stored nowhere."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from shared.events.contacts import Answer, Contact, GroupAddress, Question, subject_of
from shared.kit.logging import get_logger

SUBJECT: Final = subject_of("notify")
MOST_AT_ONCE: Final = 100
TIMEOUT_SECONDS: Final = 3.0

Ask = Callable[[str, bytes, float], Awaitable[bytes]]
"""Sends a request to a subject and returns the reply; the last argument is the timeout in seconds."""

log = get_logger(__name__)


class ContactsAwayError(Exception):
    """Intake does not answer; mails wait until it does."""


class Contacts:
    """
    Asks intake for contacts.

    Args:
        ask: Sends one request.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def resolve(self, person_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """
        Return the contacts of up to a hundred people, by id; erased people are missing.

        Raises:
            ContactsAwayError: No answer came, or an unreadable one.
        """
        return await self._resolve(Question(person_ids=tuple(sorted(set(person_ids))), purpose="mail"))

    async def to_call(self, person_id: UUID, signup_id: UUID | None, reader: str) -> Contact | None:
        """
        Return how to call one person about one sign-up; None if the person is erased or the sign-up is gone.

        ``reader`` is the member of staff who sees the answer; intake records the name.

        Raises:
            ContactsAwayError: No answer came, or an unreadable one.
        """
        question = Question(person_ids=(person_id,), purpose="call", signup_id=signup_id, reader=reader)
        return (await self._resolve(question)).get(person_id)

    async def number(self, person_id: UUID) -> str | None:
        """
        Return the number of a person who has chosen to be reached by phone; None for all others.

        Raises:
            ContactsAwayError: No answer came, or an unreadable one.
        """
        contact = (await self._resolve(Question(person_ids=(person_id,), purpose="sms"))).get(person_id)
        return contact.mobile if contact is not None else None

    async def addresses(self, kontaktmote_id: UUID, group_ids: Collection[UUID]) -> Sequence[GroupAddress]:
        """
        Return the sealed addresses of up to a hundred groups, for a meeting that the centre has announced.

        Raises:
            ContactsAwayError: No answer came, or an unreadable one.
        """
        ids = tuple(sorted(set(group_ids)))
        answer = await self._answer(Question(purpose="kontaktmote", group_ids=ids, kontaktmote_id=kontaktmote_id))
        return [address for address in answer.addresses if address.group_id in ids]

    async def _resolve(self, question: Question) -> Mapping[UUID, Contact]:
        answer = await self._answer(question)
        asked = set(question.person_ids)
        return {contact.person_id: contact for contact in answer.contacts if contact.person_id in asked}

    async def _answer(self, question: Question) -> Answer:
        try:
            reply = await self._ask(SUBJECT, question.model_dump_json(exclude_none=True).encode(), TIMEOUT_SECONDS)
            return Answer.model_validate_json(reply)
        except ValidationError:
            log.error("contacts_unreadable")  # noqa: TRY400 - the error would quote the answer
            raise ContactsAwayError from None
        except Exception as error:
            log.warning("contacts_away", exc_info=error)
            raise ContactsAwayError from error
