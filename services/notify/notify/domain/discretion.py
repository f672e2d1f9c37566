"""Discretion of a mail's visible parts: the sender, the subject, and the first line on a locked screen."""

import re
from typing import Final

FIRST_LINE_CHARACTERS: Final = 90
"""Length of the preview that a phone shows under the subject."""

_REVEALING: Final = re.compile(
    r"s[jk]?[eø]lvhjelp|s[eø]lvhj|self-?help|grupp|group|angst|anxi|depre|psyk|psych|terap|therap|helse|health|"
    r"krise|crisis|sorg|grief|samtale|conversation|vansk|difficult|ensom|lonel|problem|rus(?:\b|av|mid)|addict|misbruk|"
    r"abuse|vold|violen|selvmord|suicid|sjølvmord|diagnos|syk(?:dom)?\b|sjuk|illness|støtte|support",
    re.IGNORECASE,
)


def revealing_words(text: str) -> tuple[str, ...]:
    """Return the words in ``text`` that would reveal the matter to a bystander; none in a discreet text."""
    return tuple(match.group() for match in _REVEALING.finditer(text))


_PARTS: Final = re.compile(r"[,;\n]|\.\s")


def discreet_place(text: str) -> str | None:
    """Return the parts of an address that may stand in a calendar that others see; None if there is none."""
    if is_discreet(text):
        return text.strip(" .") or None
    parts = (part.strip(" .") for part in _PARTS.split(text))
    return ", ".join(part for part in parts if part and is_discreet(part)) or None


def is_discreet(text: str) -> bool:
    """Return True if ``text`` may stand where others can see it."""
    return not revealing_words(text)
