"""Rows of a new sign-up, built from a form."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from intake.domain.form import SignupForm
from intake.domain.signups import SignupState
from intake.store import Consent
from intake.usecases.locations import Location
from intake.vault.person_key import PersonKey
from shared.kit.ids import new_id
from shared.reference.languages import canonical
from shared.reference.retention import uncalled_signup_kept, unconfirmed_signup_kept


@dataclass(frozen=True, slots=True)
class Source:
    """
    The channel of a sign-up.

    Attributes:
        how: Where the consent was given.
        staff: For an oral consent, the username of the member of staff on the phone.
    """

    how: Literal["web", "api", "oral"]
    staff: str | None = None


def signup_values(
    form: SignupForm, location: Location, person_id: UUID, form_index: bytes, now: datetime
) -> dict[str, Any]:
    """Return the columns of a new sign-up; a plain dict, because most rows are inserted without the ORM."""
    by_mail = form.email is not None
    return {
        "signup_id": new_id(),
        "person_id": person_id,
        "state": SignupState.RECEIVED,
        "version": 1,
        "centre": location.centre.id,
        "area": location.area.id,
        "kommune": location.kommune,
        "latitude": location.latitude,
        "longitude": location.longitude,
        "slots": list(form.slots),
        "languages": list(dict.fromkeys(canonical(code) or code for code in form.languages)),
        "max_travel_km": form.max_travel_km,
        "wheelchair": form.wheelchair,
        "groups_also": list(form.wishes),
        "groups_only": [wish for wish, answer in form.wishes.items() if answer == "only"],
        "language": form.language,
        "by_mail": by_mail,
        "form_index": form_index,
        "signed_up_at": now,
        "expires_at": now + (unconfirmed_signup_kept if by_mail else uncalled_signup_kept)(location.centre.policy),
        "read_at": now if form.information_version is not None else None,
    }


def person_values(form: SignupForm, source: Source, key: PersonKey) -> dict[str, Any]:
    """Return the columns of a new person and the consent."""
    return {
        "email_sealed": key.seal("people", "email", form.email),
        "first_name_sealed": key.seal("people", "first_name", form.first_name),
        "mobile_sealed": key.seal("people", "mobile", form.mobile),
        "consent_id": new_id(),
        "text_version": form.consent_version,
        "information_version": form.information_version,
        "how": source.how,
        "recorded_by": source.staff,
    }


def new_consent(form: SignupForm, location: Location, source: Source, person_id: UUID, now: datetime) -> Consent:
    """Return the row of the consent that the form gives."""
    return Consent(
        consent_id=new_id(),
        person_id=person_id,
        centre=location.centre.id,
        text_version=form.consent_version,
        information_version=form.information_version,
        language=form.language,
        given_at=now,
        how=source.how,
        recorded_by=source.staff,
    )
