"""Ask the members of a group on its own once a year whether they still meet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec, expired
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_date

_SUBJECT: Final = N_("Møtes dere fortsatt?")
_LEAD: Final = N_("Møtes dere fortsatt? Det holder at én av dere svarer innen %(day)s.")
_NOT_STORED: Final = N_("Vi spør én gang i året, og lagrer ikke hvem som svarer.")
_NO_ANSWER: Final = N_(
    "Svarer ingen, regner vi med at dere har sluttet. Da sletter vi adressene deres, og dere får ikke flere "
    "e-poster fra oss."
)
_ASKS: Final = N_("Svar her:")
_BUTTON: Final = N_("Svar her")


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return expired(facts.announcement.deadline if facts.announcement else None, now)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD) % {"day": format_date(letters.deadline(content), content.language)},
        paragraphs=(text(_NOT_STORED), text(_NO_ANSWER)),
        button=Button(text(_ASKS), letters.member_page(content, tools), text(_BUTTON)),
    ).context


SPEC = MailSpec(
    kind="keep_alive",
    order=330,
    label=N_("Møtes dere fortsatt?"),
    because=N_("Det er lenge siden vi hørte fra gruppa."),
    sent=N_("En gang i året til grupper som går for seg selv."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.KEEP_ALIVE_ASKED})),
    drop_reason=_drop_reason,
    requires=("seat_id", "announcement"),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    joins=True,
)
