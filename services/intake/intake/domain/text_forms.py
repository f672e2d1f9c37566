"""A centre's own texts as the fields of a form, and back."""

from collections.abc import Mapping
from typing import Final

from intake.domain.form import FieldError
from shared.reference import texts
from shared.reference.centre_texts import MAX_CHARACTERS, MAX_QUOTES, CentreTexts, OwnText, Quote, unknown_words
from shared.reference.centres import LANGUAGES, Centre

OWN: Final = ("information", "not_now", "consent")
"""The texts that are one text; the quotes are several."""

QUOTES: Final = "quotes"
FIELDS: Final = tuple(f"{name}_{language}" for name in (*OWN, QUOTES) for language in LANGUAGES)

DASHES: Final = "–—-"
"""One of these begins the line that says who a quote is by."""

SHORT_MAX: Final = 300
"""Characters of a quote, and of what it says about the person."""


def form_values(centre: Centre) -> dict[str, str]:
    """Return the centre's texts as the fields of the form; without an own information the shipped one, to edit."""
    own = centre.texts
    values = {}
    for name in OWN:
        text: OwnText | None = getattr(own, name)
        for language in LANGUAGES:
            values[f"{name}_{language}"] = getattr(text, language) if text else ""
    if own.information is None:
        values |= {f"information_{language}": text for language, text in shipped_information(centre).items()}
    for language in LANGUAGES:
        values[f"{QUOTES}_{language}"] = "\n\n".join(
            f"{quote.text[language]}\n– {quote.by[language]}" for quote in own.quotes
        )
    return values


def shipped_information(centre: Centre) -> dict[str, str]:
    """Return the shipped text that the centre's own information takes the place of, by language."""
    basis = centre.texts.information_basis or centre.policy.information_version
    return texts.shared_parts(basis or texts.information_versions()[-1])


def parse(values: Mapping[str, str], centre: Centre) -> tuple[CentreTexts | None, tuple[FieldError, ...]]:
    """Return the texts that the form states, with the versions of now, or None and what is wrong."""
    errors: list[FieldError] = []
    found = {name: _own_text(name, values, errors) for name in OWN}
    information = found["information"]
    if information is not None and information.model_dump() == shipped_information(centre):
        found["information"] = None
    quotes = _quotes(values, errors)
    if errors:
        return None, tuple(errors)
    return centre.texts.model_copy(update={**found, QUOTES: quotes}), ()


def changed(old: CentreTexts, new: CentreTexts) -> tuple[str, ...]:
    """Return the names of the texts that differ."""
    return tuple(name for name in (*OWN, QUOTES) if getattr(old, name) != getattr(new, name))


def _own_text(name: str, values: Mapping[str, str], errors: list[FieldError]) -> OwnText | None:
    by_language = {language: _plain(values.get(f"{name}_{language}", "")) for language in LANGUAGES}
    if not any(by_language.values()):
        return None
    faults = []
    for language, text in by_language.items():
        if not text:
            faults.append(FieldError(f"{name}_{language}", "all_languages"))
        elif len(text) > MAX_CHARACTERS:
            faults.append(FieldError(f"{name}_{language}", "too_long"))
        elif unknown_words(text):
            faults.append(FieldError(f"{name}_{language}", "unknown_word"))
    errors += faults
    return None if faults else OwnText(**by_language)


def _quotes(values: Mapping[str, str], errors: list[FieldError]) -> tuple[Quote, ...]:
    found: dict[str, list[tuple[str, str]]] = {}
    for language in LANGUAGES:
        name = f"{QUOTES}_{language}"
        blocks = [block for block in _plain(values.get(name, "")).split("\n\n") if block.strip()]
        found[language] = [_quote(block) for block in blocks]
        if any(not text or not by for text, by in found[language]):
            errors.append(FieldError(name, "quote_form"))
        elif any(len(part) > SHORT_MAX for quote in found[language] for part in quote):
            errors.append(FieldError(name, "quote_long"))
        elif len(blocks) > MAX_QUOTES:
            errors.append(FieldError(name, "quote_many"))
        elif len(blocks) != len(found["nb"]):
            errors.append(FieldError(name, "quote_count"))
    if errors:
        return ()
    return tuple(
        Quote(
            text={language: found[language][number][0] for language in LANGUAGES},
            by={language: found[language][number][1] for language in LANGUAGES},
        )
        for number in range(len(found["nb"]))
    )


def _quote(block: str) -> tuple[str, str]:
    """Return the words of a quote and who it is by; empty for what is missing."""
    *words, by = block.strip().split("\n")
    if by[:1] not in DASHES:
        return " ".join(block.split()), ""
    return " ".join(" ".join(words).split()), by.lstrip(f"{DASHES} ").strip()


def _plain(text: str) -> str:
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    joined = "\n".join(lines).strip()
    while "\n\n\n" in joined:
        joined = joined.replace("\n\n\n", "\n\n")
    return joined
