"""What others may see of a mail: the sender's name, the subject, and the first line on a locked screen."""

import re
from typing import Final

FIRST_LINE_CHARACTERS: Final = 90
"""About what a phone shows of the text under the subject."""

_TELLING: Final = re.compile(
    r"s[jk]?[eø]lvhjelp|s[eø]lvhj|self-?help|grupp|group|angst|anxi|depre|psyk|psych|terap|therap|helse|health|"
    r"krise|crisis|sorg|grief|samtale|conversation|vansk|difficult|ensom|lonel|problem|rus(?:\b|av|mid)|addict|misbruk|"
    r"abuse|vold|violen|selvmord|suicid|sjølvmord|diagnos|syk(?:dom)?\b|sjuk|illness|støtte|support",
    re.IGNORECASE,
)


def telling_words(text: str) -> tuple[str, ...]:
    """The words in ``text`` that would tell a bystander what this is about; none in a discreet text."""
    return tuple(match.group() for match in _TELLING.finditer(text))


def is_discreet(text: str) -> bool:
    """Whether ``text`` may stand where others see it."""
    return not telling_words(text)
