"""A centre's requirements for a sign-up."""

from dataclasses import dataclass

from intake.domain.form import FieldError, SignupForm
from shared.reference.centres import Centre


@dataclass(frozen=True, slots=True)
class Requirements:
    """
    A centre's requirements for a sign-up.

    Attributes:
        consent_version: The current version of the consent text.
        information_version: The current version of the information; None if the centre has none.
        same_information: The versions of the information that count as the current one.
        same_consent: The versions of the consent that count as the current one.
        reading: True if the information must be read before the waiting list.
        talk: True if a forsamtale must be held before the waiting list.
        wishes: The wishes about the group that the centre offers.
        digital: True if the centre has groups that meet on screen.
    """

    consent_version: str
    information_version: str | None
    reading: bool
    talk: bool
    wishes: frozenset[str] = frozenset()
    digital: bool = False
    same_information: frozenset[str] = frozenset()
    same_consent: frozenset[str] = frozenset()

    @classmethod
    def of(cls, centre: Centre) -> "Requirements":
        """Return the requirements in a centre's policy."""
        policy = centre.policy
        return cls(
            consent_version=policy.consent_version,
            information_version=policy.information_version,
            reading=policy.reading_gate == "required",
            talk=policy.forsamtale == "required",
            wishes=frozenset(policy.wishes),
            digital=policy.digital_groups,
            same_information=centre.same_information,
            same_consent=centre.same_consent,
        )


def requirement_errors(
    form: SignupForm, requirements: Requirements, spoken: frozenset[str], *, oral: bool = False
) -> tuple[FieldError, ...]:
    """
    Return an error for each field that does not meet the centre's requirements.

    Args:
        form: The form.
        requirements: The centre's requirements.
        spoken: The languages that a group can be held in.
        oral: True if staff sign the person up on the phone; the information may be read later.
    """
    errors = []
    if not spoken.issuperset(form.languages):
        errors.append(FieldError("languages", "not_a_choice"))
    if not requirements.wishes.issuperset(form.wishes):
        errors.append(FieldError("wishes", "not_offered"))
    if form.digital != "no" and not requirements.digital:
        errors.append(FieldError("digital", "not_offered"))
    if form.consent_version != requirements.consent_version:
        errors.append(FieldError("consent_version", "outdated"))
    if form.information_version is None:
        if requirements.reading and not oral:
            errors.append(FieldError("information_version", "unread"))
    elif form.information_version != requirements.information_version:
        errors.append(FieldError("information_version", "outdated"))
    return tuple(errors)
