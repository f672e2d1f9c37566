"""Confirm that a person has withdrawn, and take a coming meeting out of their calendar; the last mail they get."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from notify.domain.content import MailContent, MailTools
from notify.domain.facts import Signup
from notify.domain.mail_spec import FromSignup, MailSpec
from notify.domain.mail_texts import Block
from notify.mails.losses import calendar_note
from shared.kit.i18n import N_

_LEFT: Final = N_("Du er nå meldt av, og du får ikke flere e-poster fra oss om dette. Takk for at du sa fra.")
_REFERRED: Final = N_(
    "Takk for praten. Du er nå meldt av, og du får ikke flere e-poster fra oss om dette. "
    "Vi håper at du finner noe som passer for deg."
)
_NO_ANSWER: Final = N_(
    "Vi spurte om du fortsatt ville stå på ventelisten, og fikk ikke svar. Derfor har vi meldt deg av, "
    "og du får ikke flere e-poster fra oss om dette."
)
_SEAT_GOES_ON: Final = N_("Plassen din går nå videre til en som venter. De andre får ikke vite hvem du er.")
_GROUP_GOES_ON: Final = N_("De andre fortsetter som før. Vi gir ikke plassen din videre.")
_TELL_THE_OTHERS: Final = N_(
    "De andre fortsetter som før. Vi gir ikke plassen din videre. "
    "Det er fint om du sier fra til dem i det siste møtet ditt."
)


def _cause(signup: Signup) -> UUID | None:
    # A stranger whose address was typed into the form has been promised no further mail; and who has signed up again
    # stays on the list.
    return signup.id if signup.withdrawn and signup.confirmed and signup.withdrawn_reason != "replaced" else None


def _seat_note(content: MailContent) -> str | None:
    if content.was_member:
        tells = content.policy.leave_notice == "tell_group_in_last_meeting"
        return _TELL_THE_OTHERS if tells else _GROUP_GOES_ON
    return _SEAT_GOES_ON if content.had_seat else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    note = _seat_note(content)
    lead = _NO_ANSWER if content.withdrawn_reason == "no_answer" else _LEFT
    if content.talk is not None and content.talk.outcome == "referred":
        lead = _REFERRED
    return {
        "back_url": tools.page("/pamelding"),
        "lead": tools.gettext(lead),
        "seat_note": tools.gettext(note) if note else "",
        "calendar_note": calendar_note(content, tools),
    }


SPEC = MailSpec(
    kind="goodbye",
    order=40,
    label=N_("Meldt av"),
    because=N_("Personen er meldt av."),
    sent=N_("Når noen melder seg av, eller ikke har svart på om de vil stå på ventelisten."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromSignup(_cause),
    context=_context,
    calendar="CANCEL",
    leave_link=False,
    while_paused=True,
)
