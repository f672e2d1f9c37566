"""From facts to a finished mail: subject, text and HTML in one language, and perhaps a calendar file."""

import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mjml import mjml2html

from notify.calendar import Entry, Method, calendar_file
from notify.domain.discretion import is_discreet
from notify.domain.kinds import LEAVE_LINK, Kind
from shared.kit.i18n import LOCALES, N_, Texts, format_clock, format_when
from shared.kit.links import Links
from shared.reference import languages, slots
from shared.reference.centres import Centre
from shared.reference.helplines import Helpline

_HERE: Final = Path(__file__).parent
TEXT_WIDTH_CHARACTERS: Final = 72
_TURNING: Final = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TITLE: Final = N_("Møte")
_YOU_ANSWER: Final = N_(
    "Du trenger ikke gjøre noe nå. Når det er en plass som passer for deg, skriver vi til deg, "
    "og du svarer ja eller nei."
)
_IT_IS_YOURS: Final = N_(
    "Du trenger ikke gjøre noe nå. Når det er en plass som passer for deg, får du den, "
    "og vi skriver til deg om tid og sted."
)
_NOT_STARTED: Final = N_("Vi fikk dessverre ikke startet denne gangen. Du beholder plassen din i køen.")
_TAKEN_BACK: Final = N_("Plassen du hadde fått, er dessverre tatt tilbake. Du beholder plassen din i køen.")
_TOO_FEW: Final = N_(
    "Vi ble for få til å begynne, eller måtte legge det bort av andre grunner. Det har ingenting med deg å gjøre."
)
_MADE_ANEW: Final = N_("Det kan være fordi ønskene dine er endret, eller fordi senteret har satt opp planen på nytt.")
_SENDER: Final = N_("Senteret")


@dataclass(frozen=True)
class MailContent:
    """
    All that a mail tells, looked up at the moment of sending and kept nowhere.

    Attributes:
        first_name: The recipient's own; None where it is not known or not yet confirmed to be theirs.
        sequence: The version of the meeting's plan; for a mail that takes a meeting back, one more than was told.
        reason: Why a seat was taken back, as in ``groups.seat_released``.
        stamp: When this is rendered.
    """

    kind: Kind
    language: str
    centre: Centre
    signup_id: UUID
    stamp: datetime
    first_name: str | None = None
    confirmation_id: UUID | None = None
    expires_at: datetime | None = None
    awaits: tuple[str, ...] = ()
    seat_id: UUID | None = None
    slot: str | None = None
    area_name: str | None = None
    spoken_language: str | None = None
    size: int | None = None
    deadline: datetime | None = None
    meeting_id: UUID | None = None
    sequence: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place_text: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Attachment:
    """A calendar file."""

    file: bytes
    method: Method
    filename: str = "invite.ics"


@dataclass(frozen=True)
class Rendered:
    """
    A mail ready to be put into an envelope.

    Attributes:
        sender_name: What stands as the sender; never a word that tells what this is about.
        leave_url: The way out for the mail program's own button, or None.
    """

    subject: str
    text: str
    html: str
    sender_name: str
    leave_url: str | None
    calendar: Attachment | None


