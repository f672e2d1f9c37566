"""The mails of the gallery: each example in each language, and again where another centre's words differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from pydantic import SecretStr

from notify.domain.content import MailContent
from notify.examples import EXAMPLES, example
from notify.mails.registry import mail_registry
from notify.rendering import Rendered, Renderer
from shared.kit.i18n import LOCALES
from shared.kit.links import Links
from shared.reference import centres, helplines
from shared.reference.centres import Centre
from shared.reference.link_purposes import LINK_PATHS

PUBLIC_URL: Final = "https://senter.example"
PHONE: Final = 360
DESKTOP: Final = 680
"""Widths of the gallery's screens in CSS pixels."""
CENTRE: Final = "link-bergen"
SILENT: Final = "without_contact"
"""A centre that has told nobody how to reach it."""


@dataclass(frozen=True)
class Sample:
    """
    One example of a mail in all languages.

    Attributes:
        name: Name of the example, and of the centre if it is not the usual one.
        mails: The rendered mail by language.
    """

    kind: str
    name: str
    contents: dict[str, MailContent]
    mails: dict[str, Rendered]


def samples(kind: str) -> Iterator[Sample]:
    """Yield the examples of a kind at one centre, and the first one again for each centre with other words."""
    seen: set[str] = set()
    for centre in _centres():
        for name in EXAMPLES[kind] if centre.id == CENTRE else list(EXAMPLES[kind])[:1]:
            contents = {language: example(kind, language, centre, name) for language in LOCALES}
            mails = {language: renderer().render(content) for language, content in contents.items()}
            words = _words(mails["nb"], centre)
            if centre.id == CENTRE or words not in seen:
                yield Sample(kind, name if centre.id == CENTRE else f"{name}, {centre.id}", contents, mails)
            seen.add(words)


@cache
def renderer() -> Renderer:
    """Return a renderer whose links are the same in each run."""
    links = Links.under_one_key(SecretStr("k" * 32), LINK_PATHS)
    return Renderer(mail_registry(), links, PUBLIC_URL, "post.example", helplines.load(), "hei@post.example")


@cache
def _centres() -> tuple[Centre, ...]:
    """Return the usual centre, the others, and one that cannot be reached."""
    known = centres.load()
    usual = known.get(CENTRE)
    assert usual is not None
    others = (centre for centre in known.all if centre.id != CENTRE)
    return usual, *others, usual.model_copy(update={"id": SILENT, "phone": None, "email": None, "hours": None})


def _words(mail: Rendered, centre: Centre) -> str:
    """Return the mail without what it says of the centre itself, and without its foot."""
    words = mail.text.partition(f"\n{centre.name}\n")[0]
    for own in (centre.name, centre.id, centre.phone, centre.email):
        words = words.replace(own, "") if own else words
    return " ".join(f"{mail.subject} {words}".split())
