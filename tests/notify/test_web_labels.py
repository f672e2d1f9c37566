"""Staff read why a mail did not arrive in words, with what to do, and never a code."""

import re

import pytest

from notify.web.labels import REASONS, REFUSALS, reason_text

UNTRANSLATED = str


@pytest.mark.parametrize("code", [421, 450, 451, 452, 530, 535, 550, 551, 552, 553, 554, 571])
def test_refusal_is_told_in_words_without_its_code(code: int) -> None:
    text = reason_text(str(code), UNTRANSLATED)

    assert not re.search(r"\d|SMTP|%\(", text)
    assert len(text.split(". ")) > 1 or re.search(r"ør med|ring|Ring|[Rr]ett|prøver|Si fra", text)


@pytest.mark.parametrize("code", [501, 530, 535, 550, 553, 554])
def test_refusal_of_a_mail_that_is_tried_again_blames_no_address(code: int) -> None:
    assert "ersonen" not in reason_text(str(code), UNTRANSLATED, retried=True)


@pytest.mark.parametrize("reason", [*REASONS, "seat_declined", "seat_lapsed", "seat_changed"])
def test_reason_is_a_whole_sentence(reason: str) -> None:
    assert re.fullmatch(r"[A-ZÆØÅ][^%_]*\.", reason_text(reason, UNTRANSLATED))


def test_refusals_have_different_sentences() -> None:
    assert len(set(REFUSALS.values())) == len(REFUSALS)


@pytest.mark.parametrize("code", [421, 450, 451, 454, 471, 499])
def test_mail_that_was_given_up_promises_no_further_attempt(code: int) -> None:
    assert "igjen" not in reason_text(str(code), UNTRANSLATED)
    assert "Vi prøver igjen" in reason_text(str(code), UNTRANSLATED, retried=True)