class Renderer:
    """
    Renders mails.

    Args:
        links: Makes the links.
        public_url: In front of every link.
        mail_domain: In the UID of calendar entries.
        help_lines: At the foot of each mail, in this order.
    """

    def __init__(
        self,
        links: Links,
        public_url: str,
        mail_domain: str,
        help_lines: Sequence[Helpline],
    ) -> None:
        self._links = links
        self._public_url = public_url.rstrip("/")
        self._mail_domain = mail_domain
        self._help_lines = tuple(line for line in help_lines if line.audience == "everyone")

    def render(self, letter: MailContent) -> Rendered:
        """The finished mail."""
        letter = replace(letter, first_name=_plain(letter.first_name), place_text=_plain(letter.place_text))
        environment = _environments()[letter.language]
        _ = _texts().translator(letter.language)
        context = self._context(letter, _)
        folder = f"mails/{letter.kind.value}"
        subject = environment.get_template(f"{folder}/subject.txt.j2").render(context).strip()
        context["subject"] = subject
        text = environment.get_template(f"{folder}/body.txt.j2").render(context)
        mjml = environment.get_template(f"{folder}/body.mjml.j2").render(context)
        return Rendered(
            subject=subject,
            text=_wrapped(text),
            html=mjml2html(mjml, disable_comments=False, fonts={}),
            sender_name=letter.centre.name if is_discreet(letter.centre.name) else _(_SENDER),
            leave_url=context["leave_url"],
            calendar=self._calendar(letter, _),
        )

    def _context(self, letter: MailContent, _: Callable[[str], str]) -> dict[str, Any]:
        centre = letter.centre
        link = partial(self._links.url, self._public_url, letter.language)
        return {
            "letter": letter,
            "language": letter.language,
            "centre": centre,
            "term": _terms(_)[centre.policy.group_term],
            "minimum": centre.policy.size_min,
            "greeting": _greeting(letter.first_name, _),
            "helplines": self._help_lines,
            "reply_note": (
                _("Svarer du på denne e-posten, kommer svaret til oss. Vi leser ikke e-post hele døgnet.")
                if centre.email
                else _("Denne e-posten er sendt automatisk, og ingen leser svar på den.")
            ),
            "confirm_url": link("confirm", letter.confirmation_id) if letter.confirmation_id else None,
            "leave_url": link("leave", letter.signup_id) if letter.kind in LEAVE_LINK else None,
            "waiting_url": link("waiting", letter.signup_id),
            "seat_url": link("seat", letter.seat_id) if letter.seat_id else None,
            "information_url": self._page(letter.language, f"/informasjon/{centre.id}"),
            "back_url": self._page(letter.language, "/pamelding"),
            "slot": slots.label(letter.slot, letter.language) if letter.slot else None,
            "spoken": _spoken(letter.spoken_language, letter.language),
            "when": partial(format_when, locale=letter.language),
            "clock": partial(format_clock, locale=letter.language),
            **_sentences(letter, _),
        }

    def _page(self, language: str, path: str) -> str:
        return f"{self._public_url}{'' if language == 'nb' else '/' + language}{path}"

    def _calendar(self, letter: MailContent, _: Callable[[str], str]) -> Attachment | None:
        if letter.meeting_id is None or letter.kind is Kind.MEETING_TOMORROW:
            return None
        assert letter.starts_at is not None
        assert letter.ends_at is not None
        method: Method = "CANCEL" if letter.kind is Kind.START_CANCELLED else "PUBLISH"
        entry = Entry(
            meeting_id=letter.meeting_id,
            sequence=letter.sequence,
            starts_at=letter.starts_at,
            ends_at=letter.ends_at,
            title=_(_TITLE),
            place=letter.place_text or "",
            stamp=letter.stamp,
        )
        return Attachment(calendar_file(entry, method, self._mail_domain), method)


def _spoken(code: str | None, language: str) -> str | None:
    known = languages.canonical(code) if code else None
    return languages.label(known, language) if known else code


def _terms(_: Callable[[str], str]) -> dict[str, str]:
    return {"selvhjelpsgruppe": _("selvhjelpsgruppe"), "samtalegruppe": _("samtalegruppe")}


def _greeting(first_name: str | None, _: Callable[[str], str]) -> str:
    return _("Hei, %(name)s.") % {"name": first_name} if first_name else _("Hei.")


def _plain(typed: str | None) -> str | None:
    """What somebody typed on one line, without characters that control (they break XML) or turn the direction round."""
    if typed is None:
        return None
    kept = "".join(" " if c in "\t\r\n" else c for c in typed)
    kept = "".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cs", "Cn"} and c not in _TURNING)
    return " ".join(kept.split()) or None


def _sentences(letter: MailContent, _: Callable[[str], str]) -> dict[str, str]:
    """Sentences that stand both in the text and in the HTML, and depend on more than one fact."""
    size = letter.size or 0
    started = letter.reason in {None, "cancelled"}
    return {
        "size_so_far": (
            _("%(size)s personer så langt, deg medregnet") % {"size": size} if size > 1 else _("Foreløpig bare deg")
        ),
        "size_now": _("%(size)s personer, deg medregnet") % {"size": size},
        "next_step": _(_YOU_ANSWER if letter.centre.policy.seat_confirmation else _IT_IS_YOURS),
        "lead": _(_NOT_STARTED if started else _TAKEN_BACK),
        "why": _(_TOO_FEW if started else _MADE_ANEW),
    }


@cache
def _texts() -> Texts:
    return Texts((_HERE / "locales",))


@cache
def _environments() -> dict[str, Environment]:
    return {language: _environment(language) for language in LOCALES}


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([_HERE, _HERE / "mails"]),
        autoescape=lambda name: name is not None and name.endswith(".mjml.j2"),  # noqa: S701 - the others are plain text
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    texts = _texts()
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        texts.translator(language), partial(texts.ngettext, language), newstyle=True
    )
    return environment


def _wrapped(text: str) -> str:
    """Lines of at most 72 characters, but a link is never broken; no more than one empty line in a row."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        whole = "://" in line or len(line) <= TEXT_WIDTH_CHARACTERS
        wrapped = [line.rstrip()] if whole else textwrap.wrap(line, TEXT_WIDTH_CHARACTERS, break_long_words=False)
        if wrapped == [""] and lines and not lines[-1]:
            continue
        lines += wrapped
    return "\n".join(lines) + "\n"
