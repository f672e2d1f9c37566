"""
Examples of every mail, with invented people: for the gallery, previews and tests.

A new mail gets an example in the module of its noun; a test fails for one without.
"""

from typing import Any, Final
from uuid import UUID

from notify.domain.content import MailContent
from notify.examples.centre_messages import CENTRE_MESSAGES
from notify.examples.group_life import GROUP_LIFE
from notify.examples.groups import GROUPS
from notify.examples.helpers import HELPERS
from notify.examples.kontaktmoter import KONTAKTMOTER
from notify.examples.moments import NOW, Example, Examples
from notify.examples.signups import SIGNUPS
from notify.examples.talks import TALKS
from shared.reference.centres import Centre

__all__ = ["EXAMPLES", "NOW", "Example", "example"]

EXAMPLES: Final[Examples] = {**SIGNUPS, **TALKS, **GROUPS, **GROUP_LIFE, **HELPERS, **KONTAKTMOTER, **CENTRE_MESSAGES}
"""The examples of each kind by their names; the first one is what most people get."""


def example(kind: str, language: str, centre: Centre, name: str = "", **changes: object) -> MailContent:
    """
    Return the content of an example.

    Args:
        kind: Name of the mail's folder.
        language: Language of the mail.
        centre: Its centre.
        name: Name of the example; the first one if empty.
        changes: Fields that are different in this mail.
    """
    named = EXAMPLES[kind]
    chosen = named[name] if name else next(iter(named.values()))
    fields: dict[str, Any] = {
        "kind": kind,
        "language": language,
        "centre": centre,
        "signup_id": UUID(int=1),
        "cause_id": UUID(int=1),
        "stamp": NOW,
        "first_name": "Kari",
        "area_name": centre.areas[0].name,
    }
    return MailContent(**(fields | chosen.keywords | changes))
