"""Tell the members which meetings are not held, or are held at another time or place; one mail tells all changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.announcements import TOLD_REASONS, Announcement
from notify.domain.calls import CallSpec, Question, meeting_start
from notify.domain.content import Change, MailContent, MailTools
from notify.domain.contradictions import SCHEDULE, soon, told_with_another
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec, drop_after_start
from notify.domain.mail_texts import Block
from notify.mails import letters
from notify.mails.letters import Letter
from notify.mails.places import place_words
from shared.kit.i18n import N_, format_when

_SUBJECT: Final = N_("Endring i møtene framover")
_SEVERAL: Final = N_("Noen av møtene framover er endret.")
_CHANGED: Final = N_("Dette er endret:")
_NOT_HELD: Final = N_("Møtet %(when)s blir ikke holdt.")
_NO_VISIT: Final = N_("Vi kommer ikke %(when)s likevel.")
_MOVED: Final = N_("Møtet %(when)s er flyttet til %(new)s.")
_ELSEWHERE: Final = N_("Møtet %(when)s er et annet sted enn før: %(place)s")
_CALENDAR: Final = N_("Kalenderfilen som ligger ved, retter dette i kalenderen din.")


def _wanted(item: Announcement) -> bool:
    return item.kind == announcements.MEETING_MOVED or item.details.get("reason") in TOLD_REASONS


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    if reason := told_with_another(facts) or drop_after_start(facts, now):
        return reason
    revoked = facts.announcement is not None and facts.announcement.details.get("reason") == "start_revoked"
    return "never_told" if revoked and not facts.told_version else None


def _sentence(change: Change, content: MailContent, tools: MailTools) -> str:
    words = {
        "when": format_when(change.planned_at, content.language),
        "new": format_when(change.starts_at, content.language),
        "place": place_words(content, tools, change.place_text, address_known=change.address_known),
    }
    if change.reason == "moved":
        sentence = _MOVED if change.planned_at != change.starts_at else _ELSEWHERE
    else:
        sentence = _NO_VISIT if change.reason == "visit_cancelled" else _NOT_HELD
    return tools.gettext(sentence) % words


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    sentences = tuple(_sentence(change, content, tools) for change in content.changes)
    several = len(sentences) > 1
    lines_lead, lines = letters.coming(content, tools)
    place = letters.place(content, tools)
    where = "".join(f" {term}: {value}." for term, value in place)
    next_meetings = (f"{lines_lead} {'; '.join(lines)}.{where}",) if lines and several else ()
    return Letter(
        subject=text(_SUBJECT),
        lead=text(_SEVERAL) if several else sentences[0],
        facts=() if several else place,
        lines_lead=text(_CHANGED) if several else lines_lead,
        lines=sentences if several else lines,
        paragraphs=(*next_meetings, *letters.calendar_note(content, tools, _CALENDAR)),
        button=letters.next_meeting(content, tools),
        spoken=(*sentences, *letters.next_spoken(content, tools)),
    ).context


SPEC = MailSpec(
    kind="meetings_changed",
    order=220,
    label=N_("Endrede møter"),
    because=N_("Et eller flere møter er flyttet eller avlyst."),
    sent=N_("Når et av de faste møtene er flyttet eller ikke blir holdt."),
    own_words=frozenset({Block.SUBJECT, Block.CLOSING}),
    plan=FromAnnouncement(
        frozenset({announcements.MEETING_CANCELLED, announcements.MEETING_MOVED}), due_at=soon, wanted=_wanted
    ),
    drop_reason=_drop_reason,
    requires=("seat_id",),
    context=_context,
    calendar="PUBLISH",
    calendar_of="ahead",
    topic=SCHEDULE,
    by_day=True,
    while_paused=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=meeting_start),
)
