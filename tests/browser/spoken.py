"""
What a screen reader says of each page, one file for each in `docs/pages/spoken`.

`just pages` writes them anew, on purpose; read what has changed.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from tests.browser import screen_reader

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pages" / "spoken"
RECORD: Final = "RECORD_PAGES" in os.environ

HOMES: Final = ("forside", "min-side-oversikt", "igangsetter-i-dag", "stab")
"""Pages that have the parts around their own in full; the walk looks at each before others with the same parts."""

VARIES: Final[Mapping[str, str]] = {
    r"^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$": "(a secret)",
    r"^Logget inn \w+ .* kl\. \S+ (med .*?\.) Brukt sist kl\. \S+$": r"Logget inn (now) \1 Brukt sist (now).",
}
"""
Patterns of what differs from run to run, each with the words in its place.

All else repeats: the centre's clock stands still, except for the secrets and sessions of staff.
"""

_AROUND: Final = ("banner", "complementary", "contentinfo", "navigation")
_CURRENT: Final = re.compile(", current (page|item)$")
_PLACE: Final = re.compile(r"listitem, level (\d+), position (\d+), set size (\d+)")
_OPTION: Final = re.compile(r"^(option, .*?)(, not selected)?, position \d+, set size \d+$")
_LINES_SHOWN: Final = 12


@dataclass
class Spoken:
    """
    The pages that one walk has listened to.

    Attributes:
        parts: Each part around a page, with the home that has it in full.
        names: Of all pages so far.
    """

    parts: dict[tuple[str, ...], str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    async def faults(self, page: Page, name: str) -> list[str]:
        """Listen to a page, once for each name; return how it differs from its file."""
        if name in self.names:
            return []
        self.names.add(name)
        phrases = [_same(" ".join(phrase.split())) for phrase in await screen_reader.phrases(page)]
        title, language = await page.title(), await page.evaluate("document.documentElement.lang")
        lines = [_same(f"{title} ({language})"), *self._shortened(phrases[1:-1], name)]
        return compared(FOLDER / f"{name}.txt", lines)

    def left_over(self) -> list[str]:
        """Return the files of pages that the walk has not seen."""
        files = {file.stem: file for file in FOLDER.glob("*.txt")}
        gone = sorted(set(files) - self.names)
        if RECORD:
            for name in gone:
                files[name].unlink()
            return []
        return [f"{name} is no page any longer; `just pages` removes its file" for name in gone]

    def _shortened(self, phrases: Sequence[str], name: str) -> Iterator[str]:
        """Yield the phrases; of a part that a home has only its name, and no end of anything."""
        number = 0
        while number < len(phrases):
            phrase = phrases[number]
            number += 1
            end = f"end of {phrase}"
            if phrase.split(",")[0] in _AROUND and end in phrases[number:]:
                after = phrases.index(end, number)
                part = phrases[number - 1 : after]
                key = tuple(_CURRENT.sub("", each) for each in part)
                if name in HOMES:
                    self.parts.setdefault(key, name)
                home = self.parts.get(key, name)
                if home != name:
                    here = [f"; current: {_CURRENT.sub('', each)}" for each in part if _CURRENT.search(each)]
                    yield f"{phrase} … as in {home}{''.join(here)}"
                    number = after + 1
                    continue
            if not phrase.startswith(("end of ", "row, ")):
                yield _PLACE.sub(_item, _OPTION.sub(r"\1", phrase))


def _item(match: re.Match[str]) -> str:
    """Return how many items a list has at its first one, so that one more changes one line."""
    level, position, size = match.groups()
    item = f"listitem 1 of {size}" if position == "1" else "listitem"
    return item if level == "1" else f"{item}, level {level}"


def _same(phrase: str) -> str:
    for pattern, words in VARIES.items():
        phrase = re.sub(pattern, words, phrase)
    return phrase


def compared(file: Path, lines: Sequence[str]) -> list[str]:
    """Return how a page differs from its file, with the first lines that do; write it anew on purpose."""
    if RECORD:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines))
    if not file.exists():
        return [f"{file.stem} has no file of what is said; `just pages` writes it"]
    changes = list(difflib.unified_diff(file.read_text().splitlines(), lines, lineterm="", n=1))[2:]
    if not changes:
        return []
    shown = "\n".join(changes[:_LINES_SHOWN])
    return [f"{file.stem} says something else than {file.name}; `just pages` writes it anew:\n{shown}"]
