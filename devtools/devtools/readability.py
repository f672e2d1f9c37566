"""
Measure how hard a text is to read: LIX and the length of sentences.

LIX is the mean number of words in a sentence plus the percentage of words with more than six letters (C. H. Björnsson,
"Läsbarhet", 1968): below 30 as in books for children, 30 to 40 as in fiction, above 50 as in what officials write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

LIX_LIMIT: Final = 40
"""LIX of public pages and mails stays below."""
SENTENCE_LIMIT: Final = 25
"""Words that a sentence of public pages and mails may have."""
LONG: Final = 6
"""Letters that a word may have without being long."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_END: Final = re.compile(r"(?<=[.:!?…])(?<!\d\.)\s+|(?<=\d\.)\s+(?=[A-ZÆØÅ])|\n+")
_INLINE: Final = frozenset({"a", "abbr", "b", "bdi", "em", "i", "small", "span", "strong", "time"})
_HIDDEN: Final = frozenset({"head", "option", "script", "style", "svg"})
_ADDRESS: Final = re.compile(r"https?://\S+|\S+@\S+|\S+\.example\S*")


@dataclass(frozen=True)
class Readability:
    """
    The figures of one text.

    Attributes:
        longest: The sentence with most words.
    """

    words: int
    sentences: int
    long_words: int
    longest: str

    @property
    def lix(self) -> float:
        """Return LIX, 0 for a text without words."""
        return self.words / self.sentences + 100 * self.long_words / self.words if self.words else 0.0

    @property
    def longest_words(self) -> int:
        """Return the number of words of the longest sentence."""
        return len(_WORD.findall(self.longest))


def readability(text: str) -> Readability:
    """Measure a text; a line ends a sentence, and addresses are no words."""
    sentences = [part for part in _END.split(_ADDRESS.sub("", text)) if _WORD.search(part)]
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    return Readability(
        words=len(words),
        sentences=len(sentences),
        long_words=sum(len(word) > LONG for word in words),
        longest=max(sentences, key=lambda sentence: len(_WORD.findall(sentence)), default=""),
    )


def running_text(page: str) -> str:
    """Return the sentences of an HTML page, each block a line; without headings and labels."""
    return "\n".join(block for block in _blocks(page) if block.endswith((".", "!", "?", ":", "…")))


def _blocks(page: str) -> Iterator[str]:
    reader = _BlockReader()
    reader.feed(page)
    for block in reader.blocks:
        if words := " ".join("".join(block).split()):
            yield words


class _BlockReader(HTMLParser):
    """Collects the visible text of each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[list[str]] = [[]]
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as HTMLParser has it
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if tag not in _INLINE:
            self.blocks.append([])

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()
        if tag not in _INLINE:
            self.blocks.append([])

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.blocks[-1].append(data)
