"""Tell the members how often and when they meet from now on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import SCHEDULE, soon, told_in_welcome, told_with_another
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_, format_date

_SUBJECT: Final = N_("Dette er møtetidene deres")
_BEGINS: Final = N_("Første gang er %(day)s.")


def _drop_reason(facts: MailFacts, _now: datetime) -> str | None:
    return told_in_welcome(facts) or told_with_another(facts)


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    lines_lead, lines = letters.coming(content, tools)
    begins = text(_BEGINS) % {"day": format_date(letters.rhythm_begins(content), content.language)}
    lead = " ".join((*letters.rhythm(content, tools), begins))
    return Letter(
        subject=text(_SUBJECT),
        lead=lead,
        facts=letters.place(content, tools),
        lines_lead=lines_lead,
        lines=lines,
        paragraphs=(*letters.calendar_note(content, tools), *letters.cannot_come(content, tools)),
        button=letters.next_meeting(content, tools),
        spoken=(lead, *letters.next_spoken(content, tools)),
    ).context


SPEC = MailSpec(
    kind="rhythm_set",
    order=210,
    label=N_("Faste møtetider"),
    because=N_("Det er bestemt hvor ofte gruppa møtes."),
    sent=N_("Når gruppa har fått faste møtetider."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(frozenset({announcements.RHYTHM_SET}), due_at=soon),
    drop_reason=_drop_reason,
    requires=("seat_id", "rhythm"),
    context=_context,
    calendar="PUBLISH",
    calendar_of="ahead",
    topic=SCHEDULE,
    by_day=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
