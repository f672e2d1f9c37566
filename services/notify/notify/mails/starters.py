"""Words and rules that the mails to an igangsetter about one group share."""

from datetime import datetime, timedelta
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.helpers import Notice
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import expired
from notify.mails.letters import Button
from shared.kit.i18n import N_, format_clock, format_when
from shared.reference import languages

NAMES_BEFORE: Final = timedelta(days=7)
"""Time before the start meeting from which an igangsetter sees the first names of the group."""

_WHEN: Final = N_("Når")
_UNTIL: Final = N_("Slutter")
_CLOCK: Final = N_("kl. %(clock)s")
_WHERE: Final = N_("Hvor")
_NEAR: Final = N_("I nærheten av")
_LANGUAGE: Final = N_("Språk")
_PAGE: Final = N_("På siden din ser du det du trenger:")
HERE: Final = N_("Her er siden din:")
_OPEN: Final = N_("Åpne siden din")


def over_at_meeting(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop a mail about a meeting that has begun."""
    return expired(facts.notice.starts_at, now) if facts.notice else None


def meeting_facts(content: MailContent, tools: MailTools, *, exact: bool) -> tuple[tuple[str, str], ...]:
    """Return when and where the group meets, and its language; the place is exact after a yes only."""
    assert content.starts_at is not None
    text = tools.gettext
    facts = [(text(_WHEN), format_when(content.starts_at, content.language))]
    if content.ends_at is not None:
        facts.append((text(_UNTIL), text(_CLOCK) % {"clock": format_clock(content.ends_at, content.language)}))
    if content.place_text:
        facts.append((text(_WHERE if exact else _NEAR), content.place_text))
    if content.spoken_language:
        facts.append((text(_LANGUAGE), languages.label(content.spoken_language, content.language)))
    return tuple(facts)


def said_facts(content: MailContent, tools: MailTools, *, exact: bool) -> tuple[str, ...]:
    """Return the same as staff say it on the phone."""
    return tuple(f"{term}: {value}." for term, value in meeting_facts(content, tools, exact=exact))


def own_page(tools: MailTools, asks: str = _PAGE) -> Button:
    """Return the link to the page of igangsettere, where they sign in."""
    return Button(tools.gettext(asks), tools.page("/igangsetter"), tools.gettext(_OPEN))


def names_at(notice: Notice) -> datetime | None:
    """Return when the igangsetter can see the first names."""
    return notice.starts_at - NAMES_BEFORE if notice.starts_at is not None else None
