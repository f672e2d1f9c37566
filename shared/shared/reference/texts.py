"""The consent and the information before a sign-up: versioned, in bokmål, nynorsk and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from shared.reference import installation
from shared.reference.policy import Policy

GROUP_TERMS: Final = MappingProxyType(
    {
        "selvhjelpsgruppe": MappingProxyType(
            {"nb": "selvhjelpsgruppe", "nn": "sjølvhjelpsgruppe", "en": "self-help group"}
        ),
        "samtalegruppe": MappingProxyType({"nb": "samtalegruppe", "nn": "samtalegruppe", "en": "conversation group"}),
    }
)
"""The word for a group, by :attr:`Policy.group_term` and language."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the paragraphs under it, plain text."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """
    The consent that is asked for before anything is stored (GDPR art. 9(2)(a)).

    Attributes:
        statement: The sentence beside the box that the person ticks.
    """

    version: str
    language: str
    title: str
    sections: tuple[Section, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Information:
    """
    The information about groups and their demands, by the policy of one centre.

    Attributes:
        statement: The sentence beside the box or button that confirms the reading.
    """

    version: str
    language: str
    title: str
    sections: tuple[Section, ...]
    statement: str


def consent_versions() -> tuple[str, ...]:
    """Return every version ever shown, oldest first; none is ever removed."""
    return tuple(installation.shipped("texts.yaml")["consent"])


def mentions_wishes(consent_version: str) -> bool:
    """Return True if this consent mentions that wishes about other members are stored; KeyError if unknown."""
    return bool(installation.shipped("texts.yaml")["consent"][consent_version].get("tells_of_wishes", False))


def information_versions() -> tuple[str, ...]:
    """Return every version ever shown, oldest first; none is ever removed."""
    return tuple(installation.shipped("texts.yaml")["information"])


def same_information(version: str) -> frozenset[str]:
    """Return the versions whose readers need not read this one: itself, and those of the same content."""
    declared = installation.shipped("texts.yaml")["information_same"]
    same, found = {version}, [version]
    while found:
        found = [older for older in declared.get(found.pop(), ()) if older not in same] + found
        same.update(found)
    return frozenset(same)


def consent(version: str, language: str, centre_name: str) -> Consent:
    """Return the consent of this version in nb, nn or en, with the centre as controller; KeyError if unknown."""
    text = installation.shipped("texts.yaml")["consent"][version]
    words = {"centre": centre_name}
    return Consent(
        version=version,
        language=language,
        title=text["title"][language],
        sections=tuple(_section(section, language, words) for section in text["sections"]),
        statement=text["statement"][language].format_map(words),
    )


def information(policy: Policy, language: str, centre_name: str) -> Information | None:
    """Return the information of this policy in nb, nn or en, None if it has none; KeyError if unknown."""
    version = policy.information_version
    if version is None:
        return None
    text = installation.shipped("texts.yaml")["information"][version]
    words = {
        "centre": centre_name,
        "group": GROUP_TERMS[policy.group_term][language],
        "min": str(policy.size_min),
        "max": str(policy.size_max),
        "hours": _hours(policy.meeting_minutes, language),
    }
    return Information(
        version=version,
        language=language,
        title=text["title"][language].format_map(words),
        sections=tuple(
            _section(section, language, words)
            for section in text["sections"]
            if _holds(section.get("when", {}), policy)
        ),
        statement=text["statement"][language].format_map(words),
    )


def _section(section: Mapping[str, Any], language: str, words: Mapping[str, str]) -> Section:
    heading, *paragraphs = (line.format_map(words) for line in section[language])
    return Section(heading, tuple(paragraphs))


def _holds(when: Mapping[str, list[Any]], policy: Policy) -> bool:
    return all(getattr(policy, key) in values for key, values in when.items())


def _hours(minutes: int, language: str) -> str:
    hours, rest = divmod(minutes, 60)
    if rest:
        return f"{minutes} {_MINUTES[language]}"
    return _ONE_HOUR[language] if hours == 1 else f"{hours} {_HOURS[language]}"


_MINUTES: Final = MappingProxyType({"nb": "minutter", "nn": "minutt", "en": "minutes"})
_ONE_HOUR: Final = MappingProxyType({"nb": "én time", "nn": "éin time", "en": "one hour"})
_HOURS: Final = MappingProxyType({"nb": "timer", "nn": "timar", "en": "hours"})
