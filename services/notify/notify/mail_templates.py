"""The templates of mails in each language, and what becomes of what they give: HTML, and text in short lines."""

import re
import textwrap
from functools import cache, partial
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from shared.kit.i18n import LOCALES, Texts

_HERE: Final = Path(__file__).parent
TEXT_WIDTH_CHARACTERS: Final = 72
WHOLE_LAYOUT: Final = "_whole.mjml.j2"
SECTION_LAYOUT: Final = "_section.mjml.j2"
_DATE_OR_TIME: Final = re.compile(
    r"(?<=\bkl\.) (?=\d)|(?<=\bat) (?=\d\d:)|(?<=\d\.) (?=[a-z])|(?<=\d) (?=[A-Z][a-z]+ \d{4}\b)"
)


@cache
def texts() -> Texts:
    """Return the texts of mails."""
    return Texts((_HERE / "locales",))


@cache
def environments(roots: tuple[Path, ...]) -> dict[str, Environment]:
    """Return the templates of mails in these folders, by language."""
    return {language: _environment(language, roots) for language in LOCALES}


def _environment(language: str, roots: tuple[Path, ...]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(roots),
        autoescape=lambda name: name is not None and name.endswith(".mjml.j2"),  # noqa: S701 - the others are plain text
        undefined=StrictUndefined,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    own = texts()
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension jinja2.ext.i18n
        own.translator(language), partial(own.ngettext, language), newstyle=True
    )
    return environment


def to_html(mjml: str) -> str:
    """Return HTML in which no line ends between a day and its month, or before the digits of a time."""
    return _DATE_OR_TIME.sub("\u00a0", mjml2html(mjml, disable_comments=False, fonts={}))


def wrapped(text: str) -> str:
    """Wrap lines at 72 characters, except lines with a link, and merge empty lines."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        fits = "://" in line or len(line) <= TEXT_WIDTH_CHARACTERS
        indent = "  " if line.startswith("- ") else ""
        wrapped = (
            [line.rstrip()]
            if fits
            else textwrap.wrap(line, TEXT_WIDTH_CHARACTERS, break_long_words=False, subsequent_indent=indent)
        )
        if wrapped == [""] and lines and not lines[-1]:
            continue
        lines += wrapped
    return "\n".join(lines) + "\n"
