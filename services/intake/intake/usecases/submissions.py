"""
Decisions about submissions: ask for the confirmation by a mail or a call, ask later, or drop a repeated form.

Every submission that is not dropped opens an unconfirmed sign-up with a person of its own, and changes nothing else.
The press that confirms decides whether that is a known person; see ``usecases.binding``.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.submissions import Decision, decide
from intake.store import Confirmation, Consent, Person, Signup, Submission, outbox, people, signups
from intake.store import submissions as store
from intake.usecases import signup_events
from intake.usecases.mail_budget import DEFAULT_CAPS, MailBudget, MailCaps, take_one
from intake.usecases.same_number import with_number_of
from intake.usecases.signup_rows import consent_row, person_row, signup_row
from intake.vault.vault import Vault
from shared.errors import NotFoundError
from shared.events import Event
from shared.kit.audit import Actor
from shared.kit.correlation import correlated
from shared.kit.database.engine import on_commit
from shared.kit.ids import new_id
from shared.kit.logging import get_logger
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centres

BATCH: Final = 100  # submissions in one transaction

log = get_logger(__name__)


async def decide_batch(
    session: AsyncSession, vault: Vault, centres: Centres, caps: MailCaps = DEFAULT_CAPS, *, now: datetime
) -> int:
    """Decide about the oldest submissions, and return their number; 0 while another process decides."""
    batch = await store.take(session, BATCH)
    if not batch:
        return 0
    opened = _Opened()
    repeated = await signups.forms_open(session, [submission.form_index for submission in batch])
    mailboxes = {row.mailbox_index for row in batch if row.mailbox_index}
    budget = await MailBudget.load(session, vault, mailboxes, caps, now=now)
    for submission in batch:
        mailbox = submission.mailbox_index
        by_mail = mailbox is not None
        is_repeated = submission.form_index in repeated
        decision = decide(
            repeated=is_repeated,
            by_mail=by_mail,
            in_budget=mailbox is not None and not is_repeated and budget.take(mailbox, proven=submission.proven),
            number_is_asked=not by_mail and await _number_is_asked(session, vault, submission, opened),
        )
        if decision is Decision.DROP:
            continue
        repeated.add(submission.form_index)
        opened.add(submission, centres, now, asked=decision is Decision.ASK)
    await opened.write(session)
    await budget.write(session)
    await store.delete(session, [submission.submission_id for submission in batch])
    requests = [submission.correlation_id for submission in batch if submission.correlation_id]
    on_commit(session, partial(_log_decided, len(batch), requests))
    return len(batch)


def _log_decided(count: int, requests: Sequence[UUID]) -> None:
    with correlated(*requests):
        log.info("submissions_decided", count=count)


async def open_oral(
    session: AsyncSession, vault: Vault, centres: Centres, submission_id: UUID, *, actor: Actor
) -> tuple[UUID, bool]:
    """
    Open the sign-up of a form that staff have just stored.

    Returns:
        The sign-up, and whether the owner of the address is asked by mail. That is so only for an address that
        somebody at the same centre has: that an address is known elsewhere is not to be seen.

    Raises:
        NotFoundError: ``unknown_signup``: another process has decided about it.
    """
    await store.lock(session)
    submission = await store.get(session, submission_id)
    if submission is None:
        raise NotFoundError("unknown_signup")
    await store.delete(session, [submission.submission_id])
    session.expunge(submission)
    same_form_id = await signups.id_of_form(session, submission.form_index)
    if same_form_id is not None:
        return same_form_id, False
    centre: str = submission.wishes["centre"]
    owners = await people.owners(session, submission.address_index)
    known_here = await signups.people_of_centre(session, [owner.person_id for owner in owners], centre)
    in_budget = False
    if submission.mailbox_index and known_here:
        in_budget = await take_one(session, vault, submission.mailbox_index, now=actor.now)
    decision = decide(repeated=False, by_mail=bool(known_here), in_budget=in_budget, number_is_asked=False)
    opened = _Opened(by_mail=bool(known_here))
    opened.add(submission, centres, actor.now, asked=decision is Decision.ASK)
    await opened.write(session)
    return submission.submission_id, bool(known_here)


class _Opened:
    """
    The rows and events of the sign-ups that one transaction opens, written with one statement for each table.

    Args:
        by_mail: False to send no mail, also to those who have an address.
    """

    def __init__(self, *, by_mail: bool = True) -> None:
        self.submissions: list[tuple[Submission, bool]] = []
        self._by_mail = by_mail
        self._rows: dict[type[Any], list[dict[str, Any]]] = {Person: [], Signup: [], Consent: [], Confirmation: []}
        self._events: list[Event] = []

    def add(self, submission: Submission, centres: Centres, now: datetime, *, asked: bool) -> None:
        """Add a submission; ``asked`` False keeps the question for later."""
        centre = centres.get(submission.wishes["centre"])
        row = signup_row(submission, centre.policy if centre else None, now)
        confirmation = {
            "confirmation_id": new_id(),
            "signup_id": row["signup_id"],
            "person_id": row["person_id"],
            "asked_at": now if asked else None,
            "expires_at": row["expires_at"],
            "proven": submission.proven,
        }
        for table, values in (
            (Person, person_row(submission)),
            (Signup, row),
            (Consent, consent_row(submission)),
            (Confirmation, confirmation),
        ):
            self._rows[table].append(values)
        self.submissions.append((submission, asked))
        if asked:
            # Ids derive from the submission: decided about twice, after a crash, it gives the same event.
            cause = Cause.tick("submission", submission.submission_id).within(submission.correlation_id)
            event = signup_events.received(cause, row, confirmation["confirmation_id"], now, by_mail=self._by_mail)
            self._events.append(event)

    async def write(self, session: AsyncSession) -> None:
        """Write all rows and events."""
        for table, rows in self._rows.items():
            if rows:
                await session.execute(sa.insert(table.__table__), rows)
        await outbox.add(session, *self._events)


async def _number_is_asked(session: AsyncSession, vault: Vault, submission: Submission, opened: _Opened) -> bool:
    """Return True if a call to the same number is open, in the database or in this batch."""
    if submission.mobile_bucket is None:
        return False
    candidates: Sequence[Person | Submission] = [
        *await people.asked_by_phone(session, submission.mobile_bucket),
        *(other for other, asked in opened.submissions if asked and other.mobile_bucket == submission.mobile_bucket),
    ]
    return bool(await with_number_of(vault, submission, candidates))
