"""
Joint mails: several mails to one person that are due within an hour leave as one e-mail, with a section for each.

The first of them leaves when it is due, and takes with it those that are due within :data:`WITHIN`. What has left
together once is sent together again, with the same Message-ID, until it has arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

WITHIN: Final = timedelta(hours=1)
"""How long before its time a mail may leave with another one."""
MOST: Final = 5
"""Most sections of one mail: a longer one is not read to its end."""


@dataclass(frozen=True)
class Section:
    """
    A part of a joint mail, as far as it decides what it may leave with.

    Attributes:
        language: Language of the whole mail.
        centre: Id of the centre that signs it and reads the answers.
        topic: Of mails with one topic, the first to leave tells all there is to tell.
    """

    language: str
    centre: str
    topic: str | None = None


def fits(new: Section, sections: Sequence[Section]) -> bool:
    """Return True if a mail may have one more section beside these."""
    return len(sections) < MOST and all(
        (section.language, section.centre) == (new.language, new.centre)
        and (new.topic is None or section.topic != new.topic)
        for section in sections
    )
