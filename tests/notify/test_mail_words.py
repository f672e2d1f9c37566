"""The words of every example of every mail: one form of each language, none of offices and none of machines."""

import re
from html import unescape
from typing import Final

import pytest

from notify.domain.discretion import FIRST_LINE_CHARACTERS, revealing_words
from tests.notify.support.contents import EXAMPLES, KINDS, LANGUAGES, content, renderer

OF_OFFICES: Final = (
    r"pasient\w*|klient\w*|bruker(?!\s)\w*|diagnose\w*|behandling\w*|terapi\w*|vennligst|oppstartsmøte\w*|herved|"
    r"vedrørende|iht|ifm|mht|patients?|clients?|users?|treatment|therap\w*|kindly|herewith"
)
OF_MACHINES: Final = r"uuid|token|null|none|true|false|undefined|nan|error|signup|msgid"
MIXED: Final = {
    "nb": r"listen over dem|glemmer vi|blei|ikkje|eg",
    "nn": r"blei|diverre|difor|gje|byrj\w+|svarar|da|henne|ikke|jeg|hvis|hvor|noen|bare",
    "en": r"sign(?:ed)? off|kontaktmøte\w*|igangsettere|need not be|you is",
}
BROKEN: Final = r"\.\.(?!\.)|,\.| ,| \.(?!\w)|\s\?|\(\)|\{|\}|%\(|\bNone\b|Ã|�"


def words_of(html: str) -> str:
    """Return what a reader sees of a page."""
    body = re.sub(r"<style.*?</style>|<!--.*?-->|<title>.*?</title>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_words_of_every_example_are_plain_and_of_one_form(kind: str, language: str) -> None:
    unwanted = re.compile(rf"\b(?:{OF_OFFICES}|{OF_MACHINES}|{MIXED[language]})\b", re.IGNORECASE)
    for name in EXAMPLES[kind]:
        mail = renderer().render(content(kind, language, name=name))
        for text in (f"{mail.subject}\n{mail.text}", words_of(mail.html)):
            said = re.sub(r"\S+://\S+|\S+@\S+", "", text)
            assert unwanted.findall(said) == [], name
            assert re.findall(BROKEN, re.sub(r"\s+\n|\n\s+", "\n", mail.text)) == [], name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_example_is_discreet_outside(kind: str, language: str) -> None:
    for name in EXAMPLES[kind]:
        mail = renderer().render(content(kind, language, name=name))
        assert revealing_words(f"{mail.subject}\n{mail.sender_name}\n{mail.text[:FIRST_LINE_CHARACTERS]}") == (), name
        assert len(mail.subject) <= 70, name
