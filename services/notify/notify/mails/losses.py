"""Sentences about the loss of a seat or an offer, each with its true reason."""

from typing import Final

from notify.domain.content import MailContent, MailTools
from shared.kit.i18n import N_, format_when
from shared.reference import slots

CHANGED: Final = "changed"

_TOO_FEW: Final = N_("Vi ble dessverre for få. Det har ingenting med deg å gjøre.")
_BY_CENTRE: Final = N_(
    "Vi måtte dessverre avlyse. Det har ingenting med deg å gjøre. Ring eller skriv hvis du lurer på noe."
)
_GONE_PAUSED: Final = N_("Du har tatt en pause. Derfor har du ikke lenger plassen %(seat)s.")
_GONE_CHANGED: Final = N_("Du endret ønskene dine. Derfor har du ikke lenger plassen %(seat)s.")
_OFFER_GONE_CHANGED: Final = N_(
    "Du endret ønskene dine. Derfor gjelder ikke tilbudet %(seat)s lenger, og du trenger ikke svare på det."
)
_GONE_MOVED: Final = N_(
    "En av oss på senteret har tatt deg ut av planen, så du har ikke lenger plassen %(seat)s. "
    "Ring eller skriv hvis du lurer på hvorfor."
)
_OFFER_GONE_MOVED: Final = N_(
    "En av oss på senteret har trukket tilbake tilbudet %(seat)s, så du trenger ikke svare på det. "
    "Ring eller skriv hvis du lurer på hvorfor."
)
CALENDAR_EMPTIED: Final = N_("Kalenderfilen som ligger ved, tar møtene bort fra kalenderen din.")
_CALENDAR_NOTE: Final = N_("Kalenderfilen som ligger ved, tar møtet %(when)s bort fra kalenderen din.")


def why_cancelled(content: MailContent, tools: MailTools) -> str:
    """Return why a group could not start."""
    by_centre = content.cancel_reason == "by_centre"
    return tools.gettext(_BY_CENTRE if by_centre else _TOO_FEW)


def calendar_note(content: MailContent, tools: MailTools) -> str:
    """Return what the attached cancellation does; empty if there is none."""
    if content.calendar:
        return tools.gettext(CALENDAR_EMPTIED)
    if content.starts_at is None:
        return ""
    return tools.gettext(_CALENDAR_NOTE) % {"when": format_when(content.starts_at, content.language)}


def why_gone(content: MailContent, tools: MailTools) -> str:
    """Return why a person no longer has a seat or an offer, if it is not because the group was cancelled."""
    if content.paused:
        text = _GONE_PAUSED
    elif content.reason == CHANGED:
        text = _GONE_CHANGED if content.had_said_yes else _OFFER_GONE_CHANGED
    else:
        text = _GONE_MOVED if content.had_said_yes else _OFFER_GONE_MOVED
    return tools.gettext(text) % {"seat": _seat(content)}


def _seat(content: MailContent) -> str:
    if content.starts_at is not None:
        return format_when(content.starts_at, content.language)
    slot = content.lost_slot or content.slot
    return slots.label(slot, content.language) if slot else ""
