"""Words about the place of a meeting after the start, also where the centre has never written an address."""

from typing import Final

from notify.domain.content import MailContent, MailTools
from shared.kit.i18n import N_

_NOT_WRITTEN: Final = N_("Vi har ikke skrevet inn hvor dere møtes. Spør de andre i gruppa.")
_NOT_WRITTEN_CALL: Final = N_(
    "Vi har ikke skrevet inn hvor dere møtes. Spør de andre i gruppa, eller ring %(centre)s på %(phone)s."
)
_ASK_OTHERS: Final = N_("spør de andre hvor")


def place_words(content: MailContent, tools: MailTools, place_text: str | None, *, address_known: bool) -> str:
    """Return where a started group meets: the address, else plainly that it was never written, and whom to ask."""
    if address_known:
        return place_text or ""
    text = _NOT_WRITTEN_CALL if content.centre.phone else _NOT_WRITTEN
    return tools.gettext(text) % {"centre": content.centre.name, "phone": content.centre.phone}


def short_place(tools: MailTools, place_text: str, *, address_known: bool) -> str:
    """Return the place of one meeting in a list."""
    return place_text if address_known else tools.gettext(_ASK_OTHERS)
