"""
Texts in bokmål, nynorsk and English, and dates in words.

Bokmål is written in the code and is the key; ``locales/{nn,en}/LC_MESSAGES/messages.po`` of each package hold the
others. The ``.po`` files are read directly, so nothing needs to be compiled.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from shared.timezone import OSLO_TZ

SOURCE = "nb"
"""The language that the texts are written in."""

LOCALES = ("nb", "nn", "en")
"""Every language of the pages and mails, the source first."""

LANGUAGE_NAMES: Mapping[str, str] = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
"""The name of each language in that language."""


KIT_LOCALES = Path(__file__).parent.parent / "locales"

_PATTERNS: Mapping[str, Mapping[str, str]] = {
    "when": {"nb": "EEEE d. MMMM y 'kl.' HH.mm", "nn": "EEEE d. MMMM y 'kl.' HH.mm", "en": "EEEE d MMMM y 'at' HH:mm"},
    "date": {"nb": "EEEE d. MMMM y", "nn": "EEEE d. MMMM y", "en": "EEEE d MMMM y"},
    "short": {"nb": "dd.MM.y", "nn": "dd.MM.y", "en": "d MMM y"},
    "clock": {"nb": "HH.mm", "nn": "HH.mm", "en": "HH:mm"},
}


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Return the text itself, marked for translation; pages translate it when they show it."""
    return msgid


class Texts:
    """
    The texts of some packages.

    Args:
        locale_dirs: Folders that hold ``{nn,en}/LC_MESSAGES/messages.po``; where two know a text, the first wins.
    """

    def __init__(self, locale_dirs: Iterable[Path] = ()) -> None:
        folders = (*locale_dirs, KIT_LOCALES)
        self._translations: dict[str, NullTranslations] = {SOURCE: NullTranslations()}
        for locale in LOCALES:
            if locale != SOURCE:
                self._translations[locale] = _read(folders, locale)

    def gettext(self, locale: str, msgid: str) -> str:
        """Return the text in a language; in bokmål without a translation or for an unknown language."""
        return self._of(locale).gettext(msgid) if msgid else ""

    def ngettext(self, locale: str, singular: str, plural: str, n: int) -> str:
        """Return the text for a number of objects in a language."""
        return self._of(locale).ngettext(singular, plural, n)

    def translator(self, locale: str) -> Callable[[str], str]:
        """Return a function to call ``_``, for one language."""
        translations = self._of(locale)
        return lambda msgid: translations.gettext(msgid) if msgid else ""

    def _of(self, locale: str) -> NullTranslations:
        return self._translations.get(locale) or self._translations[SOURCE]


def format_when(moment: datetime, locale: str) -> str:
    """Return day and time in Norway: «torsdag 25. mars 2027 kl. 18.00»."""
    return _format(moment, "when", locale)


def format_date(day: date, locale: str) -> str:
    """Return weekday and date: «torsdag 25. mars 2027»; a moment is taken in Norwegian time."""
    if isinstance(day, datetime):
        return _format(day, "date", locale)
    return dates.format_date(day, _PATTERNS["date"][_supported(locale)], locale=_supported(locale))


def format_short(moment: datetime, locale: str) -> str:
    """Return the date alone, for tables: «25.03.2027»."""
    return _format(moment, "short", locale)


def format_clock(moment: datetime, locale: str) -> str:
    """Return the time of day in Norway: «18.00»."""
    return _format(moment, "clock", locale)


def format_decimal(number: float, locale: str) -> str:
    """Return a number with one decimal: «4,5»."""
    text = f"{number:.1f}"
    return text if locale == "en" else text.replace(".", ",")


def best_locale(accept_language: str) -> str:
    """Return our language that an Accept-Language header prefers; bokmål when it names none of ours."""
    preferences: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        name = tag.split("-", maxsplit=1)[0].lower()
        locale = SOURCE if name == "no" else name
        if locale in LOCALES:
            preferences.append((-_quality(parameters), position, locale))
    return min(preferences)[2] if preferences else SOURCE


def _quality(parameters: str) -> float:
    try:
        return float(parameters.strip().removeprefix("q=")) if parameters.strip() else 1.0
    except ValueError:
        return 0.0


def _supported(locale: str) -> str:
    return locale if locale in LOCALES else SOURCE


def _format(moment: datetime, name: str, locale: str) -> str:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    supported = _supported(locale)
    return dates.format_datetime(moment.astimezone(OSLO_TZ), _PATTERNS[name][supported], locale=supported)


def _read(folders: Iterable[Path], locale: str) -> Translations:
    merged = Translations()
    for folder in reversed(tuple(folders)):
        file = folder / locale / "LC_MESSAGES" / "messages.po"
        if not file.is_file():
            continue
        compiled = BytesIO()
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=locale))
        compiled.seek(0)
        merged.merge(Translations(compiled))
    return merged
