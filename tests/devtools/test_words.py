"""The list of words and the measure of readability find what they are for."""

import pytest

from devtools.readability import readability, running_text
from devtools.words import LANGUAGES, catalogue_texts, concepts, reference_texts


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("nb", "Du står på listen.", ["listen"]),
        ("nb", "Fristen står i listen nedenfor.", []),
        ("nb", "Velg en dato for oppstartsmøtet.", ["oppstartsmøte"]),
        ("nb", "Glem at jeg er med", ["Glem"]),
        ("nb", "Send en mail eller epost om brevet, vedrørende deg.", ["mail", "epost", "brev", "vedrørende"]),
        ("nn", "Eg vil bekrefte det dersom eg kan.", ["bekreft", "dersom"]),
        ("en", "Your seat at the start meeting", ["start meeting", "seat"]),
        ("en", "We forget the letter.", ["forget", "letter"]),
        ("en", "You are on the waiting list.", []),
    ],
)
def test_faults_of_a_text_are_the_words_to_avoid(language: str, text: str, found: list[str]) -> None:
    assert sorted(fault for concept in concepts() for fault in concept.faults(language, text)) == sorted(found)


def test_catalogues_and_reference_texts_are_read_in_each_language() -> None:
    for texts in (list(catalogue_texts()), list(reference_texts())):
        for language in LANGUAGES:
            assert sum(known == language for _where, known, _text in texts) > 30


def test_each_concept_has_a_word_in_each_language() -> None:
    for concept in concepts():
        assert set(concept.use) == set(concept.avoid) == set(LANGUAGES), concept.name
        for language in LANGUAGES:
            assert not list(concept.faults(language, concept.use[language])), concept.name


@pytest.mark.parametrize(
    ("text", "lix"),
    [
        ("", 0),
        ("Du kan komme. Vi møtes her.", 3),
        ("Selvhjelpsgruppene arbeider selvstendig.", 3 + 100),
        ("Du kan ringe oss torsdag 25. mars kl. 18.00. Vi svarer.", 4.5 + 100 / 9),
        ("Les https://senter.example/selvhjelpsgrupper\nSvar oss", 1.5),
    ],
)
def test_lix_is_words_per_sentence_and_share_of_long_words(text: str, lix: float) -> None:
    assert readability(text).lix == pytest.approx(lix)


def test_running_text_is_the_visible_sentences() -> None:
    page = (
        "<head><title>Tittel.</title></head><h1>Overskrift</h1><p>En <b>kort</b>\n setning.</p>"
        "<script>x = 1.</script><label>Navn</label><li>Punkt."
    )
    assert running_text(page).splitlines() == ["En kort setning.", "Punkt."]
