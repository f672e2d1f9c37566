"""Confirm to a member of a dissolved group that they take a pause or say goodbye."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.announcements import Announcement
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import soon
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_
from shared.reference.link_purposes import STILL_WAITING

_PAUSE_SUBJECT: Final = N_("Pausen din har begynt")
_PAUSE: Final = N_("Du har tatt en tenkepause. Den har ingen sluttdato, og vi purrer ikke.")
_PAUSE_BACK: Final = N_("Du beholder plassen i køen som du hadde. Når du vil tilbake, sier du fra her:")
_PAUSE_BUTTON: Final = N_("Åpne siden din")
_GOODBYE_SUBJECT: Final = N_("Takk for nå")
_GOODBYE: Final = N_("Takk for at du var med. Vi sletter det vi vet om deg, og dette er den siste e-posten fra oss.")


def _wanted(item: Announcement) -> bool:
    # Who wants a new group hears of the waiting list.
    return item.details.get("way") in {"pause", "goodbye"}


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    # The receipt of the pause itself says the same.
    return "told_already" if facts.signup is not None and facts.signup.paused else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    if letters.detail(content, "way") == "pause":
        return Letter(
            subject=text(_PAUSE_SUBJECT),
            lead=text(_PAUSE),
            button=Button(text(_PAUSE_BACK), tools.link(STILL_WAITING, content.signup_id), text(_PAUSE_BUTTON)),
        ).context
    return Letter(subject=text(_GOODBYE_SUBJECT), lead=text(_GOODBYE), button=letters.sign_up_again(tools)).context


SPEC = MailSpec(
    kind="way_on",
    order=350,
    label=N_("Valgte vei videre"),
    plan=FromAnnouncement(frozenset({announcements.WAY_ON_CHOSEN}), due_at=soon, wanted=_wanted, after_leaving=True),
    drop_reason=_drop_reason,
    requires=("seat_id", "announcement"),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    outlives_members=True,
)
