"""Ask each member once, in secret, whether they want something; the link has their ballot."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from notify.domain import announcements
from notify.domain.calls import CallSpec, Question
from notify.domain.content import MailContent, MailTools
from notify.domain.mail_facts import MailFacts
from notify.domain.mail_spec import FromAnnouncement, MailSpec, expired
from notify.mails import letters
from notify.mails.letters import Button, Letter
from shared.kit.i18n import N_, format_when
from shared.reference.link_purposes import VOTE

_SUBJECT: Final = N_("Ja eller nei innen %(when)s")
_LEADS: Final = {
    "conflict_visit": N_("Vil dere alle at en av oss kommer til et møte?"),
    "admission": N_("Vil dere alle at én ny person blir med?"),
}
_SECRET: Final = N_("Svaret ditt er hemmelig. Verken de andre eller vi får vite hva du svarer, eller om du svarer.")
_ALL: Final = N_(
    "Det blir bare noe av hvis alle svarer ja. Svarer én nei, eller lar være å svare, får alle den samme beskjeden: "
    "Det ble ikke enighet."
)
_DELETED: Final = N_("Når fristen er ute, blir svarene slettet.")
_CONFLICT: Final = N_(
    "Svarer alle ja, ser vi på om vi kan komme. Vi løser ikke selve konflikten for dere, "
    "men foreslår hva dere selv kan ta tak i."
)
_ASKS: Final = N_("Svar innen %(when)s:")
_BUTTON: Final = N_("Svar ja eller nei")
_PRIVATE: Final = N_("Lenken er bare til deg, og du kan svare én gang. Ikke gi den til andre.")
_BY_PHONE: Final = N_(
    "Svaret kan vi ikke ta imot på telefon, for da ville vi få vite det. Har du en e-postadresse vi kan bruke, "
    "sender vi deg en lenke. Fristen er %(when)s."
)


def _drop_reason(facts: MailFacts, now: datetime) -> str | None:
    return expired(_deadline(facts), now)


def _deadline(facts: MailFacts) -> datetime | None:
    return facts.announcement.deadline if facts.announcement else None


def _context(content: MailContent, tools: MailTools) -> Mapping[str, object]:
    text = tools.gettext
    when = {"when": format_when(letters.deadline(content), content.language)}
    subject = str(letters.detail(content, "vote_subject"))
    conflict = (text(_CONFLICT),) if subject == "conflict_visit" else ()
    return Letter(
        subject=text(_SUBJECT) % when,
        lead=text(_LEADS[subject]),
        paragraphs=(text(_ALL), text(_SECRET), text(_DELETED), *conflict),
        button=Button(text(_ASKS) % when, tools.link(VOTE, content.link_id), text(_BUTTON)),
        ending=(text(_PRIVATE),),
        spoken=(text(_LEADS[subject]), text(_ALL), text(_SECRET), text(_BY_PHONE) % when),
    ).context


SPEC = MailSpec(
    kind="vote_opened",
    order=310,
    label=N_("Hemmelig spørsmål til alle"),
    sent=N_("Når noen i gruppa stiller et hemmelig spørsmål til alle."),
    own_words=frozenset(),  # a ballot says nothing that the centre wants
    plan=FromAnnouncement(frozenset({announcements.VOTE_OPENED})),
    drop_reason=_drop_reason,
    requires=("announcement",),
    context=_context,
    leave_link=False,
    by_day=True,
    while_paused=True,
    secret=True,
    call=CallSpec(question=Question.NEWS, unanswered="tell", deadline=_deadline),
)
