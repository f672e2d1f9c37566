"""The form of staff for the words of one mail: what is their own, and what must be put right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from notify.domain.mail_spec import MailSpec
from notify.domain.mail_texts import Block, Texts
from notify.domain.own_words import FieldName, broken_fields, broken_rules, fields_in, revealing, without_fields
from notify.own_words import fields_of_block
from notify.web.labels import LANGUAGES
from notify.web.own_words import cleaned, own_addresses, sentence
from shared.kit.i18n import LOCALES, N_
from shared.kit.text import without_marks
from shared.kit.web import forms
from shared.kit.web.messages import Label
from shared.reference.centres import Centre

LONGEST: Final[Mapping[Block, int]] = {Block.SUBJECT: 70, Block.OPENING: 300, Block.CLOSING: 800}
LONGEST_REASON: Final = 200

BLOCKS: Final[Mapping[Block, str]] = {
    Block.SUBJECT: N_("Emne"),
    Block.OPENING: N_("Innledning"),
    Block.CLOSING: N_("Avslutning"),
}
LABELS: Final[dict[str, Label]] = {
    "subject_nb": N_("Emne på bokmål"),
    "subject_nn": N_("Emne på nynorsk"),
    "subject_en": N_("Emne på engelsk"),
    "opening_nb": N_("Innledning på bokmål"),
    "opening_nn": N_("Innledning på nynorsk"),
    "opening_en": N_("Innledning på engelsk"),
    "closing_nb": N_("Avslutning på bokmål"),
    "closing_nn": N_("Avslutning på nynorsk"),
    "closing_en": N_("Avslutning på engelsk"),
    "reason": N_("Hvorfor dere endrer den"),
}
FIELDS: Final[Mapping[FieldName, str]] = {
    FieldName.FIRST_NAME: N_("fornavnet til den som får e-posten"),
    FieldName.CENTRE: N_("navnet på senteret"),
    FieldName.PHONE: N_("telefonnummeret til senteret"),
    FieldName.TERM: N_("ordet dere bruker for gruppe"),
    FieldName.WHEN: N_("tiden for møtet"),
    FieldName.DEADLINE: N_("fristen for å svare"),
}
"""What each field stands for (msgids)."""

_ALL_LANGUAGES: Final = N_("Endre teksten på %(language)s også, så alle tre språkene sier det samme.")
_TOO_LONG: Final = N_("Teksten kan ha høyst %(most)s tegn.")


@dataclass(frozen=True)
class Written:
    """
    The words that staff have written, without those that are the system's.

    Attributes:
        problems: What must be put right, as fields with sentences in the reader's language.
    """

    texts: Texts
    problems: tuple[tuple[str, str], ...]


def field_name(block: Block, language: str) -> str:
    """Return the name of a field of the form."""
    return f"{block.value}_{language}"


def values_of(spec: MailSpec, system: Texts, own: Texts) -> dict[str, forms.Value]:
    """Return the values of the form: the own words, and where there are none those of the system."""
    return {
        field_name(block, language): own.get(language, {}).get(block) or system[language][block]
        for block in BLOCKS
        if block in spec.own_words
        for language in LOCALES
    }


def read(
    spec: MailSpec, centre: Centre, system: Texts, values: Mapping[str, str], gettext: Callable[[str], str]
) -> Written:
    """Return what staff have written in the form."""
    texts: dict[str, dict[Block, str]] = {}
    problems: list[tuple[str, str]] = []
    for block in (block for block in BLOCKS if block in spec.own_words):
        own = {}
        for language in LOCALES:
            typed = values.get(field_name(block, language), "")
            text = cleaned(typed) if block is Block.CLOSING else without_marks(typed, joiners=True)
            if text and text != system[language][block]:
                own[language] = text
        for language in LOCALES if own else ():
            if language not in own:
                wrong = [gettext(_ALL_LANGUAGES) % {"language": gettext(LANGUAGES[language])}]
            else:
                wrong = _problems(spec, centre, block, own[language], system[language][block], gettext)
                texts.setdefault(language, {})[block] = own[language]
            problems += [(field_name(block, language), words) for words in wrong]
    return Written(texts, tuple(problems))


def _problems(
    spec: MailSpec, centre: Centre, block: Block, text: str, system_text: str, gettext: Callable[[str], str]
) -> list[str]:
    if len(text) > LONGEST[block]:
        return [gettext(_TOO_LONG) % {"most": LONGEST[block]}]
    needed = [FieldName(name) for name in dict.fromkeys(fields_in(system_text))]
    allowed = fields_of_block(spec, block, has_phone=centre.phone is not None)
    found = broken_rules(text, **own_addresses(centre)) + broken_fields(text, allowed, needed)
    if block is not Block.CLOSING:
        found += revealing(without_fields(text), first_line_only=block is Block.OPENING)
    return [sentence(problem, gettext) for problem in found]
