"""Confirm to a person who leaves a started group that they have left; the others are not told by the system."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.announcements import Announcement
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import soon
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.mails import letters
from notify.mails.letters import Letter
from notify.mails.losses import CALENDAR_EMPTIED
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Du har sluttet")
_LEAD: Final = N_("Du er ikke lenger med, og får ikke flere e-poster om møtene.")
_TELL: Final = N_("Vi sier ikke fra til de andre. Det er fint om du gjør det selv, så de ikke venter på deg.")
_TELL_LAST: Final = N_(
    "Vi sier ikke fra til de andre. Det er fint om du gjør det selv, helst i det siste møtet ditt, "
    "så de ikke venter på deg."
)
_GOES_ON: Final = N_("De andre fortsetter som før. Plassen din går ikke videre til noen.")
_BETWEEN_YOU: Final = N_("Det dere har sagt til hverandre, er fortsatt mellom dere.")


def _wanted(item: Announcement) -> bool:
    # A person who withdrew gets the mail about that, and an erased person none.
    return item.details.get("reason") == "left"


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    last = content.policy.leave_notice == "tell_group_in_last_meeting"
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        paragraphs=(
            text(_TELL_LAST if last else _TELL),
            text(_GOES_ON),
            text(_BETWEEN_YOU),
            *letters.calendar_note(content, tools, CALENDAR_EMPTIED),
        ),
        button=letters.sign_up_again(tools),
    ).context


SPEC = MailSpec(
    kind="member_left",
    order=300,
    label=N_("Sluttet"),
    because=N_("Et medlem har sluttet."),
    sent=N_("Når noen slutter i en gruppe."),
    plan=FromAnnouncement(frozenset({announcements.MEMBER_LEFT}), due_at=soon, wanted=_wanted, after_leaving=True),
    context=_context,
    calendar="CANCEL",
    calendar_of="ahead",
    leave_link=False,
    by_day=True,
    while_paused=True,
    outlives_members=True,
)
