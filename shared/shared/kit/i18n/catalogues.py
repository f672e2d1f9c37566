"""Update the ``.po`` files from the code, and report missing translations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from shared.kit.i18n import LOCALES, SOURCE

TRANSLATED = tuple(locale for locale in LOCALES if locale != SOURCE)

_METHODS = [
    ("**/static/**", "ignore"),
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**.html", "jinja2.ext:babel_extract"),
    ("**.j2", "jinja2.ext:babel_extract"),
    ("**.txt", "jinja2.ext:babel_extract"),
    ("**.mjml", "jinja2.ext:babel_extract"),
]
_JINJA_OPTIONS = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf¥¸¦˜…†]|â€|Â[\u00a0-\u00bf]|\ufffd")
_PLACEHOLDER = re.compile(r"%\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault in a catalogue or a source file."""

    file: Path
    fault: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.fault}: {self.text!r}"


def folder_of(package: str) -> Path:
    """Return the folder of a package; ``kit`` is short for ``shared.kit``."""
    spec = find_spec("shared.kit" if package == "kit" else package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(package)
    return Path(next(iter(spec.submodule_search_locations)))


def extract(folder: Path) -> Catalog:
    """Collect all texts that Python files and templates below a folder mark for translation."""
    catalogue = Catalog(charset="utf-8")
    options = {pattern: _JINJA_OPTIONS for pattern, method in _METHODS if method.startswith("jinja2")}
    # Translators see the file of a text; line numbers would change the catalogues with every edit.
    messages = extract_from_dir(
        folder,
        method_map=_METHODS,
        options_map=options,
        keywords=_KEYWORDS,
        comment_tags=("NB:",),
        strip_comment_tags=True,
    )
    for name, _line, text, comments, context in messages:
        catalogue.add(text, None, [(name, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    return catalogue


_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
}


def update(folder: Path) -> None:
    """Add new texts to the package's catalogues, empty, and drop unused ones; translations are kept."""
    template = extract(folder)
    for locale in TRANSLATED:
        file = _file(folder, locale)
        old = _load(file, locale)
        new = Catalog(locale=locale, charset="utf-8", fuzzy=False)
        for message in template:
            if message.id:
                translated = old.get(message.id, message.context)
                copy = new.add(
                    message.id, translated.string if translated else None, message.locations,
                    auto_comments=message.auto_comments, context=message.context,
                )  # fmt: skip
                if translated and translated.fuzzy:
                    copy.flags.add("fuzzy")
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            write_po(target, new, width=100, sort_output=True, omit_header=False, include_lineno=False)
        _drop_dates(file)


def check(folder: Path) -> list[Finding]:
    """Return missing, fuzzy, unused and damaged texts of a package."""
    template = extract(folder)
    needed = {(message.id, message.context): message for message in template if message.id}
    findings = [Finding(folder, "damaged", _first(message.id)) for message in needed.values() if _damaged(message.id)]
    for locale in TRANSLATED if needed else ():
        file = _file(folder, locale)
        catalogue = _load(file, locale)
        for key, message in needed.items():
            findings += _compare(file, message, catalogue.get(*key))
        findings += [
            Finding(file, "unused", _first(message.id))
            for message in catalogue
            if message.id and (message.id, message.context) not in needed
        ]
    return findings


def _compare(file: Path, message: Message, translated: Message | None) -> Iterator[Finding]:
    text = _first(message.id)
    if translated is None or not _complete(translated.string):
        yield Finding(file, "missing", text)
        return
    if translated.fuzzy:
        yield Finding(file, "fuzzy", text)
    if _damaged(translated.string):
        yield Finding(file, "damaged", text)
    if not _placeholders(translated.string) <= _placeholders(message.id):
        yield Finding(file, "placeholders differ", text)


def _complete(string: object) -> bool:
    return all(_parts(string)) and bool(_parts(string))


def _placeholders(text: object) -> set[str]:
    return {name for part in _parts(text) for name in _PLACEHOLDER.findall(part)}


def _damaged(text: object) -> bool:
    return any(_MOJIBAKE.search(part) for part in _parts(text))


def _parts(text: object) -> list[str]:
    if isinstance(text, str):
        return [text]
    return [str(part) for part in text] if isinstance(text, (list, tuple)) else []


def _first(text: object) -> str:
    return next(iter(_parts(text)), "")


def _file(folder: Path, locale: str) -> Path:
    return folder / "locales" / locale / "LC_MESSAGES" / "messages.po"


def _load(file: Path, locale: str) -> Catalog:
    if not file.is_file():
        return Catalog(locale=locale)
    with file.open("rb") as source:
        return read_po(source, locale=locale, abort_invalid=True)


def _drop_dates(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines(keepends=True)
    unwanted = (
        '"Project-Id-Version',
        '"Report-Msgid-Bugs-To',
        '"POT-Creation-Date',
        '"PO-Revision-Date',
        '"Generated-By',
        '"Last-Translator',
        '"Language-Team',
    )
    body = [line for line in lines if not line.startswith((*unwanted, "# "))]
    file.write_text("".join(body[next(i for i, line in enumerate(body) if line.startswith("msgid")) :]), "utf-8")
