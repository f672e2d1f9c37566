"""The versions of a centre's texts: a new one whenever people would read something else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from shared.reference import texts
from shared.reference.centre_texts import CentreTexts
from shared.reference.centres import LANGUAGES, Centre
from shared.reference.policy import Policy

NAME_MAX: Final = 50
"""Characters of the centre's id in the version of a text."""


@dataclass(frozen=True)
class Edition:
    """
    A policy with the texts that people would read under it.

    Attributes:
        new_information, new_consent: True if it differs from what they read now.
    """

    policy: Policy
    texts: CentreTexts
    new_information: bool
    new_consent: bool


def edition(
    centre: Centre,
    policy: Policy,
    own: CentreTexts,
    number: int,
    *,
    read_again: bool = False,
    consent_again: bool = False,
) -> Edition:
    """
    Return a policy and texts with the versions under which people read and consent.

    Args:
        centre: As it is now.
        policy: As it is to be; the versions in it are those of now.
        own: The centre's own texts as they are to be.
        number: Of the version of the policy that they will be in.
        read_again: True if people who have read the information of now must read the new one.
        consent_again: The same of the consent.
    """
    version = f"{centre.id[:NAME_MAX]}-{number}"
    if policy.reading_gate == "required" and policy.information_version is None:
        policy = policy.model_copy(update={"information_version": texts.information_versions()[-1]})
    basis = own.consent_basis or policy.consent_version
    if policy.wishes and not texts.mentions_wishes(basis):
        newest = next(each for each in reversed(texts.consent_versions()) if texts.mentions_wishes(each))
        own = own.model_copy(update={"consent_basis": newest})
    information = policy.information_version is not None and _differs(
        centre.information,
        lambda language: texts.information(policy, language, centre.name, own),
    )
    consent = _differs(centre.consent, lambda language: texts.consent_of(policy, own, language, centre.name))
    changes: dict[str, Any] = {}
    versions: dict[str, str] = {}
    if information:
        changes["information_basis"] = own.information_basis or policy.information_version
        changes["same_information"] = () if read_again else tuple(sorted(centre.same_information))
        versions["information_version"] = version
    if consent:
        changes["consent_basis"] = own.consent_basis or policy.consent_version
        changes["same_consent"] = () if consent_again else tuple(sorted(centre.same_consent))
        versions["consent_version"] = version
    return Edition(
        policy.model_copy(update=versions),
        own.model_copy(update=changes),
        new_information=information,
        new_consent=consent,
    )


def _differs(
    now: Callable[[str], texts.Information | texts.Consent | None],
    then: Callable[[str], texts.Information | texts.Consent | None],
) -> bool:
    return any(_words(now(language)) != _words(then(language)) for language in LANGUAGES)


def _words(text: texts.Information | texts.Consent | None) -> object:
    return text and (text.title, text.sections, text.statement)
