"""The texts that a centre writes itself: plain text in three languages, with headings."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.reference.brand_pictures import CentrePictures
from shared.reference.centre_look import CentreLook

MAX_CHARACTERS: Final = 4000
"""Of one text in one language; a form of all texts must stay below what the gateway lets through."""

MAX_QUOTES: Final = 8

HEADING: Final = "#"
"""Begins a line that is a heading."""

WORDS: Final = frozenset({"centre", "group", "min", "max", "hours", "first_meetings"})
"""Words in braces that a text may have; each is replaced by what the policy says."""

_PLAIN_STRIP: Final = StringConstraints(strip_whitespace=True)
_Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARACTERS), _PLAIN_STRIP]
_Short = Annotated[str, StringConstraints(min_length=1, max_length=300), _PLAIN_STRIP]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OwnText(_Strict):
    """A text in the three languages. An empty line ends a paragraph, and a line that begins with # is a heading."""

    nb: _Text
    nn: _Text
    en: _Text

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        if unknown := sorted({word for text in (self.nb, self.nn, self.en) for word in unknown_words(text)}):
            msg = f"has words in braces that are not known here: {', '.join(unknown)}"
            raise ValueError(msg)
        return self


class Quote(_Strict):
    """
    The words of a participant, without a name.

    Attributes:
        by: As "Mann, 35".
        text: What was said.
    """

    by: dict[str, _Short]
    text: dict[str, _Short]

    @model_validator(mode="after")
    def _all_languages(self) -> Self:
        if any(set(words) != {"nb", "nn", "en"} for words in (self.by, self.text)):
            msg = "must have nb, nn and en"
            raise ValueError(msg)
        return self


class CentreTexts(_Strict):
    """
    A centre's own texts; without one the shipped text stands alone.

    Attributes:
        information: Takes the place of those parts of the shipped information that do not follow from the policy.
        consent: Is added to the shipped consent, which says what the system does.
        not_now: When a group is perhaps not right now; the system has no list of its own.
        quotes: The words of participants.
        look: How the centre is reached and its colours, where it has decided them on the pages.
        pictures: Its logo and its picture, where it has uploaded some.
        information_basis, consent_basis: The shipped version that the policy's own version is built on; None if the
            policy names a shipped one.
        same_information, same_consent: Older versions whose readers need not read or answer again.
    """

    information: OwnText | None = None
    consent: OwnText | None = None
    not_now: OwnText | None = None
    quotes: Annotated[tuple[Quote, ...], Field(max_length=MAX_QUOTES)] = ()
    look: CentreLook | None = None
    pictures: CentrePictures | None = None
    information_basis: str | None = None
    consent_basis: str | None = None
    same_information: tuple[str, ...] = ()
    same_consent: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return texts that another version of the system may have written; keys that are unknown here are left out."""
        return cls.model_validate({key: value for key, value in data.items() if key in cls.model_fields})

    def as_data(self) -> dict[str, Any]:
        """Return the texts as JSON, only those that there are."""
        return self.model_dump(mode="json", exclude_defaults=True)


NO_TEXTS: Final = CentreTexts()


def unknown_words(text: str) -> list[str]:
    """Return what stands in braces and is not one of :data:`WORDS`; a lone brace is one too."""
    try:
        fields = [field for _, field, _, _ in Formatter().parse(text) if field is not None]
    except ValueError:
        return re.findall(r"[{}]", text)[:1]
    return [field for field in fields if field not in WORDS]


def sections(text: str, words: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield heading and paragraphs of each part; the heading is empty for paragraphs before the first one."""
    heading, paragraphs, started = "", list[str](), False
    for block in _blocks(text.replace("\r\n", "\n").format_map(words)):
        if block.startswith(HEADING):
            if started:
                yield heading, tuple(paragraphs)
            heading, paragraphs = block.lstrip(f"{HEADING} "), []
        else:
            paragraphs.append(block)
        started = True
    if started:
        yield heading, tuple(paragraphs)


def _blocks(text: str) -> Iterator[str]:
    """Yield each heading, and each paragraph in one line."""
    lines: list[str] = []
    for line in (*text.split("\n"), ""):
        stripped = line.strip()
        if stripped and not stripped.startswith(HEADING):
            lines.append(stripped)
            continue
        if lines:
            yield " ".join(lines)
            lines = []
        if stripped:
            yield stripped
