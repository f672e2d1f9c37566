"""The help lines and the table of slots, for the templates of every service."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from shared.reference import helplines, slot_grid
from shared.reference.retention import Data, kept_for
from shared.reference.spans import span_words
from shared.reference.texts import GROUP_TERMS

STRIP_LINES: Final = 3
"""Help lines on top of every public page."""


def page_globals(
    centres_file: Path | None, format_clock: Callable[[datetime, str], str]
) -> Mapping[str, Callable[[str], object]]:
    """
    Return the globals by name, each a function of the reader's language.

    ``help_lines()`` has all of them, the most urgent first; ``first_help_lines()`` the first ones for everyone;
    ``group_terms()`` has the words for a group, by that of the policy;
    ``kept()`` the words for how long each class of data is kept, by its name;
    ``slot_parts()`` and ``slot_days()`` the columns and rows of the table of slots.

    Args:
        centres_file: The installation's own file, which may have help lines of its own.
        format_clock: Says the time of day in a language.
    """
    lines = helplines.load(centres_file)
    first_lines = tuple(islice((line for line in lines if line.audience == "everyone"), STRIP_LINES))
    return {
        "help_lines": lambda _locale: lines,
        "first_help_lines": lambda _locale: first_lines,
        "group_terms": lambda locale: {term: words[locale] for term, words in GROUP_TERMS.items()},
        "kept": lambda locale: {data.value: span_words(kept_for(data), locale) for data in Data},
        "slot_parts": lambda locale: slot_grid.parts(locale, format_clock),
        "slot_days": slot_grid.days,
    }
