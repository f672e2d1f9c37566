"""Rows of a submission, built from a form, and of the unconfirmed sign-up that it becomes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

from intake.domain.form import SignupForm, canonical_of_normalized, mailbox_of_normalized
from intake.domain.signups import SignupState
from intake.store import Submission
from intake.usecases.locations import Location
from intake.vault.blind_index import BlindIndex
from intake.vault.person_key import PersonKey
from intake.vault.vault import Vault
from shared.kit import correlation
from shared.kit.ids import new_id
from shared.reference.languages import canonical
from shared.reference.policy import Policy
from shared.reference.retention import Data, kept_for


@dataclass(frozen=True, slots=True)
class Source:
    """
    The channel of a sign-up.

    Attributes:
        how: Where the consent was given.
        staff: For an oral consent, the username of the member of staff on the phone.
        proven: True if it came with proof of work, with the key of a centre, or by staff.
    """

    how: Literal["web", "api", "oral"]
    staff: str | None = None
    proven: bool = True


def submission_values(
    form: SignupForm,
    location: Location,
    source: Source,
    vault: Vault,
    key: PersonKey,
    form_index: bytes,
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a submission; a plain dict, because it is inserted without the ORM."""
    return {
        "submission_id": new_id(),
        "person_id": key.person_id,
        "form_index": form_index,
        **contact_indexes(vault, form.email, form.mobile),
        "email_sealed": key.seal("people", "email", form.email),
        "first_name_sealed": key.seal("people", "first_name", form.first_name),
        "mobile_sealed": key.seal("people", "mobile", form.mobile),
        "wishes": form_wishes(form, location) | {"language": form.language, "by_mail": form.email is not None},
        "consent": {
            "text_version": form.consent_version,
            "information_version": form.information_version,
            "how": source.how,
            "recorded_by": source.staff,
        },
        "correlation_id": correlation.current(),
        "proven": source.proven,
        "received_at": now,
    }


class ContactIndexes(TypedDict):
    """The columns of a person with blind indexes; None without an address, or without a number."""

    address_index: bytes | None
    mailbox_index: bytes | None
    mobile_bucket: int | None


def contact_indexes(vault: Vault | BlindIndex, email: str | None, mobile: str | None) -> ContactIndexes:
    """Return the blind indexes of a normalized address and number."""
    return {
        "address_index": vault.index("email", canonical_of_normalized(email)) if email else None,
        "mailbox_index": vault.index("mailbox", mailbox_of_normalized(email)) if email else None,
        "mobile_bucket": vault.bucket(mobile) if mobile else None,
    }


def form_wishes(form: SignupForm, location: Location) -> dict[str, Any]:
    """Return the columns of a sign-up that say when and where the person can meet, and with whom."""
    return {
        "centre": location.centre.id,
        "area": location.area.id,
        "kommune": location.kommune,
        "latitude": location.latitude,
        "longitude": location.longitude,
        "slots": list(form.slots),
        "slots_if_needed": list(form.slots_if_needed),
        "digital": form.digital,
        "languages": list(dict.fromkeys(canonical(code) or code for code in form.languages)),
        "max_travel_km": form.max_travel_km,
        "wheelchair": form.wheelchair,
        "groups_also": list(form.wishes),
        "groups_only": [wish for wish, answer in form.wishes.items() if answer == "only"],
    }


def person_row(submission: Submission) -> dict[str, Any]:
    """Return the columns of the person that a submission opens."""
    copied = (
        "person_id", "address_index", "mailbox_index", "mobile_bucket",
        "email_sealed", "first_name_sealed", "mobile_sealed",
    )  # fmt: skip
    values = {name: getattr(submission, name) for name in copied}
    return values | {"language": submission.wishes["language"], "created_at": submission.received_at}


def signup_row(submission: Submission, policy: Policy | None, now: datetime) -> dict[str, Any]:
    """Return the columns of the unconfirmed sign-up that a submission opens."""
    data = Data.UNCONFIRMED_SIGNUP if submission.wishes["by_mail"] else Data.UNCALLED_SIGNUP
    return {
        **submission.wishes,
        "signup_id": submission.submission_id,
        "person_id": submission.person_id,
        "state": SignupState.RECEIVED,
        "version": 1,
        "form_index": submission.form_index,
        "signed_up_at": submission.received_at,
        "expires_at": now + kept_for(data, policy),
        "read_version": submission.consent["information_version"],
        "read_at": submission.received_at if submission.consent["information_version"] is not None else None,
    }


def consent_row(submission: Submission) -> dict[str, Any]:
    """Return the columns of the consent that a submission gives."""
    return {
        **submission.consent,
        "consent_id": new_id(),
        "person_id": submission.person_id,
        "centre": submission.wishes["centre"],
        "language": submission.wishes["language"],
        "given_at": submission.received_at,
    }
