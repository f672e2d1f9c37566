"""First names and chosen channels of a group's members, for its igangsetter: asked of intake, stored nowhere."""

from collections.abc import Awaitable, Callable, Collection
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from shared.events.contacts import Answer, Contact, Question, subject_of
from shared.kit.logging import get_logger

SUBJECT: Final = subject_of("grouping")
TIMEOUT_SECONDS: Final = 3.0

Ask = Callable[[str, bytes, float], Awaitable[bytes]]
"""Sends a request to a subject and returns the reply; the last argument is the timeout in seconds."""

log = get_logger(__name__)


class ContactsAwayError(Exception):
    """Intake does not answer; the page says so."""


class StartContacts:
    """
    Asks intake for the people that an igangsetter meets.

    Args:
        ask: Sends one request.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def of_group(self, group_id: UUID, person_ids: Collection[UUID], igangsetter_id: UUID) -> tuple[Contact, ...]:
        """
        Return first name and chosen channel of the members; whom intake does not answer for is missing.

        Raises:
            ContactsAwayError: No answer came, or an unreadable one.
        """
        if not person_ids:
            return ()
        question = Question(
            person_ids=tuple(sorted(set(person_ids))),
            purpose="start_contact",
            group_id=group_id,
            reader=str(igangsetter_id),
        )
        try:
            reply = await self._ask(SUBJECT, question.model_dump_json(exclude_none=True).encode(), TIMEOUT_SECONDS)
            answer = Answer.model_validate_json(reply)
        except ValidationError:
            log.error("contacts_unreadable")  # noqa: TRY400 - the error would quote the answer
            raise ContactsAwayError from None
        except Exception as error:
            log.warning("contacts_away", exc_info=error)
            raise ContactsAwayError from error
        asked = set(question.person_ids)
        contacts = [contact for contact in answer.contacts if contact.person_id in asked]
        return tuple(sorted(contacts, key=lambda contact: ((contact.first_name or "").casefold(), contact.person_id)))
