"""Contents of one mail of each kind, for tests that render."""

from typing import Final

from pydantic import SecretStr

from notify.domain.content import MailContent
from notify.examples import EXAMPLES, NOW, example
from notify.examples.group_life import about
from notify.mails.registry import MailRegistry, mail_registry
from notify.rendering import Renderer
from shared.kit.links import Links
from shared.reference import centres, helplines
from shared.reference.link_purposes import LINK_PATHS

__all__ = [
    "EXAMPLES",
    "KEY",
    "KINDS",
    "LANGUAGES",
    "MAIL_DOMAIN",
    "NOW",
    "ORGANIZER",
    "PUBLIC_URL",
    "about",
    "content",
    "renderer",
]

KEY = "k" * 32
PUBLIC_URL = "https://senter.example"
MAIL_DOMAIN = "post.example"
ORGANIZER = "hei@post.example"
LANGUAGES: Final = ("nb", "nn", "en")
KINDS = tuple(spec.kind for spec in mail_registry())


def renderer(registry: MailRegistry | None = None) -> Renderer:
    links = Links.under_one_key(SecretStr(KEY), LINK_PATHS)
    return Renderer(registry or mail_registry(), links, PUBLIC_URL, MAIL_DOMAIN, helplines.load(), ORGANIZER)


def content(kind: str, language: str, *, centre: str = "link-bergen", name: str = "", **changes: object) -> MailContent:
    row = centres.load().get(centre)
    assert row is not None
    return example(kind, language, row, name, **changes)
