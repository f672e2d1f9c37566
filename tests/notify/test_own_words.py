"""The rules for words that a centre writes itself: fields in braces, links, codes, and questions nobody is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.mail_texts import difference
from notify.domain.own_words import (
    FieldName,
    Rule,
    broken_fields,
    broken_rules,
    fields_in,
    filled,
    paragraphs_of,
    without_fields,
)
from notify.web.own_words import cleaned

ALL = frozenset(FieldName)
VALUES = {name: f"<{name.value}>" for name in FieldName}
OWN = {"hosts": {"link-bergen.example"}, "emails": {"post@link-bergen.example"}}

plain = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=30)
known = st.sampled_from([f"{{{name.value}}}" for name in FieldName] + ["{ Fornavn }", "{TID}"])
anything = st.text(st.sampled_from(list("{}{}abtid \nørFORNAVN")), max_size=40)


@given(st.lists(st.one_of(plain, known), max_size=8))
def test_text_of_known_fields_is_filled_whole(parts: list[str]) -> None:
    text = "".join(parts)
    assert broken_fields(text, ALL) == []
    answer = filled(text, VALUES)
    assert answer is not None
    assert "{" not in answer
    assert len(fields_in(text)) == sum(part.startswith("{") for part in parts)
    for name in fields_in(text):
        assert VALUES[FieldName(name)] in answer


@pytest.mark.asvs("1.3.7")
@given(anything)
def test_any_text_is_filled_or_answered(text: str) -> None:
    """Nothing in braces is ever shown as it was typed: either it is filled in, or it breaks a rule."""
    problems, answer = broken_fields(text, ALL), filled(text, VALUES)
    if not problems:
        assert answer is not None
        assert not set("{}") & set(answer)
    if answer is None:
        assert {problem.rule for problem in problems} & {Rule.UNKNOWN_FIELD, Rule.LOOSE_BRACE}


@given(anything, st.sets(st.sampled_from(list(FieldName))))
def test_only_allowed_fields_pass(text: str, allowed: set[FieldName]) -> None:
    unknown = [problem.words for problem in broken_fields(text, allowed) if problem.rule is Rule.UNKNOWN_FIELD]
    assert unknown == [
        name for name in dict.fromkeys(fields_in(text)) if name not in {field.value for field in allowed}
    ]


@given(st.lists(st.one_of(plain, known), max_size=6), st.sets(st.sampled_from(list(FieldName))))
def test_missing_fields_are_named(parts: list[str], needed: set[FieldName]) -> None:
    text = "".join(parts)
    missing = {problem.words for problem in broken_fields(text, ALL, needed) if problem.rule is Rule.MISSING_FIELD}
    assert missing == {name.value for name in needed} - set(fields_in(text))


@pytest.mark.asvs("1.1.1")
@given(st.dictionaries(st.sampled_from(list(FieldName)), st.text(max_size=20), max_size=6), known)
def test_value_is_not_read_again(values: dict[FieldName, str], field: str) -> None:
    """A name such as "{telefon}" stays as it is, and a field without a value fills nothing."""
    name = FieldName(field.strip("{} ").casefold())
    answer = filled(f"a{field}b", {**values, FieldName.CENTRE: "{telefon}"})
    value = "{telefon}" if name is FieldName.CENTRE else values.get(name)
    assert answer == (f"a{value}b" if value else None)


@given(plain, plain)
def test_difference_puts_both_texts_together_again(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after


@given(st.text(max_size=80))
def test_cleaned_text_is_cleaned_once(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    assert "\n\n\n" not in once
    assert all(paragraphs_of(once))


@pytest.mark.parametrize(
    "text",
    [
        "Se https://link-bergen.example/tider.",
        "Se www.link-bergen.example!",
        "Skriv til post@link-bergen.example, så svarer vi.",
        "Vi er der f.eks. kl. 18.00, bl.a. på torsdager.",
        "Kl.18 er greit. Det koster ikke noe, dvs. 0 kr.",
        "Vi vet ikke hvorfor bussen er forsinket. Beklager!",
        "Hvorfor tar det tid? Fordi flere må kunne møtes samtidig.",
        "Hva trenger du? Ikke noe.",
        "Spør oss om det du lurer på.",
        "Fortell gjerne hvilke tider som passer.",
        "5 < 8 og 8 > 5, & så videre",
        "Ring 55 00 00 00 (hverdager 9-15).",
    ],
)
def test_plain_sentences_break_no_rule(text: str) -> None:
    assert broken_rules(text, **OWN) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<script>alert(1)</script>", Rule.CODES),
        ("Les <b>dette</b>", Rule.CODES),
        ("</p>", Rule.CODES),
        ("<!-- skjult -->", Rule.CODES),
        ("Kari &amp; Ola", Rule.CODES),
        ("&#60;b>", Rule.CODES),
        ("[her](https://link-bergen.example)", Rule.CODES),
        ("http://annet.example", Rule.LINKS),
        ("Gå til bit.ly/abc", Rule.LINKS),
        ("Se facebook.com", Rule.LINKS),
        ("https://link-bergen.example.ond.example/x", Rule.LINKS),
        ("https://link-bergen.example@ond.example", Rule.LINKS),
        ("https://ond.example/link-bergen.example", Rule.LINKS),
        ("ftp://link-bergen.example/fil", Rule.LINKS),
        ("javascript:alert(1)", Rule.LINKS),
        ("mailto:noen@annet.example", Rule.LINKS),
        ("noen@annet.example", Rule.LINKS),
        ("https://[::1", Rule.LINKS),
        ("Hvorfor vil du ha en gruppe?", Rule.ASKS_WHY),
        ("Skriv hvorfor du melder deg på.", Rule.ASKS_WHY),
        ("Kvifor vil du vere med?", Rule.ASKS_WHY),
        ("Why do you want to join?", Rule.ASKS_WHY),
        ("Hva sliter du med?", Rule.ASKS_WHY),
        ("Kva er vanskeleg for deg?", Rule.ASKS_WHY),
        ("What are you struggling with?", Rule.ASKS_WHY),
        ("Fortell oss om utfordringene dine.", Rule.ASKS_WHY),
        ("Har du en diagnose?", Rule.ASKS_WHY),
        ("Tell us about your background.", Rule.ASKS_WHY),
    ],
)
def test_forbidden_words_break_their_rule(text: str, rule: Rule) -> None:
    assert rule in {problem.rule for problem in broken_rules(text, **OWN)}


def test_without_fields_keeps_the_words() -> None:
    assert without_fields("Kom {tid}, {fornavn}.") == "Kom , ."
