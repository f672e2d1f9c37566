"""Welcome a person whom the members of a started group have let in."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import SCHEDULE, soon
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.mails import frames, letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Velkommen")
_LEAD: Final = N_("De andre har sagt ja til at du blir med. Velkommen!")
_SIZE: Final = N_("Dere er %(size)s når du er med.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    lines_lead, lines = letters.coming(content, tools)
    size = text(_SIZE) % {"size": letters.detail(content, "size")}
    rhythm = letters.rhythm(content, tools)
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        facts=letters.place(content, tools),
        lines_lead=lines_lead,
        lines=lines,
        paragraphs=(
            size,
            *rhythm,
            *letters.calendar_note(content, tools),
            *frames.frames(content, tools),
            *letters.cannot_come(content, tools),
        ),
        button=letters.next_meeting(content, tools),
        spoken=(text(_LEAD), size, *rhythm, *letters.next_spoken(content, tools), *frames.frames(content, tools)),
    ).context


SPEC = MailSpec(
    kind="member_admitted",
    order=360,
    label=N_("Velkommen som ny"),
    because=N_("Gruppa sa ja til en ny."),
    sent=N_("Når gruppa har sagt ja til en ny."),
    plan=FromAnnouncement(frozenset({announcements.MEMBER_ADMITTED}), due_at=soon),
    requires=("seat_id", "announcement"),
    context=_context,
    calendar="PUBLISH",
    calendar_of="ahead",
    topic=SCHEDULE,
    by_day=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
