"""
The question to people who wait already, when the content of the consent or the information has changed.

They keep waiting with their place in the queue, and no new seat is offered to them until they have agreed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from intake.domain.requirements import Requirements
from intake.domain.signups import ACTIVE
from intake.store import Signup, outbox, people, signups
from intake.usecases import confirm, signup_events
from intake.usecases.locks import lock_row
from intake.usecases.pauses import NewConsent, consent_row
from intake.usecases.signup_audit import record_signup
from shared.errors import DomainError
from shared.kit.audit import Actor
from shared.kit.messaging.causes import Cause
from shared.reference.centres import Centre, Centres


@dataclass(frozen=True, slots=True)
class AskedTexts:
    """
    The texts that a waiting person is asked about, by their versions now.

    Attributes:
        consent, information: None if the person is not asked about it.
    """

    consent: str | None = None
    information: str | None = None

    def __bool__(self) -> bool:
        return self.consent is not None or self.information is not None


NOTHING_ASKED: Final = AskedTexts()


async def outstanding(session: AsyncSession, centre: Centre, row: Signup) -> AskedTexts:
    """Return the texts whose content has changed since the person agreed to them."""
    requirements = Requirements.of(centre)
    given = [consent for consent in await people.consents_of(session, row.person_id) if consent.centre == row.centre]
    agreed = not given or given[-1].text_version in requirements.same_consent
    read_again = signups.progress_of(row).must_read_again(requirements)
    return AskedTexts(
        None if agreed else requirements.consent_version, requirements.information_version if read_again else None
    )


async def out_of_step(session: AsyncSession, centres: Centres) -> list[UUID]:
    """Return sign-ups that wait and are to be asked, or that have nothing to answer any more."""
    return [
        signup_id
        for centre in centres.all
        for signup_id in await signups.ids_with_wrong_texts(session, centre.id, Requirements.of(centre))
    ]


async def ask(session: AsyncSession, centres: Centres, signup_id: UUID, *, now: datetime, cause: Cause) -> bool:
    """Bring the question of one sign-up in step with the texts; return True if it was changed. Idempotent."""
    row = await lock_row(session, signup_id)
    centre = centres.get(row.centre) if row else None
    if row is None or centre is None or row.state not in ACTIVE or row.paused_at is not None:
        return False
    return await _settle(session, row, await outstanding(session, centre, row), now, cause)


async def accept(
    session: AsyncSession, centres: Centres, signup_id: UUID, accepted: AskedTexts, *, language: str, actor: Actor
) -> None:
    """
    Store the answer of the person that they agree to the changed texts. Idempotent.

    Raises:
        DomainError: ``signup_not_waiting``; ``consent_outdated`` unless it is the text as it is now.
    """
    await _accept(session, centres, signup_id, accepted, NewConsent("", language), actor)


async def accept_by_staff(
    session: AsyncSession, centres: Centres, signup_id: UUID, accepted: AskedTexts, *, actor: Actor
) -> None:
    """
    Store as a member of staff that a person has heard the changed texts and agreed, and record the act. Idempotent.

    Raises:
        DomainError: ``signup_not_waiting``; ``consent_outdated`` unless it is the text as it is now.
    """
    row = await signups.get(session, signup_id)
    language = row.language if row else "nb"
    row = await _accept(session, centres, signup_id, accepted, NewConsent("", language, "oral", actor.username), actor)
    if row is not None:
        await record_signup(session, actor, "signup.texts_accepted", row)


async def _accept(
    session: AsyncSession,
    centres: Centres,
    signup_id: UUID,
    accepted: AskedTexts,
    given: NewConsent,
    actor: Actor,
) -> Signup | None:
    row = await lock_row(session, signup_id)
    centre = centres.get(row.centre) if row else None
    if row is None or centre is None or row.state not in ACTIVE:
        raise DomainError("signup_not_waiting", signup_id=signup_id)
    asked = await outstanding(session, centre, row)
    if not asked:
        return None
    if asked.consent is not None:
        if accepted.consent != asked.consent:
            raise DomainError("consent_outdated", signup_id=signup_id)
        session.add(consent_row(row, given, asked.consent, actor.now))
        await session.flush()
    if asked.information is not None:
        if accepted.information != asked.information:
            raise DomainError("consent_outdated", signup_id=signup_id)
        await confirm.complete_own_reading(session, centres, signup_id, now=actor.now, cause=actor.cause)
    await _settle(session, row, NOTHING_ASKED, actor.now, actor.cause)
    return row


async def _settle(session: AsyncSession, row: Signup, asked: AskedTexts, now: datetime, cause: Cause) -> bool:
    before = AskedTexts(row.asked_consent, row.asked_information)
    if asked == before:
        return False
    row.asked_consent, row.asked_information = asked.consent, asked.information
    event = signup_events.texts_asked if asked else signup_events.texts_accepted
    await outbox.add(session, event(cause, row, now))
    return True
