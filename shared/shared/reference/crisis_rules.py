"""The words of acute danger, as data with a version: ``data/crisis.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.reference import installation


@dataclass(frozen=True, slots=True)
class CrisisRules:
    """
    The rules in force.

    Attributes:
        version: Changes with every change of the rules.
        phrases: By language; a final "*" of a word stands for any ending, a leading "=" forbids slips.
        denials: Words by their kind that turn what follows into something else than a danger.
    """

    version: str
    phrases: Mapping[str, tuple[str, ...]]
    denials: Mapping[str, tuple[str, ...]]


def load() -> CrisisRules:
    """Return the rules of the package."""
    content = installation.shipped("crisis.yaml")
    return CrisisRules(
        version=content["version"],
        phrases=MappingProxyType({language: tuple(phrases) for language, phrases in content["phrases"].items()}),
        denials=MappingProxyType({kind: tuple(words) for kind, words in content["denials"].items()}),
    )
