"""
Check that each concept has one word in each language: ``python -m devtools.words``.

The words are in ``words.toml`` beside this file; they are looked for in all catalogues and in the reference texts.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from babel.messages.pofile import read_po

LANGUAGES: Final = ("nb", "nn", "en")
ROOT: Final = Path(__file__).parents[2]
CATALOGUES: Final = (
    "shared/shared/kit",
    "services/intake/intake",
    "services/grouping/grouping",
    "services/notify/notify",
)
TEXTS: Final = "shared/shared/reference/data"
WRITTEN_BY_OTHERS: Final = "crisis.yaml"
"""The words that people themselves may write."""
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)s|\{\w+\}")


@dataclass(frozen=True)
class Concept:
    """
    One concept with its word.

    Attributes:
        use: The word by language.
        avoid: Expressions of other words for it, by language.
        allowed: Expressions of phrases in which those words mean something else, by language.
    """

    name: str
    use: Mapping[str, str]
    avoid: Mapping[str, Sequence[re.Pattern[str]]]
    allowed: Mapping[str, Sequence[re.Pattern[str]]]

    def faults(self, language: str, text: str) -> Iterator[str]:
        """Yield the words to avoid that a text holds."""
        for phrase in self.allowed.get(language, ()):
            text = phrase.sub("", text)
        for word in self.avoid.get(language, ()):
            yield from (found[0] for found in word.finditer(text))


def main() -> int:
    """Print each word to avoid on a line with the word to use; return 1 if there are any."""
    known = concepts()
    count = 0
    for where, language, text in [*catalogue_texts(), *reference_texts()]:
        for concept in known:
            for word in concept.faults(language, _PLACEHOLDER.sub("", text)):
                count += 1
                print(f"{where}: {language}: {word!r}, use {concept.use[language]!r}: {text}")  # noqa: T201 - the output of a command
    return 1 if count else 0


def concepts() -> list[Concept]:
    """Return the list of words."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["concept"]
    return [
        Concept(entry["name"], entry["use"], _expressions(entry["avoid"]), _expressions(entry.get("allowed", {})))
        for entry in entries
    ]


def catalogue_texts() -> Iterator[tuple[str, str, str]]:
    """Yield the package, language and text of each message of the catalogues; bokmål is the id of a message."""
    for package in CATALOGUES:
        for language in LANGUAGES[1:]:
            file = ROOT / package / "locales" / language / "LC_MESSAGES" / "messages.po"
            with file.open("rb") as source:
                catalogue = read_po(source, locale=language)
            for message in catalogue:
                if message.id:
                    if language == LANGUAGES[1]:
                        yield from ((package, "nb", text) for text in _parts(message.id))
                    yield from ((package, language, text) for text in _parts(message.string))


def reference_texts() -> Iterator[tuple[str, str, str]]:
    """Yield the file, language and text of each text below a language in the reference data."""
    for file in sorted((ROOT / TEXTS).glob("*.yaml")):
        if file.name != WRITTEN_BY_OTHERS:
            found = _by_language(yaml.safe_load(file.read_text("utf-8")))
            yield from ((file.name, language, text) for language, text in found)


def _by_language(value: Any, language: str | None = None) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and language:
        yield language, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _by_language(part, key if key in LANGUAGES else language)
    elif isinstance(value, list):
        for part in value:
            yield from _by_language(part, language)


def _parts(text: object) -> Sequence[str]:
    return (text,) if isinstance(text, str) else tuple(text) if isinstance(text, (list, tuple)) else ()


def _expressions(words: Mapping[str, Sequence[str]]) -> dict[str, list[re.Pattern[str]]]:
    return {language: [re.compile(word, re.IGNORECASE) for word in listed] for language, listed in words.items()}


if __name__ == "__main__":
    raise SystemExit(main())
