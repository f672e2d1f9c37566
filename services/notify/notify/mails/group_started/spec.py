"""Welcome a member to the group that has started: the next meetings, the frames, and what happens when."""

from collections.abc import Mapping
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.contradictions import SCHEDULE, welcome_at
from notify.domain.mail_spec import FromAnnouncement, MailSpec
from notify.mails import frames, letters
from notify.mails.letters import Letter
from shared.kit.i18n import N_

_SUBJECT: Final = N_("Nå er dere i gang")
_LEAD: Final = N_("Velkommen! Det første møtet er holdt, og nå er dere i gang.")
_WEEKLY: Final = N_("Dere møtes hver uke på samme tid, til dere blir enige om noe annet.")
_PRIVATE: Final = N_("Lenken er bare til deg. Ikke gi den til andre.")


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    lines_lead, lines = letters.coming(content, tools)
    rhythm = letters.rhythm(content, tools)
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_LEAD),
        facts=letters.place(content, tools),
        lines_lead=lines_lead,
        lines=lines,
        paragraphs=(
            *(rhythm or ((text(_WEEKLY),) if content.ahead else ())),
            *letters.calendar_note(content, tools),
            *frames.frames(content, tools),
            *frames.igangsetter(content, tools),
            *letters.cannot_come(content, tools),
        ),
        button=letters.next_meeting(content, tools) if content.ahead else letters.own_page(content, tools),
        ending=(text(_PRIVATE),),
        spoken=(
            text(_LEAD),
            *rhythm,
            *letters.next_spoken(content, tools),
            *frames.frames(content, tools),
            *frames.igangsetter(content, tools),
        ),
    ).context


SPEC = MailSpec(
    kind="group_started",
    order=200,
    label=N_("Velkommen etter oppstart"),
    because=N_("Det første møtet er holdt."),
    sent=N_("En time etter at det første møtet er holdt."),
    plan=FromAnnouncement(frozenset({announcements.STARTED}), due_at=welcome_at),
    requires=("seat_id",),
    context=_context,
    calendar="PUBLISH",
    calendar_of="ahead",
    topic=SCHEDULE,
    by_day=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell"),
)
