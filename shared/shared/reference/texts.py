"""The consent and the information before a sign-up: versioned, in bokmål, nynorsk and English."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from shared.reference import installation
from shared.reference.centre_texts import NO_TEXTS, CentreTexts, OwnText, sections
from shared.reference.policy import Policy, Span

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
    return _same_content("information_same", version)


def same_consent(version: str) -> frozenset[str]:
    """Return the versions that are a yes to this one too: itself, and those of the same content."""
    return _same_content("consent_same", version)


def _same_content(declared_in: str, version: str) -> frozenset[str]:
    declared = installation.shipped("texts.yaml")[declared_in]  # a centre's own version is in none of them
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


def consent_of(policy: Policy, own: CentreTexts, language: str, centre_name: str) -> Consent:
    """Return the consent of a centre: the shipped one, and what the centre adds."""
    shipped = consent(own.consent_basis or policy.consent_version, language, centre_name)
    added = _own_sections(own.consent, language, _words(policy, language, centre_name), centre_name)
    return replace(shipped, version=policy.consent_version, sections=(*shipped.sections, *added))


def information(policy: Policy, language: str, centre_name: str, own: CentreTexts = NO_TEXTS) -> Information | None:
    """
    Return the information of this policy in nb, nn or en, None if it has none; KeyError if unknown.

    A centre's own information takes the place of the parts that are the same for every policy; what follows from the
    policy always stands, so that the information never contradicts it.
    """
    if policy.information_version is None:
        return None
    text = installation.shipped("texts.yaml")["information"][own.information_basis or policy.information_version]
    words = _words(policy, language, centre_name)
    return Information(
        version=policy.information_version,
        language=language,
        title=text["title"][language].format_map(words),
        sections=(
            *_own_sections(own.information, language, words, _ABOUT[language]),
            *(
                _section(section, language, words)
                for section in text["sections"]
                if _holds(section.get("when", {}), policy) and ("when" in section or own.information is None)
            ),
            *not_now(policy, own, language, centre_name),
        ),
        statement=text["statement"][language].format_map(words),
    )


def faults(policy: Policy, own: CentreTexts) -> Iterator[str]:
    """Yield what is wrong with the versions of the texts that a policy names, in plain words."""
    consent_version = own.consent_basis or policy.consent_version
    if consent_version not in consent_versions():
        yield f"there is no consent text of version {consent_version}"
    elif policy.wishes and not mentions_wishes(consent_version):
        yield f"the policy offers wishes, that consent text {consent_version} does not name"
    information_version = own.information_basis or policy.information_version
    if information_version is not None and information_version not in information_versions():
        yield f"there is no information text of version {information_version}"


def not_now(policy: Policy, own: CentreTexts, language: str, centre_name: str) -> tuple[Section, ...]:
    """Return what the centre says about when a group is perhaps not right; empty if it says nothing."""
    return _own_sections(own.not_now, language, _words(policy, language, centre_name), _NOT_NOW[language])


def shared_parts(version: str) -> dict[str, str]:
    """Return the parts of a shipped information that an own one takes the place of, to edit, by language."""
    text = installation.shipped("texts.yaml")["information"][version]
    parts = [part for part in text["sections"] if "when" not in part]
    return {
        language: "\n\n".join("\n\n".join((f"# {part[language][0]}", *part[language][1:])) for part in parts)
        for language in ("nb", "nn", "en")
    }


def _own_sections(text: OwnText | None, language: str, words: Mapping[str, str], heading: str) -> tuple[Section, ...]:
    """Return the parts of a centre's own text; one that begins without a heading gets this one."""
    parts = sections(getattr(text, language), words) if text else ()
    return tuple(Section(own_heading or heading, paragraphs) for own_heading, paragraphs in parts)


_ABOUT: Final = MappingProxyType({"nb": "Om gruppene", "nn": "Om gruppene", "en": "About the groups"})
_NOT_NOW: Final = MappingProxyType(
    {"nb": "Kanskje passer det ikke nå", "nn": "Kanskje passar det ikkje no", "en": "Perhaps not right now"}
)


def _words(policy: Policy, language: str, centre_name: str) -> dict[str, str]:
    return {
        "centre": centre_name,
        "group": GROUP_TERMS[policy.group_term][language],
        "min": str(policy.size_min),
        "max": str(policy.size_max),
        "hours": _hours(policy.meeting_minutes, language),
        "first_meetings": _first_meetings(policy.starter_meetings, language),
    }


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

_AGREED: Final = MappingProxyType(
    {
        "nb": "de første møtene, så lenge dere er enige om det",
        "nn": "dei første møta, så lenge de er samde om det",
        "en": "the first meetings, for as long as you agree on",
    }
)
_FIRST: Final = MappingProxyType({"nb": "det første møtet", "nn": "det første møtet", "en": "the first meeting"})
_SO_MANY: Final = MappingProxyType(
    {"nb": "de {times} første møtene", "nn": "dei {times} første møta", "en": "the first {times} meetings"}
)


def _first_meetings(meetings: Span | str, language: str) -> str:
    """Return the meetings that an igangsetter attends."""
    if not isinstance(meetings, Span):
        return _AGREED[language]
    if meetings.max <= 1:
        return _FIRST[language]
    times = str(meetings.max) if meetings.min == meetings.max else f"{meetings.min}–{meetings.max}"
    return _SO_MANY[language].format(times=times)
