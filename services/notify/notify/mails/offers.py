"""Sentences and links of a mail that offers a seat."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import expired
from notify.mails.losses import calendar_note, why_gone
from shared.kit.i18n import N_, format_date, format_when
from shared.reference import slots

ANSWER_BY: Final = N_("Nå kan vi tilby deg en plass. Svar ja eller nei innen %(when)s.")
MOVED: Final = N_("Vi ble for få der du hadde sagt ja. Passer dette også for deg? Svar innen %(when)s.")
CALLED_OFF: Final = N_("Det vi skrev om før, ble det ikke noe av. Passer dette for deg? Svar innen %(when)s.")
INSTEAD: Final = N_("Passer dette for deg i stedet? Svar innen %(when)s.")

_ONLY_YOU: Final = N_("Foreløpig bare deg")
_ASKED: Final = N_("%(size)s er spurt så langt, du er en av dem")
_SAID_YES: Final = N_("%(taken)s har sagt ja, av %(size)s som er spurt")
_EARLIEST: Final = N_("tidligst %(date)s")
_DATE_LATER: Final = N_("datoen er ikke klar ennå")
_AFTER_YES: Final = N_(
    "Dette er en %(term)s. Når nok har sagt ja, får du dato og sted for det første møtet. "
    "Etter det er det de samme som møtes hver gang."
)
_AFTER_YES_DATED: Final = N_(
    "Dette er en %(term)s. Sier du ja, får du en e-post med tid og sted for det første møtet. "
    "Etter det er det de samme som møtes hver gang."
)


def drop_reason(facts: MailFacts, now: datetime) -> str | None:
    """Return the reason to drop an offer that is answered, or that can no longer be answered."""
    if facts.seat is None:
        return None
    return "answered" if facts.seat.taken else expired(facts.seat.deadline, now)


def lead(content: MailContent, tools: MailTools) -> str:
    """Return the sentence that asks; if the person has just lost another seat, it says so."""
    assert content.deadline is not None
    by = {"when": format_when(content.deadline, content.language)}
    if content.lost_slot is None:
        return tools.gettext(ANSWER_BY) % by
    if content.reason == "cancelled":
        moved = content.had_said_yes and content.cancel_reason != "by_centre"
        return tools.gettext(MOVED if moved else CALLED_OFF) % by
    return f"{why_gone(content, tools)} {tools.gettext(INSTEAD) % by}"


def context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    """Return what all mails with an offer say."""
    return {
        "lead": lead(content, tools),
        "lost_seat": _lost_seat(content),
        "first_meeting": _first_meeting(content, tools),
        "offer_place": content.offer_place or content.area_name,
        "size_so_far": _size(content, tools),
        "what_follows": _what_follows(content, tools),
        "calendar_note": calendar_note(content, tools),
    }


def _lost_seat(content: MailContent) -> str:
    if content.lost_slot is None:
        return ""
    slot = slots.label(content.lost_slot, content.language)
    return f"{slot}, {content.lost_place}" if content.lost_place else slot


def _first_meeting(content: MailContent, tools: MailTools) -> str:
    if content.first_meeting_at is not None:
        return format_when(content.first_meeting_at, content.language)
    if content.earliest_at is not None:
        return tools.gettext(_EARLIEST) % {"date": format_date(content.earliest_at, content.language)}
    return tools.gettext(_DATE_LATER)


def _size(content: MailContent, tools: MailTools) -> str:
    numbers = {"size": content.size or 0, "taken": content.taken or 0}
    if content.taken:
        return tools.gettext(_SAID_YES) % numbers
    return tools.gettext(_ASKED) % numbers if numbers["size"] > 1 else tools.gettext(_ONLY_YOU)


def _what_follows(content: MailContent, tools: MailTools) -> str:
    term = content.policy.group_term
    text = _AFTER_YES if content.first_meeting_at is None else _AFTER_YES_DATED
    return tools.gettext(text) % {"term": tools.gettext(term)}
