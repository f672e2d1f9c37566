"""Find and press buttons of pages by the value that they send or the words on them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import httpx

from selvhjelp.rehearsal.forms import Button, Form, forms_of
from selvhjelp.rehearsal.visitor import Visitor
from shared.kit.web.acts import SURE

ANSWERS: Final = frozenset({"act", "answer", "svar", "way", "valg", "answers"})
"""Names of the fields in which pages take an answer."""


def with_value(forms: Iterable[Form], *values: str) -> tuple[Form, Button] | None:
    """Return the first button, in the order of the values, that answers with one of them."""
    for value in values:
        for form in forms:
            for button in form.buttons:
                if button.name in ANSWERS and button.value == value:
                    return form, button
    return None


def with_words(forms: Iterable[Form], *words: str) -> tuple[Form, Button] | None:
    """Return the first button, in the order of the words, whose text begins with them."""
    for text in words:
        for form in forms:
            for button in form.buttons:
                if button.text.startswith(text):
                    return form, button
    return None


async def press(
    visitor: Visitor,
    at: httpx.Response,
    found: tuple[Form, Button] | None,
    filled: Mapping[str, str | list[str]] | None = None,
) -> httpx.Response | None:
    """
    Press a button that was found, with these fields filled in, and answer yes where a question comes before the act.

    Return None if there was none, or it was refused.
    """
    if found is None:
        return None
    form, button = found
    answer = await visitor.press(
        replace(form, fields={**form.fields, **(filled or {})}), at, form.buttons.index(button)
    )
    question = next((form for form in forms_of(answer.text) if any(each.name == SURE for each in form.buttons)), None)
    if question is not None:
        answer = await visitor.press(question, answer)
    return answer if answer.is_success else None
